"""``sbgan-bench evaluate``."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.options import (
    data_folders,
    data_option,
    device_option,
    echo_json,
    echo_table,
    format_option,
    resolution_option,
)
from sbgan_bench.errors import ConfigError


@click.command()
@click.option("--real", type=click.Path(path_type=Path, file_okay=False), help="Folder of real images.")
@click.option("--generated", type=click.Path(path_type=Path, file_okay=False), help="Folder of generated images.")
@click.option(
    "--model", type=click.Path(path_type=Path, file_okay=False), help="A trained model: a folder with model.json."
)
@click.option("--dataset", help="With --model: score against the test split of this dataset.")
@data_option
@resolution_option(None, "With --model: refuse a model that draws another size.")
@click.option(
    "--protocol",
    "protocols",
    multiple=True,
    help="Protocol; repeatable. Default: texture, and scene where there is a judge.",
)
@click.option(
    "--judge",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Judge file, for protocol scene. Default with --model: the one that ships for the dataset and size, if any.",
)
@click.option("--num", type=click.IntRange(min=2), help="N real against N generated. Default: all that allow a floor.")
@click.option("--trials", type=click.IntRange(min=1), default=5, show_default=True, help="Repetitions, at most.")
@click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which reals are drawn.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows to this .jsonl file too.")
@device_option
@format_option
def evaluate(
    real: Path | None,
    generated: Path | None,
    model: Path | None,
    dataset: str | None,
    data: tuple[str, ...],
    resolution: str | None,
    protocols: tuple[str, ...],
    judge: Path | None,
    num: int | None,
    trials: int,
    seed: int,
    out: Path | None,
    device: str,
    output: str,
) -> None:
    """Score generated images against real ones, with the floor beside the number.

    Either a folder of images against a folder of photographs, or a trained model against the test split of a dataset.

    \b
    Examples:
      sbgan-bench evaluate --real photos/ --generated samples/images --num 200
      sbgan-bench evaluate --model runs/my-sbgan/model --dataset toy-streets --num 200
      sbgan-bench evaluate --model runs/camvid/model --dataset camvid --data path/to/CamVid --judge judge.safetensors
    """
    _check_choice({"--real": real, "--generated": generated}, {"--model": model, "--dataset": dataset},
                  {"--data": data, "--resolution": resolution})  # fmt: skip
    folders = data_folders(data, [dataset]) if dataset else {}

    from sbgan_bench.evaluation import Terms, evaluate_folders, evaluate_model
    from sbgan_bench.results import write_rows
    from sbgan_bench.scoring import singular_note
    from sbgan_bench.suite.run import choose_device

    terms = Terms(protocols=protocols, judge=judge, num=num, trials=trials, seed=seed, device=choose_device(device))
    if model is not None and dataset is not None:
        from sbgan_bench.datasets.opening import open_dataset

        opened = open_dataset(dataset, {"root": folders[dataset]} if folders else {}, "command line")
        _check_resolution(model, resolution)
        rows = evaluate_model(model, opened, terms)
    elif real is not None and generated is not None:
        rows = evaluate_folders(real, generated, terms)
    if out is not None:
        write_rows(out, rows)
    summaries = [row for row in rows if row.trial is None]
    if output == "json":
        echo_json([row.to_json() for row in summaries])
        return
    table = [
        {
            "images": _words(row.model, row.layout_source),
            "protocol": f"{row.protocol} ({row.weights_hash[:8]})",
            "metric": row.metric,
            "value": f"{row.value:.4g}",
            "spread": "–" if row.spread is None else f"± {row.spread:.2g}",
            "trials": f"{row.trials} × N = {row.num_generated}",
        }
        for row in summaries
    ]
    echo_table(table, {key: key for key in table[0]})
    for note in dict.fromkeys(note for row in summaries for note in (singular_note(row), *row.notes) if note):
        click.echo(f"Note: {note}")


def _check_choice(folders: Mapping[str, Any], model: Mapping[str, Any], of_model: Mapping[str, Any]) -> None:
    """Refuse anything but two folders, or a model and a dataset."""
    given = [name for name, value in {**folders, **model, **of_model}.items() if value]
    ways = "give --real and --generated for two folders, or --model and --dataset for a trained model"
    if all(folders.values()) and not set(given) - set(folders):
        return
    if all(model.values()) and not set(given) & set(folders):
        return
    if set(given) & set(folders) and set(given) - set(folders):
        raise ConfigError(f"{' and '.join(given)} do not go together: {ways}.")
    if not given:
        raise ConfigError(f"Nothing to score: {ways}.")
    missing = [name for name, value in (folders if given[0] in folders else model).items() if not value]
    raise ConfigError(f"{' and '.join(given)} without {' and '.join(missing)}: {ways}.")


def _check_resolution(model: Path, resolution: str | None) -> None:
    """Refuse a model that draws another size than the one asked for."""
    from sbgan_bench.dataset import resolution_text
    from sbgan_bench.storage import read_json

    drawn = resolution_text(tuple(read_json(model / "model.json")["resolution"]))
    if resolution is not None and resolution != drawn:
        raise ConfigError(
            f"--resolution {resolution}: the model in {model} draws {drawn}, and images are scored at the size they "
            "are drawn at. Leave the option out, or choose another model."
        )


def _words(model: str, layout_source: str) -> str:
    if model == "real":
        return "floor: reals against other reals"
    return model if layout_source == "none" else f"{model}, {layout_source} layouts"
