"""Planning everything of one dataset at one resolution: what stands in one column of a table."""

from sbgan_bench.errors import BenchError, ConfigError, PluginImportError
from sbgan_bench.model import AbstractModel, SceneSpec
from sbgan_bench.results import UNTRAINED, Origin, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.column import Column
from sbgan_bench.suite.comparisons import plan_comparisons
from sbgan_bench.suite.measurements import Measurements, Subject
from sbgan_bench.suite.models import check_recipe, entry_suite, model_kind, model_settings
from sbgan_bench.suite.plan import skip_entries
from sbgan_bench.suite.saved import read_saved
from sbgan_bench.suite.spec import Entry
from sbgan_bench.suite.trainings import Trainings


def plan_column(column: Column) -> None:
    """Add the jobs and cells of a column to its plan.

    Raises:
        ConfigError: A recipe or setting that does not exist, or N larger than the held-out reals allow.
    """
    suite = column.suite
    here = [entry for entry in suite.entries if entry.stands_in(column.name, column.resolution_text)]
    if column.reason:
        skip_entries(column.plan, suite, here, column.name, column.resolution_text, column.reason)
        return
    column.prepare()
    measurements = Measurements(column)
    measurements.floor()
    for entry in here:
        if entry.saved:
            _plan_saved(measurements, entry)
            continue
        for recipe in entry.recipes:
            for images in suite.grid.training_images or (None,):
                for seed in suite.grid.training_seeds:
                    _plan_trained(measurements, entry, recipe, seed, images)
    plan_comparisons(measurements)
    for entry in suite.entries:
        if entry not in here:
            reason = entry.why or f"part of this suite for {', '.join(entry.only)} alone"
            skip_entries(column.plan, suite, [entry], column.name, column.resolution_text, reason)


def _plan_trained(measurements: Measurements, entry: Entry, recipe: str, seed: int, images: int | None) -> None:
    column = measurements.column
    origin = Origin.UNTRAINED if recipe == UNTRAINED else Origin.TRAINED
    size = images or column.training_images
    try:
        kind = model_kind(entry.model)
    except PluginImportError as error:
        source = entry.layout_sources[0] if entry.layout_sources else LayoutSource.NONE
        subject = Subject(entry=entry, recipe=recipe, source=source, seed=seed, images=size, origin=Origin.TRAINED)
        measurements.without_job(subject, Status.FAILED, str(error))
        return
    check_recipe(column.suite, kind, recipe)
    reason = _refusal(column, entry, kind, images)
    model = "" if reason else Trainings(column).trained(entry, recipe, seed, images)
    for source in entry.layout_sources or tuple(sorted(kind.layout_sources)):
        subject = Subject(entry=entry, recipe=recipe, source=source, seed=seed, images=size, origin=origin)
        refusal = reason or _lacking(kind, kind.layout_sources, source)
        if refusal:
            measurements.without_job(subject, Status.SKIPPED, refusal)
            continue
        measurements.model(subject, model, kind)
        if seed == column.suite.grid.training_seeds[0]:
            measurements.gallery(subject, {"model": model, "test": column.tables["test"]})


def _refusal(column: Column, entry: Entry, kind: type[AbstractModel], images: int | None) -> str:
    """Return why a model cannot be trained here; "" if it can."""
    settings = model_settings(entry_suite(column.suite, entry), entry.model)
    reason = kind.unsupported(settings, SceneSpec(column.dataset.info.num_classes, column.resolution))
    available = column.training_images
    if not reason and images is not None and available is not None and images > available:
        return f"{images} training images asked for, the train split has {available}"
    return reason


def _plan_saved(measurements: Measurements, entry: Entry) -> None:
    column = measurements.column
    try:
        kind = model_kind(entry.model)
        saved = read_saved(entry, column)
    except ConfigError:
        raise
    except BenchError as error:
        sources = entry.layout_sources or (LayoutSource.NONE,)
        for source in sources:
            subject = Subject(entry=entry, recipe=Origin.IMPORTED.value, source=source, origin=Origin.IMPORTED)
            measurements.without_job(subject, Status.SKIPPED, str(error))
        return
    model = Trainings(column).loaded(entry, saved)
    for source in entry.layout_sources or tuple(sorted(saved.layout_sources)):
        subject = Subject(entry=entry, recipe=saved.recipe, source=source, origin=saved.origin)
        refusal = _lacking(kind, saved.layout_sources, source)
        if refusal:
            measurements.without_job(subject, Status.SKIPPED, refusal)
            continue
        measurements.model(subject, model, kind)
        measurements.gallery(subject, {"model": model, "test": column.tables["test"]})


def _lacking(kind: type[AbstractModel], able: frozenset[LayoutSource], source: LayoutSource) -> str:
    """Return why a model has no scenes of this layout source; "" if it has."""
    if source not in able:
        words = ", ".join(sorted(able))
        return f"{kind.title} has no samples with layout source {source.value!r} (it has: {words})"
    return ""
