"""What are pseudo-labels worth? Half of a dataset's labels are hidden, predicted, and compared with the truth."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from sbgan_bench.annotation.annotating import annotate_images
from sbgan_bench.annotation.confusion import Confusion, Evaluation
from sbgan_bench.annotation.evaluation import evaluate_annotator
from sbgan_bench.annotation.halves import GAP_PAIRS, Halves, halve
from sbgan_bench.annotation.making import SegmenterPlan, make_segmenter
from sbgan_bench.annotation.pairs import LabelledPairs
from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.recipe import Recipe
from sbgan_bench.annotation.sources import UnlabelledImages
from sbgan_bench.annotation.variants import Variants
from sbgan_bench.annotation.weights import load_segmenter
from sbgan_bench.annotation.yardsticks import yardsticks
from sbgan_bench.dataset import AbstractDataset, Pair, Resolution
from sbgan_bench.datasets.reading import read_layout
from sbgan_bench.datasets.transforms import fit_to
from sbgan_bench.errors import DataError
from sbgan_bench.pictures import colour_layouts, sheet, write_png
from sbgan_bench.reporting import no_report
from sbgan_bench.storage import write_json
from sbgan_bench.training.records import read_stats
from sbgan_bench.training.run import TrainingRun

RESULT = "experiment.json"
#: What the hidden half is called in evaluations.
WITHHELD = "withheld half of train"
_SHOWN = 6  #: scenes on the picture
_SHOWN_HEIGHT = 160  #: of one of them


@dataclass(frozen=True, slots=True)
class Experiment:
    """Which labels are used, which are hidden, and how the segmenter is trained."""

    dataset: AbstractDataset
    halves: Halves
    plan: SegmenterPlan  #: trained on the labelled half, measured on the withheld one
    resolution: Resolution  #: asked of the dataset

    @classmethod
    def of(
        cls,
        dataset: AbstractDataset,
        recipe: Recipe,
        resolution: Resolution,
        seed: int = 0,
        pretrained: Path | None = None,
    ) -> "Experiment":
        """Halve the dataset's train split.

        Raises:
            DataError: The split is too small to be halved.
        """
        halves = halve(dataset.splits()["train"], seed)
        if not halves.labelled or not halves.withheld:
            raise DataError(
                f"The train split of {dataset.info.name} ({dataset.split_name}) is too small to be halved: "
                f"{len(halves.labelled)} labelled and {len(halves.withheld)} withheld pairs."
            )
        labelled = LabelledPairs.of(dataset, halves.labelled, resolution)
        withheld = LabelledPairs.of(dataset, halves.withheld, resolution)
        return cls(dataset, halves, SegmenterPlan(labelled, withheld, WITHHELD, recipe, pretrained), resolution)

    def describe(self) -> dict[str, Any]:
        """Return plain values for people to look at before anything starts."""
        return {**self.plan.describe(), "dropped_pairs": len(self.halves.dropped)}


@dataclass(frozen=True, slots=True)
class Reports:
    """Whom to tell of progress: images done so far and in all."""

    measuring: Callable[[int, int], None] = no_report  #: on the withheld half
    annotating: Callable[[int, int], None] = no_report
    testing: Callable[[int, int], None] = no_report  #: on the test split


def run_experiment(
    experiment: Experiment, run: TrainingRun, out: Path, reports: Reports | None = None
) -> Mapping[str, Any]:
    """Train on the labelled half, annotate the other, measure, and write three datasets for generative models.

    ``segmenter/`` holds the weights, ``annotated/`` the pseudo-labels with their manifest, ``half-true/``,
    ``half-pseudo/`` and ``all-true/`` the datasets, which differ in their training pairs alone; ``experiment.json``
    the figures, and ``scenes.png`` images above their true and their predicted labels. Stopped at any moment, the
    same call goes on where it was.

    Args:
        experiment: What to do.
        run: Seed, device, precision; its folder is ``out / "segmenter"``.
        out: Folder of the results.
        reports: Whom to tell.

    Returns:
        What ``experiment.json`` holds.

    Raises:
        BenchError: Whatever training, annotating and writing raise.
    """
    reports = reports or Reports()
    dataset, halves = experiment.dataset, experiment.halves
    make_segmenter(experiment.plan, run, reports.measuring)
    annotator = Annotator(load_segmenter(run.folder), run.device)

    variants = Variants(out, dataset, halves)
    variants.store(experiment.resolution)
    withheld = UnlabelledImages(variants.images, {key: variants.images / f"{key}.png" for key in halves.withheld})
    annotate_images(annotator, withheld, out / "annotated", report=reports.annotating)
    variants.write(out / "annotated" / "labels")

    test = LabelledPairs.of(dataset, dataset.splits()["test"].keys, experiment.resolution)
    result = {
        **experiment.describe(),
        "fingerprint": dataset.fingerprint(),
        "dropped_where_a_block_is_cut": GAP_PAIRS,
        "seed": run.seed,
        "training_seconds": _seconds(run.folder),
        "weights_sha256": annotator.segmenter.facts.weights_sha256,
        "pseudo_labels": _written(experiment, out / "annotated" / "labels").to_json(),
        "yardsticks": _yardsticks(experiment),
        "test": evaluate_annotator(annotator, test, "test", reports.testing).to_json(),
        "datasets": list(variants.names),
    }
    write_json(out / RESULT, result)
    _picture(experiment, out)
    return result


def _written(experiment: Experiment, labels: Path) -> Evaluation:
    """Compare the label maps as they were written with the truth."""
    withheld = experiment.plan.held_out
    confusion = Confusion.empty(withheld.num_classes)
    for index, key in enumerate(withheld.keys):
        confusion = confusion.plus(withheld.read(index).target, read_layout(labels / f"{key}.png"))
    info = experiment.dataset.info
    return confusion.evaluation(info.class_names[: withheld.num_classes], info.name, WITHHELD)


def _yardsticks(experiment: Experiment) -> dict[str, Any]:
    """Return what two constant label maps would get."""
    found = yardsticks(experiment.plan.pairs, experiment.plan.held_out)
    info = experiment.dataset.info
    names = info.class_names[: experiment.plan.held_out.num_classes]
    return {
        "most frequent class everywhere": found.majority.evaluation(names, info.name, WITHHELD).to_json(),
        "most frequent class at each place": found.by_place.evaluation(names, info.name, WITHHELD).to_json(),
    }


def _seconds(folder: Path) -> float:
    """Return the seconds spent training, as the record has them."""
    lines = [line["seconds"] for line in read_stats(folder) if "seconds" in line]
    return float(lines[-1]) if lines else 0.0


def _picture(experiment: Experiment, out: Path) -> None:
    """Draw images above their true and their predicted labels."""
    keys = experiment.halves.withheld
    chosen = np.linspace(0, len(keys) - 1, min(_SHOWN, len(keys))).round().astype(int)
    shown = [_scene(experiment, keys[index], out) for index in chosen]
    images = np.stack([true.image.transpose(2, 0, 1) for true, _ in shown])
    palette = experiment.dataset.info.palette
    rows = [
        images,
        *(colour_layouts(np.stack([pair.layout for pair in column]), palette) for column in zip(*shown, strict=True)),
    ]
    write_png(out / "scenes.png", sheet(rows))


def _scene(experiment: Experiment, key: str, out: Path) -> Sequence[Pair]:
    """Return a scene with its true and with its predicted labels, at the size it is drawn at."""
    true = experiment.dataset.read(key, experiment.resolution)
    predicted = Pair(true.image, read_layout(out / "annotated" / "labels" / f"{key}.png"))
    height, width = true.layout.shape
    size = (_SHOWN_HEIGHT, round(width * _SHOWN_HEIGHT / height))
    return fit_to(true, size), fit_to(predicted, size)
