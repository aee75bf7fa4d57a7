"""``sbgan-bench rate status``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option
from sbgan_bench.cli.rating.options import store_option, study_argument
from sbgan_bench.errors import ConfigError

if TYPE_CHECKING:
    from sbgan_bench.rating.store.store import RatingStore


@click.command()
@study_argument
@click.option("--close", is_flag=True, help="Take no more ratings. Raters are told so; nothing is lost.")
@click.option("--reopen", is_flag=True, help="Take ratings again.")
@store_option
@format_option
def status(study: Path, close: bool, reopen: bool, store: str | None, output: str) -> None:
    """Say how far a study is; close or reopen it.

    There are no scores and no results here: who looks at them while a study runs may be tempted to stop when they
    please. They come with 'rate report'.

    \b
    Examples:
      sbgan-bench rate status studies/first
      sbgan-bench rate status studies/first --close
    """
    if close and reopen:
        raise ConfigError("--close and --reopen: choose one.")

    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.store.opening import open_store, store_url

    folder = StudyFolder(study)
    opened = open_store(store_url(folder, store), folder.read())
    try:
        if close:
            opened.close_study()
        elif reopen:
            opened.reopen_study()
        values = _values(opened)
    finally:
        opened.dispose()
    if output == "json":
        echo_json(values)
    else:
        _echo(values)


def _values(store: "RatingStore") -> dict[str, Any]:
    """Return how far the study is, as plain values."""
    from collections import Counter
    from dataclasses import asdict

    days = Counter(rating.received.date().isoformat() for rating in store.ratings())
    study = store.study
    return {
        "title": study.title,
        "hash": study.hash,
        **asdict(store.overview()),
        "images": sum(1 for image in study.images if image.role == "main"),
        "days": dict(sorted(days.items())),
    }


def _echo(values: dict[str, Any]) -> None:
    from sbgan_bench.report.wording import counted

    state = "open" if values["open"] else "closed: no rating is taken"
    made_up = "; its raters are made up" if values["simulated"] else ""
    share = values["ratings"] / values["wanted"] if values["wanted"] else 1.0
    click.echo(f"{values['title']} (hash {values['hash'][:12]}), {state}{made_up}")
    click.echo(
        f"{values['ratings']} of {values['wanted']} ratings ({share:.0%}); {values['complete_images']} of "
        f"{values['images']} images have all of theirs; {values['live']} are out with raters now"
    )
    click.echo(
        f"{counted(values['invited'], 'link')} handed out; {counted(values['raters'], 'rater')} "
        f"{'has' if values['raters'] == 1 else 'have'} begun, "
        f"{values['finished']} {'is' if values['finished'] == 1 else 'are'} done"
    )
    for key, heading in (("days", "day (UTC)"), ("events", "event")):
        if values[key]:
            click.echo()
            rows = [{"name": name, "count": count} for name, count in values[key].items()]
            echo_table(rows, {"name": heading, "count": "answers" if key == "days" else "times"})
