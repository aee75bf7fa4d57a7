"""``sbgan-bench rate mturk``: a study on Mechanical Turk, by hand or through its interface."""

import click

from sbgan_bench.cli import LazyGroup

#: Command -> (module, attribute, one line of help).
_COMMANDS = {
    "export": ("sbgan_bench.cli.rating.mturk.export", "export", "Write a batch: input CSV, template, images."),
    "import": ("sbgan_bench.cli.rating.mturk.importing", "importing", "Record the answers of a result CSV."),
    "publish": ("sbgan_bench.cli.rating.mturk.publish", "publish", "Create a batch's HITs; in the sandbox, or live."),
    "fetch": ("sbgan_bench.cli.rating.mturk.fetch", "fetch", "Write a result CSV of the answers so far."),
    "review": ("sbgan_bench.cli.rating.mturk.review", "review", "Approve and reject as a result CSV says."),
}


@click.group(cls=LazyGroup, table=_COMMANDS)
def mturk() -> None:
    """Take a study to Mechanical Turk and bring the answers back.

    \b
    By hand, on requester.mturk.com (UPLOAD.txt in the batch says how):
      sbgan-bench rate mturk export studies/first --out batch --url-base https://lab.example.org/first
      sbgan-bench rate mturk import studies/first Batch_123_batch_results.csv
    Through its interface (pip install 'sbgan-bench[mturk]'), in the sandbox until you say --live:
      sbgan-bench rate mturk publish studies/first batch --reward 0.90
      sbgan-bench rate mturk fetch studies/first batch --out results.csv
      sbgan-bench rate mturk import studies/first results.csv
      sbgan-bench rate mturk review results.review.csv
    """
