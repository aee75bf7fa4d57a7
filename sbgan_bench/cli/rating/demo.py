"""``sbgan-bench rate demo``."""

import os
import sys
import webbrowser
from importlib import resources
from pathlib import Path

import click

from sbgan_bench.cli.rating.invite import link_of
from sbgan_bench.cli.rating.serve import until_stopped

#: Where the trial's study goes unless told otherwise.
_OUT = Path("studies") / "demo"


@click.command()
@click.option(
    "--out", type=click.Path(path_type=Path), default=_OUT, show_default=True, help="Folder of the trial's study."
)
@click.option("--port", default=0, show_default=True, type=click.IntRange(0, 65535), help="0 for any that is free.")
@click.option("--browser/--no-browser", default=True, show_default=True, help="Open the page in a browser.")
def demo(out: Path, port: int, browser: bool) -> None:
    """Start a study on shipped samples, here and now, and rate them yourself.

    Small pictures of streets: real ones of the dataset toy-streets, and what models drew that 'sbgan-bench run demo'
    trained. The page is served to this machine alone until Ctrl-C; the same command goes on with the same study, and a
    new rater.

    \b
    Examples:
      sbgan-bench rate demo
      sbgan-bench rate demo --no-browser --port 8601
      sbgan-bench rate report studies/demo
    """
    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.freezing import freeze
    from sbgan_bench.rating.page.serving import serve_study

    known = os.access(StudyFolder(out).frozen, os.F_OK)
    click.echo(f"Going on with {out} ..." if known else "Freezing the shipped samples ...", err=True)
    url = f"sqlite:///{(out / 'ratings.db').resolve()}"
    folder = freeze(demo_spec(), out, store=url)

    def ready(page: str) -> None:
        _invite(folder.path, url, page, browser=browser)

    until_stopped(lambda: serve_study(out.resolve(), url, "127.0.0.1", port, 1, ready))


def demo_spec() -> Path:
    """Return the shipped ``study.toml``."""
    return Path(str(resources.files("sbgan_bench"))) / "assets" / "rating_demo" / "study.toml"


def _invite(study: Path, url: str, page: str, *, browser: bool) -> None:
    """Make a link for whoever sits here."""
    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.store.opening import open_store

    store = open_store(url, StudyFolder(study).read())
    (token,) = store.invite(1)
    store.dispose()
    link = link_of(page, token)
    click.echo(f"Rate here: {link}\nCtrl-C ends it; then: sbgan-bench rate report {study}")
    if browser and _has_screen():
        webbrowser.open(link)


def _has_screen() -> bool:
    """Whether a browser would have a window; without one some systems start a text browser in the terminal."""
    return sys.platform in ("darwin", "win32") or bool({"DISPLAY", "WAYLAND_DISPLAY"} & set(os.environ))
