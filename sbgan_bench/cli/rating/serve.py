"""``sbgan-bench rate serve``."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import click

from sbgan_bench.cli.rating.options import store_option, study_argument


@click.command()
@study_argument
@click.option("--address", default="127.0.0.1", show_default=True, help="To listen at; 0.0.0.0 for the whole network.")
@click.option("--port", default=8601, show_default=True, type=click.IntRange(0, 65535), help="0 for any that is free.")
@store_option
@click.option(
    "--processes", default=1, show_default=True, type=click.IntRange(1, 64), help="Workers; more with PostgreSQL."
)
def serve(study: Path, address: str, port: int, store: str | None, processes: int) -> None:
    """Serve the rating page of a study, and nothing else, until Ctrl-C.

    There are no results in this process, and it reads nothing below STUDY/owner: raters' machines may be given a copy
    of the study without that folder.

    \b
    Examples:
      sbgan-bench rate serve studies/first
      sbgan-bench rate serve studies/first --address 0.0.0.0 --port 8601
      sbgan-bench rate serve studies/first --store postgresql+psycopg://lab@db/ratings --processes 4
    """
    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.page.serving import serve_study
    from sbgan_bench.rating.store.opening import store_url

    url = store_url(StudyFolder(study), store)
    if processes > 1 and url.startswith("sqlite"):
        click.echo("Note: SQLite has one writer at a time; several processes serve faster with PostgreSQL.", err=True)
    until_stopped(lambda: serve_study(study.resolve(), url, address, port, processes, _echo_address))


def until_stopped(serving: Callable[[], None]) -> None:
    """Serve until Ctrl-C, which is no failure."""
    with contextlib.suppress(KeyboardInterrupt):
        serving()
    click.echo("Stopped. Raters can go on when it is served again.")


def _echo_address(page: str) -> None:
    click.echo(f"The rating page is at {page} (Ctrl-C stops it; raters can go on where they were).")
