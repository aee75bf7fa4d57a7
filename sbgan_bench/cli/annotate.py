"""``sbgan-bench annotate``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

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

if TYPE_CHECKING:
    from sbgan_bench.cli.stages import Stages
    from sbgan_bench.training.run import TrainingRun

_out_option = click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder.")
_dry_run_option = click.option("--dry-run", is_flag=True, help="Print what would be done; do nothing.")
_size_option = resolution_option("1024x2048", "Size asked of a drawn dataset; photographs come at their own.")
_seed_option = click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Training seed.")
_threads_option = click.option("--threads", type=click.IntRange(min=1), help="Of the processor. Default: all cores.")
_recipe_option = click.option(
    "--recipe", default="drn_d_22", show_default=True, help="drn_d_22, _38, _54, _105, quick, or a TOML file."
)
_pretrained_option = click.option(
    "--pretrained",
    type=click.Path(path_type=Path, dir_okay=False),
    help="DRN weights from ImageNet (.pth). Default: random weights.",
)
_segmenter_argument = click.argument("segmenter", type=click.Path(path_type=Path, file_okay=False))


@click.group()
def annotate() -> None:
    """Label images that nobody labelled: train a DRN segmenter, measure it, run it over a folder."""


@annotate.command()
@click.argument("dataset")
@data_option
@_recipe_option
@_pretrained_option
@_size_option
@_seed_option
@_threads_option
@device_option
@_out_option
@_dry_run_option
@format_option
def train(
    dataset: str,
    data: tuple[str, ...],
    recipe: str,
    pretrained: Path | None,
    resolution: str,
    seed: int,
    threads: int | None,
    device: str,
    out: Path,
    dry_run: bool,
    output: str,
) -> None:
    """Train a segmenter on the train split of a dataset, and measure it on the selection split.

    Interrupt it whenever you like: the same command goes on from the last checkpoint.

    \b
    Examples:
      sbgan-bench annotate train camvid --data path/to/CamVid --recipe quick --out runs/segmenter
      sbgan-bench annotate train folder --data mine --recipe drn_d_105 --pretrained drn_d_105.pth --out runs/drn
    """
    from sbgan_bench.annotation.making import SegmenterPlan, make_segmenter
    from sbgan_bench.annotation.pairs import LabelledPairs
    from sbgan_bench.annotation.recipe import read_recipe
    from sbgan_bench.cli.stages import shown_stages

    opened, size = _open(dataset, data), _size(resolution)
    splits = opened.splits()
    pairs, held_out = (LabelledPairs.of(opened, splits[name].keys, size) for name in ("train", "selection"))
    plan = SegmenterPlan(pairs, held_out, "selection", read_recipe(recipe), pretrained)
    if dry_run:
        _echo_plan(plan.describe(), output)
        return
    with shown_stages() as stages:
        run = _run(out, seed, device, threads, stages)
        facts = make_segmenter(plan, run, lambda done, total: stages.show("measuring", done, total))
    assert facts.evaluation is not None
    if output == "json":
        echo_json({"segmenter": str(out), "weights_sha256": facts.weights_sha256, **facts.evaluation.to_json()})
        return
    _echo_evaluation(facts.evaluation)
    click.echo(f"Segmenter: {out}\nLabel images with it: sbgan-bench annotate run {out} --images FOLDER --out LABELS")


@annotate.command()
@_segmenter_argument
@click.argument("dataset")
@data_option
@click.option("--split", type=click.Choice(["train", "selection", "test"]), default="test", show_default=True)
@click.option("--multi-scale", is_flag=True, help="Add up predictions at six scales: slower, better.")
@_size_option
@_threads_option
@device_option
@format_option
def evaluate(
    segmenter: Path,
    dataset: str,
    data: tuple[str, ...],
    split: str,
    multi_scale: bool,
    resolution: str,
    threads: int | None,
    device: str,
    output: str,
) -> None:
    """Measure a segmenter on a split: intersection over union and accuracy, per class and in the mean.

    \b
    Example:
      sbgan-bench annotate evaluate runs/segmenter camvid --data path/to/CamVid --split test
    """
    from sbgan_bench.annotation.evaluation import evaluate_annotator
    from sbgan_bench.annotation.pairs import LabelledPairs
    from sbgan_bench.cli.stages import shown_stages

    annotator = _annotator(segmenter, multi_scale, device, threads)
    opened = _open(dataset, data)
    pairs = LabelledPairs.of(opened, opened.splits()[split].keys, _size(resolution))
    with shown_stages() as stages:
        found = evaluate_annotator(annotator, pairs, split, lambda done, total: stages.show("measuring", done, total))
    if output == "json":
        echo_json(found.to_json())
    else:
        _echo_evaluation(found)


@annotate.command()
@_segmenter_argument
@click.option(
    "--images", type=click.Path(path_type=Path), required=True, help="Folder of images, subfolders included."
)
@click.option(
    "--images-as",
    type=click.Choice(["link", "copy", "none"]),
    default="link",
    show_default=True,
    help="How the images get beside their label maps; none writes label maps alone.",
)
@click.option("--multi-scale", is_flag=True, help="Add up predictions at six scales: slower, better.")
@_threads_option
@device_option
@_out_option
@_dry_run_option
@format_option
def run(
    segmenter: Path,
    images: Path,
    images_as: str,
    multi_scale: bool,
    threads: int | None,
    device: str,
    out: Path,
    dry_run: bool,
    output: str,
) -> None:
    """Label a folder of images of any size: labels/, manifest.json, and a dataset.toml that makes it a dataset.

    Interrupt it whenever you like: the same command goes on with the images that have no label map yet.

    \b
    Example:
      sbgan-bench annotate run runs/segmenter --images photos/ --out labelled
    """
    from sbgan_bench.annotation.annotating import ImagesAs, annotate_images
    from sbgan_bench.annotation.sources import UnlabelledImages
    from sbgan_bench.cli.stages import shown_stages

    annotator = _annotator(segmenter, multi_scale, device, threads)
    facts, found = annotator.segmenter.facts, UnlabelledImages.open(images)
    if dry_run:
        described = {"images": len(found), "segmenter": facts.source, "weights_sha256": facts.weights_sha256}
        _echo_plan({**described, "classes": list(facts.class_names), "scales": list(annotator.scales)}, output)
        return
    with shown_stages() as stages:
        done = annotate_images(
            annotator, found, out, ImagesAs(images_as), lambda part, total: stages.show("labelling", part, total)
        )
    if output == "json":
        echo_json({"out": str(out), "written": done.written, "kept": done.kept, "faults": dict(done.faults)})
    else:
        for name, reason in done.faults.items():
            click.echo(f"left out: {name}: {reason}")
        click.echo(f"{done.written} label maps written, {done.kept} kept, {len(done.faults)} images left out: {out}")
        if images_as != "none":
            click.echo(f"A dataset now: sbgan-bench data check folder --data {out}")
    if done.faults:
        raise SystemExit(1)


@annotate.command()
@click.argument("dataset")
@data_option
@_recipe_option
@_pretrained_option
@_size_option
@_seed_option
@_threads_option
@device_option
@_out_option
@_dry_run_option
@format_option
def experiment(
    dataset: str,
    data: tuple[str, ...],
    recipe: str,
    pretrained: Path | None,
    resolution: str,
    seed: int,
    threads: int | None,
    device: str,
    out: Path,
    dry_run: bool,
    output: str,
) -> None:
    """Hide half of a dataset's training labels, predict them, compare, and write datasets to train models on.

    \b
    Example:
      sbgan-bench annotate experiment camvid --data path/to/CamVid --recipe quick --out runs/half-labels
    """
    from sbgan_bench.annotation.confusion import Evaluation
    from sbgan_bench.annotation.experiment import Experiment, Reports, run_experiment
    from sbgan_bench.annotation.recipe import read_recipe
    from sbgan_bench.cli.stages import shown_stages

    planned = Experiment.of(_open(dataset, data), read_recipe(recipe), _size(resolution), seed, pretrained)
    if dry_run:
        _echo_plan(planned.describe(), output)
        return
    with shown_stages() as stages:
        reports = Reports(
            lambda done, total: stages.show("measuring", done, total),
            lambda done, total: stages.show("labelling", done, total),
            lambda done, total: stages.show("testing", done, total),
        )
        result = run_experiment(planned, _run(out / "segmenter", seed, device, threads, stages), out, reports)
    if output == "json":
        echo_json(dict(result))
        return
    _echo_evaluation(Evaluation.parse(result["pseudo_labels"], "result"))
    for name, found in result["yardsticks"].items():
        click.echo(f"Without a network, {name}: mean IoU {found['mean_iou']}, pixels right {found['pixel_accuracy']}")
    for name in result["datasets"]:
        click.echo(f"sbgan-bench run camvid-quick --dataset folder --data {out / name} --out {out}-{name}")


def _open(dataset: str, data: tuple[str, ...]) -> Any:
    from sbgan_bench.datasets.opening import open_dataset

    folders = data_folders(data, [dataset])
    return open_dataset(dataset, {"root": folders[dataset]} if folders else {}, "command line")


def _size(resolution: str) -> tuple[int, int]:
    from sbgan_bench.errors import ConfigError
    from sbgan_bench.suite.spec import parse_resolution

    try:
        return parse_resolution(resolution)
    except ValueError as error:
        message = f"--resolution: {error}."
        raise ConfigError(message) from error


def _device(device: str, threads: int | None) -> Any:
    """Choose the device, and how many threads the processor gives to a network."""
    import torch

    from sbgan_bench.devices import choose_device

    torch.set_flush_denormal(True)
    if threads is not None:
        torch.set_num_threads(threads)
    return torch.device(choose_device(device))


def _annotator(segmenter: Path, multi_scale: bool, device: str, threads: int | None) -> Any:
    from sbgan_bench.annotation.prediction import MULTI_SCALE, Annotator
    from sbgan_bench.annotation.weights import load_segmenter

    return Annotator(load_segmenter(segmenter), _device(device, threads), MULTI_SCALE if multi_scale else (1.0,))


def _run(folder: Path, seed: int, device: str, threads: int | None, stages: "Stages") -> "TrainingRun":
    from sbgan_bench.training.run import Progress, TrainingRun

    def report(progress: Progress) -> None:
        loss = progress.losses.get("cross_entropy", float("nan"))
        stages.show("training", progress.images, progress.total, f"{progress.phase}, loss {loss:.3f}")

    return TrainingRun(folder=folder, seed=seed, device=_device(device, threads), report=report)


def _echo_plan(values: dict[str, Any], output: str) -> None:
    if output == "json":
        echo_json(values)
        return
    for key, value in values.items():
        click.echo(f"{key.replace('_', ' ')}: {value}")


def _echo_evaluation(found: Any) -> None:
    rows = [
        {"class": score.name, "pixels": score.pixels, "iou": _share(score.iou), "accuracy": _share(score.accuracy)}
        for score in found.classes
    ]
    means = {"iou": _share(found.mean_iou), "accuracy": _share(found.mean_accuracy)}
    rows.append({"class": "mean of those present", "pixels": found.pixels, **means})
    echo_table(rows, {"class": "class", "pixels": "pixels", "iou": "IoU", "accuracy": "accuracy"})
    click.echo(f"{found.dataset}, {found.split}: {found.images} images, pixels right {_share(found.pixel_accuracy)}")


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.4f}"
