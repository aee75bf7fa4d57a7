"""``rate simulate``: what is printed, and what is refused."""

import json
from pathlib import Path

from click.testing import CliRunner, Result
from rating.studies import make_study

from sbgan_bench.cli import main
from sbgan_bench.rating.store.opening import create_store, open_store


def simulate(*words: object) -> Result:
    return CliRunner().invoke(main, ["rate", "simulate", *map(str, words)])


def test_it_says_what_cells_would_truly_score_and_that_nothing_is_real(tmp_path: Path) -> None:
    place = make_study(tmp_path / "study", images_per_cell=4)
    result = simulate(place.path, "--raters", 3)
    assert result.exit_code == 0, result.output
    assert "made-up scores by 3 made-up raters. This study cannot be published." in result.output
    assert "true mean" in result.output
    assert "toy      model-a  " in result.output


def test_json_holds_the_same(tmp_path: Path) -> None:
    place = make_study(tmp_path / "study", images_per_cell=4)
    url = f"sqlite:///{tmp_path / 'other.db'}"
    values = json.loads(simulate(place.path, "--raters", 3, "--store", url, "--format", "json").stdout)
    store = open_store(url, place.read())
    try:
        assert values["scores"] == len(store.ratings())
    finally:
        store.dispose()
    assert values["simulated"] is True
    assert [cell["model"] for cell in values["cells"]] == ["model-a", "model-b"]
    assert not (place.path / "ratings.db").exists()


def test_a_closed_study_takes_none(tmp_path: Path) -> None:
    place = make_study(tmp_path / "study")
    store = create_store(place.default_store, place.read())
    store.close_study()
    store.dispose()
    result = simulate(place.path)
    assert (result.exit_code, result.output.count("\n")) == (2, 1), result.output
    assert "closed" in result.output
