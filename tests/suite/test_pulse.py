"""Signs of life: whose beat has ceased is named, and nobody else."""

import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import ClassVar

import pytest

from sbgan_bench.errors import BenchError
from sbgan_bench.suite.engines import pulse
from sbgan_bench.suite.engines.board import Seat
from sbgan_bench.suite.engines.pulse import Pulse
from sbgan_bench.workers import Workers


class Counts:
    """A board of this process alone."""

    all: ClassVar[Counter[int]] = Counter()

    def __init__(self, seat: Seat) -> None:
        self.rank = seat.workers.rank

    def beat(self) -> None:
        self.all[self.rank] += 1

    def beats(self, rank: int) -> int:
        return self.all[rank]


@pytest.fixture
def counts(monkeypatch: pytest.MonkeyPatch) -> Iterator[Counter[int]]:
    monkeypatch.setattr(pulse, "Board", Counts)
    monkeypatch.setattr(pulse, "BEAT", 0.01)
    monkeypatch.setattr(pulse, "SILENCE", 2.0)
    Counts.all.clear()
    yield Counts.all
    Counts.all.clear()


def seat(rank: int) -> Seat:
    return Seat(Workers(rank, 3), 0, 0)


def test_a_beat_that_ceased_is_named(counts: Counter[int]) -> None:
    with closing(Pulse(seat(0))) as first:
        with closing(Pulse(seat(1))):
            counts[2] += 1
            until = time.monotonic() + 1.0
            while time.monotonic() < until:
                first.check()
        counts[1] += 1
        first.check()
        time.sleep(2.1)
        counts[1] += 1
        with pytest.raises(BenchError, match="Process 2 of 3 has not been heard of for"):
            first.check()


def test_one_that_has_not_come_yet_is_waited_for(counts: Counter[int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pulse, "SILENCE", 0.0)
    with closing(Pulse(seat(0))) as first:
        until = time.monotonic() + 0.3
        while time.monotonic() < until:
            first.check()
    assert set(counts) >= {0}


def test_who_looks_seldom_sees_those_who_beat_meanwhile(counts: Counter[int]) -> None:
    """A process that was busy, or halted, for longer than the silence takes nobody for dead."""
    with closing(Pulse(seat(0))) as first:
        for _ in range(2):
            counts[1] += 1
            counts[2] += 1
            time.sleep(2.1)
            first.check()
