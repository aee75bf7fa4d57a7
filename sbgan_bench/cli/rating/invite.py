"""``sbgan-bench rate invite``."""

from collections.abc import Sequence
from pathlib import Path

import click

from sbgan_bench.cli.options import echo_json, format_option
from sbgan_bench.cli.rating.options import store_option, study_argument
from sbgan_bench.errors import ConfigError

#: Where ``rate serve`` listens unless told otherwise.
_URL = "http://127.0.0.1:8601"


@click.command()
@study_argument
@click.option("--count", type=click.IntRange(1, 100_000), default=1, show_default=True, help="How many raters.")
@click.option("--url", default=_URL, show_default=True, metavar="BASE", help="Of the rating page, as raters reach it.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the links to this new .csv file.")
@store_option
@format_option
def invite(study: Path, count: int, url: str, out: Path | None, store: str | None, output: str) -> None:
    """Make links for raters, one for each person.

    They are shown this once: the store keeps hashes of them, from which no link can be made again. A rater comes back
    to where they were by the same link. Raters from Prolific need none.

    \b
    Examples:
      sbgan-bench rate invite studies/first --count 3
      sbgan-bench rate invite studies/first --count 20 --url http://192.0.2.7:8601 --out links.csv
    """
    _check(url, out)

    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.store.opening import open_store, store_url

    folder = StudyFolder(study)
    opened = open_store(store_url(folder, store), folder.read())
    try:
        links = [link_of(url, token) for token in opened.invite(count)]
    finally:
        opened.dispose()
    if out is not None:
        _write(out, links)
    if output == "json":
        echo_json({"links": links})
    elif out is None:
        click.echo("\n".join(links))
    else:
        click.echo(f"{count} links in {out}: one for each rater, and nowhere else.")


def link_of(url: str, token: str) -> str:
    """Return the address that a rater opens."""
    return f"{url.rstrip('/')}/?token={token}"


def _check(url: str, out: Path | None) -> None:
    """Refuse, before raters are made, what their links could not be written to."""
    if not url.startswith(("http://", "https://")):
        raise ConfigError(f"--url {url}: raters open the page with a browser; give an address like {_URL}.")
    if out is not None and out.exists():
        raise ConfigError(f"{out} is there already and may hold links that nobody can make again; give another --out.")
    if out is not None and not out.parent.is_dir():
        raise ConfigError(f"--out {out}: there is no folder {out.parent}.")


def _write(path: Path, links: Sequence[str]) -> None:
    """Write links for the owner alone to read."""
    from sbgan_bench.storage import atomic_file

    with atomic_file(path) as temporary:
        temporary.chmod(0o600)
        lines = ["number,link", *(f"{number},{link}" for number, link in enumerate(links, start=1))]
        temporary.write_text("\n".join(lines) + "\n")
