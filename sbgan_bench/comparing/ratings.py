"""Human scores beside what metrics say of the same models: which row belongs to which. Nothing is computed here."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sbgan_bench.comparing.correlation import RankCorrelation
from sbgan_bench.questions import GAP, subject
from sbgan_bench.results import FLOOR, HUMAN_SCORE, ResultRow, check_comparable

#: What the comparisons of human scores answer.
QUESTION = "human ratings"
#: Which model it is.
_MODEL = ("dataset", "resolution", "model", "recipe", "variant", "layout_source")


def rated_name(row: ResultRow) -> str:
    """Return what a human score is about, exactly enough for one study: whatever two of its cells can differ in."""
    images = "" if row.training_images is None else f", {row.training_images} training images"
    seed = "" if row.training_seed is None else f", seed {row.training_seed}"
    return f"{subject(row)}, {row.resolution}{images}{seed}"


@dataclass(frozen=True, slots=True)
class Point:
    """One model: what people say of it, and what a metric says."""

    rated: ResultRow
    measured: ResultRow


@dataclass(frozen=True, slots=True)
class Panel:
    """The models of one dataset that have a human score and a value of one metric, floors included."""

    points: tuple[Point, ...]

    @property
    def facts(self) -> ResultRow:
        """A row of the metric, for what all of them share."""
        return self.points[0].measured

    @property
    def models(self) -> tuple[Point, ...]:
        """The points without the real images, which no order of models has a place for."""
        return tuple(point for point in self.points if point.rated.model != FLOOR)

    def key(self) -> tuple[str, ...]:
        """Return the key of this panel's rank correlation."""
        rated, measured = self.points[0].rated, self.facts
        names = (rated.protocol, rated.metric, measured.protocol, measured.metric)
        return (measured.dataset, measured.resolution, *names)


def panels(rated: Iterable[ResultRow], measured: Iterable[ResultRow]) -> list[Panel]:
    """Set every human score beside the values of the same model, a panel per study, dataset, size and metric.

    The same model has the same dataset, size, name, recipe, variant and layout source, and as many training images
    where both rows say how many; two rows that name different weights never meet. Of several training seeds the one
    that people saw counts, else the summary over seeds, else the first. Single trials, differences between layout
    sources and values that may not be ranked are left out.

    Raises:
        BenchError: Values of one metric cannot be compared with each other; names the difference.
    """
    by_model: dict[tuple[str, ...], dict[tuple[str, str], list[ResultRow]]] = defaultdict(lambda: defaultdict(list))
    for row in measured:
        is_score = row.trial is None and row.value is not None and row.metric != HUMAN_SCORE
        if is_score and not row.unranked and not row.metric.startswith(GAP):
            by_model[_model(row)][row.protocol, row.metric].append(row)
    found: dict[tuple[str, ...], list[Point]] = defaultdict(list)
    for score in rated:
        columns = by_model.get(_model(score), {}) if score.value is not None else {}
        for column, rows in columns.items():
            chosen = _same(score, rows)
            if chosen is not None:
                found[score.protocol, score.dataset, score.resolution, *column].append(Point(score, chosen))
    made = [Panel(tuple(points)) for points in found.values() if any(one.rated.model != FLOOR for one in points)]
    for panel in made:
        check_comparable(point.measured for point in panel.models)
    return sorted(made, key=_place)


def _model(row: ResultRow) -> tuple[str, ...]:
    if row.model == FLOOR:
        return (row.dataset, row.resolution, FLOOR)
    return tuple(str(getattr(row, name)) for name in _MODEL)


def _same(score: ResultRow, rows: Sequence[ResultRow]) -> ResultRow | None:
    """Return the row that measured what people rated; None if none did."""
    fitting = [
        row for row in rows
        if None in (row.training_images, score.training_images) or row.training_images == score.training_images
    ]  # fmt: skip
    same_weights = [row for row in fitting if not _of_other_weights(row, score)]
    if len({(row.training_images, row.selection) for row in same_weights}) > 1:
        return None  # of several trainings nobody can say which one people saw

    def preference(row: ResultRow) -> tuple[bool, bool, int]:
        seen = row.training_seed is not None and row.training_seed == score.training_seed
        return not seen, row.training_seed is not None, row.training_seed or 0

    return min(same_weights, key=preference, default=None)


def _of_other_weights(row: ResultRow, score: ResultRow) -> bool:
    return bool(row.checkpoint_hash and score.checkpoint_hash and row.checkpoint_hash != score.checkpoint_hash)


def _place(panel: Panel) -> tuple[object, ...]:
    """Put Fréchet distances first, by standard protocols before others."""
    row = panel.facts
    return (
        panel.points[0].rated.protocol, row.metric != "frechet-distance", row.protocol != "tf-compat", row.metric,
        row.protocol, row.dataset, row.resolution,
    )  # fmt: skip


def correlation_of(panel: Panel, correlations: Iterable[RankCorrelation]) -> RankCorrelation | None:
    """Return the rank correlation that was computed for a panel, if one was."""
    return next((one for one in correlations if one.key() == panel.key()), None)
