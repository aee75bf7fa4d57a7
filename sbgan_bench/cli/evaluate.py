"""``sbgan-bench evaluate``."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.completion import names_of
from sbgan_bench.cli.options import (
    data_folders,
    data_option,
    device_option,
    echo_json,
    format_option,
    resolution_option,
)
from sbgan_bench.cli.terms import QUIET, ImagePath, measuring_options, terms_of
from sbgan_bench.errors import ConfigError
from sbgan_bench.plugins import PluginGroup


@click.command()
@click.option("--real", type=ImagePath(), help="Real images: folder, .zip, ADM-style .npz, or .npz with mu and sigma.")
@click.option("--generated", type=ImagePath(), multiple=True, help="Generated images, likewise; repeatable.")
@click.option("--train", type=ImagePath(), help="The training images, for memorisation and for floors.")
@click.option(
    "--model", type=click.Path(path_type=Path, file_okay=False), help="A trained model: a folder with model.json."
)
@click.option(
    "--dataset",
    shell_complete=names_of(PluginGroup.DATASETS),
    help="With --model: score against the test split of this dataset.",
)
@data_option
@resolution_option(None, "With --model: refuse a model that draws another size.")
@measuring_options
@click.option(
    "--nearest",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Draw the generated images nearest to training images, beside them, into this .png file.",
)
@click.option("--gan-train", is_flag=True, help="With --model: also train segmenters on what it generates.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what would be measured; run no network.")
@click.option("--out", type=click.Path(path_type=Path, dir_okay=False), help="Write the rows to this .jsonl file too.")
@device_option
@format_option
def evaluate(
    real: Path | None,
    generated: tuple[Path, ...],
    train: Path | None,
    model: Path | None,
    dataset: str | None,
    data: tuple[str, ...],
    resolution: str | None,
    nearest: Path | None,
    gan_train: bool,
    dry_run: bool,
    out: Path | None,
    device: str,
    output: str,
    **measuring: Any,
) -> None:
    """Score generated images against real ones, with the floor beside every number.

    Either images against photographs, or a trained model against the test split of a dataset. Without --protocol it
    measures by what needs no weights, and by tf-compat (standard FID) where its weights are here or given.

    \b
    Examples:
      sbgan-bench evaluate --real photos/ --generated samples/images --num 200
      sbgan-bench evaluate --real photos/ --generated samples.npz --weights weights-inception-2015-12-05-6726825d.pth
      sbgan-bench evaluate --real photos.zip --generated samples/ --reals all --metric frechet-distance
      sbgan-bench evaluate --real photos/ --generated samples/ --train train/ --nearest nearest.png
      sbgan-bench evaluate --model runs/my-sbgan/model --dataset toy-streets --num 200
      sbgan-bench evaluate --model runs/camvid/model --dataset camvid --data path/to/CamVid --judge judge.safetensors
    """
    _check_choice({"--real": real, "--generated": generated}, {"--model": model, "--dataset": dataset},
                  {"--data": data, "--resolution": resolution, "--gan-train": gan_train},
                  {"--train": train})  # fmt: skip
    _check_nearest(nearest, generated, train)
    folders = data_folders(data, [dataset]) if dataset else {}

    from sbgan_bench.cli.scores import echo_scores, echo_what_lacks
    from sbgan_bench.cli.stages import shown_stages
    from sbgan_bench.evaluation.statistics import holds_statistics, statistics_rows
    from sbgan_bench.results import write_rows

    with shown_stages(QUIET) as stages:
        terms = terms_of(device=device, show=stages.show, **measuring)
        if real is not None and any(holds_statistics(path) for path in (real, *generated)):
            _check_alone({"--train": train, "--num": terms.num, "--dry-run": dry_run})
            rows = statistics_rows(real, generated, terms)
        else:
            opened = None if dataset is None else _opened(dataset, folders)
            contest = _contest(real, generated, train, model, opened, resolution, terms, nearest=nearest is not None)
            if dry_run:
                _echo_outline(contest, output)
                return
            worth = []
            if gan_train and model is not None and opened is not None:  # first, for it may turn out impossible
                from sbgan_bench.evaluation.training_worth import gan_train_rows_of_model

                worth = gan_train_rows_of_model(model, opened, terms)
            rows = contest.rows() + worth
            if nearest is not None:
                _draw_nearest(contest, nearest)
    summaries = [row for row in rows if row.trial is None]
    echo_scores(summaries, output)
    if output == "table" and not measuring["protocols"]:
        echo_what_lacks(summaries, train=model is not None or train is not None)
    if out is not None:
        write_rows(out, rows)


def _opened(dataset: str, folders: Mapping[str, Path]) -> Any:
    from sbgan_bench.datasets.opening import open_dataset

    return open_dataset(dataset, {"root": folders[dataset]} if folders else {}, "command line")


def _contest(
    real: Path | None,
    generated: Sequence[Path],
    train: Path | None,
    model: Path | None,
    dataset: Any,
    resolution: str | None,
    terms: Any,
    *,
    nearest: bool,
) -> Any:
    """Hold against each other what was given."""
    from sbgan_bench.evaluation import contest_of_models, contest_of_sets

    if model is not None:
        _check_resolution(model, resolution)
        return contest_of_models([model], dataset, terms, with_train=nearest)
    if real is None:  # refused by now; this tells the type checker
        raise ConfigError("Nothing to score against: pass --real.")
    return contest_of_sets(real, generated, terms, train)


def _draw_nearest(contest: Any, out: Path) -> None:
    from sbgan_bench.evaluation.nearest import write_nearest_pairs
    from sbgan_bench.metric import FEATURES

    seeing = [protocol for protocol in contest.protocols if FEATURES in protocol.blocks]
    write_nearest_pairs(contest, contest.sets[0], (seeing or contest.protocols)[-1].name, out)


def _echo_outline(contest: Any, output: str) -> None:
    from sbgan_bench.evaluation.outline import outline, outline_lines

    values = outline(contest)
    if output == "json":
        echo_json(values)
    else:
        click.echo("\n".join(outline_lines(values)))


def _check_choice(
    images: Mapping[str, Any], model: Mapping[str, Any], of_model: Mapping[str, Any], of_images: Mapping[str, Any]
) -> None:
    """Refuse anything but two sets of images, or a model and a dataset."""
    first = [name for name, value in {**images, **of_images}.items() if value]
    second = [name for name, value in {**model, **of_model}.items() if value]
    ways = "give --real and --generated for two sets of images, or --model and --dataset for a trained model"
    if first and second:
        raise ConfigError(f"{' and '.join([*first, *second])} do not go together: {ways}.")
    if not first and not second:
        raise ConfigError(f"Nothing to score: {ways}.")
    missing = [name for name, value in (images if first else model).items() if not value]
    if missing:
        raise ConfigError(f"{' and '.join(first or second)} without {' and '.join(missing)}: {ways}.")


def _check_nearest(out: Path | None, generated: Sequence[Path], train: Path | None) -> None:
    """Refuse what cannot be drawn before anything is measured."""
    if out is None:
        return
    if train is None and generated:
        raise ConfigError("--nearest shows the nearest training images: pass --train.")
    if len(generated) > 1:
        raise ConfigError(f"--nearest draws one set of images, and {len(generated)} were given; draw each by itself.")
    if out.suffix.lower() != ".png":
        raise ConfigError(f"--nearest {out}: the picture is a PNG file; give a name that ends in .png.")


def _check_alone(options: Mapping[str, Any]) -> None:
    """Refuse options that mean nothing beside statistics."""
    given = [name for name, value in options.items() if value]
    if given:
        raise ConfigError(f"{' and '.join(given)}: of a mean and covariance (mu, sigma) nothing but their distance "
                          "can be had; leave the options out, or give the images.")  # fmt: skip


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
