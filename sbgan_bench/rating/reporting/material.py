"""What the report of a study is made of."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sbgan_bench.comparing.ratings import panels
from sbgan_bench.rating.analysis.analysing import analyse
from sbgan_bench.rating.analysis.findings import Analysis
from sbgan_bench.rating.analysis.long_table import long_table
from sbgan_bench.rating.reporting.rows import result_rows
from sbgan_bench.rating.reporting.verdicts import comparisons, correlations
from sbgan_bench.rating.store.records import Rating
from sbgan_bench.rating.study import FrozenStudy, OwnerKey, Purpose, Role
from sbgan_bench.report.human_scores import HumanScores
from sbgan_bench.report.rated_names import labels
from sbgan_bench.results import ResultRow

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True, kw_only=True)
class Material:
    """A study with everything that was found."""

    study: FrozenStudy
    key: OwnerKey
    analysis: Analysis
    ratings: "pd.DataFrame"  #: the anonymised long table
    days: tuple[str, ...]  #: first and last day of ratings, "2026-11-27"; empty without any
    scores: HumanScores  #: rows in the order of the key, tested pairs, rank correlations
    measured: tuple[ResultRow, ...]  #: what metrics say of the same models

    def title(self, row: ResultRow) -> str:
        """Return the printed name of a row's cell."""
        return self.key.cells[self.scores.rows.index(row)].title

    def names(self) -> tuple[str, ...]:
        """Return the printed name of every cell, in the order of the key, as tables have it."""
        printed = labels(self.scores.rows, self.title)
        return tuple(printed[row.cell()] for row in self.scores.rows)

    @property
    def datasets(self) -> tuple[str, ...]:
        """The datasets, in the order of the key."""
        return tuple(dict.fromkeys(cell.dataset for cell in self.key.cells))

    @property
    def wanted(self) -> int:
        """Ratings of main images that make the study complete."""
        return len(self.study.of_role(Role.MAIN)) * self.study.ratings_per_image


def make_material(
    study: FrozenStudy, key: OwnerKey, ratings: Sequence[Rating], secret: bytes, measured: Iterable[ResultRow] = ()
) -> Material:
    """Analyse a study and make its rows.

    Args:
        study: As it was frozen.
        key: Whose images they are.
        ratings: Everything in its store.
        secret: What raters are numbered with.
        measured: Rows of metrics about the same models.

    Raises:
        BenchError: Values of a metric cannot be compared with each other; names the difference.
    """
    table = long_table(ratings, key, secret)
    analysis = analyse(table, key, study)
    rows = result_rows(analysis, key, study)
    metrics = tuple(measured)
    return Material(
        study=study,
        key=key,
        analysis=analysis,
        ratings=table,
        days=_days(ratings),
        scores=HumanScores(rows, comparisons(analysis, rows), correlations(panels(rows, metrics))),
        measured=metrics,
    )


def _days(ratings: Sequence[Rating]) -> tuple[str, ...]:
    """Return the first and the last day (UTC) of ratings of main images."""
    days = sorted(rating.received.date().isoformat() for rating in ratings if rating.purpose is Purpose.MAIN)
    return (days[0], days[-1]) if days else ()
