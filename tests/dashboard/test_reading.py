"""Reading within limits: what is too much or damaged is left out with a note, and nothing else is lost."""

import errno
import gc
import os
import weakref
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from report.fake_rows import Fake, rows
from report.fake_run import build, manifest

from sbgan_bench.dashboard import library, reading
from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.library import Shelf, entries
from sbgan_bench.dashboard.reading import open_run
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import MANIFEST, RESULTS, Manifest
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.training_log import Stats


def test_a_whole_run_is_what_reports_read(small: Path) -> None:
    opened, report = open_run(small), RunFolder.read(small)
    assert not opened.notes
    assert opened.run.names == report.names
    assert opened.run.rows == tuple(row for row in report.rows if row.trial is None)
    assert opened.run.comparisons == report.comparisons


def test_damaged_lines_are_left_out_and_named(tmp_path: Path) -> None:
    run = build(tmp_path / "run")
    whole = open_run(run).run.rows
    with (run / RESULTS).open("a") as stream:
        stream.write('{"half": \nno json\n')
    opened = open_run(run)
    assert opened.run.rows == whole
    lines = len((run / RESULTS).read_bytes().splitlines())
    assert opened.notes == (f"results.jsonl: 2 lines are no ResultRow and left out (line {lines - 1}, {lines}).",)


def test_a_file_with_too_many_lines_is_not_read(tmp_path: Path) -> None:
    run = build(tmp_path / "run")
    (run / RESULTS).write_text("{}\n" * 1_000_000)
    opened = open_run(run)
    assert opened.run.rows == ()
    assert "1,000,000 lines" in opened.notes[0]


def test_a_file_with_too_many_bytes_is_not_read(tmp_path: Path) -> None:
    run = build(tmp_path / "run")
    os.truncate(run / RESULTS, reading.MOST_BYTES + 1)
    assert "was not read" in open_run(run).notes[0]


def test_a_table_of_contents_beyond_all_measure_is_not_read(tmp_path: Path) -> None:
    manifest(tmp_path, Fake())
    os.truncate(tmp_path / MANIFEST, library.MANIFEST_LIMIT + 1)
    with pytest.raises(BenchError, match="reads up to"):
        open_run(tmp_path)


def test_a_link_out_of_the_folder_is_not_followed(small: Path, tmp_path: Path) -> None:
    manifest(tmp_path, Fake())
    (tmp_path / RESULTS).symlink_to(small / RESULTS)
    assert open_run(tmp_path).run.rows == ()


def test_a_rewritten_run_is_read_again_and_an_old_one_is_not(tmp_path: Path) -> None:
    run = build(tmp_path / "run")
    first = open_run(run)
    assert open_run(run) is first
    (run / RESULTS).write_text("")
    second = open_run(run)
    assert second.run.rows == ()
    assert second.stamp != first.stamp


def test_what_pages_made_is_made_once(small: Path) -> None:
    opened, made = open_run(small), []
    for _ in range(3):
        assert opened.once("key", lambda: made.append(1) or "made") == "made"
    assert made == [1]


def test_human_scores_stand_apart(tmp_path: Path) -> None:
    run = build(tmp_path / "run")
    row = next(one for one in rows(Fake()) if one.trial is None and one.value is not None)
    human = row.model_copy(update={"metric": "human-score", "protocol": "study-1", "value": 3.0})
    (run / "ratings").mkdir()
    (run / "ratings" / RESULTS).write_text(human.model_dump_json() + "\n")
    opened = open_run(run)
    assert "human-score" not in {one.metric for one in opened.run.rows}
    assert opened.run.human.rows == (human,)
    assert opened.run.human == RunFolder.read(run).human


def test_runs_are_found_by_name_in_folders_and_where_they_usually_are(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(library, "published_folder", lambda: None)
    assert [one.name for one in entries(Arguments((small,)))] == ["small"]
    assert [one.folder.name for one in entries(Arguments((small.parent,)))] == ["small"]
    monkeypatch.chdir(tmp_path)
    assert entries(Arguments()) == ()
    build(tmp_path / "runs/mine")
    (tmp_path / "runs/no-run").mkdir()
    (found,) = entries(Arguments())
    assert (found.name, found.shelf, found.fault) == ("mine", Shelf.LOCAL, "")


def test_published_runs_are_always_there_and_the_paper_is_none(
    small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    manifest(tmp_path / "toy", Fake())
    manifest(tmp_path / "paper", Fake())
    monkeypatch.setattr(library, "published_folder", lambda: tmp_path)
    found = entries(Arguments((small,)))
    assert [(one.name, one.shelf) for one in found] == [("small", Shelf.NAMED), ("toy", Shelf.PUBLISHED)]


def test_runs_of_one_name_get_names_and_keys_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "published_folder", lambda: None)
    for place in ("a", "b"):
        manifest(tmp_path / place / "run", Fake())
    found = entries(Arguments((tmp_path / "a/run", tmp_path / "b/run")))
    assert {one.folder.parent.name: one.name for one in found} == {"a": "run", "b": "run (2)"}
    assert len({one.key for one in found}) == 2


def test_names_go_by_paths_and_not_by_age(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "published_folder", lambda: tmp_path / "reports")
    places = [tmp_path / place / "run" for place in ("a", "b", "reports")]
    for place in places:
        manifest(place, Fake())
    seen = []
    for latest in places:
        os.utime(latest / MANIFEST, (2e9, 2e9 + len(seen)))
        seen.append({one.folder: one.name for one in entries(Arguments((places[1], places[0])))})
    assert seen == [dict(zip(places, ("run (2)", "run (3)", "run"), strict=True))] * 3


def test_a_run_named_twice_is_there_once(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "again").symlink_to(small)
    monkeypatch.setattr(library, "published_folder", lambda: small.parent)
    found = entries(Arguments((small, small, tmp_path / "again")))
    assert [(one.name, one.shelf) for one in found] == [("small", Shelf.NAMED)]


def deny(monkeypatch: pytest.MonkeyPatch, path: Path, *ways: str) -> None:
    """Have the system refuse a path in some ways, to root as well, whom rights do not bind."""
    for way in ways:
        real = getattr(Path, way)

        def guarded(asked: Path, *args: Any, real: Callable[..., Any] = real, **options: Any) -> Any:
            if asked == path:
                raise PermissionError(errno.EACCES, "Permission denied", str(path))
            return real(asked, *args, **options)

        monkeypatch.setattr(Path, way, guarded)


def test_a_folder_that_may_not_be_looked_into_hides_no_other(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "published_folder", lambda: None)
    for name in ("good", "secret"):
        manifest(tmp_path / name, Fake())
    deny(monkeypatch, tmp_path / "secret" / MANIFEST, "stat", "open", "read_bytes")
    assert [one.name for one in entries(Arguments((tmp_path,)))] == ["good"]
    (found,) = entries(Arguments((tmp_path / "secret",)))
    assert "cannot be looked into: Permission denied" in found.fault


def test_a_log_that_may_not_be_read_is_an_empty_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = build(tmp_path / "run")
    folder = RunFolder.read(run)
    fit = next(one for one in folder.manifest.fits if one.distances is None)
    assert folder.stats(fit).curves
    deny(monkeypatch, (run / fit.stats).resolve(), "open", "read_bytes")
    assert folder.stats(fit) == Stats()


def test_a_damaged_table_of_contents_is_read_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(library, "published_folder", lambda: None)
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / MANIFEST).write_text("{")
    read, real = [], Manifest.read
    monkeypatch.setattr(Manifest, "read", lambda folder: read.append(folder) or real(folder))
    faults = [entries(Arguments((tmp_path / "run",)))[0].fault for _ in range(3)]
    assert "damaged" in faults[0]
    assert (len(set(faults)), len(read)) == (1, 1)
    manifest(tmp_path / "run", Fake())
    assert not entries(Arguments((tmp_path / "run",)))[0].fault


def test_two_full_shelves_fit_into_what_is_remembered() -> None:
    assert library._manifest.cache_parameters()["maxsize"] >= 2 * library.MOST_RUNS


def test_opening_a_run_lets_garbage_go(tmp_path: Path) -> None:
    class Circle:
        """What only the collector frees."""

    circle = Circle()
    circle.itself = circle  # type: ignore[attr-defined]
    there = weakref.ref(circle)
    del circle
    gc.freeze()
    open_run(build(tmp_path / "run"))
    assert there() is None


def test_words_of_the_command_line_come_back(tmp_path: Path) -> None:
    given = Arguments((tmp_path, Path("b")), (Path("study"),))
    assert Arguments.read(given.words()) == given
    assert Arguments.read(["--study=s", "run", "--unknown"]) == Arguments((Path("run"),), (Path("s"),))
