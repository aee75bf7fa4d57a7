"""The labels of Cityscapes: names, colours, which 19 of them are evaluated, and what becomes channels.

Cordts et al., "The Cityscapes dataset for semantic urban scene understanding" (CVPR 2016); ids, names and colours
after ``cityscapesscripts/helpers/labels.py`` of github.com/mcordts/cityscapesScripts. Where
labels share a colour there (the five voids, both kinds of pole, cars and their plates), all but one have a
neighbouring one here, since a coloured layout must tell its classes apart.
"""

import enum
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.errors import DataError

_Colour: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Label:
    """One label of Cityscapes; its id is its place in ``LABELS``."""

    name: str
    colour: _Colour
    evaluated: bool  #: one of the 19 with a train id


LABELS = (
    Label("unlabeled", (0, 0, 0), False),
    Label("ego vehicle", (24, 24, 24), False),  # black in the original, as are the next three
    Label("rectification border", (48, 48, 48), False),
    Label("out of roi", (72, 72, 72), False),
    Label("static", (96, 96, 96), False),
    Label("dynamic", (111, 74, 0), False),
    Label("ground", (81, 0, 81), False),
    Label("road", (128, 64, 128), True),
    Label("sidewalk", (244, 35, 232), True),
    Label("parking", (250, 170, 160), False),
    Label("rail track", (230, 150, 140), False),
    Label("building", (70, 70, 70), True),
    Label("wall", (102, 102, 156), True),
    Label("fence", (190, 153, 153), True),
    Label("guard rail", (180, 165, 180), False),
    Label("bridge", (150, 100, 100), False),
    Label("tunnel", (150, 120, 90), False),
    Label("pole", (153, 153, 153), True),
    Label("polegroup", (153, 153, 120), False),  # (153, 153, 153) in the original
    Label("traffic light", (250, 170, 30), True),
    Label("traffic sign", (220, 220, 0), True),
    Label("vegetation", (107, 142, 35), True),
    Label("terrain", (152, 251, 152), True),
    Label("sky", (70, 130, 180), True),
    Label("person", (220, 20, 60), True),
    Label("rider", (255, 0, 0), True),
    Label("car", (0, 0, 142), True),
    Label("truck", (0, 0, 70), True),
    Label("bus", (0, 60, 100), True),
    Label("caravan", (0, 0, 90), False),
    Label("trailer", (0, 0, 110), False),
    Label("train", (0, 80, 100), True),
    Label("motorcycle", (0, 0, 230), True),
    Label("bicycle", (119, 11, 32), True),
)
#: The 35th label has the id -1, which a file of bytes holds as 255. (0, 0, 142), like a car, in the original.
LICENSE_PLATE = Label("license plate", (0, 0, 180), False)
UNKNOWN = Label("unknown", (0, 0, 0), False)
#: Stored id of pixels without a label, and what :data:`STORED_IDS` makes of it.
RAW_UNLABELLED, _WITHOUT_LABEL = 255, len(LABELS)

#: How ``_gtFine_labelIds.png`` files are read: 0 to 33 stay, 255 becomes 34.
STORED_IDS = LabelIds(
    len(LABELS), RAW_UNLABELLED, remedy="_gtFine_labelIds files have 0 to 33: restore it from gtFine_trainvaltest.zip"
)


class Channels(enum.StrEnum):
    """What the label channels are."""

    RELEASED = "released"  #: 35: the stored ids 0 to 33, and 34 for raw 255 (the default; SB-GAN's checkpoints)
    #: 33, the number in the paper: ids 1 to 33 less one; ``unlabeled`` and raw 255 join ``out of roi``.
    PRINTED = "printed"
    TRAIN_IDS = "train-ids"  #: 20: the 19 evaluated classes, and 19 for everything else


@dataclass(frozen=True)
class Classes:
    """Label channels, and where each id that was read goes."""

    labels: tuple[Label, ...]  #: one per channel
    channel_of: tuple[int, ...]  #: by id as read, 34 standing for raw 255
    ignore_index: int | None

    @property
    def names(self) -> tuple[str, ...]:
        """One per channel."""
        return tuple(label.name for label in self.labels)

    @property
    def palette(self) -> tuple[_Colour, ...]:
        """One per channel, all different."""
        return tuple(label.colour for label in self.labels)

    @cached_property
    def _table(self) -> NDArray[np.uint8] | None:
        identity = tuple(range(len(self.channel_of)))
        return None if self.channel_of == identity else np.array(self.channel_of, np.uint8)

    def apply(self, ids: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Turn ids as :data:`STORED_IDS` gives them into channels."""
        return ids if self._table is None else np.take(self._table, ids)


def classes_of(channels: Channels) -> Classes:
    """Return names, colours and table of a choice of channels."""
    match channels:
        case Channels.RELEASED:
            return Classes((*LABELS, LICENSE_PLATE), tuple(range(len(LABELS) + 1)), _WITHOUT_LABEL)
        case Channels.PRINTED:
            void = next(place for place, label in enumerate(LABELS[1:]) if label.name == "out of roi")
            return Classes(LABELS[1:], (void, *range(len(LABELS) - 1), void), None)
        case Channels.TRAIN_IDS:
            evaluated = tuple(label for label in LABELS if label.evaluated)
            names = [label.name for label in evaluated]
            known = (names.index(label.name) if label.evaluated else len(names) for label in LABELS)
            return Classes((*evaluated, UNKNOWN), (*known, len(names)), len(names))


def train_ids_by_name(names: Sequence[str], where: str) -> tuple[int, ...]:
    """Return the train id (19 for those without) of each class of somebody's label maps, by its name.

    Args:
        names: One per class id: any labels of Cityscapes.
        where: The file that names them, for the error message.

    Raises:
        DataError: A name is none of Cityscapes'.
    """
    classes = classes_of(Channels.TRAIN_IDS)
    known = {label.name: classes.channel_of[place] for place, label in enumerate(LABELS)}
    known |= {LICENSE_PLATE.name: classes.channel_of[-1], UNKNOWN.name: classes.channel_of[-1]}
    strange = [name for name in names if name not in known]
    if strange:
        raise DataError(
            f"{where} names the classes {', '.join(map(repr, strange[:5]))}, which are none of Cityscapes'; give "
            "pseudo-labels by a segmenter that learnt from Cityscapes."
        )
    return tuple(known[name] for name in names)
