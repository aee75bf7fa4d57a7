"""What the scheduler costs per job, and whether it loses any: a suite of thousands of jobs on a simulated cluster.

The graph is a real suite's: every training seed pre-trains two stages and fine-tunes them in three ways; every model
is sampled, scored and compared. Attempts fail, workers are lost with or without having finished, some of them work on
while the scheduler starts their job again, and the scheduler is killed and started again while jobs run. Jobs leave
small real files and hold real locks, so that looking for finished ones and keeping the rows are part of what is
measured. Assumed are how long jobs take, how workers get lost, and that the claim of a dead one lapses in time.
"""

import contextlib
import json
import random
import tempfile
import time
from pathlib import Path

import click
from simulated_cluster import SimulatedCluster, SimulatedExecutor

from sbgan_bench.suite.engine import RunState, walk
from sbgan_bench.suite.graph import Job
from sbgan_bench.suite.jobs.context import Tick
from sbgan_bench.suite.plan import Plan, Sources
from sbgan_bench.suite.planning import plan_suite
from sbgan_bench.suite.run import Keeper
from sbgan_bench.suite.spec import Suite
from sbgan_bench.suite.worker import Outcome, Workplace

#: Jobs that one training seed adds to the suite below.
PER_SEED = 25


def simulated_suite(jobs: int) -> Plan:
    """Plan a suite of about so many jobs."""
    seeds = list(range(max(1, round(jobs / PER_SEED))))
    suite = {
        "name": "simulated",
        "title": "A suite on paper",
        "grid": {"datasets": ["toy-streets"], "resolutions": ["32x64"], "training_seeds": seeds},
        "datasets": {"toy-streets": {"train": 8, "selection": 4, "test": 8}},
        "evaluation": {"num_samples": 4, "trials": 2, "protocols": ["texture"]},
        "models": {"image-stage": {"upsampling": "small"}},
        "entries": [{"model": "sbgan", "recipes": ["none", "layout", "image", "both"]}, {"model": "constant"}],
        "estimate": {"train": 3600, "features": 60, "score": 5},
    }
    return plan_suite(Suite.parse(suite, "the simulated suite"), Sources())


class Killed(Exception):  # noqa: N818  # not an error: the end of one scheduler
    """The scheduler dies at this point."""


class _Silent:
    def started(self, job: Job) -> None:
        """Say nothing."""

    def ticked(self, job: Job, tick: Tick) -> None:
        """Say nothing."""

    def ended(self, job: Job, outcome: Outcome, *, reused: bool) -> None:
        """Say nothing."""


def schedule(plan: Plan, cluster: SimulatedCluster, most: int | None) -> RunState:
    """Walk the graph with one scheduler, which is killed after ``most`` jobs have ended; None: it is spared."""
    place = Workplace(cluster.run, cluster.run / "cache", "cpu", {}, None)
    keeper = Keeper(plan, place, "", time.monotonic())
    ended = 0

    def after_each(state: RunState) -> None:
        nonlocal ended
        keeper.after_each(state)
        ended += 1
        if ended == most:
            raise Killed

    state = walk(plan.jobs, SimulatedExecutor(cluster), cluster.run, _Silent(), after_each)
    keeper.write(state)
    return state


@click.command()
@click.option("--jobs", default=10_000, show_default=True, help="About so many.")
@click.option("--slots", default=64, show_default=True, help="Jobs that the simulated cluster runs at a time.")
@click.option("--failing", default=0.0005, show_default=True, help="Share of attempts that fail.")
@click.option("--losing", default=0.02, show_default=True, help="Share of attempts whose worker is lost.")
@click.option("--claims/--no-claims", default=True, show_default=True, help="Whether attempts respect claims.")
@click.option("--seed", default=0, show_default=True, help="Of all chances.")
def main(jobs: int, slots: int, failing: float, losing: float, claims: bool, seed: int) -> None:
    """Run, kill, run again until everything is done, and print what it cost as JSON."""
    plan = simulated_suite(jobs)
    chance = random.Random(seed)  # noqa: S311
    with tempfile.TemporaryDirectory() as folder:
        cluster = SimulatedCluster(Path(folder), slots, failing, losing, chance, claims)
        killed_after = chance.randrange(len(plan.jobs) // 4, 3 * len(plan.jobs) // 4)
        started = time.perf_counter()
        with contextlib.suppress(Killed):
            schedule(plan, cluster, killed_after)
        first = time.perf_counter() - started
        started = time.perf_counter()
        starts, broken = 1, True
        while broken:
            state = schedule(plan, cluster, None)
            starts, broken = starts + 1, any(outcome.reason for outcome in state.outcomes.values())
        rest = time.perf_counter() - started
        cluster.run_out()
    report = {
        "jobs": len(plan.jobs),
        "killed_after": killed_after,
        "starts": starts,
        "attempts": cluster.attempts.total(),
        "failed_attempts": cluster.failed,
        "lost_workers": cluster.lost,
        "jobs_finished_unheard": cluster.unheard,
        "jobs_without_outcome": len(plan.jobs) - len(state.outcomes),
        "jobs_finished_more_than_once": sum(1 for count in cluster.done.values() if count > 1),
        "jobs_finished": len(cluster.done),
        "seconds_until_killed": round(first, 2),
        "seconds_after": round(rest, 2),
        "ms_per_job": round((first + rest) / len(plan.jobs) * 1e3, 2),
        "ms_per_job_until_killed": round(first / killed_after * 1e3, 2),
    }
    print(json.dumps(report, indent=2))


if __name__ == "__main__":
    main()
