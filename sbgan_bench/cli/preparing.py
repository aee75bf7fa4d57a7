"""The steps of ``sbgan-bench data prepare``."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import click

from sbgan_bench.cli.findings import as_rows, count_rows, echo_counts, echo_problems
from sbgan_bench.cli.options import echo_json, echo_table
from sbgan_bench.cli.stages import shown_stages
from sbgan_bench.dataset import AbstractDataset, Problem, Resolution, resolution_text
from sbgan_bench.datasets.inspection import Inspection, inspect
from sbgan_bench.datasets.preparing import Prepared, Wanted, check_space, make_tables, plan_tables
from sbgan_bench.errors import DataError


@dataclass(frozen=True, slots=True, kw_only=True)
class Preparation:
    """One call of the command."""

    name: str  #: of the dataset
    dataset: AbstractDataset
    splits: Sequence[str]
    resolutions: Sequence[Resolution]
    cache: Path
    workers: int
    strict: bool
    as_json: bool

    def run(self, *, dry_run: bool) -> None:
        """Look, say what was found, and make what is missing.

        Raises:
            SystemExit: With code 1 if files stand in the way, or if anything differs and ``strict`` is set.
        """
        if not self.as_json:
            echo_counts(self.dataset.counts())
        click.echo(f"Reading the files of {self.name} (what they hold is remembered for the next call) …", err=True)
        found = self._look()
        if found is not None:
            self._report(found)
        wanted = plan_tables(self.dataset, self.splits, self.resolutions, self.cache)
        check_space(wanted, self.cache)
        self._show(wanted, [] if dry_run else self._make(wanted), found)

    def _look(self) -> Inspection | None:
        """Look the dataset over, unless all that is asked for is there already."""
        try:
            wanted = plan_tables(self.dataset, self.splits, self.resolutions, self.cache)
        except DataError:  # splits that are empty or cannot be told: looking says why
            wanted = []
        if wanted and all(table.ready for table in wanted) and not self.strict:
            return None
        return inspect(self.dataset, self.splits, self.resolutions[0])

    def _report(self, found: Inspection) -> None:
        """Print what was found, and end here if it stands in the way."""
        if found.stops:
            self._end(found.problems, "These pairs cannot be read: nothing was made. Mend the files and call again.")
        if self.strict and (found.problems or any(count.found != count.published for count in self.dataset.counts())):
            self._end(found.problems, "Stopped because of --strict: not all is as published. Nothing was made.")
        if self.as_json:
            return
        echo_problems(found.problems)
        if found.problems:
            click.echo("None of them stands in the way: files are left out, or used as the words say.")
        if not found.thorough:
            click.echo(
                f"Names, headers and {found.sampled} sampled pairs are sound; not every label map was decoded ahead "
                f"(sbgan-bench data check {self.name} does that)."
            )

    def _make(self, wanted: Sequence[Wanted]) -> list[Prepared]:
        try:
            with shown_stages() as stages:
                return list(
                    make_tables(
                        self.dataset,
                        wanted,
                        self.cache,
                        self.workers,
                        lambda table, done, total: stages.show(table.title, done, total),
                    )
                )
        except DataError as error:
            problems = tuple(self.dataset.problems())
            if not any(problem.stops for problem in problems):
                raise
            self._end(problems, f"Broken off: {error}")

    def _end(self, problems: Sequence[Problem], words: str) -> NoReturn:
        if self.as_json:
            self._echo_json(problems, [])
        else:
            echo_problems(problems)
        click.echo(words, err=True)
        raise SystemExit(1)

    def _show(self, wanted: Sequence[Wanted], made: Sequence[Prepared], found: Inspection | None) -> None:
        if self.as_json:
            self._echo_json(() if found is None else found.problems, made)
        elif made:
            echo_table(
                [
                    {
                        "split": table.wanted.split,
                        "size": resolution_text(table.wanted.resolution),
                        "pairs": table.wanted.pairs,
                        "MiB": f"{table.wanted.bytes / 2**20:.1f}",
                        "pairs/s": f"{table.pace:.1f}" if table.pace else "ready",
                        "folder": table.folder,
                    }
                    for table in made
                ],
                {key: key for key in ("split", "size", "pairs", "MiB", "pairs/s", "folder")},
            )
            click.echo(self._summary([table for table in made if not table.wanted.ready]))
        else:
            self._announce(wanted, found)

    def _summary(self, fresh: Sequence[Prepared]) -> str:
        if not fresh:
            return f"{self.name} was prepared already; nothing was made."
        pairs, seconds = sum(table.wanted.pairs for table in fresh), sum(table.seconds for table in fresh)
        return f"Made {pairs} pairs in {seconds:.1f} s: {pairs / seconds:.1f} pairs/s with {self.workers} threads."

    def _announce(self, wanted: Sequence[Wanted], found: Inspection | None) -> None:
        """Say what would be made."""
        for table in wanted:
            words = "is there already" if table.ready else f"would take {table.bytes / 2**20:.1f} MiB"
            click.echo(f"{table.title}: {table.pairs} pairs, {words}")
        seconds = 0.0 if found is None else found.seconds_per_pair * sum(t.pairs for t in wanted if not t.ready)
        if seconds:
            click.echo(f"About {seconds / self.workers / 60:.1f} min with {self.workers} threads. Cache: {self.cache}")

    def _echo_json(self, problems: Sequence[Problem], made: Sequence[Prepared]) -> None:
        tables = [
            {
                "split": table.wanted.split, "resolution": list(table.wanted.resolution), "pairs": table.wanted.pairs,
                "bytes": table.wanted.bytes, "seconds": round(table.seconds, 3),
                "pairs_per_second": round(table.pace, 2), "reused": table.wanted.ready,
                "folder": str(table.folder),
            }
            for table in made
        ]  # fmt: skip
        counts = count_rows(self.dataset.counts())
        echo_json({"dataset": self.name, "split": self.dataset.split_name, "counts": counts,
                   "problems": as_rows(problems), "tables": tables})  # fmt: skip
