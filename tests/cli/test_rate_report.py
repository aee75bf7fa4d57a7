"""``sbgan-bench rate report`` on a study with a real store."""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner, Result
from rating.reporting.made_ratings import paper_cells, study_of
from rating.reporting.reported import fids

from sbgan_bench.cli import main
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.records import Platform
from sbgan_bench.results import write_rows

#: What nobody may find in a report: tokens, and the hash of a platform's id.
Secrets = tuple[str, ...]


def _run(*words: str | Path) -> Result:
    return CliRunner().invoke(main, ["rate", "report", *map(str, words)])


def _rate(place: StudyFolder, *, simulated: bool = False) -> Secrets:
    """Let four raters score everything that they are asked for, one of them from a platform unless simulated."""
    study, key, rng = place.read(), place.read_key(), np.random.default_rng(0)
    store = create_store(place.default_store, study)
    tokens = store.invite(4 if simulated else 3, simulated=simulated)
    raters = [store.rater_by_token(token) for token in tokens]
    platform_hash, platform_token = hashlib.sha256(b"worker").hexdigest(), "a-token-of-the-platform"
    if not simulated:
        raters.append(store.platform_rater(Platform.PROLIFIC, platform_hash, platform_token))
    codes = []
    for rater in raters:
        store.consent(rater.id, "c" * 64)
        while (trial := store.next_trial(rater.id)) is not None:
            store.deliver(trial.slot)
            cell = key.images[trial.image].cell
            store.record(rater.id, trial.slot, int(np.clip(round(rng.normal(1.5 + (cell or 0), 0.7)), 1, 4)))
        codes.append(store.rater(rater.id).completion_code)
    codes = [code for code in codes if code]  # who came when all images had their ratings has none
    assert codes
    store.dispose()
    hashes = [hashlib.sha256(token.encode()).hexdigest() for token in (*tokens, platform_token)]
    return (*tokens, *hashes, *codes, platform_token, platform_hash)


@pytest.fixture(scope="module")
def rated(tmp_path_factory: pytest.TempPathFactory) -> tuple[StudyFolder, Secrets]:
    """A study that four people rated."""
    place = study_of(tmp_path_factory.mktemp("rated") / "study", paper_cells()[1:4], images_per_cell=4)
    exclusion = place.read_key().exclusion.model_copy(update={"median_ms": None})  # tests are quick
    key = place.read_key().model_copy(update={"exclusion": exclusion})
    place.key.write_text(key.model_dump_json(), encoding="utf-8")
    return place, _rate(place)


def test_it_prints_table_3_and_writes_the_report(rated: tuple[StudyFolder, Secrets]) -> None:
    place, _ = rated
    result = _run(place.path)
    assert result.exit_code == 0, result.output
    assert "Table 3" in result.output
    assert "SB-GAN, both" in result.output
    assert "scores highest" in result.output
    assert "SIMULATED" not in result.output
    assert (place.owner / "report" / "report.html").is_file()


def test_json_holds_rows_and_findings(rated: tuple[StudyFolder, Secrets], tmp_path: Path) -> None:
    place, _ = rated
    write_rows(tmp_path / "fid.jsonl", fids())
    result = _run(place.path, "--metrics", tmp_path / "fid.jsonl", "--out", tmp_path / "out", "--format", "json")
    assert result.exit_code == 0, result.output
    values = json.loads(result.output)
    assert [row["metric"] for row in values["rows"]] == ["human-score"] * 3
    assert sum(row["num_ratings"] for row in values["rows"]) == values["findings"]["kept"]["n_ratings"] == 24
    assert len(values["comparisons"]) == 3
    assert [one["models"] for one in values["correlations"]] == [3]
    assert all(Path(path).is_file() for path in values["files"])


def test_no_secret_of_the_store_is_in_any_file(rated: tuple[StudyFolder, Secrets], tmp_path: Path) -> None:
    place, secrets = rated
    assert _run(place.path, "--out", tmp_path / "out").exit_code == 0
    for path in (tmp_path / "out").iterdir():
        data = path.read_bytes()
        assert not [secret for secret in secrets if secret.encode() in data], path


def test_the_same_ratings_make_the_same_files(rated: tuple[StudyFolder, Secrets], tmp_path: Path) -> None:
    place, _ = rated
    for name in ("one", "other"):
        assert _run(place.path, "--out", tmp_path / name).exit_code == 0
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "other" / path.name).read_bytes(), path.name


def test_made_up_raters_are_shouted_about(tmp_path: Path) -> None:
    place = study_of(tmp_path / "study", paper_cells()[1:3], images_per_cell=2)
    _rate(place, simulated=True)
    result = _run(place.path)
    assert result.exit_code == 0, result.output
    assert result.output.startswith("SIMULATED RATERS")


def test_made_up_raters_are_reported_into_their_study_alone(tmp_path: Path) -> None:
    place = study_of(tmp_path / "study", paper_cells()[1:3], images_per_cell=2)
    _rate(place, simulated=True)
    refused = _run(place.path, "--out", tmp_path / "out")
    assert refused.exit_code == 2
    assert "leave out --out" in refused.output
    assert not (tmp_path / "out").exists()
    assert _run(place.path, "--out", place.owner / "report").exit_code == 0


def test_without_its_secret_a_study_can_still_be_reported(rated: tuple[StudyFolder, Secrets], tmp_path: Path) -> None:
    place, _ = rated
    secret = place.platform_key.read_bytes()
    place.platform_key.unlink()
    try:
        assert _run(place.path, "--out", tmp_path / "out").exit_code == 0
    finally:
        place.platform_key.write_bytes(secret)


def test_what_is_missing_is_one_clear_line(rated: tuple[StudyFolder, Secrets], tmp_path: Path) -> None:
    place, _ = rated
    assert "holds no study" in _run(tmp_path).output
    assert "holds no ratings of study" in _run(place.path, "--store", f"sqlite:///{tmp_path / 'none.db'}").output
    (tmp_path / "rows.jsonl").write_text("{}\n", encoding="utf-8")
    broken = _run(place.path, "--metrics", tmp_path / "rows.jsonl")
    assert broken.exit_code == 2
    assert "line 1" in broken.output
    fresh = study_of(tmp_path / "study", paper_cells()[1:3], images_per_cell=2)
    create_store(fresh.default_store, fresh.read()).dispose()
    fresh.key.unlink()
    assert "only the study's owner" in _run(fresh.path).output


def test_a_study_that_nobody_rated_is_reported_as_such(tmp_path: Path) -> None:
    place = study_of(tmp_path / "study", paper_cells()[1:3], images_per_cell=2)
    create_store(place.default_store, place.read()).dispose()
    result = _run(place.path)
    assert result.exit_code == 0, result.output
    assert "Nobody has rated anything yet" in result.output
