"""The models of one question in the order that every column gives them: what is sorted is what tables print."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.dashboard.inert import plain, unique
from sbgan_bench.dashboard.selection import Arranged
from sbgan_bench.questions import CONSTANT
from sbgan_bench.report.answers import label
from sbgan_bench.report.cells import Cell
from sbgan_bench.report.column_names import column_names
from sbgan_bench.report.columns import ARROWS
from sbgan_bench.report.tables import Table, TableRow
from sbgan_bench.report.wording import DASH, number
from sbgan_bench.results import FLOOR

#: Characters of the name of a column.
_LONGEST = 120


@dataclass(frozen=True, slots=True)
class Order:
    """One column and its models, the best first."""

    name: str  #: "scene Fréchet distance, 400 training images ↓"; no two columns share one
    ranked: tuple[tuple[str, float], ...]  #: model and value
    floor: str  #: what real images get, as printed
    constant: str  #: what the constant image gets


def orders(tables: Sequence[Arranged]) -> list[Order]:
    """Return the order by every column that ranks at least two of the models that the first one ranks.

    A column that stands in several tables counts once.
    """
    found: dict[frozenset[tuple[str, ...]], tuple[Table, int, list[tuple[str, Cell]]]] = {}
    models: set[str] = set()
    for table in (one.table for one in tables if one.table is not None):
        for index in range(len(table.columns)):
            ranked = [(model, cell) for model, cell in _ranked(table, index) if not models or model in models]
            if len(ranked) > 1:
                models = models or {model for model, _ in ranked}
                found.setdefault(frozenset(cell.rows[0].cell() for _, cell in ranked), (table, index, ranked))
    columns = [table.columns[index] for table, index, _ in found.values()]
    named = zip(column_names(columns), columns, strict=True)
    names = unique((f"{name} {ARROWS[column.better]}" for name, column in named), _LONGEST)
    return [
        Order(
            name, tuple((model, cell.value or 0.0) for model, cell in ranked),
            _yardstick(table.rows, index, FLOOR), _yardstick(table.rows, index, CONSTANT),
        )
        for name, (table, index, ranked) in zip(names, found.values(), strict=True)
    ]  # fmt: skip


def _ranked(table: Table, index: int) -> list[tuple[str, Cell]]:
    """Return the trained models of a column that may be ranked, the best first."""
    sign = -1 if table.columns[index].better == "higher" else 1
    cells = [(label(row), row.cells[index]) for row in table.trained]
    able = [(model, cell) for model, cell in cells if cell.value is not None and not cell.rows[0].unranked]
    return sorted(able, key=lambda pair: sign * (pair[1].value or 0.0))


def _yardstick(rows: Sequence[TableRow], index: int, model: str) -> str:
    cells = (row.cells[index] for row in rows if row.standard)
    return next((cell.text for cell in cells if cell.value is not None and cell.rows[0].model == model), DASH)


def disagreements(found: Sequence[Order], most: int = 6) -> list[str]:
    """Say of every two columns which models they put the other way round, beginning with those that differ most."""
    pairs = [(_disagreement(one, other)) for one, other in itertools.combinations(found, 2)]
    return [text for _, text in sorted(pairs, key=lambda pair: -pair[0]) if text][:most]


def _disagreement(first: Order, second: Order) -> tuple[int, str]:
    """Return how many pairs of models two columns put the other way round, and the one where they differ most."""
    places = [{model: place for place, (model, _) in enumerate(order.ranked)} for order in (first, second)]
    common = [model for model, _ in first.ranked if model in places[1]]
    swapped = [
        (one, other)
        for at, one in enumerate(common)
        for other in common[at + 1 :]
        if places[1][one] > places[1][other]
    ]  # fmt: skip
    if not swapped:
        return 0, ""
    values = dict(first.ranked), dict(second.ranked)
    one, other = max(swapped, key=lambda pair: places[1][pair[0]] - places[1][pair[1]])
    names = [order.name.rstrip(" ↓↑") for order in (first, second)]
    more = f" So it is with {_pairs(len(swapped) - 1)}." if len(swapped) > 1 else ""
    said = (
        f"{plain(one)} is better than {plain(other)} by {names[0]} ({_pair(values[0], one, other)}) and worse by "
        f"{names[1]} ({_pair(values[1], one, other)}).{more}"
    )
    return len(swapped), said


def _pairs(number_of: int) -> str:
    return f"{number_of} other pair{'s' if number_of > 1 else ''} of models"


def _pair(values: dict[str, float], one: str, other: str) -> str:
    return f"{number(values[one], 3)} against {number(values[other], 3)}"
