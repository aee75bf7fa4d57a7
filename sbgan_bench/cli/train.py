"""``sbgan-bench train``."""

from pathlib import Path

import click

from sbgan_bench.cli.completion import complete_suites, names_of
from sbgan_bench.cli.options import (
    data_folders,
    data_option,
    device_option,
    echo_json,
    format_option,
    resolution_option,
)
from sbgan_bench.plugins import PluginGroup


@click.command()
@click.argument("model", shell_complete=names_of(PluginGroup.MODELS))
@click.option("--recipe", help="How to train it. Default: the model's first recipe.")
@click.option(
    "--suite",
    default="demo",
    show_default=True,
    shell_complete=complete_suites,
    help="Take sizes, schedules and dataset from this suite.",
)
@click.option(
    "--dataset",
    shell_complete=names_of(PluginGroup.DATASETS),
    help="Train on this dataset instead of the suite's.",
)
@data_option
@resolution_option(None, "Train at this size instead of the suite's.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Training seed.")
@click.option("--jobs", type=click.IntRange(min=1), help="Stages trained at a time. Default: as for run.")
@device_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Default: runs/MODEL-RECIPE.")
@click.option("--dry-run", is_flag=True, help="Print the jobs, their sizes and an estimate; run nothing.")
@format_option
def train(
    model: str,
    recipe: str | None,
    suite: str,
    dataset: str | None,
    data: tuple[str, ...],
    resolution: str | None,
    seed: int,
    jobs: int | None,
    device: str,
    out: Path | None,
    dry_run: bool,
    output: str,
) -> None:
    """Train one model, and before it the stages that its recipe starts from.

    Interrupt it whenever you like: the same command goes on from the last checkpoint.

    \b
    Examples:
      sbgan-bench train sbgan --recipe both --out runs/my-sbgan
      torchrun --standalone --nproc-per-node 8 -m sbgan_bench train sbgan --out runs/my-sbgan
    """
    from sbgan_bench.suite.spec import read_suite

    grid = {"datasets": [dataset] if dataset else None, "resolutions": [resolution] if resolution else None}
    given = {"grid": {key: value for key, value in grid.items() if value}, "entries": [{"model": model}]}
    folders = data_folders(data, read_suite(suite, given).grid.dataset_names)

    from sbgan_bench.cli.run import default_workers, echo_dry_run, execute_training  # heavy; names are right by now
    from sbgan_bench.suite.engines.engine import choose_engine
    from sbgan_bench.suite.plan import Sources
    from sbgan_bench.suite.single import plan_training, training_suite

    spec = training_suite(suite, model, recipe=recipe, dataset=dataset, resolution=resolution, seed=seed)
    sources = Sources(folders)
    plan = plan_training(spec, sources)
    workers = jobs or default_workers(spec.execution.threads, device)
    if dry_run:
        echo_dry_run(plan, sources, workers, output)
        return
    engine = choose_engine("local", {"jobs": workers, "threads": spec.execution.threads})
    folder = out or Path("runs") / f"{model}-{spec.entries[0].recipes[0]}"
    folder = execute_training(plan, sources, folder, device=device, engine=engine, workers=workers)
    if output == "json":
        echo_json({"model": str(folder)})
        return
    click.echo(f"Trained model: {folder}\nDraw with it: sbgan-bench sample {folder} --out samples")
