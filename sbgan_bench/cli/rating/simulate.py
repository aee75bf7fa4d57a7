"""``sbgan-bench rate simulate``."""

from pathlib import Path

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option
from sbgan_bench.cli.rating.options import store_option, study_argument


@click.command()
@study_argument
@click.option("--raters", type=click.IntRange(1, 100_000), default=20, show_default=True, help="How many.")
@click.option("--careless", type=click.IntRange(0), default=0, show_default=True, help="How many of them do not look.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of qualities and scores.")
@store_option
@format_option
def simulate(study: Path, raters: int, careless: int, seed: int, store: str | None, output: str) -> None:
    """Fill a study with made-up ratings, to try things out.

    Made-up raters go through it as people would, practice, gold images and repeats included, and what each cell would
    truly score is printed, to hold a report against. The study is marked for good: no person can rate in it and
    nothing of it can be published. Simulate with a copy of the folder, or with a --store of its own.

    \b
    Examples:
      sbgan-bench rate simulate studies/trial --raters 20 --seed 0
      sbgan-bench rate simulate studies/trial --raters 20 --careless 2 --store sqlite:///trial.db
    """
    from dataclasses import asdict
    from functools import partial

    from sbgan_bench.cli.stages import shown_stages
    from sbgan_bench.cli.terms import QUIET
    from sbgan_bench.rating import simulation
    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.store.opening import store_url

    folder = StudyFolder(study)
    with shown_stages(QUIET) as stages:
        done = simulation.simulate(
            store_url(folder, store), folder.read(), folder.read_key(), raters=raters, careless=careless, seed=seed,
            report=partial(stages.show, "made-up ratings"),
        )  # fmt: skip
    if output == "json":
        echo_json({**asdict(done), "simulated": True})
        return
    click.echo(f"{done.scores} made-up scores by {done.raters} made-up raters. This study cannot be published.")
    rows = [{**asdict(cell), "true_mean": f"{cell.true_mean:.3f}"} for cell in done.cells]
    echo_table(rows, {"dataset": "dataset", "model": "model", "true_mean": "true mean"})
