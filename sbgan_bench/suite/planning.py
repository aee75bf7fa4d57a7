"""From a suite to a graph of jobs and the list of cells they fill; nothing is run here."""

from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import DataError
from sbgan_bench.suite.columns import Column
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.models import entry_suite, model_settings
from sbgan_bench.suite.plan import Plan, Sources, dataset_values, skip_column
from sbgan_bench.suite.spec import Suite


def plan_suite(suite: Suite, sources: Sources) -> Plan:
    """Turn a suite into jobs.

    Raises:
        ConfigError: A recipe or setting that does not exist, or N larger than the held-out reals allow.
        DataError: The only dataset cannot be used; one of several is skipped with that reason.
    """
    plan = Plan(suite)
    for name in suite.models:
        model_settings(suite, name)
    for entry in suite.entries:
        own = entry_suite(suite, entry)
        for name in entry.models:
            model_settings(own, name)
    for name in suite.grid.datasets:
        try:
            dataset = open_dataset(name, dataset_values(suite, name, sources), f"suite {suite.name}")
            dataset.splits()
        except DataError as error:
            if len(suite.grid.datasets) == 1:
                raise
            for resolution in suite.grid.resolutions:
                skip_column(plan, name, resolution, str(error))
            continue
        plan.datasets[name] = dataset
        for text in suite.grid.resolutions:
            Column(plan, dataset, text, sources).plan()
    scores = {job.id: job.id for job in plan.jobs.values() if job.kind is JobKind.SCORE}
    if scores:
        plan.add(Job(id="summary", kind=JobKind.SUMMARY, config={"suite": suite.name}, inputs=scores, tolerant=True))
    return plan
