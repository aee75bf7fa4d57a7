"""``sbgan-bench rate``: human rating sessions."""

import click

from sbgan_bench.cli import LazyGroup

#: Command -> (module, attribute, one line of help).
_COMMANDS = {
    "demo": ("sbgan_bench.cli.rating.demo", "demo", "Start a study on shipped samples, here and now."),
    "create": ("sbgan_bench.cli.rating.create", "create", "Freeze a study: choose its images, hide whose they are."),
    "invite": ("sbgan_bench.cli.rating.invite", "invite", "Make links for raters."),
    "serve": ("sbgan_bench.cli.rating.serve", "serve", "Serve the rating page, and nothing else."),
    "status": ("sbgan_bench.cli.rating.status", "status", "Say how far a study is; close or reopen it."),
    "report": ("sbgan_bench.cli.rating.report", "report", "Table 3 with intervals, tests, agreement, exclusions."),
    "mturk": ("sbgan_bench.cli.rating.mturk", "mturk", "Take a study to Mechanical Turk and bring the answers back."),
    "simulate": (
        "sbgan_bench.cli.rating.simulate",
        "simulate",
        "Fill a study with made-up ratings, to try things out.",
    ),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def rate() -> None:
    """Human rating sessions: single images scored 1 to 4, blind.

    \b
    Try it, in one line:
      sbgan-bench rate demo
    A study of your own, from its description to its table:
      sbgan-bench rate create study.toml --out studies/first
      sbgan-bench rate invite studies/first --count 20 --url http://192.0.2.7:8601
      sbgan-bench rate serve studies/first --address 0.0.0.0
      sbgan-bench rate report studies/first
    """
