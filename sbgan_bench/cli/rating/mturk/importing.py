"""``sbgan-bench rate mturk import``."""

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option
from sbgan_bench.cli.rating.mturk.arguments import results_argument, study_argument
from sbgan_bench.errors import ConfigError


@click.command("import")
@study_argument
@results_argument
@click.option("--store", metavar="URL", help="Of the ratings. Default: $SBGAN_BENCH_RATINGS, else beside the study.")
@click.option(
    "--column",
    "columns",
    multiple=True,
    metavar="IMAGE=ANSWER",
    help="For a template of your own: the Input column of an image and the answer that scores it; repeatable.",
)
@click.option(
    "--review",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file to upload back. Default: beside RESULTS, .review.csv; replaced if it exists.",
)
@click.option("--reject-gold", is_flag=True, help="Reject who fails more gold images than the study's rule allows.")
@format_option
def importing(
    study: Path,
    results: Path,
    store: str | None,
    columns: tuple[str, ...],
    review: Path | None,
    reject_gold: bool,
    output: str,
) -> None:
    """Record the answers of a result CSV, and write the CSV to upload back that approves or rejects.

    Each assignment is recorded as a whole or not at all; importing a file again changes nothing. Of worker ids the
    store gets keyed hashes. Assignments with missing answers are rejected, the others approved, whatever the analysis
    thinks of the worker; those that cannot be read are left to you.

    \b
    Examples:
      sbgan-bench rate mturk import studies/first Batch_123_batch_results.csv
      sbgan-bench rate mturk import studies/first results.csv --column image_url=quality --reject-gold
    """
    from sbgan_bench.rating.crowd.assignments import read_assignments
    from sbgan_bench.rating.crowd.columns import item_columns
    from sbgan_bench.rating.crowd.result_file import read_results
    from sbgan_bench.rating.crowd.verdicts import judge, write_verdicts
    from sbgan_bench.rating.folder import StudyFolder

    folder, out = StudyFolder(study), review or results.with_suffix(".review.csv")
    if out.resolve() == results.resolve():
        raise ConfigError(f"--review {out} is the result file itself; give another name.")
    frozen, key = folder.read(), folder.read_key() if reject_gold else None
    table = read_results(results)
    _check_sandbox(table, store)
    assignments = read_assignments(table, item_columns(table, columns), frozen)
    verdicts = judge(assignments, key, reject_gold=reject_gold)
    records = _recorded(folder, store, assignments)
    write_verdicts(out, table, verdicts)
    _echo(records, verdicts, out, output)


def _check_sandbox(table: Any, store: str | None) -> None:
    """Keep what was tried out in the sandbox apart from ratings, which nobody could take back."""
    from sbgan_bench.rating.crowd.result_file import came_from_sandbox

    if store is None and came_from_sandbox(table):
        raise ConfigError(
            f"{table.path} comes from the sandbox, and its answers are no ratings: try them in a store of their own, "
            "--store sqlite:///trial.db."
        )


def _recorded(folder: Any, store: str | None, assignments: Sequence[Any]) -> list[Any]:
    """Put assignments into the store."""
    from sbgan_bench.rating.crowd.assignments import record_assignments
    from sbgan_bench.rating.crowd.identity import read_platform_key
    from sbgan_bench.rating.store.opening import create_store, store_url

    key = read_platform_key(folder)
    opened = create_store(store_url(folder, store), folder.read())
    try:
        return list(record_assignments(opened, key, assignments))
    finally:
        opened.dispose()


def _echo(records: Sequence[Any], verdicts: Mapping[int, Any], out: Path, output: str) -> None:
    """Print what became of every assignment, and how many of each."""
    rows = [
        {
            "row": record.row, "fate": record.fate.value, "recorded": record.recorded, "here_before": record.already,
            "surplus": record.surplus, "reason": record.reason, "payment": _payment(verdicts.get(record.row)),
        }
        for record in records
    ]  # fmt: skip
    sums = {name: sum(row[name] for row in rows) for name in ("recorded", "here_before", "surplus")}
    if output == "json":
        echo_json({"assignments": rows, "ratings": sums, "review": str(out)})
        return
    echo_table(rows, {"row": "row", "fate": "what became of it", "recorded": "ratings", "here_before": "here before",
                      "surplus": "surplus", "payment": "payment", "reason": "reason"})  # fmt: skip
    fates = ", ".join(f"{count} {fate}" for fate, count in Counter(row["fate"] for row in rows).items())
    click.echo(f"{len(rows)} assignments ({fates or 'none'}): {sums['recorded']} new ratings.")
    click.echo(f"Approvals and rejections to upload: {out} (it names workers: delete it when you are done).")


def _payment(verdict: Any) -> str:
    if verdict is None:
        return "-"
    return "approve" if verdict.approve else "reject"
