"""What was found in a dataset, on the screen: faults, and counts beside the published ones."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from sbgan_bench.cli.options import echo_table

if TYPE_CHECKING:
    from sbgan_bench.dataset import Problem, PublishedCount


def as_rows(problems: "Sequence[Problem]") -> list[dict[str, Any]]:
    """Return problems as plain values."""
    return [{"file": problem.file, "message": problem.message, "stops": problem.stops} for problem in problems]


def count_rows(counts: "Sequence[PublishedCount]") -> list[dict[str, Any]]:
    """Return counts as plain values, with the difference."""
    return [
        {
            "what": count.what, "found": count.found, "published": count.published,
            "difference": count.found - count.published, "source": count.source,
        }
        for count in counts
    ]  # fmt: skip


def echo_counts(counts: "Sequence[PublishedCount]") -> None:
    """Print the counts that differ from what was published; one line if none does, none if nothing was."""
    rows = [{**row, "difference": f"{row['difference']:+d}"} for row in count_rows(counts) if row["difference"]]
    if rows:
        heads = {"what": "what", "found": "found", "published": "published", "difference": "difference"}
        echo_table(rows, {**heads, "source": "published by"})
        click.echo(f"{len(rows)} of {len(counts)} counts differ from the published ones.")
    elif counts:
        click.echo(f"All {len(counts)} counts are as published.")


def echo_problems(problems: "Sequence[Problem]") -> None:
    """Print faults, those that make pairs unreadable first."""
    if problems:
        ordered = sorted(problems, key=lambda problem: not problem.stops)
        echo_table(as_rows(ordered), {"file": "file", "message": "problem"})
        click.echo(f"{len(problems)} problems.")
