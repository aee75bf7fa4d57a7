"""``sbgan-bench data``."""

from pathlib import Path

import click

from sbgan_bench.cli.options import data_folders, data_option, echo_json, echo_table, format_option, resolution_option


@click.group()
def data() -> None:
    """Look at a dataset, or check it."""


@data.command()
@click.argument("dataset")
@data_option
@click.option("--split", type=click.Choice(["train", "selection", "test"]), default="train", show_default=True)
@resolution_option("64x128", "Size of the pairs.")
@click.option("--count", type=click.IntRange(1, 200), default=12, show_default=True, help="Number of pairs.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), required=True, help="PNG file to write.")
def show(dataset: str, data: tuple[str, ...], split: str, resolution: str, count: int, out: Path) -> None:
    """Draw images beside their coloured layouts on one sheet.

    \b
    Example:
      sbgan-bench data show toy-streets --out sheet.png
    """
    import numpy as np

    from sbgan_bench.datasets.contact_sheet import contact_sheet
    from sbgan_bench.datasets.opening import open_dataset
    from sbgan_bench.datasets.table import read_table
    from sbgan_bench.errors import ConfigError
    from sbgan_bench.pictures import write_png
    from sbgan_bench.suite.spec import parse_resolution

    try:
        size = parse_resolution(resolution)
    except ValueError as error:
        message = f"--resolution: {error}."
        raise ConfigError(message) from error
    opened = open_dataset(dataset, _values(data, dataset), "command line")
    keys = opened.splits()[split].keys
    chosen = np.linspace(0, len(keys) - 1, min(count, len(keys))).round().astype(int)
    table = read_table(opened, split, [keys[index] for index in chosen], size)
    write_png(out, contact_sheet(table, len(table)))
    click.echo(f"{len(table)} of {len(keys)} {split} pairs of {dataset} at {resolution}: {out}")


@data.command()
@click.argument("dataset")
@data_option
@format_option
def check(dataset: str, data: tuple[str, ...], output: str) -> None:
    """Validate every file: missing pairs, label ids, sizes, damage. Every problem is listed; exit code 1 if any.

    \b
    Example:
      sbgan-bench data check camvid --data path/to/CamVid
    """
    from sbgan_bench.datasets.opening import open_dataset

    opened = open_dataset(dataset, _values(data, dataset), "command line")
    problems = [{"file": problem.file, "message": problem.message} for problem in opened.problems()]
    sizes = {} if problems else {name: len(split.keys) for name, split in opened.splits().items()}
    if output == "json":
        echo_json({"dataset": dataset, "split": opened.split_name, "pairs": sizes, "problems": problems})
    elif problems:
        echo_table(problems, {"file": "file", "message": "problem"})
        click.echo(f"{len(problems)} problems.")
    else:
        counts = ", ".join(f"{count} {name}" for name, count in sizes.items())
        click.echo(f"{dataset}: no problems. Split {opened.split_name}: {counts}.")
    if problems:
        raise SystemExit(1)


def _values(data: tuple[str, ...], dataset: str) -> dict[str, object]:
    folders = data_folders(data, [dataset])
    return {"root": folders[dataset]} if folders else {}
