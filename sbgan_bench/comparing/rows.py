"""One comparison of two models as a row, with all that a reader needs to repeat it."""

import enum
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sbgan_bench.config import Settings
from sbgan_bench.json_lines import read_lines, write_lines
from sbgan_bench.metric import Better
from sbgan_bench.results import Reals, ResultRow
from sbgan_bench.samples import LayoutSource

#: Name of the file beside a suite's result rows.
COMPARISONS = "comparisons.jsonl"


class Pairing(enum.StrEnum):
    """Which labels could have been the other way round."""

    PAIRED = "paired"  #: sample i of one and sample i of the other, which share a start: seeds, layouts
    POOLED = "pooled"  #: any samples of one and as many of the other


class Unit(enum.StrEnum):
    """What could have been drawn otherwise."""

    IMAGES = "images"  #: the test speaks of two sets of weights
    SEEDS = "training seeds"  #: the test speaks of two methods
    RATINGS = "images and raters"  #: the test speaks of two sets of weights, for any raters like these


class Comparison(Settings):
    """One model against the best of its column, or against one that was named beforehand."""

    schema_version: int = 1
    # which column: the same in all comparisons of a family
    suite: str = ""
    question: str = ""  #: kind of the table whose models these are; "" outside of suites
    dataset: str = ""
    fingerprint: str = ""
    split: str = ""
    resolution: str = ""
    training_images: int | None = None
    layout_source: LayoutSource = LayoutSource.NONE
    selection: str = ""
    reals: Reals = Reals.DISJOINT
    protocol: str = ""
    weights_hash: str = ""
    published: bool = True
    metric: str
    better: Better
    num_real: int = 0
    num_generated: int = 0
    # who
    winner: str  #: whom the other is compared with
    other: str
    # what was found
    value_winner: float  #: mean over trials, or over training seeds
    value_other: float
    effect: float  #: other minus winner
    low: float | None  #: 95 % t-interval of the effect over trials or seeds; None where there is one of them
    high: float | None
    p: float  #: two-sided
    p_holm: float  #: adjusted for the family
    rejected: bool  #: that the two are exchangeable, at 5 % for the whole family
    words: str  #: what was found, in a sentence for readers
    # how
    unit: Unit
    pairing: Pairing | None  #: None where no labels are swapped, but the error of the effect is estimated
    family: int  #: comparisons that could have been made, for which p is adjusted
    replicates: int | None = None  #: relabellings drawn; None where all were enumerated
    seed: int | None = None  #: of the relabellings
    trials: int | None = None  #: trials behind the values; None where training seeds are the unit
    training_seeds: int = 1  #: training runs behind a value; the smaller number of the two

    def key(self) -> tuple[str, ...]:
        """Identify the comparison: two rows with the same key answer the same question."""
        return (
            self.question, self.dataset, self.resolution, str(self.training_images), self.layout_source,
            self.selection, self.protocol, self.metric, self.unit, self.winner, self.other,
        )  # fmt: skip


#: What a comparison takes over from a result row of its column.
_SHARED = (
    "suite", "dataset", "fingerprint", "split", "resolution", "training_images", "layout_source", "selection", "reals",
    "protocol", "weights_hash", "published", "num_real", "num_generated",
)  # fmt: skip


def shared_facts(row: ResultRow) -> dict[str, Any]:
    """Return what the comparisons of a column share with one of its result rows."""
    return {name: getattr(row, name) for name in _SHARED}


def not_rejected(comparisons: Iterable[Comparison]) -> frozenset[str]:
    """Return the names to print bold in one column: the winner, and whoever was not told apart from it."""
    rows = list(comparisons)
    return frozenset(row.winner for row in rows) | {row.other for row in rows if not row.rejected}


def write_comparisons(path: Path, rows: Iterable[Comparison]) -> None:
    """Write comparisons as JSON Lines, atomically, ordered by key."""
    write_lines(path, rows, Comparison.key)


def read_comparisons(path: Path) -> list[Comparison]:
    """Read comparisons; of two with one key the later line wins.

    Raises:
        CorruptFileError: The file is missing, or a line is not a comparison (with its number).
    """
    return read_lines(path, Comparison, Comparison.key)
