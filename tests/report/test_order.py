"""Models and recipes stand in one order, and are called by one name, wherever they stand below each other."""

import itertools
from pathlib import Path

from report.fake_rows import Fake
from report.fake_run import build

from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import FINE_TUNING, PARTIAL
from sbgan_bench.report.assemble import score_tables
from sbgan_bench.report.definitions import KINDS
from sbgan_bench.report.galleries import before_and_after, side_by_side
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.wording import Names, recipe_text


def test_every_recipe_has_words() -> None:
    assert all(recipe_text(recipe) != recipe for recipe in FINE_TUNING)
    assert set(FINE_TUNING) > PARTIAL


def test_titles_and_the_papers_recipes_go_first() -> None:
    names = Names({"b": "B", "a": "A"})
    wanted = [("b", "none", ""), ("b", "both", ""), ("b", "both", "x"), ("b", "other", ""), ("a", "none", ""),
              ("0", "both", ""), ("c", "layout", "")]  # fmt: skip
    for given in itertools.permutations(wanted):
        assert sorted(given, key=lambda one: names.order(*one)) == wanted


def test_tables_and_pictures_keep_one_order(tmp_path: Path) -> None:
    run = RunFolder.read(build(tmp_path / "run", Fake(seeds=(0,), logged=("progan", "biggan", "sbgan"))))
    tables = score_tables(run)
    for kind, figures in ((TableKind.UNCONDITIONAL, side_by_side(run)), (TableKind.ABLATION, before_and_after(run))):
        lines = [f"{row.label} {row.detail}".strip() for row in tables[KINDS[kind].name].trained]
        labels = [f"{strip.label} {strip.detail}".strip() for figure in figures for strip in figure.strips]
        shown = [label for label in labels if label in lines]
        assert len(shown) > 1
        assert shown == [line for line in lines if line in shown]
