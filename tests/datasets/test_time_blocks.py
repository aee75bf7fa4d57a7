import itertools
import random

import pytest
from dataset_trees import CAMVID_TRAIN, CAMVID_VAL
from hypothesis import given
from hypothesis import strategies as st

from sbgan_bench.datasets.time_blocks import (
    CADENCE_FRAMES,
    FRAMES_PER_SECOND,
    GAP_SECONDS,
    SHARES,
    Frame,
    block_ids,
    by_drive,
    deal_blocks,
    hold_back_end,
    thin,
)


def frames_of(stems):
    parts = [stem.split("_") for stem in stems]
    return [Frame(drive, int(number.lstrip("f")), f"{drive}_{number}") for drive, number in parts]


drives = st.lists(
    st.lists(st.integers(1, 60), max_size=200).map(lambda steps: list(itertools.accumulate(steps, initial=0))),
    max_size=2,
).map(lambda lists: [Frame(f"d{i}", n, f"d{i}_{n}") for i, numbers in enumerate(lists) for n in numbers])


@given(drives)
def test_splits_are_disjoint_and_a_gap_apart(frames):
    dealt = deal_blocks(frames)
    owner = {frame: name for name, block in dealt.items() for frame in block}
    assert len(owner) == sum(map(len, dealt.values()))
    assert set(owner) <= set(frames)
    for drive in by_drive(owner).values():
        for before, after in itertools.pairwise(drive):
            if owner[before] != owner[after]:
                assert after.number - before.number >= GAP_SECONDS * FRAMES_PER_SECOND


@given(drives)
def test_frames_of_different_blocks_are_a_gap_apart_and_those_of_one_hang_together(frames):
    for dealt in deal_blocks(frames).values():
        block_of = dict(zip(dealt, block_ids(dealt), strict=True))
        for drive in by_drive(dealt).values():
            for before, after in itertools.pairwise(drive):
                near = after.number - before.number < GAP_SECONDS * FRAMES_PER_SECOND
                assert (block_of[before] == block_of[after]) is near
        assert len({(frame.drive, block) for frame, block in block_of.items()}) == len(set(block_of.values()))


@given(drives, st.randoms(use_true_random=False))
def test_the_order_of_listing_does_not_matter(frames, rng: random.Random):
    shuffled = list(frames)
    rng.shuffle(shuffled)
    assert deal_blocks(shuffled) == deal_blocks(frames)


@given(drives)
def test_thinning_keeps_one_frame_a_second_and_is_idempotent(frames):
    for drive in by_drive(frames).values():
        kept = thin(drive)
        assert all(b.number - a.number >= CADENCE_FRAMES for a, b in itertools.pairwise(kept))
        assert thin(kept) == kept
        # nothing is dropped that would have fitted
        assert all(any(0 <= f.number - k.number < CADENCE_FRAMES for k in kept) for f in drive)


def test_the_published_frames_are_dealt_by_the_shares_from_every_drive():
    dealt = deal_blocks(frames_of(CAMVID_TRAIN + CAMVID_VAL))
    total = sum(map(len, dealt.values()))
    for name, share in SHARES:
        assert len(dealt[name]) / total == pytest.approx(share, abs=0.02)
        assert set(by_drive(dealt[name])) == {"0001TP", "0006R0", "0016E5"}


def test_a_clip_annotated_more_densely_counts_by_its_seconds():
    sparse = frames_of(CAMVID_TRAIN)
    with_clip = deal_blocks(sparse + frames_of(CAMVID_VAL))
    clip_seconds = (8159 - 7959) / FRAMES_PER_SECOND
    from_clip = [f for block in with_clip.values() for f in block if f.key in CAMVID_VAL]
    assert 0 < len(from_clip) <= clip_seconds + 1


def test_a_drive_shorter_than_half_a_cycle_goes_to_train():
    short = [Frame("d", 30 * i, str(i)) for i in range(12)]
    assert deal_blocks(short) == {"train": short, "selection": [], "test": []}


def test_holding_back_the_end_leaves_the_gap():
    drive = [Frame("d", 30 * i, str(i)) for i in range(100)]
    beginning, end = hold_back_end(drive, 0.1)
    assert end == drive[-10:]
    assert end[0].number - beginning[-1].number == GAP_SECONDS * FRAMES_PER_SECOND
    assert beginning == drive[: len(beginning)]
