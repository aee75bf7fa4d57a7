"""``sbgan-bench rate mturk fetch``."""

from pathlib import Path

import click

from sbgan_bench.cli.rating.mturk.arguments import batch_argument, live_option, study_argument


@click.command()
@study_argument
@batch_argument
@click.option(
    "--out",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="The result CSV; replaced if it exists.",
)
@live_option
def fetch(study: Path, batch: Path, out: Path, live: bool) -> None:
    """Write the answers that a batch has so far to a result CSV, for `import`.

    It looks like the file that the web site gives, with keyed hashes in the place of worker ids.

    \b
    Example:
      sbgan-bench rate mturk fetch studies/first batch --out results.csv --live
    """
    from sbgan_bench.rating.crowd.batch import BatchFolder
    from sbgan_bench.rating.crowd.fetching import fetch_results
    from sbgan_bench.rating.crowd.identity import read_platform_key
    from sbgan_bench.rating.crowd.marketplace import Marketplace, connect
    from sbgan_bench.rating.folder import StudyFolder

    folder = StudyFolder(study)
    frozen, key = folder.read(), read_platform_key(folder)
    marketplace = Marketplace.LIVE if live else Marketplace.SANDBOX
    count = fetch_results(connect(marketplace), BatchFolder(batch), frozen, marketplace, key, out)
    click.echo(f"{count} assignments in {out}; record them: sbgan-bench rate mturk import {study} {out}")
