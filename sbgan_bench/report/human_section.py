"""Human scores in a report, of a study as of a run: Table 3, its differences, and people against metrics."""

from collections.abc import Iterable

from sbgan_bench.comparing.ratings import panels
from sbgan_bench.report import rating_charts, table_3
from sbgan_bench.report.document import Figure, Item, Strip
from sbgan_bench.report.human_scores import HumanScores
from sbgan_bench.report.human_words import against_table, differences
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.rated_names import Label, labels
from sbgan_bench.results import ResultRow

_AGAINST = (
    "Each point is a model, with the 95 % interval of its human score; the ring is the real images. ρ is +1 where the "
    "metric puts the models in the order of the people, from best to worst, and −1 in the opposite."
)


def everything(scores: HumanScores, measured: Iterable[ResultRow], title: Label) -> tuple[Item, ...]:
    """Return what there is to say, in the order in which a reader asks.

    Args:
        scores: Of any number of studies.
        measured: What metrics say of the same models.
        title: Printed name of a row's model.
    """
    rows = tuple(measured)
    figures = [item for study in scores.studies() for item in score_figure(study, title)]
    tests, against = differences(scores, title), against_table(scores, rows, title)
    return (*table_3.tables(scores, title), *figures, *tests, *against_figure(scores, rows, title), *against)


def score_figure(study: HumanScores, title: Label) -> tuple[Figure, ...]:
    """Draw the scores of one study with their intervals."""
    caption = "Dot: mean score; bar: 95 % interval; diamond: what the paper printed, measured by another protocol."
    picture = rating_charts.scores(study, title)
    return figure(f"scores-{study.rows[0].protocol}", "The scores with their intervals", caption, picture)


def against_figure(scores: HumanScores, measured: Iterable[ResultRow], title: Label) -> tuple[Figure, ...]:
    """Set people beside metrics as a scatter."""
    shown = panels(scores.rows, measured)
    picture = rating_charts.against_metrics(
        shown, scores.correlations, labels(scores.rows, title), simulated=scores.simulated
    )
    left = len(shown) - rating_charts.MOST_PANELS
    caption = _AGAINST + (f" {left} more metrics are not drawn; the table has their numbers." if left > 0 else "")
    return figure("people-against-metrics", "Human score against metrics", caption, picture)


def figure(name: str, title: str, caption: str, picture: Picture | None) -> tuple[Figure, ...]:
    """Return a figure of one chart, or nothing where nothing was drawn."""
    return (Figure(name, title, caption, (Strip("", "", picture),)),) if picture is not None else ()
