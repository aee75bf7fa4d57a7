"""Planning the comparisons of a column: for each of the paper's questions, every model against the best of it."""

from collections import defaultdict
from collections.abc import Sequence

from sbgan_bench.manifest import TableKind
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.questions import answers, subject
from sbgan_bench.results import UNTRAINED, ResultRow
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.measurable import readable
from sbgan_bench.suite.measurements import Measurements, Scored


def plan_comparisons(measurements: Measurements) -> None:
    """Add a job for every question and size of the training set that two or more models answer."""
    column = measurements.column
    evaluation = column.suite.evaluation
    compared = [name for name in evaluation.compared if name in evaluation.metrics]
    if not readable(column.protocols, compared):
        return
    for kind in TableKind:
        groups: dict[int | None, list[tuple[Scored, ResultRow]]] = defaultdict(list)
        for scored in measurements.scored:
            row = measurements.identity(scored.subject)
            if answers(kind, row):
                groups[scored.subject.images].append((scored, row))
        for images, members in groups.items():
            if len({subject(row) for _, row in members}) > 1:
                _plan(measurements, kind, images, members, compared)


def _plan(
    measurements: Measurements,
    kind: TableKind,
    images: int | None,
    members: Sequence[tuple[Scored, ResultRow]],
    compared: Sequence[str],
) -> None:
    column = measurements.column
    evaluation = column.suite.evaluation
    config = {
        "question": kind.value,
        "members": [
            {
                "name": subject(row),
                "seed": scored.subject.seed,
                "start": _start(scored),
                "trained_from": _pretraining(scored),
                "protocols": list(scored.protocols),
                "given_layouts": scored.subject.source is LayoutSource.REAL,
            }
            for scored, row in members
        ],
        "metrics": list(compared),
        "protocols": column.protocols,
        "num_samples": evaluation.num_samples,
        "trials": evaluation.trials,
        "split_seed": evaluation.split_seed,
        "relabellings": evaluation.relabellings,
        "component": column.component(PluginGroup.METRICS, compared, "scipy"),
        **measurements.choice_of_reals(),
    }
    inputs = {**measurements.reals, "test": column.tables["test"]}
    for index, (scored, _) in enumerate(members):
        inputs |= {f"features:{index}": scored.features, f"score:{index}": scored.score}
    size = "all" if images is None else f"n{images}"
    column.add(JobKind.COMPARE, f"{kind}/{column.place}/{size}", config, inputs, tolerant=True)


def _start(scored: Scored) -> str:
    """Return what the scenes of a model start from; those of two models with one start are compared one by one.

    Scenes given real layouts share these; recipes that go on from one pre-training share it, and all share their
    sampling seeds.
    """
    about = scored.subject
    if about.source is LayoutSource.REAL:
        return "the same layouts"
    return _pretraining(scored) or f"{about.entry.model}/{about.recipe}@{about.entry.variant}"


def _pretraining(scored: Scored) -> str:
    """Return the pre-training that a model goes on from, which its recipes share seed by seed; "" if from nothing."""
    entry, recipe = scored.subject.entry, scored.subject.recipe
    goes_on = recipe != UNTRAINED and not entry.saved and scored.kind.recipes[recipe].starts_from
    return f"{entry.model}@{entry.variant}" if goes_on else ""
