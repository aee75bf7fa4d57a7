"""ADE20K's 150 classes and what becomes of them in ADE-Indoor's 95.

The authors of SB-GAN trained on 95 classes and did not publish which of ADE20K's 150 each of them is. The table in
``assets/ade-indoor/classes.csv`` is therefore this project's own, made by a rule and not by measuring:

1. A class that belongs to other places than the ten kinds of room is left out, decided by hand from its name: what
   stands outdoors and is more than a view through a window (``outdoors``), road and water vehicles (``vehicle``), and
   what belongs to other interiors (``elsewhere``: a pool table, a stage).
2. Of the others the 94 with the largest share of all ADE20K's pixels are kept, in ADE20K's order, which is that of the
   share (``objectInfo150.txt``); the rest is ``rare``.
3. What is left out, and ADE20K's own 0 (unlabelled), becomes class 0, ``other``.
"""

import csv
from dataclasses import dataclass
from functools import cache
from importlib import resources

import numpy as np
from numpy.typing import NDArray

#: Label ids that ADE20K's files hold: 150 classes, and 0 for everything else.
ADE20K_IDS = 151
#: Classes of ADE-Indoor.
CLASSES = 95


@dataclass(frozen=True, slots=True)
class AdeClass:
    """One line of the table."""

    ade20k_id: int  #: as stored in ADE20K's label maps; 0 is "other"
    name: str  #: the first of ADE20K's words for it
    share: float  #: of all ADE20K's pixels; 0 where none is published
    class_id: int  #: in ADE-Indoor
    left_out: str  #: why it became class 0; "" for what is kept


@cache
def ade_classes() -> tuple[AdeClass, ...]:
    """Return the table, in order of ``ade20k_id``."""
    path = resources.files("sbgan_bench") / "assets" / "ade-indoor" / "classes.csv"
    return tuple(
        AdeClass(
            ade20k_id=int(line["ade20k_id"]),
            name=line["ade20k_name"],
            share=float(line["ade20k_share"] or 0),
            class_id=int(line["class_id"]),
            left_out=line["left_out"],
        )
        for line in csv.DictReader(path.read_text(encoding="utf-8").splitlines())
    )


def class_names() -> tuple[str, ...]:
    """Return the names of the 95 classes, by class id."""
    kept = [entry for entry in ade_classes() if not entry.left_out]
    return tuple(entry.name for entry in sorted(kept, key=lambda entry: entry.class_id))


def class_table() -> NDArray[np.uint8]:
    """Return ``(151,)`` class ids by ADE20K's id."""
    return np.array([entry.class_id for entry in ade_classes()], np.uint8)
