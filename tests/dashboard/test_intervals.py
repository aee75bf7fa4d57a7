"""Dots say what tests found, whiskers what is known of a value, and neither more than that."""

from pathlib import Path

import pytest
from dashboard.opening import points
from report.fake_rows import Fake, row
from report.fake_run import build

from sbgan_bench.comparing.rows import COMPARISONS, read_comparisons, write_comparisons
from sbgan_bench.dashboard.charts.intervals import intervals
from sbgan_bench.dashboard.reading import open_run
from sbgan_bench.dashboard.selection import Choice, arranged, main_tables
from sbgan_bench.dashboard.table_view import scores
from sbgan_bench.manifest import TableKind
from sbgan_bench.report import charts
from sbgan_bench.report.definitions import UNCONDITIONAL
from sbgan_bench.report.tables import Table, table

BEST, APART, OPEN = "best or tied with it", "told apart from the best", "not tested, or not ranked"


def main_table(run: Path, choice: Choice | None = None) -> Table:
    opened = open_run(run)
    made = arranged(opened, main_tables(opened, TableKind.UNCONDITIONAL)[0], choice or Choice()).table
    assert made is not None
    return made


def verdicts(made: Table) -> dict[str, str]:
    return {point["model"]: point["verdict"] for point in points(intervals(made, 0))}


def test_a_dot_has_the_verdict_of_its_test(small: Path) -> None:
    assert verdicts(main_table(small)) == {
        "SB-GAN, both stages fine-tuned": BEST,
        "SB-GAN, without fine-tuning": BEST,
        "ProGAN": APART,
        "BigGAN": OPEN,  # collapsed: it may not be ranked, whatever its test says
    }


def test_what_was_not_tested_is_not_told_apart(tmp_path: Path) -> None:
    run = build(tmp_path / "run", Fake(seeds=(0,)))
    made = read_comparisons(run / COMPARISONS)
    write_comparisons(run / COMPARISONS, [one for one in made if "progan" not in one.other])
    assert verdicts(main_table(run))["ProGAN"] == OPEN
    (run / COMPARISONS).unlink()
    assert set(verdicts(main_table(run)).values()) == {OPEN}


@pytest.mark.parametrize(("choice", "over"), [(Choice(), "training seeds"), (Choice(seeds=(1,)), "trials")])
def test_the_spread_of_a_dot_says_over_what(choice: Choice, over: str, small: Path) -> None:
    made = main_table(small, choice)
    shown = {point["model"]: point["text"] for point in points(intervals(made, 0))}
    cell = next(line.cells[0] for line in made.trained if line.label == "ProGAN")
    assert shown["ProGAN"] == f"{cell.text} ± {cell.seeds if choice == Choice() else cell.trials} over {over}"


def test_a_single_value_has_no_spread_and_no_whisker() -> None:
    """A spread is no interval: without one, nothing is drawn that a caption would call so."""
    alone, spread = (table([row(Fake(), "scene", 2.0, model="a", spread=one)], UNCONDITIONAL) for one in (None, 0.5))
    texts = [points(intervals(made, 0))[0] for made in (alone, spread)]
    assert [(point["text"], point["low"], point["high"], point["range"]) for point in texts] == [
        ("2.00", 2.0, 2.0, "not known"), ("2.00 ± 0.50 over trials", 2.0, 2.0, "not known"),
    ]  # fmt: skip
    drawn = [charts.intervals(made) for made in (alone, spread)]
    assert len({picture.data for picture in drawn if picture is not None}) == 1


def test_an_interval_has_the_decimals_of_its_value() -> None:
    """A column's smallest number may be that of a single seed, which no line shows."""
    seeds = [row(Fake(), "scene", value, model="a", training_seed=seed) for seed, value in enumerate((0.95, 1.15))]
    summary = row(Fake(), "scene", 1.05, model="a", low=1.1, high=1.2)
    made = table([*seeds, summary], UNCONDITIONAL)
    (cell,) = (line.cells[0] for line in made.trained)
    assert (cell.text, cell.interval) == ("1.050", "1.100 to 1.200")
    assert "<small>1.100 to 1.200</small>" in scores(made)
    assert cell.hover == "95 % interval 1.100 to 1.200"
