import numpy as np
import pytest
from training.linear_task import phase

from sbgan_bench.training.schedule import Schedule, data_order, moments
from sbgan_bench.training.task import Phase
from sbgan_bench.workers import Workers


def test_every_image_is_accounted_for():
    phases = (phase(10, 4, "a"), phase(0, 4, "empty"), phase(7, 7, "b"), phase(1, 5, "c"))
    schedule = Schedule(phases)
    positions = [schedule.position(step) for step in range(schedule.total_steps)]
    shown = 0
    for position in positions:
        assert position.images == shown
        shown += position.phase.batch_size
    assert shown == schedule.total_images == positions[0].total_images == 12 + 7 + 5
    assert [p.phase.name for p in positions] == ["a", "a", "a", "b", "c"]
    assert [p.phase_progress for p in positions] == pytest.approx([1 / 3, 2 / 3, 1, 1, 1])
    with pytest.raises(IndexError):
        schedule.position(schedule.total_steps)


@pytest.mark.parametrize("batches", [(4, 4, 4), (1,) * 12, (5, 7), (12,)])
def test_batch_sizes_do_not_change_the_stream_of_data(batches):
    whole = data_order(9, 0, range(12), 5)
    first, pieces = 0, []
    for size in batches:
        pieces.append(data_order(9, first, range(size), 5))
        first += size
    assert np.concatenate(pieces).tolist() == whole.tolist()


def test_every_epoch_shows_every_pair_once_in_a_new_order():
    stream = data_order(0, 0, range(60), 20).reshape(3, 20)
    assert (np.sort(stream) == np.arange(20)).all()
    assert len({tuple(epoch) for epoch in stream}) == 3
    assert stream.tolist() != data_order(1, 0, range(60), 20).reshape(3, 20).tolist()


def test_an_epoch_shows_a_repeated_pair_as_often_as_it_says():
    repeats = (7, 1, 1, 3)
    stream = data_order(0, 0, range(36), 4, repeats=repeats).reshape(3, 12)
    assert all(np.bincount(epoch).tolist() == list(repeats) for epoch in stream)
    assert len({tuple(epoch) for epoch in stream}) == 3
    pieces = [data_order(0, first, range(5), 4, repeats=repeats) for first in range(0, 35, 5)]
    assert np.concatenate(pieces).tolist() == stream.ravel()[:35].tolist()
    assert data_order(3, 2, range(9), 5, repeats=(1,) * 5).tolist() == data_order(3, 2, range(9), 5).tolist()


@pytest.mark.parametrize("world", [1, 2, 3, 8])
def test_workers_share_a_batch_without_rest(world):
    shares = [Workers(rank, world).share(7) for rank in range(world)]
    assert sorted(place for share in shares for place in share) == list(range(7))


@pytest.mark.parametrize(("steps", "count"), [(100, 4), (3, 8), (1, 1), (7, 7)])
def test_moments_are_even_and_include_the_end(steps, count):
    found = sorted(moments(steps, count))
    assert found[-1] == steps
    assert len(found) == min(steps, count)
    gaps = np.diff([0, *found])
    assert gaps.max() - gaps.min() <= 1


def test_no_moments_of_nothing():
    assert not moments(10, 0)
    assert not moments(0, 3)


def test_moments_after_a_beginning_are_those_of_the_rest():
    assert moments(30, 4, after=10) == {10 + moment for moment in moments(20, 4)}
    assert not moments(10, 3, after=10)


SMALL, FADE, WHOLE = (
    Phase("", 12, 4, size, fading) for size, fading in [((2, 4), False), ((4, 8), True), ((4, 8), False)]
)


@pytest.mark.parametrize(
    ("phases", "step"),
    [
        ((WHOLE,), 0),
        ((WHOLE, WHOLE), 0),
        ((SMALL, FADE, WHOLE, WHOLE), 6),
        ((SMALL, FADE), 5),  # it never is; the last step stands for all
        ((SMALL, FADE, phase(0, 4)), 5),
        ((), 0),
    ],
)
def test_the_first_step_of_the_whole_network(phases, step):
    assert Schedule(phases).whole_from == step


def test_images_shown_after_a_number_of_steps():
    schedule = Schedule((phase(10, 4), phase(7, 7)))
    assert [schedule.images_after(steps) for steps in range(5)] == [0, 4, 8, 12, 19]
