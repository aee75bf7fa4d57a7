"""GAN-train: what generated pairs are worth to someone who wants training data (Shmelkov et al. 2018).

A small segmenter is trained on pairs of a generated image and its layout and tested on real pairs; for scenes this is
the protocol of Semantic Palette (Le Moing et al. 2021). As many real pairs, the same recipe and the same seeds give
the reference (``sbgan_bench.gan_train_rows`` writes the two side by side).

Two rules about classes. One without a pixel in the real test pairs is left out of means. One without a pixel in the
training pairs is never predicted: where the test pairs have it, all its pixels are missed, and its zero counts.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench import confusion, noise
from sbgan_bench.dataset import DatasetInfo, PairTable, Split, resolution_text
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.hashing import hash_arrays, hash_json
from sbgan_bench.judge import JudgeSettings, segmenter_confusion
from sbgan_bench.labelling import layouts_at
from sbgan_bench.protocol import images_of, layouts_of
from sbgan_bench.reporting import no_report
from sbgan_bench.samples import SampleBatch
from sbgan_bench.segmenter import Segmenter, train_segmenter

#: Name of the protocol in result rows.
PROTOCOL = "gan-train"
#: Seeds of the segmenters, unless somebody asks for others.
SEEDS = (0, 1, 2)
#: How the segmenters are trained unless somebody asks for more. On 200 real pairs of toy-streets at 32x64 three seeds
#: took 20 CPU-seconds and reached a mean IoU of 0.41, 0.43 and 0.43.
SETTINGS = JudgeSettings(images=1600)
#: Metric name in result rows -> how it is computed from counts.
MEASURES: Mapping[str, Callable[[confusion.Counts], float]] = {
    "gan-train-mean-iou": confusion.mean_iou,
    "gan-train-pixel-accuracy": confusion.pixel_accuracy,
    "gan-train-frequency-weighted-iou": confusion.frequency_weighted_iou,
}
#: Version of the segmenter's architecture and training; raise it with every change that moves a number.
_RECIPE = 1


@dataclass(frozen=True, slots=True)
class GanTrain:
    """What segmenters learnt from one set of pairs, tested on real pairs."""

    settings: JudgeSettings  #: of the segmenters; ``seed`` is replaced by each of ``seeds``
    seeds: tuple[int, ...]
    counts: tuple[NDArray[np.int64], ...]  #: (K, K) per seed: test pixels by true (row) and predicted class (column)
    pairs: int  #: trained on
    tested: int  #: real pairs
    missing: tuple[str, ...]  #: classes of the test pairs that no training pair shows; they count as missed
    caution: str = ""  #: what a reader of a number on the test split must know; "" if nothing

    def values(self, metric: str) -> tuple[float, ...]:
        """Return one of ``MEASURES`` for each seed, in [0, 1]."""
        return tuple(MEASURES[metric](counts) for counts in self.counts)


def gan_train(
    pairs: PairTable,
    test: PairTable,
    *,
    settings: JudgeSettings,
    seeds: Sequence[int] = SEEDS,
    device: torch.device,
    report: Callable[[int, int], None] = no_report,
) -> GanTrain:
    """Train a segmenter per seed on ``pairs`` and test it on ``test``; a function of its arguments alone.

    On the CPU equal arguments give equal counts for an equal number of threads.

    Args:
        pairs: What to train on, generated (``generated_pairs``) or real (``reference_pairs``).
        test: Real pairs of the same classes and size that no generator and no segmenter was trained on.
        settings: Width, images shown, batch size and learning rate; its ``seed`` is not used.
        seeds: Of weights, order and mirroring, one segmenter each.
        device: Where to train.
        report: Told the images shown so far and in all, over all seeds.

    Raises:
        DataError: A table is empty or has no labelled pixel, or sizes or classes differ.
        BenchError: The size is none that the segmenter takes, or seeds are missing or repeated.
        TrainingDivergedError: A loss became NaN or infinite.
    """
    _check(pairs, test, seeds)
    shown, known = _classes_in(pairs), _classes_in(test)
    for table, classes in ((pairs, shown), (test, known)):
        if not classes.any():
            raise DataError(f"The {table.split.name} pairs have no labelled pixel: GAN-train has nothing to go by.")
    counts = []
    for place, seed in enumerate(seeds):
        network = Segmenter(pairs.info.num_classes, settings.width)
        network.initialise(seed)
        train_segmenter(
            network,
            pairs,
            images=settings.images,
            batch_size=settings.batch_size,
            learning_rate=settings.learning_rate,
            seed=seed,
            device=device,
            report=_continued(report, place * settings.images, len(seeds) * settings.images),
        )
        _hide(network, shown)
        counts.append(segmenter_confusion(network, test, device))
    missing = tuple(test.info.class_names[index] for index in np.flatnonzero(known & ~shown))
    return GanTrain(settings, tuple(seeds), tuple(counts), len(pairs), len(test), missing, test.split.caution)


def generated_pairs(batches: Iterable[SampleBatch], info: DatasetInfo) -> PairTable:
    """Make a table of a model's scenes, held in memory.

    Args:
        batches: Scenes with images and layouts, all of one size; smaller layouts are enlarged by repeating pixels.
        info: Of the dataset whose classes the layouts have.

    Raises:
        DataError: Images or layouts are missing, sizes differ, an id is no class, or there are no scenes.
    """
    images, layouts = [], []
    for batch in batches:
        pictures = images_of(batch, PROTOCOL)
        images.append(pictures)
        layouts.append(layouts_at(layouts_of(batch, PROTOCOL), (pictures.shape[2], pictures.shape[3])))
    sizes = sorted({part.shape[1:] for part in layouts})
    if len(sizes) != 1:
        found = "none" if not sizes else " and ".join(resolution_text((size[0], size[1])) for size in sizes)
        raise DataError(f"GAN-train needs generated scenes of one size; found {found}.")
    table = {"images": np.concatenate(images), "layouts": np.concatenate(layouts)}
    split = Split("generated", tuple(f"generated/{index:06d}" for index in range(len(table["images"]))))
    made = PairTable(info, split, hash_arrays(table.items()), table["images"], table["layouts"])
    _classes_in(made)
    return made


def reference_pairs(train: PairTable, count: int, seed: int = 0) -> PairTable:
    """Draw as many real pairs as there are generated ones, without replacement.

    Raises:
        DataError: The train split has fewer.
    """
    if len(train) < count:
        raise DataError(
            f"The {train.split.name} split of {train.info.name} has {len(train)} pairs; GAN-train's reference needs "
            f"as many as were generated, {count}. Generate {len(train)} or fewer."
        )
    return train.subset(noise.generator("gan-train reference", seed).permutation(len(train))[:count])


def recipe_hash(settings: JudgeSettings) -> str:
    """Return the sha256 of everything that decides a segmenter but its pairs and its seed."""
    values = {key: value for key, value in settings.to_json().items() if key != "seed"}
    return hash_json({"segmenter": "U-Net of four scales", "recipe": _RECIPE, **values})


def _continued(report: Callable[[int, int], None], done: int, total: int) -> Callable[[int, int], None]:
    """Return a report of one training as part of all."""
    return lambda images, _: report(done + images, total)


def _check(pairs: PairTable, test: PairTable, seeds: Sequence[int]) -> None:
    if not seeds or len(set(seeds)) < len(seeds):
        raise BenchError(
            f"GAN-train trains a segmenter per seed; the seeds {list(seeds)} must be one or more, each once."
        )
    if not len(test):
        raise DataError(f"The {test.split.name} split of {test.info.name} is empty: nothing to test GAN-train on.")
    if pairs.info.class_names != test.info.class_names or pairs.info.ignore_index != test.info.ignore_index:
        raise DataError(
            f"The pairs have the classes of {pairs.info.name}, the test pairs those of {test.info.name}; GAN-train "
            "needs one set of classes."
        )
    if pairs.resolution != test.resolution:
        raise DataError(
            f"The pairs are {resolution_text(pairs.resolution)}, the test pairs {resolution_text(test.resolution)}; "
            "GAN-train needs one size."
        )


def _classes_in(table: PairTable) -> NDArray[np.bool_]:
    """Return which classes have a pixel, ``(K,)``; that of unlabelled pixels counts as having none.

    Raises:
        DataError: A layout holds an id that is no class.
    """
    info = table.info
    pixels = np.zeros(256, np.int64)
    for layout in table.layouts:
        pixels += np.bincount(layout.ravel(), minlength=256)
    if info.ignore_index is not None:
        pixels[info.ignore_index] = 0
    if pixels[info.num_classes :].any():
        raise DataError(
            f"Layouts of the {table.split.name} pairs hold class id {np.flatnonzero(pixels)[-1]}, and {info.name} has "
            f"{info.num_classes} classes. Give pairs of its classes."
        )
    there: NDArray[np.bool_] = pixels[: info.num_classes] > 0
    return there


@torch.no_grad()
def _hide(network: Segmenter, shown: NDArray[np.bool_]) -> None:
    """Keep a trained segmenter from predicting classes that it was never shown."""
    assert network.head.bias is not None
    network.head.bias[torch.from_numpy(~shown)] = -torch.inf
