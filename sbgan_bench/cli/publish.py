"""``sbgan-bench publish``."""

from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.options import echo_json, format_option


@click.command()
@click.argument("run_folder", metavar="RUN", type=click.Path(path_type=Path, file_okay=False))
@click.option("--name", default="", help="Name of the published folder. Default: the suite's.")
@click.option(
    "--to",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of published runs. Default: reports/ of the checkout.",
)
@click.option("--replace", is_flag=True, help="Put it in the place of another publication of that name.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be published; write nothing.")
@format_option
def publish(run_folder: Path, name: str, to: Path | None, replace: bool, dry_run: bool, output: str) -> None:
    """Check a finished run and add what may be shown of it to the published results.

    It must be complete and measured, with all that it takes to repeat it, and without a path, user or host name in it;
    every reason against it is given at once. Weights stay behind, and so do images and label maps of datasets that may
    not be passed on. publication.json says what was left out.

    \b
    Examples:
      sbgan-bench publish runs/demo --dry-run
      sbgan-bench publish runs/camvid --name camvid-64x128
      sbgan-bench publish runs/demo --to site/results --replace --format json
    """
    from sbgan_bench.publishing import publish as publishing

    done = publishing.publish(run_folder, to or default_folder(), name=name, replace=replace, dry_run=dry_run)
    if output == "json":
        echo_json(_as_json(done, dry_run=dry_run))
    else:
        click.echo("\n".join(_as_lines(done, dry_run=dry_run)))


def default_folder() -> Path:
    """Return ``reports/`` of the checkout.

    Raises:
        BenchError: The package is installed, so that there is none to publish in.
    """
    from sbgan_bench.errors import BenchError
    from sbgan_bench.shelves import checkout_folder

    folder = checkout_folder()
    if folder is None:
        raise BenchError("This is no checkout with a folder reports/; say with --to where to publish.")
    return folder


def _as_json(done: Any, *, dry_run: bool) -> dict[str, Any]:
    return {
        "folder": str(done.folder),
        "written": done.changed and not dry_run,
        "changed": done.changed,
        "bytes": done.size,
        "bytes_of_all": done.total,
        "publication": done.publication.to_json(),
    }


def _as_lines(done: Any, *, dry_run: bool) -> list[str]:
    verb = "Would publish" if dry_run else "Published"
    what = f"{len(done.publication.files)} files, {done.size / 1e6:.1f} MB, in {done.folder}"
    first = f"{verb} {what}." if done.changed else f"Published already, unchanged: {what}."
    return [
        first,
        *(f"  left out: {one.what} ({one.why})" for one in done.publication.dropped),
        *(f"  licence: {one.words}" for one in done.publication.licences),
        *(f"  note: {note}" for note in done.publication.notes),
        f"Everything published: {done.total / 1e6:.1f} MB.",
    ]
