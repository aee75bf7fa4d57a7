"""Dealing the labelled pairs of a split to a half that keeps its labels and a half that is to be annotated."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.dataset import Split
from sbgan_bench.noise import generator

#: Pairs dropped where a block of time is cut in two: with a pair per second, ``time_blocks.GAP_SECONDS`` apart.
GAP_PAIRS = 4


@dataclass(frozen=True, slots=True)
class Halves:
    """Keys of a split, dealt out; disjoint."""

    labelled: tuple[str, ...]  #: labels are used
    withheld: tuple[str, ...]  #: labels are hidden, to be predicted and compared
    dropped: tuple[str, ...]  #: in neither half, because they lie between the two


def halve(split: Split, seed: int = 0) -> Halves:
    """Deal a split out.

    Where the split has groups (blocks of time, named "drive/…"), the blocks of every drive go to the two halves in
    turn, so that no withheld pair is a near-copy of a labelled one; a drive's last block, where their number is odd,
    is cut in two with ``GAP_PAIRS`` pairs dropped between. Where pairs stand alone, a permutation decides.

    Args:
        split: Keys of one group stand together and in order of time.
        seed: Of the permutation.
    """
    if not split.groups:
        order = [split.keys[index] for index in generator("annotation halves", seed).permutation(len(split.keys))]
        middle = (len(order) + 1) // 2
        return Halves(tuple(sorted(order[:middle])), tuple(sorted(order[middle:])), ())
    labelled: list[str] = []
    withheld: list[str] = []
    for blocks in _drives(split):
        labelled += itertools.chain.from_iterable(blocks[: len(blocks) // 2 * 2 : 2])
        withheld += itertools.chain.from_iterable(blocks[1 : len(blocks) // 2 * 2 : 2])
        if len(blocks) % 2:
            before, after = _cut(blocks[-1])
            labelled += before
            withheld += after
    taken = {*labelled, *withheld}
    return Halves(tuple(labelled), tuple(withheld), tuple(key for key in split.keys if key not in taken))


def _drives(split: Split) -> list[list[list[str]]]:
    """Return the keys by drive and block, in order."""
    members = sorted(zip(split.groups, split.keys, strict=True), key=lambda member: _drive(member[0]))
    return [
        [[key for _, key in block] for _, block in itertools.groupby(drive, key=lambda member: member[0])]
        for _, drive in itertools.groupby(members, key=lambda member: _drive(member[0]))
    ]


def _drive(group: str) -> str:
    return group.rpartition("/")[0]


def _cut(block: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    usable = max(0, len(block) - GAP_PAIRS)
    first = (usable + 1) // 2
    return block[:first], block[len(block) - (usable - first) :]
