"""The models of one question in the order that every column gives them: what is sorted is what tables print."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.dashboard.answers import label
from sbgan_bench.dashboard.inert import plain
from sbgan_bench.dashboard.selection import Arranged
from sbgan_bench.report.tables import TableRow
from sbgan_bench.report.wording import DASH, number
from sbgan_bench.results import FLOOR

#: Columns that are compared at once.
_MOST = 6


@dataclass(frozen=True, slots=True)
class Order:
    """One column and its models, the best first."""

    name: str  #: "scene Fréchet distance ↓"
    ranked: tuple[tuple[str, float], ...]  #: model and value
    floor: str  #: what real images get, as printed
    constant: str  #: what the constant image gets


def orders(tables: Sequence[Arranged], most: int = _MOST) -> list[Order]:
    """Return the order by every column that ranks at least two of the models that the first one ranks."""
    found: list[Order] = []
    for one in tables:
        for index in range(len(one.table.columns) if one.table is not None else 0):
            order = _order(one, index, [model for model, _ in found[0].ranked] if found else None)
            if order is not None and order.name not in {other.name for other in found}:
                found.append(order)
    return found[:most]


def _order(one: Arranged, index: int, models: Sequence[str] | None) -> Order | None:
    assert one.table is not None
    column = one.table.columns[index]
    cells = [(label(row), row.cells[index]) for row in one.table.trained]
    cells = [(model, cell) for model, cell in cells if models is None or model in models]
    known = [(model, cell.value) for model, cell in cells if cell.value is not None and not cell.rows[0].unranked]
    if len(known) < 2:
        return None
    sign = -1 if column.better == "higher" else 1
    row = next(cell.rows[0] for _, cell in cells if cell.value is not None)
    ranked = sorted(known, key=lambda pair: sign * pair[1])
    place = "" if row.dataset in one.table.common else f", {row.dataset} {row.resolution.replace('x', '×')}"
    return Order(
        plain(f"{row.protocol} {column.header[-1]}{place}", 60), tuple(ranked),
        _yardstick(one.table.rows, index, FLOOR), _yardstick(one.table.rows, index, "constant"),
    )  # fmt: skip


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
