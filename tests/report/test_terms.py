"""Reports and pages say the same of the terms under which pictures stand."""

from pathlib import Path

import pytest
from dashboard.opening import argue, html, open_page
from report.fake_rows import Fake
from report.fake_run import build

from sbgan_bench.manifest import Manifest
from sbgan_bench.publication import Dropped, Licence, Publication
from sbgan_bench.report.assemble import assemble
from sbgan_bench.report.run_folder import RunFolder

FREE = Licence(dataset="a", licence="CC0", redistributable=True, words="Use what is of a as you like.")
BOUND = Licence(dataset="b", licence="own", redistributable=False, words="Nothing of b may be passed on.")
DROPPED = (Dropped(what="weights", why="size"),)


def publish(folder: Path, *licences: Licence) -> None:
    Publication(
        name="run", published="2026-11-27", suite="fake", results="0" * 64, licences=licences, files={},
        dropped=DROPPED, notes=("Mind the gap.",),
    ).write(folder)  # fmt: skip


@pytest.mark.parametrize("published", [False, True])
@pytest.mark.parametrize("bound", [False, True])
def test_a_report_and_the_first_page_say_the_same(
    bound: bool, published: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = build(tmp_path / "run", Fake(seeds=(0,), logged=(), redistributable=not bound))
    if published:
        publish(run, FREE, *([BOUND] if bound else []))
    report = assemble(RunFolder.read(run), {})
    argue(monkeypatch, run)
    for said in (" ".join((*report.warnings, *report.lead)), html(open_page("overview"))):
        assert ("may not be redistributed" in said) is bound
        assert (BOUND.words in said) is (bound and published)
        for words in (FREE.words, "Published 2026-11-27.", "Mind the gap.", "Left out: weights (size)."):
            assert (words in said) is published
    assert not [word for word in report.lead if BOUND.words in word]  # it is a warning


def test_a_bound_dataset_of_which_nothing_is_shown_binds_nothing(tmp_path: Path) -> None:
    run = build(tmp_path / "run", Fake(seeds=(0,), logged=(), redistributable=False))
    manifest = Manifest.read(run)
    datasets = tuple(one.model_copy(update={"sheet": ""}) for one in manifest.datasets)
    manifest.model_copy(update={"datasets": datasets, "galleries": ()}).write(run)
    assert not [text for text in assemble(RunFolder.read(run), {}).warnings if "redistributed" in text]
