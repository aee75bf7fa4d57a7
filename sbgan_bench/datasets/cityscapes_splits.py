"""How Cityscapes is dealt to train, selection and test, whose published halves are ``train`` and ``val``."""

from collections.abc import Mapping, Sequence

from sbgan_bench.dataset import Problem, Split
from sbgan_bench.datasets.held_out import SAME, SelectionFrom, deal

#: Training cities that are set apart for selection, 119 + 95 images of the release: cities of their own, as
#: those of the validation set are.
SELECTION_CITIES = ("jena", "ulm")
#: Of a tree of one training city, the first of every n images is set apart instead: as large a share.
_EVERY = 14

_HALF = "every other of the 500 published validation images; the rest chose the checkpoints"


def deal_cities(
    train: Sequence[str], val: Sequence[str], selection: SelectionFrom, caution: str = ""
) -> dict[str, Split]:
    """Return the three splits.

    Args:
        train: Keys of the published training pairs, "train/aachen/aachen_000000_000019".
        val: Keys of the published validation pairs.
        selection: What serves as the selection split.
        caution: What a reader of numbers must know besides.
    """
    taught, chosen, tested, words = tuple(train), tuple(val), tuple(val), SAME
    match selection:
        case SelectionFrom.HELD_OUT:
            (taught, chosen), words = _held_out(train), ""
        case SelectionFrom.VALIDATION:
            (tested, chosen), words = deal(val, 2), _HALF
    said = "; ".join(part for part in (words, caution) if part)
    return {
        "train": Split("train", taught),
        "selection": Split("selection", chosen, SAME if selection is SelectionFrom.TEST else ""),
        "test": Split("test", tested, said),
    }


def _held_out(train: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Set the selection cities apart; of a tree without them, the last city, or some images of the only one."""
    cities = sorted({_city(key) for key in train})
    apart = [city for city in SELECTION_CITIES if city in cities] or cities[1:][-1:]
    if not apart:
        return deal(train, _EVERY)
    return tuple(key for key in train if _city(key) not in apart), tuple(key for key in train if _city(key) in apart)


def _city(key: str) -> str:
    return key.split("/")[1]


def empty_splits(splits: Mapping[str, Split], split_name: str) -> list[Problem]:
    """Return a problem for each split without pairs."""
    return [
        Problem(".", f"split {name!r} of {split_name!r} has no pairs; restore the missing files", stops=True)
        for name, split in splits.items()
        if not split.keys
    ]
