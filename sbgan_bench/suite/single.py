"""Training one model with the machinery of suites: a plan that holds only its training and what comes before."""

from collections.abc import Mapping

from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.models import first_recipe
from sbgan_bench.suite.plan import Plan, Sources
from sbgan_bench.suite.planning import check_data, plan_suite
from sbgan_bench.suite.spec import Entry, Suite, read_suite


def training_suite(
    reference: str, model: str, *, recipe: str | None, dataset: str | None, resolution: str | None, seed: int
) -> Suite:
    """Return the suite ``reference`` narrowed to one model, recipe, dataset, size and seed.

    Args:
        reference: A bundled suite or a TOML file; its settings are used.
        model: Registered name.
        recipe: None for the model's first.
        dataset: None for the suite's, which must then be a single one.
        resolution: None for the suite's, which must then be a single one.
        seed: Training seed.
    """
    grid = {"datasets": [dataset] if dataset else None, "resolutions": [resolution] if resolution else None}
    suite = read_suite(reference, {"grid": {key: value for key, value in grid.items() if value}})
    if len(suite.grid.places) > 1:
        there = ", ".join("/".join(place) for place in suite.grid.places)
        raise ConfigError(
            f"suite {suite.name} has several datasets or sizes ({there}): choose with --dataset and --resolution."
        )
    return Suite.parse(
        suite.to_json()
        | {
            "title": f"Training {model}",
            "grid": {"columns": ["/".join(suite.grid.places[0])], "training_seeds": (seed,)},
            "evaluation": {"num_samples": 1, "protocols": ["texture"], "metrics": ["frechet-distance"]},
            "entries": [Entry(model=model, recipes=(recipe or first_recipe(model),)).to_json()],
        },
        f"suite {suite.name}",
    )


def plan_training(suite: Suite, sources: Sources) -> Plan:
    """Plan only the training of a suite's single entry.

    Raises:
        DataError: The data is not here.
        BenchError: The model cannot be trained on this data; the message says why.
    """
    plan = plan_suite(suite, sources)
    check_data(plan)
    skipped = [cell.row.reason for cell in plan.cells if not cell.job]
    targets = [job.id for job in plan.jobs.values() if job.kind is JobKind.TRAIN and _is_goal(job, suite)]
    if not targets:
        reason = skipped[0] if skipped else "nothing to train"
        raise BenchError(f"{suite.entries[0].model} cannot be trained here: {reason}")
    plan.jobs = _with_ancestors(plan.jobs, targets)
    plan.cells = []
    return plan


def trained_job(plan: Plan) -> str:
    """Return the id of the job whose model was asked for."""
    return next(job.id for job in plan.jobs.values() if job.kind is JobKind.TRAIN and _is_goal(job, plan.suite))


def _is_goal(job: Job, suite: Suite) -> bool:
    entry = suite.entries[0]
    return bool(job.config["model"] == entry.model and job.config["recipe"] == entry.recipes[0])


def _with_ancestors(jobs: Mapping[str, Job], targets: list[str]) -> dict[str, Job]:
    wanted: set[str] = set()
    queue = list(targets)
    while queue:
        name = queue.pop()
        if name not in wanted:
            wanted.add(name)
            queue += jobs[name].inputs.values()
    return {name: job for name, job in jobs.items() if name in wanted}
