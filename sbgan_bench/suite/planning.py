"""From a suite to a graph of jobs and the list of cells they fill; nothing is run here."""

from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import DataError
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.suite.absent import AbsentDataset
from sbgan_bench.suite.column import Column
from sbgan_bench.suite.columns import plan_column
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.measurable import check_compared, check_readable
from sbgan_bench.suite.models import entry_suite, model_settings
from sbgan_bench.suite.plan import Plan, Sources, dataset_values, skip_entries, without_duplicates
from sbgan_bench.suite.spec import Evaluation, Suite


def plan_suite(suite: Suite, sources: Sources) -> Plan:
    """Turn a suite into jobs; the cells of datasets that are not here are skipped with what they need.

    Raises:
        ConfigError: A recipe or setting that does not exist, or N larger than the held-out reals allow.
    """
    plan = Plan(suite)
    _check_settings(suite)
    for name in suite.grid.dataset_names:
        try:
            dataset = open_dataset(name, dataset_values(suite, name, sources), f"suite {suite.name}")
            dataset.splits()
        except DataError as error:
            plan.absent[name] = _needs(suite, name, sources, error)
            continue
        plan.datasets[name] = dataset
    for name, resolution in suite.grid.places:
        own = suite.at(name, resolution)
        if name in plan.absent:
            skip_entries(plan, own, own.entries, name, resolution, plan.absent[name])
        else:
            plan_column(Column(plan, own, plan.datasets[name], resolution, sources))
    plan.cells = without_duplicates(plan.cells)
    scores = {job.id: job.id for job in plan.jobs.values() if job.kind in (JobKind.SCORE, JobKind.GAN_TRAIN)}
    if scores:
        plan.add(Job(id="summary", kind=JobKind.SUMMARY, config={"suite": suite.name}, inputs=scores, tolerant=True))
    return plan


def imagine_absent(plan: Plan, sources: Sources) -> Plan:
    """Return what the suite would do with the datasets that are not here: to be described, never to be run."""
    imagined = Plan(plan.suite)
    for name, resolution in plan.suite.grid.places:
        if name in plan.absent:
            stand_in = AbsentDataset(name, plan.absent[name])
            plan_column(Column(imagined, plan.suite.at(name, resolution), stand_in, resolution, sources))
    imagined.cells = without_duplicates(imagined.cells)
    return imagined


def check_data(plan: Plan) -> None:
    """Refuse a plan for which no data is here at all.

    Raises:
        DataError: Says what every dataset needs.
    """
    if plan.absent and not plan.datasets:
        raise DataError(" ".join(plan.absent.values()))


def _needs(suite: Suite, name: str, sources: Sources, error: DataError) -> str:
    """Return what a dataset that cannot be used needs: what to fetch where no folder was given, else the fault."""
    kind: type[AbstractDataset] = load_plugin(PluginGroup.DATASETS, name)
    if "root" in dataset_values(suite, name, sources) or not kind.requires:
        return str(error)
    return f"Dataset {name!r} needs {kind.requires}: pass --data {name}=FOLDER."


def _check_settings(suite: Suite) -> None:
    """Read every table of settings, so that a fault in one is said before anything starts."""
    for name, resolution in suite.grid.places:
        evaluation = suite.at(name, resolution).evaluation
        check_readable(evaluation.protocols, evaluation.metrics, f"suite {suite.name}")
        if evaluation.compared != Evaluation().compared:  # what nobody asked for is compared where it is measured
            check_compared(evaluation.metrics, evaluation.compared, f"suite {suite.name}")
    for own in (suite, *(suite.at(*place) for place in suite.grid.places)):
        for name in own.models:
            model_settings(own, name)
        for entry in own.entries:
            for name in entry.models:
                model_settings(entry_suite(own, entry), name)
