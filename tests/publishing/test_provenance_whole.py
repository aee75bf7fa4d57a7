"""A run is published only if suite, rows and what its jobs left say the same: nothing is taken on faith."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from publishing.sound_run import SUITE

from sbgan_bench.manifest import JobRecord, Manifest
from sbgan_bench.publishing.publish import NotPublishableError, publish
from sbgan_bench.results import ResultRow, Status, read_rows, write_rows


def _change(run: Path, change: Callable[[int, ResultRow], dict[str, object]]) -> None:
    """Change rows by their place."""
    rows = read_rows(run / "results.jsonl")
    write_rows(run / "results.jsonl", [row.model_copy(update=change(i, row)) for i, row in enumerate(rows)])


def _left_by_jobs(run: Path, kinds: Sequence[str] = ("score", "gan-train", "summary")) -> list[ResultRow]:
    """Put the measured rows into the folders of jobs, as these leave them, and return them."""
    measured = [row for row in read_rows(run / "results.jsonl") if row.status is Status.DONE]
    left = [row.model_copy(update={"git_revision": ""}) for row in measured]
    made = Manifest.read(run)
    jobs = []
    for place, kind in enumerate(kinds):
        folder = f"jobs/{kind}-1"
        (run / folder).mkdir(parents=True)
        write_rows(run / folder / "rows.jsonl", left[place :: len(kinds)])
        jobs.append(JobRecord(kind=kind, title=f"{kind}/1", status=Status.DONE, folder=folder))
    made.model_copy(update={"jobs": (*made.jobs, *jobs)}).write(run)
    return left


def _refusal(run: Path, shelf: Path) -> str:
    with pytest.raises(NotPublishableError) as caught:
        publish(run, shelf)
    return str(caught.value)


def test_rows_of_another_suite_are_refused(run: Path, shelf: Path) -> None:
    _change(run, lambda i, row: {"suite": "elsewhere", "config_hash": "d" * 64} if i % 2 else {})
    reasons = _refusal(run, shelf)
    assert "of another suite than run.json" in reasons
    assert "of another configuration than run.json" in reasons


def test_columns_and_variants_may_have_configurations_of_their_own(run: Path, shelf: Path) -> None:
    _change(run, lambda i, row: {"config_hash": "d" * 64} if row.recipe == "both" else {})
    assert "of another configuration than run.json" in _refusal(run, shelf)
    Manifest.read(run).model_copy(update={"row_hashes": ("d" * 64,)}).write(run)
    assert publish(run, shelf).changed


@pytest.mark.parametrize("other", [{"name": "other"}, {"judge": {"width": 8}}], ids=lambda other: next(iter(other)))
def test_a_suite_that_the_run_was_not_made_by_is_refused(run: Path, shelf: Path, other: dict[str, object]) -> None:
    (run / "suite.json").write_text(json.dumps({**SUITE, **other}))
    assert "suite.json is not the suite that run.json was made by" in _refusal(run, shelf)


@pytest.mark.parametrize(
    "text", ['{"name": "\\ud800"}', '{"name": 1e999}', '{"name": NaN}', '{"a": ' * 900 + "1" + "}" * 900, "9" * 5000,
             "[]", "null", '"fake"'],
    ids=lambda text: text[:16],
)  # fmt: skip
def test_a_suite_that_is_no_json_object_is_refused(run: Path, shelf: Path, text: str) -> None:
    (run / "suite.json").write_text(text)
    assert "suite.json is " in _refusal(run, shelf)


def test_what_jobs_left_is_published_as_it_was_measured(run: Path, shelf: Path) -> None:
    left = _left_by_jobs(run)
    folder = publish(run, shelf).folder
    there = {row.cell(): row.value for row in read_rows(folder / "results.jsonl")}
    assert {row.cell(): row.value for row in left}.items() <= there.items()


def test_lost_and_altered_rows_are_noticed(run: Path, shelf: Path) -> None:
    left = _left_by_jobs(run)
    _change(run, lambda i, row: {"value": 0.0} if row.cell() == left[0].cell() else {})
    assert f"1 row of {len(left)} that jobs left not in results.jsonl as measured" in _refusal(run, shelf)
    write_rows(run / "results.jsonl", read_rows(run / "results.jsonl")[:1])
    assert f"of {len(left)} that jobs left not in results.jsonl as measured" in _refusal(run, shelf)


def test_without_what_jobs_left_nobody_can_say_that_results_are_whole(run: Path, shelf: Path) -> None:
    _left_by_jobs(run, ("score",))
    (run / "jobs/score-1/rows.jsonl").unlink()
    assert "jobs/score-1/rows.jsonl is missing" in _refusal(run, shelf)


def test_a_training_at_no_size_is_published_without_previews(run: Path, shelf: Path) -> None:
    made = Manifest.read(run)
    fits = tuple(fit.model_copy(update={"resolution": "²x3"}) for fit in made.fits)
    made.model_copy(update={"fits": fits}).write(run)
    folder = publish(run, shelf).folder
    assert not list(folder.rglob("previews"))
