"""How Cityscapes is dealt to train, selection and test, whose published halves are ``train`` and ``val``."""

import enum
from collections.abc import Mapping, Sequence

from sbgan_bench.dataset import Problem, Split
from sbgan_bench.datasets.held_out import deal

#: Training cities that are set apart for selection, 119 + 95 images of the release: cities of their own, as those of the
#: validation set are.
SELECTION_CITIES = ("jena", "ulm")

_HALF = "every other of the 500 published validation images; the rest chose the checkpoints"
_SAME = (
    "the selection split is the test split, as in SB-GAN's release: whatever was chosen on it (a checkpoint, by "
    'selection = "best") has seen the images that numbers are measured against'
)


class CitySelection(enum.StrEnum):
    """What serves as the selection split."""

    HELD_OUT = "held-out"  #: the training images of Jena and Ulm; all validation images are for testing (the default)
    VALIDATION = "validation"  #: every other validation image: training on all that was published, testing on half
    TEST = "test"  #: the test split itself, the paper's practice: not disjoint, and every row says so


def deal_cities(
    train: Sequence[str], val: Sequence[str], selection: CitySelection, caution: str = ""
) -> dict[str, Split]:
    """Return the three splits.

    Args:
        train: Keys of the published training pairs, "train/aachen/aachen_000000_000019".
        val: Keys of the published validation pairs.
        selection: What serves as the selection split.
        caution: What a reader of any number must know besides.
    """
    taught, chosen, tested, words = tuple(train), tuple(val), tuple(val), _SAME
    match selection:
        case CitySelection.HELD_OUT:
            chosen = tuple(key for key in train if key.split("/")[1] in SELECTION_CITIES)
            taught, words = tuple(key for key in train if key.split("/")[1] not in SELECTION_CITIES), ""
        case CitySelection.VALIDATION:
            (tested, chosen), words = deal(val, 2), _HALF
    said = "; ".join(part for part in (words, caution) if part)
    return {
        "train": Split("train", taught),
        "selection": Split("selection", chosen, _SAME if selection is CitySelection.TEST else ""),
        "test": Split("test", tested, said),
    }


def empty_splits(splits: Mapping[str, Split], split_name: str) -> list[Problem]:
    """Return a problem for each split without pairs."""
    return [
        Problem(".", f"split {name!r} of {split_name!r} has no pairs; restore the missing files", stops=True)
        for name, split in splits.items()
        if not split.keys
    ]
