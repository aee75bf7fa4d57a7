"""Labellers: segmenters as instruments, which say what class every pixel of an image shows.

Two kinds can be plugged in, told apart by what the path holds: the file of a judge (``sbgan_bench.judge``), or the
folder of a segmenter that ``sbgan-bench annotate train`` or ``sbgan-bench import`` left. Each looks at one image at a
time, so that what else is measured cannot move a single pixel.
"""

import abc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.weights import SavedSegmenter, load_segmenter
from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.hashing import hash_json
from sbgan_bench.judge import Judge, read_judge
from sbgan_bench.numerics import exactly
from sbgan_bench.protocol import LayoutClasses
from sbgan_bench.segmenter import images_to_input


@dataclass(frozen=True, slots=True, kw_only=True)
class LabellerFacts:
    """What a reader must know of a labeller."""

    name: str  #: in words: "judge of toy-streets, width 16"
    sha256: str  #: of its weights and of all else that decides what it sees
    class_names: tuple[str, ...]  #: of the ids that it may give, from 0 on
    sight: str  #: at which size it looks, and how its scores come back to the size of the image

    @property
    def num_classes(self) -> int:
        """Number of ids that it may give."""
        return len(self.class_names)


class AbstractLabeller(abc.ABC):
    """Says what class every pixel of an image shows. Deterministic; no image changes the labels of another."""

    @property
    @abc.abstractmethod
    def facts(self) -> LabellerFacts:
        """Name, hash, classes and sight."""

    @abc.abstractmethod
    def labels(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the class ids ``(N, H, W)`` uint8 of images ``(N, 3, H, W)`` uint8 RGB of any size."""


class JudgeLabeller(AbstractLabeller):
    """A judge, which looks at the size it was trained at."""

    def __init__(self, judge: Judge, device: torch.device) -> None:
        self._judge = judge
        self._device = device
        self._network = judge.network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]

    @property
    def facts(self) -> LabellerFacts:
        """Name, hash, classes and sight."""
        facts = self._judge.facts
        return LabellerFacts(
            name=f"judge of {facts.dataset}, width {facts.settings.width}",
            sha256=self._judge.weights_hash,
            class_names=facts.class_names,
            sight=(
                f"resized to {resolution_text(facts.resolution)} (bilinear, antialiased) where it differs, [-1, 1]; "
                "logits back to the image's size (bilinear), then the largest"
            ),
        )

    def labels(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the class ids ``(N, H, W)``."""
        return _one_by_one(images, self._label)

    def _label(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        own, size = self._judge.facts.resolution, image.shape[1:]
        seen = images_to_input(torch.from_numpy(image.copy())[None].to(self._device))
        with exactly():
            if size != own:
                seen = F.interpolate(seen, own, mode="bilinear", antialias=True)
            logits = self._network(seen)
            if size != own:
                logits = F.interpolate(logits, size, mode="bilinear", align_corners=False)
            labels: NDArray[np.uint8] = logits.argmax(dim=1)[0].to(torch.uint8).cpu().numpy()
        return labels


class DRNLabeller(AbstractLabeller):
    """A dilated residual network as ``sbgan-bench annotate`` trains and uses it."""

    def __init__(self, segmenter: SavedSegmenter, device: torch.device) -> None:
        self._segmenter = segmenter
        self._annotator = Annotator(segmenter, device)

    @property
    def facts(self) -> LabellerFacts:
        """Name, hash, classes and sight."""
        facts = self._segmenter.facts
        size = "its own size" if facts.input_scale == 1 else f"{facts.input_scale:g} of its size (bilinear)"
        deciding = {"weights": facts.weights_sha256, "arch": facts.arch.value, "input_scale": facts.input_scale}
        return LabellerFacts(
            name=f"{facts.arch.value} {facts.source}",
            sha256=hash_json(deciding | {"class_names": list(facts.class_names)}),
            class_names=facts.class_names,
            sight=(
                f"seen at {size}, mirrored at its edges to multiples of 8, ImageNet mean and deviation; "
                "log-probabilities back to the image's size (bilinear), then the largest"
            ),
        )

    def labels(self, images: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the class ids ``(N, H, W)``."""
        return _one_by_one(images, lambda image: self._annotator.label(image.transpose(1, 2, 0)))


def open_labeller(path: Path, device: torch.device) -> AbstractLabeller:
    """Open the labeller that a path holds: a folder with ``drn.json``, or the file of a judge.

    Raises:
        ConfigError: It holds neither.
        CorruptFileError: It is damaged.
    """
    if path.is_dir():
        return DRNLabeller(load_segmenter(path), device)
    return JudgeLabeller(read_judge(path), device)


def check_classes(facts: LabellerFacts, classes: LayoutClasses) -> None:
    """Refuse a labeller whose ids do not mean what those of the layouts mean.

    It may lack the class of unlabelled pixels where that is the last.

    Raises:
        ConfigError: The number of classes differs, or a name (the first is named).
    """
    labelled = classes.names[:-1] if classes.ignore_index == classes.count - 1 else classes.names
    if facts.class_names in (classes.names, labelled):
        return
    remedy = (
        "use a segmenter trained on these classes, or say what the ids of the layouts mean: class_names in a "
        "dataset.toml beside the real ones."
    )
    if facts.num_classes not in (classes.count, len(labelled)):
        raise ConfigError(
            f"The segmenter ({facts.name}) knows {facts.num_classes} classes, the layouts have {len(labelled)}; "
            f"{remedy}"
        )
    pairs = enumerate(zip(facts.class_names, classes.names, strict=False))
    index, (known, wanted) = next(pair for pair in pairs if pair[1][0] != pair[1][1])
    raise ConfigError(
        f"Class {index} of the segmenter ({facts.name}) is {known!r}, that of the layouts is {wanted!r}; {remedy}"
    )


def layouts_at(layouts: NDArray[np.uint8], resolution: Resolution) -> NDArray[np.uint8]:
    """Enlarge layouts to the size of their images by repeating pixels, as the image stage sees them.

    Args:
        layouts: ``(N, h, w)`` class ids.
        resolution: (H, W) of the images: h and w times one whole number.

    Returns:
        ``(N, H, W)`` class ids.

    Raises:
        DataError: No whole factor leads from one size to the other.
    """
    height, width = layouts.shape[1:]
    factor = max(1, resolution[0] // max(1, height))
    if (height * factor, width * factor) != resolution:
        raise DataError(
            f"Layouts of {resolution_text((height, width))} are enlarged to images of {resolution_text(resolution)} "
            "by no whole factor; bring both to one size first."
        )
    return layouts.repeat(factor, axis=1).repeat(factor, axis=2)


def _one_by_one(
    images: NDArray[np.uint8], label: Callable[[NDArray[np.uint8]], NDArray[np.uint8]]
) -> NDArray[np.uint8]:
    labels = np.empty((len(images), *images.shape[2:]), np.uint8)
    for place, image in zip(labels, images, strict=True):
        place[...] = label(image)
    return labels
