"""Plans of small suites, without running any of it."""

from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.plan import Plan, Sources
from sbgan_bench.suite.planning import plan_suite
from sbgan_bench.suite.spec import Suite

TINY = {"train": 8, "selection": 4, "test": 8}
#: What looks at all models of a suite, and so changes with any of them.
WHOLE = (JobKind.SUMMARY, JobKind.COMPARE)


def plan(sources: Sources | None = None, **changes: object) -> Plan:
    """Plan a suite of one column; ``changes`` replace its tables."""
    values = {
        "name": "t",
        "title": "t",
        "grid": {"datasets": ["toy-streets"], "resolutions": ["32x64"]},
        "datasets": {"toy-streets": TINY},
        "evaluation": {"num_samples": 4, "trials": 2, "protocols": ["texture"]},
        "models": {"image-stage": {"upsampling": "small"}},
        "entries": [{"model": "constant"}],
    }
    return plan_suite(Suite.parse({**values, **changes}, "test"), sources or Sources())


def kinds(made: Plan) -> list[JobKind]:
    """Return the kinds of the jobs, in the order in which they were planned."""
    return [job.kind for job in made.jobs.values()]


def jobs(made: Plan, kind: JobKind) -> list[Job]:
    """Return the jobs of one kind."""
    return [job for job in made.jobs.values() if job.kind is kind]
