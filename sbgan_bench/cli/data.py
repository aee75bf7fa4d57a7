"""``sbgan-bench data``."""

from pathlib import Path

import click

from sbgan_bench.cli.findings import as_rows, count_rows, echo_counts, echo_problems
from sbgan_bench.cli.options import data_folders, data_option, echo_json, format_option, resolution_option

SPLITS = ("train", "selection", "test")


@click.group()
def data() -> None:
    """Look at a dataset, check it, or prepare it."""


@data.command()
@click.argument("dataset")
@data_option
@click.option("--split", type=click.Choice(SPLITS), default="train", show_default=True)
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
    from sbgan_bench.pictures import write_png

    size = _size(resolution)
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

    Counts that differ from the published ones are listed as well; they are no problems.

    \b
    Example:
      sbgan-bench data check camvid --data path/to/CamVid
    """
    from sbgan_bench.datasets.opening import open_dataset

    opened = open_dataset(dataset, _values(data, dataset), "command line")
    problems, counts = opened.problems(), opened.counts()
    sizes = {} if problems else {name: len(split.keys) for name, split in opened.splits().items()}
    if output == "json":
        echo_json(
            {"dataset": dataset, "split": opened.split_name, "pairs": sizes, "problems": as_rows(problems),
             "counts": count_rows(counts)}
        )  # fmt: skip
    else:
        echo_counts(counts)
        echo_problems(problems)
        if not problems:
            pairs = ", ".join(f"{count} {name}" for name, count in sizes.items())
            click.echo(f"{dataset}: no problems. Split {opened.split_name}: {pairs}.")
    if problems:
        raise SystemExit(1)


@data.command()
@click.argument("dataset")
@data_option
@click.option(
    "--resolution", "resolutions", multiple=True, default=["128x256"], show_default=True, metavar="HEIGHTxWIDTH",
    help="Size of the pairs; may be given several times.",
)  # fmt: skip
@click.option("--split", type=click.Choice(["all", *SPLITS]), default="all", show_default=True)
@click.option(
    "--cache", type=click.Path(file_okay=False, path_type=Path),
    help="Folder for the tables. Default: SBGAN_BENCH_CACHE, or the user's cache folder.",
)  # fmt: skip
@click.option("--workers", type=click.IntRange(min=1), help="Threads that decode files. Default: one per core.")
@click.option("--strict", is_flag=True, help="Stop with exit code 1 if counts or files are not as published.")
@click.option("--dry-run", is_flag=True, help="Check, and say what would be made; make nothing.")
@format_option
def prepare(
    dataset: str,
    data: tuple[str, ...],
    resolutions: tuple[str, ...],
    split: str,
    cache: Path | None,
    workers: int | None,
    strict: bool,
    dry_run: bool,
    output: str,
) -> None:
    """Decode, crop and resize a dataset once, ahead of any training; counts are compared with the published ones.

    Faults are listed before anything is made, and those that would break it off end it with exit code 1. Suites and
    commands that need the same pairs find them; a second call does nothing.

    \b
    Examples:
      sbgan-bench data prepare camvid --data path/to/CamVid --resolution 128x256
      sbgan-bench data prepare ade-indoor --data path/to/ADEChallengeData2016 --resolution 128x128 --resolution 256x256
      sbgan-bench data prepare ade-indoor --data path/to/ADE_indoor --strict --dry-run
    """
    from sbgan_bench.cli.preparing import Preparation
    from sbgan_bench.datasets.locations import cache_root
    from sbgan_bench.datasets.opening import open_dataset
    from sbgan_bench.datasets.parallel import usable_workers

    sizes = [_size(text) for text in dict.fromkeys(resolutions)]
    opened = open_dataset(dataset, _values(data, dataset), "command line")
    Preparation(
        name=dataset,
        dataset=opened,
        splits=SPLITS if split == "all" else (split,),
        resolutions=sizes,
        cache=cache or cache_root(),
        workers=workers or usable_workers(),
        strict=strict,
        as_json=output == "json",
    ).run(dry_run=dry_run)


def _size(text: str) -> tuple[int, int]:
    from sbgan_bench.errors import ConfigError
    from sbgan_bench.suite.spec import parse_resolution

    try:
        return parse_resolution(text)
    except ValueError as error:
        message = f"--resolution: {error}."
        raise ConfigError(message) from error


def _values(data: tuple[str, ...], dataset: str) -> dict[str, object]:
    folders = data_folders(data, [dataset])
    return {"root": folders[dataset]} if folders else {}
