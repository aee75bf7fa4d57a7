"""The answer says what tests found, and no more than they can tell."""

from pathlib import Path

import pytest
from report.fake_rows import Fake
from report.fake_run import build

from sbgan_bench.dashboard.answers import Answer, answers
from sbgan_bench.dashboard.cards import listed, sure
from sbgan_bench.dashboard.ranking import disagreements, orders
from sbgan_bench.dashboard.reading import OpenRun, open_run
from sbgan_bench.dashboard.selection import Choice, arranged, main_tables
from sbgan_bench.manifest import TableKind


def said(opened: OpenRun, kind: TableKind = TableKind.UNCONDITIONAL) -> tuple[Answer, ...]:
    made = arranged(opened, main_tables(opened, kind)[0], Choice())
    assert made.table is not None
    return answers(made.table, kind, opened.run.comparisons)


def test_the_best_is_the_winner_of_the_tests_with_its_value_and_spread(small: Path) -> None:
    first, second = said(open_run(small))
    assert first.best.name == "SB-GAN, both stages fine-tuned"
    assert first.value == f"{first.best.cell.text} ± {first.best.cell.seeds} over training seeds"
    assert first.score == "scene Fréchet distance"
    assert first.tested
    assert first.beaten == ("ProGAN",)
    assert first.tied == ("SB-GAN, without fine-tuning",)
    assert second.best.name == "ProGAN"


def test_what_may_not_be_ranked_is_neither_best_nor_worst(small: Path) -> None:
    for answer in said(open_run(small)):
        assert "BigGAN" not in (answer.best.name, answer.worst.name)


def test_without_tests_nothing_is_claimed(tmp_path: Path) -> None:
    run = build(tmp_path / "run")
    (run / "comparisons.jsonl").unlink()
    answer = said(open_run(run))[0]
    assert not answer.tested
    assert sure(answer) == "Nothing was tested here: the order of the digits may be chance."


def test_one_seed_speaks_of_weights_and_several_of_methods(small: Path, tmp_path: Path) -> None:
    assert "methods" in said(open_run(small))[0].speaks_of
    alone = open_run(build(tmp_path / "run", Fake(seeds=(0,))))
    assert "these weights, not of the methods" in said(alone)[0].speaks_of


def test_names_leave_out_what_they_all_begin_with(small: Path) -> None:
    names = {answer.best.name for answer in said(open_run(small), TableKind.ABLATION)}
    assert all("SB-GAN" not in name for name in names)


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a; b; c"), (list("abcde"), "a; b; and 3 more")],
)
def test_names_are_listed(names: list[str], text: str) -> None:
    assert listed(names) == text


def test_columns_that_disagree_are_named_with_their_values(small: Path) -> None:
    opened = open_run(small)
    found = orders([arranged(opened, one, Choice()) for one in main_tables(opened, TableKind.UNCONDITIONAL)])
    assert [order.name for order in found] == ["scene Fréchet distance ↓", "texture Fréchet distance ↓"]
    (text,) = disagreements(found)
    assert "ProGAN" in text
    assert "scene Fréchet distance" in text
    assert "texture Fréchet distance" in text
