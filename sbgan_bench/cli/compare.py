"""``sbgan-bench compare``."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.options import data_folders, data_option, device_option, echo_json, echo_table, format_option
from sbgan_bench.cli.terms import QUIET, ImagePath, measuring_options, terms_of
from sbgan_bench.errors import ConfigError

_COLUMNS = {
    "protocol": "protocol", "metric": "metric", "best": "best", "other": "other", "values": "values",
    "effect": "other less best", "p": "p (Holm)", "verdict": "verdict",
}  # fmt: skip


@click.command()
@click.argument("sets", nargs=-1, required=True, type=ImagePath(), metavar="A [B ...]")
@click.option("--real", type=ImagePath(), help="Real images that the sets are compared with.")
@click.option("--train", type=ImagePath(), help="The training images, to see whether a set was copied from them.")
@click.option("--dataset", help="The sets are saved models: compare with the test split of this dataset.")
@data_option
@measuring_options
@click.option(
    "--paired", is_flag=True, help="Image i of every set shares its start: one sampling seed and pre-training."
)
@click.option(
    "--relabellings", type=click.IntRange(min=1), default=1000, show_default=True, help="Draws of each test."
)
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows to this .jsonl file too.")
@device_option
@format_option
def compare(
    sets: tuple[Path, ...],
    real: Path | None,
    train: Path | None,
    dataset: str | None,
    data: tuple[str, ...],
    paired: bool,
    relabellings: int,
    out: Path | None,
    device: str,
    output: str,
    **measuring: Any,
) -> None:
    """Say which sets of generated images can be told from the best, and which only look worse.

    Sets are folders, .zip or .npz packs of images (with --real), saved models (with --dataset), two files of rows that
    'evaluate --out' wrote, or one run folder, whose suite compared its models already. Labels are swapped to see how
    often so large a difference would come by chance; p is Holm-corrected over all pairs.

    \b
    Examples:
      sbgan-bench compare samples-a/ samples-b.zip --real photos/
      sbgan-bench compare before/ after/ --real photos/ --paired --protocol tf-compat
      sbgan-bench compare runs/a/model runs/b/model --dataset toy-streets
      sbgan-bench compare a.jsonl b.jsonl
      sbgan-bench compare runs/demo
    """
    if all(path.suffix == ".jsonl" for path in sets):
        _check_as_they_are({"--real": real, "--train": train, "--dataset": dataset, "--paired": paired, "--out": out})
        _echo_differences(sets, output)
        return
    if len(sets) == 1:
        rows, notes = _of_run(sets[0]), {}
    else:
        found = _tested(sets, real, train, dataset, data, paired, relabellings, device, measuring)
        rows, notes = found.rows, found.notes
    _echo(rows, notes, output)
    if output == "table" and real is not None and train is None:
        click.echo("Whether sets were copied from training images was not looked at: pass --train.")
    if out is not None:
        from sbgan_bench.comparing.rows import write_comparisons

        write_comparisons(out, rows)


def _of_run(folder: Path) -> list[Any]:
    from sbgan_bench.comparing.rows import COMPARISONS, read_comparisons

    if not (folder / COMPARISONS).is_file():
        raise ConfigError(
            f"{folder} is one set: give two or more with --real, or a run folder with {COMPARISONS} (from 'run')."
        )
    return read_comparisons(folder / COMPARISONS)


def _tested(
    sets: Sequence[Path],
    real: Path | None,
    train: Path | None,
    dataset: str | None,
    data: Sequence[str],
    paired: bool,
    relabellings: int,
    device: str,
    measuring: dict[str, Any],
) -> Any:
    if (real is None) == (dataset is None):
        raise ConfigError("Pass --real for sets of images, or --dataset for saved models.")
    folders = data_folders(data, [dataset]) if dataset else {}

    from sbgan_bench.cli.stages import shown_stages
    from sbgan_bench.evaluation import contest_of_models, contest_of_sets
    from sbgan_bench.evaluation.comparison import compare_sets

    with shown_stages(QUIET) as stages:
        terms = terms_of(device=device, show=stages.show, **measuring)
        if real is not None:
            contest = contest_of_sets(real, sets, terms, train)
        else:
            from sbgan_bench.datasets.opening import open_dataset

            opened = open_dataset(str(dataset), {"root": folders[str(dataset)]} if folders else {}, "command line")
            contest = contest_of_models(sets, opened, terms, with_train=True)
        return compare_sets(contest, paired=paired, relabellings=relabellings, report=stages.show)


def _echo(rows: Sequence[Any], notes: Mapping[str, Sequence[str]], output: str) -> None:
    if output == "json":
        echo_json([row.to_json() for row in rows])
        return
    from sbgan_bench.report.wording import protocol_text, score_text

    table = [
        {
            "protocol": protocol_text(row),
            "metric": score_text(row),
            "best": row.winner,
            "other": row.other,
            "values": f"{row.value_winner:.4g} | {row.value_other:.4g}",
            "effect": _interval(row.effect, row.low, row.high),
            "p": f"{row.p_holm:.2g}",
            "verdict": "told apart" if row.rejected else "not told apart",
        }
        for row in rows
    ]
    echo_table(table, _COLUMNS)
    for row in rows:
        click.echo(f"{row.protocol}: {row.words}")
    for name, told in notes.items():
        for note in told:
            click.echo(f"Note: {name}: {note}")


def _echo_differences(paths: Sequence[Path], output: str) -> None:
    from sbgan_bench.evaluation.kept_rows import differences

    if len(paths) != 2:
        raise ConfigError(f"Two files of rows are compared, and the number given is {len(paths)}.")
    found = differences(*paths)
    if output == "json":
        echo_json([asdict(one) for one in found])
        return
    table = [
        {
            "protocol": one.protocol,
            "metric": one.metric,
            "sets": f"{one.first} | {one.second}",
            "values": f"{one.value_first:.4g} | {one.value_second:.4g}",
            "effect": _interval(one.effect, one.low, one.high),
        }
        for one in found
    ]
    echo_table(table, {"protocol": "protocol", "metric": "metric", "sets": "sets", "values": "values",
                       "effect": "second less first"})  # fmt: skip
    click.echo("Rows alone allow no test of labels: give both sets of images, with --real, for p-values.")


def _check_as_they_are(options: Mapping[str, Any]) -> None:
    """Refuse options that mean nothing beside rows that were measured before."""
    given = [name for name, value in options.items() if value]
    if given:
        raise ConfigError(f"{' and '.join(given)} with files of rows: they are compared as they are; leave it out, or "
                          "give the sets of images.")  # fmt: skip


def _interval(effect: float, low: float | None, high: float | None) -> str:
    return f"{effect:+.3g}" + ("" if low is None or high is None else f" ({low:+.3g} to {high:+.3g})")
