import itertools

import pytest
from dataset_trees import camvid_tree
from hypothesis import given
from hypothesis import strategies as st

from sbgan_bench.annotation.halves import GAP_PAIRS, halve
from sbgan_bench.dataset import Split
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.datasets.time_blocks import FRAMES_PER_SECOND, GAP_SECONDS

blocks = st.lists(st.tuples(st.sampled_from("abc"), st.integers(1, 30)), max_size=9)


def split_of(sizes):
    groups = [f"{drive}/{number}" for number, (drive, size) in enumerate(sorted(sizes)) for _ in range(size)]
    return Split("train", tuple(str(i) for i in range(len(groups))), groups=tuple(groups))


@given(blocks)
def test_the_halves_are_disjoint_and_nothing_is_lost(sizes):
    split = split_of(sizes)
    halves = halve(split)
    assert sorted(halves.labelled + halves.withheld + halves.dropped) == sorted(split.keys)


@given(blocks)
def test_a_block_in_both_halves_is_cut_with_a_gap(sizes):
    split = split_of(sizes)
    if not split.groups:
        return
    halves = halve(split)
    place = {key: index for index, key in enumerate(split.keys)}
    group = dict(zip(split.keys, split.groups, strict=True))
    for one, other in itertools.product(halves.labelled, halves.withheld):
        if group[one] == group[other]:
            assert place[other] - place[one] > GAP_PAIRS


def test_camvid_is_halved_from_every_drive_with_seconds_between(tmp_path):
    split = open_dataset("camvid", {"root": camvid_tree(tmp_path)}, "test").splits()["train"]
    halves = halve(split)
    assert abs(len(halves.labelled) - len(halves.withheld)) < 0.1 * len(split.keys)
    assert len(halves.dropped) < 0.05 * len(split.keys)

    def drives(keys):
        return {key.split("/")[1].split("_")[0] for key in keys}

    assert drives(halves.labelled) == drives(halves.withheld) == drives(split.keys)

    def frame(key):
        drive, number = key.split("/")[1].split("_")
        return drive, int(number.lstrip("f"))

    for one, other in itertools.product(map(frame, halves.labelled), map(frame, halves.withheld)):
        assert one[0] != other[0] or abs(one[1] - other[1]) >= GAP_SECONDS * FRAMES_PER_SECOND


@pytest.mark.parametrize("count", [1, 2, 7, 20])
def test_pairs_that_stand_alone_are_dealt_by_chance(count):
    split = Split("train", tuple(f"{i:02d}" for i in range(count)))
    halves = halve(split, seed=1)
    assert sorted(halves.labelled + halves.withheld) == list(split.keys)
    assert len(halves.labelled) - len(halves.withheld) in (0, 1)
    assert halve(split, seed=1) == halves
