"""Options that several commands of ``rate`` share."""

from pathlib import Path

import click

study_argument = click.argument(
    "study", metavar="STUDY", type=click.Path(path_type=Path, file_okay=False, exists=True)
)

store_option = click.option(
    "--store", metavar="URL", help="Of the ratings. Default: $SBGAN_BENCH_RATINGS, else a SQLite file in the study."
)
