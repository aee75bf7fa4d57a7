"""The answer says what tests found, and no more than they can tell."""

from pathlib import Path

import pytest
from report.fake_rows import Fake
from report.fake_run import build

from sbgan_bench.comparing.rows import Comparison, read_comparisons, write_comparisons
from sbgan_bench.dashboard.ranking import Order, disagreements, orders
from sbgan_bench.dashboard.reading import OpenRun, open_run
from sbgan_bench.dashboard.selection import Choice, arranged, main_tables
from sbgan_bench.manifest import TableKind, TableRecord
from sbgan_bench.report.answers import Answer, answers, listed
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.run_folder import RunFolder


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
    assert answer.sure == "Nothing was tested here: the order of the digits may be chance."


def test_one_seed_speaks_of_weights_and_several_of_methods(small: Path, tmp_path: Path) -> None:
    assert "methods" in said(open_run(small))[0].speaks_of
    alone = open_run(build(tmp_path / "run", Fake(seeds=(0,))))
    assert "these weights, not of the methods" in said(alone)[0].speaks_of


def test_names_leave_out_what_they_all_begin_with(small: Path) -> None:
    names = {answer.best.name for answer in said(open_run(small), TableKind.ABLATION)}
    assert all("SB-GAN" not in name for name in names)


def test_who_is_told_from_nobody_is_lowest_and_not_best(tmp_path: Path) -> None:
    run = build(tmp_path / "run", Fake(seeds=(0,)))
    limit = "With 2 training seeds no p below 0.33 is possible, so nothing could be rejected."
    tests = [one.model_copy(update={"rejected": False, "words": f"Not rejected: a, p = 0.5. {limit}"})
             for one in read_comparisons(run / "comparisons.jsonl")]  # fmt: skip
    before = said(open_run(run))[0]
    write_comparisons(run / "comparisons.jsonl", tests)
    after = said(open_run(run))[0]
    assert (before.standing, after.standing) == ("best", "lowest")
    assert after.sure.startswith("No other model is told apart from it.")
    assert limit in after.speaks_of
    assert "no p below" not in before.speaks_of


def test_a_report_opens_with_the_answers(small: Path) -> None:
    run = RunFolder.read(small)
    opening = assemble(run, score_tables(run)).answers
    (first, *_) = said(open_run(small))
    assert opening[0] == first.sentence("Scenes from noise")
    assert opening[0].startswith("Scenes from noise, best by scene Fréchet distance: SB-GAN, both stages fine-tuned, ")
    assert opening[-1] == first.speaks_of


@pytest.mark.parametrize(
    ("names", "text"),
    [(["a"], "a"), (["a", "b"], "a and b"), (["a", "b", "c"], "a; b; c"), (list("abcde"), "a; b; and 3 more")],
)
def test_names_are_listed(names: list[str], text: str) -> None:
    assert listed(names) == text


def reversed_signs(one: Comparison) -> Comparison:
    """The same comparison of the same models by a metric with the sign turned round."""
    ends = {"low": None if one.high is None else -one.high, "high": None if one.low is None else -one.low}
    return one.model_copy(update={"effect": -one.effect, **ends})


def test_the_interval_of_a_lead_has_its_sign(tmp_path: Path) -> None:
    run = build(tmp_path / "run", Fake(seeds=(0,)))
    near = [one.model_copy(update={"effect": 0.5, "low": -0.2, "high": 1.2})
            for one in read_comparisons(run / "comparisons.jsonl")]  # fmt: skip
    for found, word in ((near, "lower"), (list(map(reversed_signs, near)), "higher")):
        write_comparisons(run / "comparisons.jsonl", found)
        ahead = said(open_run(run))[0].ahead
        assert f"0.500 {word} than the next best" in ahead
        assert ahead.endswith("(95 %: −0.200 to 1.200).")


def ordered(opened: OpenRun) -> list[Order]:
    return orders([arranged(opened, one, Choice()) for one in main_tables(opened, TableKind.UNCONDITIONAL)])


TWO_SIZES = (Fake(seeds=(0,), sizes=(100, 400)), Fake(seeds=(0,), sizes=(100, 400), tile=(64, 128)))


@pytest.mark.parametrize(
    ("fakes", "facts"),
    [
        ([Fake(seeds=(0,), sizes=(100, 400))], ["100 training images", "400 training images"]),
        ([Fake(seeds=(0,)), Fake(seeds=(0,), tile=(64, 128))], ["32×64", "64×128"]),
        ([Fake(seeds=(0,)), Fake(seeds=(0,), dataset="camvid")], ["camvid", "toy-streets"]),
        (TWO_SIZES, ["32×64, 100 training images", "64×128, 400 training images"]),
    ],
    ids=["amounts of data", "sizes", "datasets", "amounts and sizes"],
)
def test_columns_are_named_by_what_tells_them_apart_and_none_is_lost(
    fakes: list[Fake], facts: list[str], tmp_path: Path
) -> None:
    opened = open_run(build(tmp_path / "run", *fakes))
    made = arranged(opened, main_tables(opened, TableKind.UNCONDITIONAL)[0], Choice()).table
    assert made is not None
    names = [order.name for order in ordered(opened)]
    scores = [answer.score for answer in said(opened)]
    assert names == [f"{score} ↓" for score in scores]
    assert len(set(scores)) == len(made.columns)
    assert {f"scene Fréchet distance, {fact}" for fact in facts} <= set(scores)


def test_a_column_that_stands_in_two_tables_is_one_order(tmp_path: Path) -> None:
    both = tuple(
        TableRecord(name=f"table-{letter}", title=letter, kind=TableKind.UNCONDITIONAL, columns=columns)
        for letter, columns in (("a", ()), ("b", ("toy-streets",)))
    )
    once, twice = (open_run(build(tmp_path / str(len(tables)), Fake(seeds=(0,)), tables=tables))
                   for tables in (both[:1], both))  # fmt: skip
    assert ordered(once) == ordered(twice)


def test_long_names_of_columns_stay_apart(tmp_path: Path) -> None:
    long = "a-dataset-with-a-very-long-name-that-somebody-chose-with-care-and-does-not-want-to-change"
    opened = open_run(build(tmp_path / "run", *(Fake(seeds=(0,), dataset=f"{long}-{end}") for end in "ab")))
    assert len({order.name for order in ordered(opened)}) == 4


def test_columns_that_disagree_are_named_with_their_values(small: Path) -> None:
    opened = open_run(small)
    found = ordered(opened)
    assert [order.name for order in found] == ["scene Fréchet distance ↓", "texture Fréchet distance ↓"]
    (text,) = disagreements(found)
    assert "ProGAN" in text
    assert "scene Fréchet distance" in text
    assert "texture Fréchet distance" in text
