"""Do metrics agree on which model is better? Rank correlations between the columns of a table, over its models."""

import math
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from itertools import combinations
from pathlib import Path
from statistics import fmean
from typing import Any, TypeAlias

import numpy as np
import scipy.stats
from numpy.typing import NDArray

from sbgan_bench.config import Settings
from sbgan_bench.json_lines import read_lines, write_lines
from sbgan_bench.metric import Better
from sbgan_bench.results import FLOOR, Origin, ResultRow, check_comparable

#: Name of the file beside a suite's result rows.
CORRELATIONS = "correlations.jsonl"

#: With fewer models no order says anything.
LEAST_MODELS = 3
#: Up to so many models the p-value counts all orders, ties or not; above, SciPy's own serves.
_ENUMERATED = 7

_Array = NDArray[np.float64]
_Column: TypeAlias = tuple[str, str]  # protocol, metric
_Model: TypeAlias = tuple[str, ...]


class RankCorrelation(Settings):
    """How far two columns order the models alike: +1 in the same order from best to worst, −1 in the opposite."""

    schema_version: int = 1
    dataset: str
    resolution: str
    protocol: str
    metric: str
    other_protocol: str
    other_metric: str
    models: int  #: that both columns have a value of
    kendall: float | None  #: τ-b (Kendall 1945), corrected for ties; None where a column has one value for all models
    kendall_p: float | None  #: two-sided, of no association
    spearman: float | None  #: ρ
    spearman_p: float | None
    simulated: bool = False  #: simulated raters are behind one of the columns: no result

    def key(self) -> tuple[str, ...]:
        """Identify the pair of columns."""
        return (self.dataset, self.resolution, self.protocol, self.metric, self.other_protocol, self.other_metric)


def rank_correlations(rows: Iterable[ResultRow]) -> list[RankCorrelation]:
    """Correlate every two columns (protocol and metric) of each dataset and resolution.

    Summaries of models count, averaged over training seeds; single trials, the floor, cells without a value and values
    that may not be ranked do not. Human ratings are a column like any other. Columns that share fewer than
    ``LEAST_MODELS`` models are left out.

    Raises:
        BenchError: A column mixes what cannot be compared; names the difference.
    """
    tables: dict[tuple[str, str], dict[_Column, list[ResultRow]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        if row.trial is None and row.value is not None and row.model != FLOOR and not row.unranked:
            tables[row.dataset, row.resolution][row.protocol, row.metric].append(row)
    found = []
    for (dataset, resolution), columns in sorted(tables.items()):
        goodness = {column: _goodness(members) for column, members in columns.items()}
        for one, other in combinations(sorted(goodness), 2):
            common = sorted(goodness[one].keys() & goodness[other].keys())
            if len(common) >= LEAST_MODELS:
                values = [[goodness[column][model] for model in common] for column in (one, other)]
                pair = RankCorrelation(
                    dataset=dataset, resolution=resolution, protocol=one[0], metric=one[1],
                    other_protocol=other[0], other_metric=other[1], models=len(common), **agreement(*values),
                    simulated=any(_simulated(columns[column]) for column in (one, other)),
                )  # fmt: skip
                found.append(pair)
    return found


def _goodness(column: Sequence[ResultRow]) -> Mapping[_Model, float]:
    """Return a number by model that is larger where the model is better."""
    check_comparable(column)
    values: dict[_Model, list[float]] = defaultdict(list)
    for row in column:
        if row.value is not None:
            model = (row.model, row.recipe, row.variant, row.layout_source, str(row.training_images))
            values[model].append(-row.value if row.better == Better.LOWER else row.value)
    return {model: fmean(seeds) for model, seeds in values.items()}


def _simulated(column: Sequence[ResultRow]) -> bool:
    return any(row.origin is Origin.SIMULATED for row in column)


def agreement(first: Sequence[float], second: Sequence[float]) -> dict[str, float | None]:
    """Return the coefficients of two lists of values, with their p-values; None where one list has a single value."""
    one, other = (scipy.stats.rankdata(values) for values in (first, second))
    if np.ptp(one) == 0 or np.ptp(other) == 0:
        return dict.fromkeys(("kendall", "kendall_p", "spearman", "spearman_p"))
    kendall, spearman = scipy.stats.kendalltau(one, other), scipy.stats.spearmanr(one, other)
    p_values = float(kendall.pvalue), float(spearman.pvalue)
    if len(first) <= _ENUMERATED:
        # Ranks are centred and orders compared in sign, so that each coefficient is a product with a fixed one.
        p_values = _exact_p(one, _signs(other), of_pairs=True), _exact_p(one, other - other.mean(), of_pairs=False)
    return {
        "kendall": float(kendall.statistic),
        "kendall_p": p_values[0],
        "spearman": float(spearman.statistic),
        "spearman_p": p_values[1],
    }


def _signs(ranks: _Array) -> _Array:
    """Return ``(..., n, n)`` signs of the differences of ``(..., n)`` ranks."""
    return np.sign(ranks[..., :, None] - ranks[..., None, :])


def _exact_p(ranks: _Array, fixed: _Array, *, of_pairs: bool) -> float:
    """Return twice the share of all orders of the models that agree, or disagree, with ``fixed`` at least as much."""

    def product(orders: _Array, axis: int) -> Any:
        moved = np.moveaxis(orders, axis, -1)
        return np.sum(_signs(moved) * fixed, axis=(-2, -1)) if of_pairs else moved @ fixed

    test = scipy.stats.permutation_test(
        (ranks,), product, permutation_type="pairings", vectorized=True, n_resamples=math.inf, batch=5000
    )
    return float(test.pvalue)


def write_correlations(path: Path, rows: Iterable[RankCorrelation]) -> None:
    """Write correlations as JSON Lines, atomically, ordered by key."""
    write_lines(path, rows, RankCorrelation.key)


def read_correlations(path: Path) -> list[RankCorrelation]:
    """Read correlations; of two with one key the later line wins.

    Raises:
        CorruptFileError: The file is missing, or a line is not a correlation (with its number).
    """
    return read_lines(path, RankCorrelation, RankCorrelation.key)
