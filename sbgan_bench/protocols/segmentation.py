"""The segmentation protocol: what a segmenter sees in an image, counted against the layout the image belongs to.

With real layouts it measures how well images follow them (Park et al. 2019, SPADE, section 4). With layouts that the
model drew itself, it is GAN-test (Shmelkov et al. 2018): a segmenter trained on reals, tested on generated pairs. With
real pairs it is the segmenter's own ceiling. The three are one computation.
"""

from typing import ClassVar, Self, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.confusion import confusion_counts
from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.judge import judge_refusal
from sbgan_bench.labelling import AbstractLabeller, check_classes, layouts_at, open_labeller
from sbgan_bench.metrics.segmentation import CONFUSION
from sbgan_bench.numerics import NUMERICS
from sbgan_bench.protocol import (
    AbstractProtocol,
    Content,
    LayoutClasses,
    Opening,
    ProtocolInfo,
    Weights,
    images_of,
    layouts_of,
)
from sbgan_bench.samples import SampleBatch

#: Pixels of an image up to which float32 holds every count exactly.
_MOST_PIXELS = 2**24


@final
class SegmentationProtocol(AbstractProtocol):
    """Pixels of a scene by the class of its layout and the class that a segmenter sees: K × K counts."""

    name: ClassVar[str] = "segmentation"
    weights: ClassVar[Weights] = Weights.JUDGE
    needs: ClassVar[frozenset[Content]] = frozenset({Content.IMAGES, Content.LAYOUTS})
    blocks: ClassVar[frozenset[str]] = frozenset({CONFUSION})

    def __init__(self, labeller: AbstractLabeller, classes: LayoutClasses) -> None:
        check_classes(labeller.facts, classes)
        self._labeller = labeller
        self._classes = classes

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready with a segmenter: the file of a judge, or a folder of ``sbgan-bench annotate train``.

        Raises:
            BenchError: None was given, it is something else, it knows other classes, or the classes are not known.
            CorruptFileError: It is damaged.
        """
        if opening.weights is None:
            raise BenchError(
                "The segmentation protocol needs a segmenter: give the file of a judge, or the folder that "
                "'sbgan-bench annotate train' left, with --judge; or leave the protocol out."
            )
        if opening.classes is None:
            raise BenchError(
                "The segmentation protocol compares images with layouts, and the classes of the layouts are not "
                "known: measure against a dataset, or leave the protocol out."
            )
        return cls(open_labeller(opening.weights, opening.device), opening.classes)

    @classmethod
    def unsupported(cls, resolution: Resolution) -> str:
        """Refuse sizes at which no judge can be trained, and images of more pixels than are counted exactly."""
        if resolution[0] * resolution[1] > _MOST_PIXELS:
            return f"images of {resolution_text(resolution)} have more than {_MOST_PIXELS} pixels to count"
        return judge_refusal(cls.name, resolution)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension, and every convention of the comparison."""
        classes, facts = self._classes, self._labeller.facts
        ignored = "every pixel counts"
        if classes.ignore_index is not None:
            ignored = f"pixels whose layout is {classes.ignore_index} (unlabelled) are left out"
        return ProtocolInfo(
            name=self.name,
            weights_hash=facts.sha256,
            dim=classes.count**2,
            input=facts.sight,
            layers=(
                f"{facts.name}: pixels by class of the layout (row) and class that it sees (column), "
                f"{classes.count}x{classes.count}; {ignored}; smaller layouts are enlarged by repeating pixels; "
                "classes without a pixel in the layouts are left out of means"
            ),
            numerics=f"{NUMERICS}; one image at a time; exact counts",
            blocks={CONFUSION: (0, classes.count**2)},
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn scenes into ``(N, K²)`` float32 counts; layouts may be smaller than images by a whole factor.

        Raises:
            DataError: Images or layouts are missing, do not fit together, are too large, or hold an id of no class.
        """
        images, layouts = images_of(scenes, self.name), layouts_of(scenes, self.name)
        size: Resolution = (images.shape[2], images.shape[3])
        if size[0] * size[1] > _MOST_PIXELS:
            raise DataError(f"Protocol {self.name!r}: {self.unsupported(size)}. Measure smaller images.")
        rows = np.empty((len(images), self._classes.count**2), np.float32)
        for index, row in enumerate(rows):
            scene = slice(index, index + 1)
            row[:] = self._counts(layouts_at(layouts[scene], size), self._labeller.labels(images[scene])).ravel()
        return rows

    def _counts(self, truth: NDArray[np.uint8], seen: NDArray[np.uint8]) -> NDArray[np.int64]:
        """Count the pixels of one scene that are labelled."""
        classes = self._classes
        labelled = np.full(truth.shape, True) if classes.ignore_index is None else truth != classes.ignore_index
        ids = truth[labelled]
        if ids.size and ids.max() >= classes.count:
            raise DataError(
                f"Protocol {self.name!r}: a layout holds class id {ids.max()}, and there are {classes.count} classes. "
                "Give layouts of the dataset that is measured against."
            )
        return confusion_counts(ids, seen[labelled], classes.count)
