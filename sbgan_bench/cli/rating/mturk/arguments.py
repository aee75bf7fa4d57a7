"""What several commands of the group take."""

from pathlib import Path

import click

study_argument = click.argument("study", type=click.Path(path_type=Path, file_okay=False, exists=True))

batch_argument = click.argument("batch", type=click.Path(path_type=Path, file_okay=False, exists=True))

results_argument = click.argument("results", type=click.Path(path_type=Path, dir_okay=False, exists=True))

live_option = click.option("--live", is_flag=True, help="On the marketplace where people are paid, not the sandbox.")
