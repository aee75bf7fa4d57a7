"""Laws of publishing: what may be shown is copied true, what may not stays behind, and what is wrong is refused."""

import dataclasses
import json
import shutil
from pathlib import Path

import pytest
from PIL import Image, PngImagePlugin
from publishing.sound_run import SOUND, sound

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.manifest import Manifest
from sbgan_bench.publication import PUBLICATION, Publication
from sbgan_bench.publishing.publish import NotPublishableError, publish
from sbgan_bench.publishing.shelf import faults_of_shelf
from sbgan_bench.report import ReportFormat, render
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.results import Origin, ResultRow, Status, read_rows, write_rows

BOUND = dataclasses.replace(SOUND, dataset="camvid", redistributable=False)


def _names(folder: Path) -> set[str]:
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}


def _reasons(run: Path, shelf: Path, **options: object) -> str:
    with pytest.raises(NotPublishableError) as caught:
        publish(run, shelf, **options)
    assert not shelf.exists()
    return str(caught.value)


def _change_rows(run: Path, **update: object) -> None:
    write_rows(run / "results.jsonl", [row.model_copy(update=update) for row in read_rows(run / "results.jsonl")])


def test_what_is_published_is_a_run_with_the_same_rows(run: Path, shelf: Path) -> None:
    done = publish(run, shelf)
    assert done.folder == shelf / "fake"
    for name in ("results.jsonl", "comparisons.jsonl", "correlations.jsonl"):
        assert (done.folder / name).read_bytes() == (run / name).read_bytes()
    published, original = RunFolder.read(done.folder), RunFolder.read(run)
    assert published.rows == original.rows
    assert len(published.manifest.galleries) == len(original.manifest.galleries)
    for gallery in published.manifest.galleries:
        kinds = [kind for kind, has in (("image", gallery.has_images), ("layout", gallery.has_layouts)) if has]
        assert all(tile is not None for kind in kinds for tile in published.tiles(gallery, kind, 16))
    assert not list(faults_of_shelf(shelf))
    assert render(done.folder, shelf.parent / "report", list(ReportFormat))


def test_every_file_is_hashed_and_none_is_left_over(run: Path, shelf: Path) -> None:
    folder = publish(run, shelf).folder
    assert _names(folder) == {*Publication.read(folder).files, PUBLICATION}
    (folder / "run.json").write_text((folder / "run.json").read_text() + " ")
    (folder / "more.txt").write_text("hello")
    assert list(faults_of_shelf(shelf)) == [
        "fake: more.txt was not published", "fake: run.json is not what was published",
    ]  # fmt: skip


def test_places_of_the_machine_are_taken_out(run: Path, shelf: Path) -> None:
    folder = publish(run, shelf).folder
    command = Manifest.read(folder).command
    assert command == "sbgan-bench run fake --data toy-streets=path/to/toy-streets --jobs 2"
    suite = json.loads((folder / "suite.json").read_text())
    assert suite["datasets"]["toy-streets"] == {"root": "path/to/root", "train": 400}


def test_weights_stay_behind_and_curves_are_thinned(run: Path, shelf: Path) -> None:
    folder = publish(run, shelf).folder
    assert not [name for name in _names(folder) if name.endswith(".safetensors")]
    published, original = RunFolder.read(folder), RunFolder.read(run)
    for mine, theirs in zip(published.manifest.fits, original.manifest.fits, strict=True):
        thin, full = published.stats(mine), original.stats(theirs)
        assert mine.folder == ""
        assert thin.events == full.events
        for term, curve in thin.curves.items():
            assert curve.measured or len(curve.images) < len(full.curves[term].images)
            assert curve.values[-1] == full.curves[term].values[-1]


def test_pictures_lose_their_metadata_and_keep_their_pixels(run: Path, shelf: Path) -> None:
    gallery = Manifest.read(run).galleries[1]
    name = f"{gallery.folder}/0000.image.png"
    told = PngImagePlugin.PngInfo()
    told.add_text("Author", "Jane Doe, /home/jane/run")
    with Image.open(run / name) as picture:
        pixels = picture.tobytes()
        picture.save(run / name, pnginfo=told)
    folder = publish(run, shelf).folder
    assert b"Jane" not in (folder / name).read_bytes()
    with Image.open(folder / name) as picture:
        assert picture.tobytes() == pixels
        assert not picture.info


def test_real_things_of_bound_datasets_stay_behind(tmp_path: Path, shelf: Path) -> None:
    run = sound(tmp_path / "run", BOUND)
    done = publish(run, shelf)
    made, record = Manifest.read(done.folder), done.publication
    assert {gallery.model for gallery in made.galleries} == {"progan", "biggan", "spade", "sbgan"}
    for gallery in made.galleries:
        assert gallery.has_images
        assert gallery.has_layouts == (gallery.layout_source == "generated")
    files = _names(done.folder)
    assert not [name for name in files if "-real--real-" in name]
    assert not [name for name in files if name.endswith("layout.png") and "-real-" in name]
    assert not {"sheet.png", "nearest.png"} & files
    assert not made.nearest
    assert made.datasets[0].sheet == ""
    assert any("camvid" in one.what for one in record.dropped)
    [licence] = record.licences
    assert not licence.redistributable
    assert "within that licence" in licence.words
    published = RunFolder.read(done.folder)
    assert licence.words in assemble(published, score_tables(published)).warnings


def test_a_bound_dataset_is_bound_whatever_the_run_says_of_it(tmp_path: Path, shelf: Path) -> None:
    run = sound(tmp_path / "run", dataclasses.replace(BOUND, redistributable=True))
    assert "real" not in {gallery.model for gallery in Manifest.read(publish(run, shelf).folder).galleries}


def test_own_datasets_are_published_whole(run: Path, shelf: Path) -> None:
    files = _names(publish(run, shelf).folder)
    assert {"sheet.png", "nearest.png"} <= files
    assert any("real--real" in name for name in files)
    assert any("/previews/" in name for name in files)


def test_publishing_twice_changes_nothing(run: Path, shelf: Path) -> None:
    first = publish(run, shelf)
    before = {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")}
    again = publish(run, shelf)
    assert (first.changed, again.changed) == (True, False)
    assert again.publication == first.publication
    assert {path: path.stat().st_mtime_ns for path in first.folder.rglob("*")} == before


def test_another_run_of_that_name_needs_a_word(run: Path, shelf: Path) -> None:
    folder = publish(run, shelf).folder
    before = (folder / "results.jsonl").read_bytes()
    _change_rows(run, threads=2)
    with pytest.raises(NotPublishableError, match="--replace"):
        publish(run, shelf)
    assert (folder / "results.jsonl").read_bytes() == before
    assert publish(run, shelf, name="other").changed
    assert publish(run, shelf, replace=True).changed
    assert (folder / "results.jsonl").read_bytes() != before


def test_a_dry_run_writes_nothing_and_says_the_same(run: Path, shelf: Path) -> None:
    planned = publish(run, shelf, dry_run=True)
    assert not shelf.exists()
    assert publish(run, shelf).publication == planned.publication


def test_every_reason_is_given_at_once(run: Path, shelf: Path) -> None:
    made = Manifest.read(run)
    made.model_copy(update={"complete": False, "device": "", "summary": "see /home/jane/notes"}).write(run)
    measured = [row for row in read_rows(run / "results.jsonl") if row.status is Status.DONE]
    measured[0] = measured[0].model_copy(update={"git_revision": "", "versions": {}})
    measured[1] = measured[1].model_copy(update={"origin": Origin.SIMULATED})
    measured[2] = measured[2].model_copy(update={"status": Status.FAILED, "value": None, "reason": "no memory"})
    write_rows(run / "results.jsonl", measured)
    (run / made.galleries[0].folder / "0001.image.png").write_bytes(b"no image")
    (run / made.fits[0].stats).unlink()
    (run / "suite.json").write_text("{")
    reasons = _reasons(run, shelf, name="Not A Name")
    for part in (
        "not complete", "no device", "/home/jane/notes", "without versions", "without the revision of the code",
        "1 row simulated", "1 row failed", "0001.image.png", "stats.jsonl is missing", "suite.json is no JSON",
        "'Not A Name'",
    ):  # fmt: skip
        assert part in reasons, part


@pytest.mark.parametrize(
    ("field", "value", "words"),
    [
        ("checkpoint_hash", "", "the hash of the checkpoint"),
        ("weights_hash", "", "the hash of the protocol's weights"),
        ("config_hash", "", "the hash of the configuration"),
        ("config_hash", "d" * 64, "of another configuration"),
        ("fingerprint", "e" * 64, "of data that run.json does not describe"),
        ("device", "", "without the device"),
        ("num_generated", 0, "numbers of real and generated"),
        ("images_seen", None, "images seen"),
        ("notes", ("from C:\\Users\\jane\\x.png",), "a Windows path"),
        ("notes", ("from \\\\server\\share",), "a Windows path"),
        ("notes", ("file:///x.png",), "the address of a file"),
        ("notes", ("ask jane.doe@example.org",), "a mail address"),
        ("real_pool", "~jane/photos", "a path in a home folder"),
    ],
)
def test_what_is_lacking_or_too_much_is_named(run: Path, shelf: Path, field: str, value: object, words: str) -> None:
    _change_rows(run, **{field: value})
    assert words in _reasons(run, shelf)


def test_names_of_this_user_and_machine_are_found(run: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("getpass.getuser", lambda: "janedoe")
    monkeypatch.setattr("socket.gethostname", lambda: "bluebox.lab")
    _change_rows(run, notes=("trained by JaneDoe on bluebox",))
    reasons = _reasons(run, shelf)
    assert "(janedoe)" in reasons
    assert "(bluebox)" in reasons


def test_a_machine_called_like_the_suite_is_none_the_wiser(
    run: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("socket.gethostname", lambda: "fake")
    monkeypatch.setattr("getpass.getuser", lambda: "root")
    assert publish(run, shelf).changed


def test_an_uncommitted_change_is_noted(run: Path, shelf: Path) -> None:
    _change_rows(run, git_revision="abc123+")
    assert any("on top of revision abc123" in note for note in publish(run, shelf).publication.notes)


def test_links_and_names_that_lead_out_are_refused(run: Path, shelf: Path, tmp_path: Path) -> None:
    secret = tmp_path / "secret.png"
    Image.new("RGB", (64, 32)).save(secret)
    made = Manifest.read(run)
    tile = run / made.galleries[1].folder / "0000.image.png"
    tile.unlink()
    tile.symlink_to(secret)
    (run / "correlations.jsonl").unlink()
    (run / "correlations.jsonl").symlink_to(tmp_path / "elsewhere.jsonl")
    outside = made.galleries[2].model_copy(update={"folder": "../outside"})
    made.model_copy(update={"galleries": (*made.galleries, outside)}).write(run)
    reasons = _reasons(run, shelf)
    assert f"{made.galleries[1].folder}/0000.image.png is missing, no image, or leads out" in reasons
    assert "correlations.jsonl is missing, or leads out" in reasons
    assert "'../outside' in run.json is no plain path" in reasons


@pytest.mark.parametrize("text", ["", "{", "[]", "null", '{"suite": NaN}', "[" * 100_000, "\xff"])
def test_a_broken_table_of_contents_is_one_clear_error(run: Path, shelf: Path, text: str) -> None:
    (run / "run.json").write_bytes(text.encode("latin-1"))
    with pytest.raises(CorruptFileError, match=r"run\.json is damaged"):
        publish(run, shelf)


@pytest.mark.parametrize("line", ["{", "null", '{"value": 1e999}', "[" * 100_000, "\xff\xfe"])
def test_broken_rows_are_refused_with_their_line(run: Path, shelf: Path, line: str) -> None:
    with (run / "results.jsonl").open("ab") as stream:
        stream.write(line.encode("latin-1") + b"\n")
    assert "results.jsonl" in _reasons(run, shelf)


def test_a_full_shelf_is_refused(run: Path, shelf: Path) -> None:
    shelf.mkdir()
    with (shelf / "big").open("wb") as stream:
        stream.truncate(19_999_000)
    with pytest.raises(NotPublishableError, match="of at most 20"):
        publish(run, shelf)


def test_many_pictures_are_cut_to_the_size_of_a_run(run: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = publish(run, shelf, dry_run=True)
    pictures = whole.size - (run / "results.jsonl").stat().st_size
    monkeypatch.setattr("sbgan_bench.publishing.publish.MOST_OF_PICTURES", pictures * 2 // 3)
    done = publish(run, shelf)
    assert done.size <= whole.size - pictures // 3
    assert (done.folder / "results.jsonl").read_bytes() == (run / "results.jsonl").read_bytes()
    assert all(gallery.count < 10 for gallery in Manifest.read(done.folder).galleries)
    assert any("beyond its first" in one.what for one in done.publication.dropped)
    monkeypatch.setattr("sbgan_bench.publishing.publish.MOST_OF_A_RUN", 1000)
    with pytest.raises(NotPublishableError, match="the rows alone take"):
        publish(run, shelf, name="small")


@pytest.mark.parametrize(
    "text", ["precision/recall", "80 % / 20 %", "a note of size N:\nmore", "sbgan/both@no-root, 1 / 2", "\\input{x}"]
)
def test_ordinary_words_are_no_traces(run: Path, shelf: Path, text: str) -> None:
    _change_rows(run, notes=(text,))
    assert publish(run, shelf, dry_run=True).changed


def test_further_seeds_go_before_the_last_samples(
    tmp_path: Path, shelf: Path, monkeypatch: pytest.MonkeyPatch, run: Path
) -> None:
    made = Manifest.read(run)
    more = []
    for gallery in made.galleries[1:]:
        folder = f"{gallery.folder}-again"
        shutil.copytree(run / gallery.folder, run / folder)
        more.append(gallery.model_copy(update={"training_seed": 1, "folder": folder}))
    made.model_copy(update={"galleries": (*made.galleries, *more)}).write(run)
    monkeypatch.setattr("sbgan_bench.publishing.publish.MOST_OF_PICTURES", 1)
    done = publish(run, shelf)
    assert {gallery.training_seed for gallery in Manifest.read(done.folder).galleries} == {None, 0}
    assert any("all training seeds but the first" in one.what for one in done.publication.dropped)


def _rate(run: Path, origin: Origin) -> None:
    """Put a study into the run, as its report is put there."""
    rated = [row for row in read_rows(run / "results.jsonl") if row.model == "progan" and row.recipe == "default"][:1]
    human = {"metric": "human-score", "protocol": "study-1", "value": 2.5, "suite": "study", "origin": origin,
             "config_hash": "", "fingerprint": "", "weights_hash": "", "num_ratings": 30, "num_raters": 5}  # fmt: skip
    (run / "ratings").mkdir()
    write_rows(run / "ratings" / "results.jsonl", [row.model_copy(update=human) for row in rated])


def test_what_people_said_goes_along(run: Path, shelf: Path) -> None:
    _rate(run, Origin.TRAINED)
    folder = publish(run, shelf).folder
    [row] = read_rows(folder / "ratings" / "results.jsonl")
    assert (row.metric, row.value) == ("human-score", 2.5)
    assert not list(faults_of_shelf(shelf))


def test_what_nobody_said_is_never_published(run: Path, shelf: Path) -> None:
    _rate(run, Origin.SIMULATED)
    assert "1 row simulated (first: progan default study-1 human-score)" in _reasons(run, shelf)


def test_no_row_is_invented_or_lost(run: Path, shelf: Path) -> None:
    def lines(folder: Path) -> list[ResultRow]:
        return read_rows(folder / "results.jsonl")

    assert lines(publish(run, shelf).folder) == lines(run)
