"""Running a suite: lock the folder, execute the plan, keep rows and table of contents up to date."""

import logging
import subprocess
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sbgan_bench.comparing.correlation import CORRELATIONS, read_correlations, write_correlations
from sbgan_bench.comparing.rows import COMPARISONS, Comparison, read_comparisons, write_comparisons
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.errors import BenchError
from sbgan_bench.locking import alone_in
from sbgan_bench.manifest import RESULTS
from sbgan_bench.results import ResultRow, Status, read_rows, write_rows
from sbgan_bench.storage import read_json, write_json
from sbgan_bench.suite.contents import build_manifest
from sbgan_bench.suite.engine import Listener, RunState, walk
from sbgan_bench.suite.engines.engine import Opener
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.jobs.context import ROWS
from sbgan_bench.suite.plan import Plan, Sources, dataset_values
from sbgan_bench.suite.planning import check_data
from sbgan_bench.suite.worker import DONE, Workplace

_log = logging.getLogger(__name__)

#: Jobs that leave result rows.
MEASURED = (JobKind.SCORE, JobKind.GAN_TRAIN, JobKind.SUMMARY)
#: Seconds between two rewrites of the rows while jobs are still running, at least.
REFRESH = 10.0
#: Nor is more than one part in so many of the time spent on them, however many there are.
SHARE = 20


@dataclass(frozen=True, slots=True)
class RunSummary:
    """How an invocation ended."""

    done: int  #: jobs finished now
    reused: int  #: jobs that an earlier invocation had finished
    failed: Mapping[str, str]  #: job, or model and recipe -> reason
    skipped: int  #: cells that cannot be
    interrupted: bool
    seconds: float


def run_suite(
    plan: Plan, sources: Sources, out: Path, *, device: str, engine: Opener, listener: Listener, command: str
) -> RunSummary:
    """Run a planned suite in ``out``, going on from whatever is finished there.

    Args:
        plan: From ``plan_suite``.
        sources: Data folders and judge, as given when planning.
        out: The run folder.
        device: "cpu", "cuda" or "mps".
        engine: Makes what carries jobs out.
        listener: Told of progress.
        command: What the user typed, for the record.

    Raises:
        DataError: None of the suite's data is here.
        BenchError: The folder cannot be written, or another process is running in it.
    """
    started = time.monotonic()
    check_data(plan)
    with alone_in(out) as check:
        write_json(out / "suite.json", plan.suite.to_json())
        place = workplace(plan, sources, out, device)
        keeper = Keeper(plan, place, command, started)

        def after_each(state: RunState) -> None:
            check()
            keeper.after_each(state)

        state = walk(plan.jobs, engine(place), place.run, listener, after_each)
        check()
        keeper.write(state)
    broken = {name: outcome.reason for name, outcome in state.outcomes.items() if outcome.reason}
    unplannable = {
        "/".join(filter(None, (cell.row.model, cell.row.recipe, cell.row.variant))): cell.row.reason
        for cell in plan.cells
        if cell.row.status is Status.FAILED
    }
    failed = {**unplannable, **broken}
    return RunSummary(
        done=len(state.outcomes) - len(broken) - len(state.reused),
        reused=len(state.reused),
        failed=failed,
        skipped=sum(1 for cell in plan.cells if cell.row.status is Status.SKIPPED),
        interrupted=state.interrupted,
        seconds=time.monotonic() - started,
    )


def workplace(plan: Plan, sources: Sources, out: Path, device: str) -> Workplace:
    """Return what the jobs of a plan share when they run in ``out``."""
    values: dict[str, Mapping[str, Any]] = {name: dataset_values(plan.suite, name, sources) for name in plan.datasets}
    return Workplace(
        out, cache_root(), device, values, sources.judge, sources.weights, sources.trusted, git_revision()
    )


class Keeper:
    """Keeps ``results.jsonl`` and ``run.json`` true while jobs end."""

    def __init__(self, plan: Plan, place: Workplace, command: str, started: float) -> None:
        self._plan = plan
        self._place = place
        self._command = command
        self._started = started
        self._due = started + REFRESH

    def after_each(self, state: RunState) -> None:
        """Write now if the last time is a while ago.

        What cannot be read or written is tried again later: another machine's files may show up late.
        """
        if time.monotonic() <= self._due:
            return
        try:
            self.write(state)
        except BenchError as error:
            _log.warning("The rows are written later: %s", error)
            self._due = time.monotonic() + REFRESH

    def write(self, state: RunState) -> None:
        """Write rows and table of contents of everything that has ended."""
        began = time.monotonic()
        write_rows(self._place.run / RESULTS, collect_rows(self._plan, self._place.run, state))
        write_comparisons(self._place.run / COMPARISONS, self._comparisons(state))
        if "summary" in state.folders:
            found = read_correlations(self._place.run / state.folders["summary"] / CORRELATIONS)
            write_correlations(self._place.run / CORRELATIONS, found)
        build_manifest(self._plan, self._place, state, self._command, began - self._started).write(self._place.run)
        self._due = time.monotonic() + max(REFRESH, SHARE * (time.monotonic() - began))

    def _comparisons(self, state: RunState) -> Iterator[Comparison]:
        for name, folder in state.folders.items():
            if self._plan.jobs[name].kind is JobKind.COMPARE:
                yield from read_comparisons(self._place.run / folder / COMPARISONS)


def collect_rows(plan: Plan, run: Path, state: RunState) -> list[ResultRow]:
    """Return the rows of every cell that has ended: measured, skipped with a reason, or failed with one."""
    rows: list[ResultRow] = []
    for name, folder in state.folders.items():
        if plan.jobs[name].kind in MEASURED:
            revision = read_json(run / folder / DONE).get("git_revision", "")
            measured = read_rows(run / folder / ROWS)
            rows += [row.model_copy(update={"git_revision": revision}) for row in measured]
    for cell in plan.cells:
        outcome = state.outcomes.get(cell.job)
        if not cell.job:
            rows.append(cell.row)
        elif outcome is not None and outcome.reason:
            rows.append(cell.row.model_copy(update={"status": Status.FAILED, "reason": outcome.reason}))
    return rows


def git_revision() -> str:
    """Return the commit of the package's checkout, with "+" if it has changes; "" outside a checkout."""
    here = Path(__file__).parent
    git = ["git", "-C", str(here)]
    try:
        inside = subprocess.run([*git, "ls-files", "--error-unmatch", __file__], capture_output=True, check=False)  # noqa: S603
        if inside.returncode != 0:
            return ""
        head = subprocess.run([*git, "rev-parse", "HEAD"], capture_output=True, text=True, check=True)  # noqa: S603
        changes = subprocess.run([*git, "status", "--porcelain"], capture_output=True, text=True, check=True)  # noqa: S603
    except (OSError, subprocess.CalledProcessError):
        return ""
    return head.stdout.strip() + ("+" if changes.stdout.strip() else "")
