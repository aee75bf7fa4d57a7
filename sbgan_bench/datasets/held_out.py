"""Where the pairs come from that checkpoints are chosen by, where a training and a validation set are published."""

import enum
from collections.abc import Sequence


class SelectionFrom(enum.StrEnum):
    """What serves as the selection split."""

    HELD_OUT = "held-out"  #: part of the training set; all validation pairs are for the test split (the default)
    VALIDATION = "validation"  #: every other validation pair: training on all that was published, testing on half
    TEST = "test"  #: the test split itself, the paper's practice: not disjoint, and every row says so


#: What a reader of numbers must know of the last.
SAME = (
    "the selection split is the test split, as in SB-GAN's release: whatever was chosen on it (a checkpoint, by "
    'selection = "best") has seen the images that numbers are measured against'
)


def deal(keys: Sequence[str], every: int) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return ``keys`` without the first of every n of them, and those, in order."""
    kept = tuple(key for index, key in enumerate(keys) if index % every)
    return kept, tuple(keys[::every])
