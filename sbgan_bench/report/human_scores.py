"""What people said of models, as the reports of studies wrote it down: rows, verdicts, correlations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from sbgan_bench.comparing.correlation import RankCorrelation
from sbgan_bench.comparing.ratings import rated_name
from sbgan_bench.comparing.rows import Comparison
from sbgan_bench.report.document import PlainTable
from sbgan_bench.results import FLOOR, Origin, ResultRow

#: What stands over everything that no person is behind.
SIMULATED = "SIMULATED RATERS – NOT A RESULT"


@dataclass(frozen=True, slots=True)
class HumanScores:
    """Human scores of any number of studies, in the order in which they should be printed."""

    rows: tuple[ResultRow, ...] = ()
    comparisons: tuple[Comparison, ...] = ()
    correlations: tuple[RankCorrelation, ...] = ()

    @property
    def simulated(self) -> bool:
        """Whether any score was made up."""
        return any(row.origin is Origin.SIMULATED for row in self.rows)

    def studies(self) -> list["HumanScores"]:
        """Return every study by itself: two of them never share a table."""
        ordered = sorted(self.rows, key=lambda row: row.protocol)
        return [
            HumanScores(
                tuple(rows),
                tuple(one for one in self.comparisons if one.protocol == protocol),
                tuple(one for one in self.correlations if protocol in (one.protocol, one.other_protocol)),
            )
            for protocol, rows in groupby(ordered, key=lambda row: row.protocol)
        ]


def marked(table: PlainTable) -> PlainTable:
    """Return a table that says of itself, in every format, that no person is behind it."""
    first, *others = table.header
    header = (f"{first} (SIMULATED RATERS)", *others)
    return replace(table, title=f"{table.title} (simulated)", caption=f"{SIMULATED}. {table.caption}", header=header)


def best_of(rows: Sequence[ResultRow], comparisons: Iterable[Comparison]) -> frozenset[str]:
    """Return the names of what stands in bold among the models of one dataset and study.

    The best by its mean, and whatever was compared with it and not told apart; nothing where nothing was tested.
    Several with the same highest mean are all the best, in whatever order they stand. Real images are the control and
    never bold.
    """
    models = [row for row in rows if row.value is not None and row.model != FLOOR]
    if not models:
        return frozenset()
    names = {rated_name(row): row.value or 0.0 for row in models}
    best = {name for name, value in names.items() if value == max(names.values())}
    place = (rows[0].protocol, rows[0].dataset)
    pairs = [({one.winner, one.other}, one) for one in comparisons if (one.protocol, one.dataset) == place]
    tested = [(pair, one) for pair, one in pairs if pair & best and pair <= names.keys()]
    return frozenset().union(*(pair if not one.rejected else pair & best for pair, one in tested))
