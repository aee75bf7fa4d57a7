"""What is bold: the best of a column and whoever a comparison did not tell from it, never a digit alone."""

from collections.abc import Sequence
from dataclasses import replace

import pytest
from report.fake_rows import GENERATED, REAL, Fake, row, rows
from report.fake_verdicts import verdict, verdicts

from sbgan_bench.comparing.rows import Comparison, not_rejected
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import is_standard, subject
from sbgan_bench.report.definitions import (
    ABLATION,
    BOTTLENECK_GAP,
    DATA_SIZE,
    DEFINITIONS,
    UNCONDITIONAL,
    TableDefinition,
)
from sbgan_bench.report.tables import table
from sbgan_bench.results import ResultRow

MANY = list(rows(Fake(sizes=(100, 400), variants=("", "no-root"))))
FROM_NOISE = TableKind.UNCONDITIONAL


def _bold(made: Sequence[ResultRow], comparisons: Sequence[Comparison]) -> dict[str, bool]:
    lines = table(made, UNCONDITIONAL, comparisons=comparisons).trained
    return {line.label: line.cells[0].best for line in lines}


def _two(**other: object) -> tuple[ResultRow, ResultRow]:
    return row(Fake(), "scene", 1.0, model="a", **other), row(Fake(), "scene", 2.0, model="b", **other)


@pytest.mark.parametrize("definition", DEFINITIONS, ids=lambda one: one.name)
def test_without_comparisons_nothing_is_bold(definition: TableDefinition) -> None:
    made = table(MANY, definition)
    assert made.columns
    assert not any(cell.best for line in made.rows for cell in line.cells)


@pytest.mark.parametrize("definition", [one for one in DEFINITIONS if one.kind], ids=lambda one: one.name)
def test_bold_are_the_winner_and_whoever_is_not_told_from_it(definition: TableDefinition) -> None:
    comparisons = verdicts(MANY)
    made = table(MANY, definition, comparisons=comparisons)
    for index in range(len(made.columns)):
        cells = [line.cells[index] for line in made.rows if line.cells[index].value is not None]
        shown = next(cell.rows[0] for cell in cells if not is_standard(cell.rows[0]))
        column = (definition.kind, shown.training_images, shown.protocol, shown.metric)
        here = [one for one in comparisons
                if (one.question, one.training_images, one.protocol, one.metric) == column]  # fmt: skip
        able = {subject(cell.rows[0]) for cell in cells if not cell.rows[0].unranked}
        assert {subject(cell.rows[0]) for cell in cells if cell.best} == not_rejected(here) & able


def test_the_lowest_digit_is_not_bold_where_it_may_not_be_ranked() -> None:
    made = table(MANY, UNCONDITIONAL, comparisons=verdicts(MANY))
    for column in zip(*(line.cells for line in made.trained), strict=True):
        if column[0].rows[0].protocol == "texture":
            values = {cell.rows[0].model: cell for cell in column if cell.value is not None}
            assert values["biggan"].value == min(cell.value for cell in values.values() if cell.value is not None)
            assert {name for name, cell in values.items() if cell.best} == {"progan"}


@pytest.mark.parametrize(("rejected", "bold"), [(True, {"a": True, "b": False}), (False, {"a": True, "b": True})])
def test_ties_are_bold_together(rejected: bool, bold: dict[str, bool]) -> None:
    pair = _two()
    assert _bold(pair, [verdict(*pair, FROM_NOISE, rejected=rejected)]) == bold


def test_a_reader_computes_no_order_of_its_own() -> None:
    higher = _two(metric="recall", better="higher")
    assert _bold(higher, [verdict(*higher[::-1], FROM_NOISE, rejected=True)]) == {"a": False, "b": True}
    lower = _two()
    assert _bold(lower, [verdict(*lower[::-1], FROM_NOISE, rejected=True)]) == {"a": False, "b": True}


@pytest.mark.parametrize("barred", ["a", "b"])
def test_what_may_not_be_ranked_is_never_bold_whatever_a_comparison_says(barred: str) -> None:
    pair = _two()
    marked = [one.model_copy(update={"unranked": "memorised"}) if one.model == barred else one for one in pair]
    bold = _bold(marked, [verdict(*pair, FROM_NOISE, rejected=False)])
    assert bold == {"a": barred != "a", "b": barred != "b"}


def test_told_apart_is_only_what_a_test_told_from_the_best() -> None:
    a, b, c, d = (row(Fake(), "scene", value, model=model) for value, model in enumerate("abcd", start=1))
    barred = d.model_copy(update={"unranked": "memorised"})
    made = [verdict(a, b, FROM_NOISE, rejected=True), verdict(a, d, FROM_NOISE, rejected=True)]
    lines = table([a, b, c, barred], UNCONDITIONAL, comparisons=made).trained
    assert [(line.label, line.cells[0].best, line.cells[0].apart) for line in lines] == [
        ("a", True, False), ("b", False, True), ("c", False, False), ("d", False, False),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("field", "other"),
    [
        ("question", TableKind.ABLATION), ("dataset", "camvid"), ("resolution", "64x128"), ("training_images", 100),
        ("protocol", "texture"), ("weights_hash", "9" * 64), ("metric", "kernel-distance"), ("reals", "whole"),
    ],
)  # fmt: skip
def test_a_comparison_of_another_column_makes_nothing_bold(field: str, other: object) -> None:
    pair = _two(training_images=400)
    found = verdict(*pair, FROM_NOISE, rejected=False)
    assert _bold(pair, [found]) == {"a": True, "b": True}
    assert _bold(pair, [found.model_copy(update={field: other})]) == {"a": False, "b": False}


def test_neither_the_gap_nor_a_yardstick_is_ever_bold() -> None:
    everything = replace(BOTTLENECK_GAP, kind=TableKind.ABLATION)
    gaps = [one for one in MANY if one.metric == "bottleneck-gap" and one.training_images == 400]
    comparisons = [*verdicts(MANY), verdict(gaps[0], gaps[1], TableKind.ABLATION, rejected=False)]
    made = table(MANY, everything, comparisons=comparisons)
    for line in made.rows:
        for cell in line.cells:
            assert not (cell.best and (line.standard or cell.rows[0].metric == "bottleneck-gap"))
    floor, model = row(Fake(), "scene", 0.1, model="real"), row(Fake(), "scene", 1.0, model="a")
    lines = table([floor, model], UNCONDITIONAL, comparisons=[verdict(floor, model, FROM_NOISE, rejected=False)]).rows
    assert [line.label for line in lines if line.cells[0].best] == ["a"]


def test_tables_that_are_no_question_have_nothing_bold() -> None:
    for definition in (BOTTLENECK_GAP, DATA_SIZE):
        made = table(MANY, definition, comparisons=verdicts(MANY))
        assert not any(cell.best for line in made.rows for cell in line.cells)


def test_one_recipe_is_bold_in_each_table_by_the_comparisons_of_that_table() -> None:
    own = [one for one in MANY if one.model == "sbgan" and one.training_images == 400 and one.trial is None]
    both, none = (next(one for one in own if one.recipe == recipe and one.layout_source is GENERATED
                       and one.protocol == "scene" and not one.variant) for recipe in ("both", "none"))  # fmt: skip
    given = next(one for one in own if one.recipe == "none" and one.layout_source is REAL)
    assert subject(given) != subject(none)
    comparisons = [
        verdict(both, none, TableKind.ABLATION, rejected=True),
        verdict(none, both, TableKind.UNCONDITIONAL, rejected=True),
    ]
    for definition, expected in ((ABLATION, "both"), (UNCONDITIONAL, "none")):
        made = table([both, none], definition, comparisons=comparisons)
        assert {line.cells[0].rows[0].recipe for line in made.rows if line.cells[0].best} == {expected}
