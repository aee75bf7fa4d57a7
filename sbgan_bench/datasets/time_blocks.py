"""Splitting video frames so that held-out frames are not the neighbours of training frames.

Frames a second apart show nearly the same scene, so a random split measures memory. Here every drive is cut into
contiguous blocks, and the frames within ``GAP_SECONDS`` after each block are dropped.

On the 468 frames of CamVid, the share of pixels that keep their class between two frames of a drive falls from 72 %
at 1 s to 58 % at 5 s and 53 % at 10 s: five seconds is where the steep part ends, and a longer gap would cost more
frames than it gains in independence.
"""

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

#: Frame numbers count video frames at this rate.
FRAMES_PER_SECOND = 30
#: At most one frame per second is kept, give or take one video frame.
CADENCE_FRAMES = FRAMES_PER_SECOND - 1
#: Frames of two different splits of one drive are at least this far apart.
GAP_SECONDS = 5
#: A drive is cut into about one train, one selection and one test block per this many frames.
CYCLE_FRAMES = 50
#: The blocks of a cycle in their order, with their shares of the frames that remain after the gaps.
SHARES = (("train", 0.60), ("selection", 0.12), ("test", 0.28))

_GAP_FRAMES = GAP_SECONDS * FRAMES_PER_SECOND
#: Frames lost at each boundary at one frame per second.
_DROPPED = GAP_SECONDS - 1


@dataclass(frozen=True, order=True, slots=True)
class Frame:
    """One annotated video frame."""

    drive: str
    number: int  #: at ``FRAMES_PER_SECOND``
    key: str


def by_drive(frames: Iterable[Frame]) -> dict[str, list[Frame]]:
    """Return the frames of each drive in order of time."""
    return {drive: list(group) for drive, group in itertools.groupby(sorted(frames), key=lambda frame: frame.drive)}


def deal_blocks(frames: Iterable[Frame]) -> dict[str, list[Frame]]:
    """Deal frames to train, selection and test in blocks of time, from every drive.

    Drives sampled faster than once per second are thinned first, so that none counts more for having been
    annotated more densely. A drive shorter than half a cycle goes to train.
    """
    dealt: dict[str, list[Frame]] = {name: [] for name, _ in SHARES}
    for drive in by_drive(frames).values():
        for name, block in _deal_drive(thin(drive)):
            dealt[name].extend(block)
    return dealt


def thin(drive: Sequence[Frame]) -> list[Frame]:
    """Keep of a drive (in order of time) the frames that are at least a second after the last kept one."""
    kept: list[Frame] = []
    for frame in drive:
        if not kept or frame.number - kept[-1].number >= CADENCE_FRAMES:
            kept.append(frame)
    return kept


def hold_back_end(drive: Sequence[Frame], share: float) -> tuple[list[Frame], list[Frame]]:
    """Split a drive (in order of time) into its beginning and its last ``share``, with the gap between dropped."""
    count = round(share * len(drive))
    if count == 0:
        return list(drive), []
    end = list(drive[-count:])
    return [frame for frame in drive if end[0].number - frame.number >= _GAP_FRAMES], end


def block_ids(frames: Sequence[Frame]) -> tuple[str, ...]:
    """Name the block of time that each frame is in: frames of a drive less than the gap apart share a block.

    Args:
        frames: In order of drive and time, as ``deal_blocks`` returns them.
    """
    names: list[str] = []
    for before, frame in zip([None, *frames], frames, strict=False):
        apart = before is None or before.drive != frame.drive or frame.number - before.number >= _GAP_FRAMES
        names.append(f"{frame.drive}/{frame.number}" if apart else names[-1])
    return tuple(names)


def _deal_drive(drive: list[Frame]) -> list[tuple[str, list[Frame]]]:
    cycles = round(len(drive) / CYCLE_FRAMES)
    if cycles == 0:
        return [("train", drive)]
    names = [name for name, _ in SHARES] * cycles
    quotas = _quotas(len(drive) - _DROPPED * (len(names) - 1), cycles)
    quotas[-1] = len(drive)  # the last block takes what the gaps left
    blocks = []
    rest = drive
    for name, quota in zip(names, quotas, strict=True):
        block, rest = rest[:quota], rest[quota:]
        blocks.append((name, block))
        rest = [frame for frame in rest if frame.number - block[-1].number >= _GAP_FRAMES]
    return blocks


def _quotas(usable: int, cycles: int) -> list[int]:
    """Return the sizes of the blocks of all cycles: together ``usable``, each near its share."""
    shares = [share / cycles for _, share in SHARES] * cycles
    ends = [round(usable * total) for total in itertools.accumulate(shares, initial=0.0)]
    return [after - before for before, after in itertools.pairwise(ends)]
