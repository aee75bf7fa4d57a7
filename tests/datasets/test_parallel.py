import threading
import time

import pytest

from sbgan_bench.datasets.parallel import MOST_WORKERS, in_order, usable_workers


@pytest.mark.parametrize("workers", [1, 2, 5])
def test_results_come_in_the_order_of_the_items(workers):
    def slow_at_first(item):
        time.sleep(0.01 if item < 3 else 0)
        return item * item

    with in_order(slow_at_first, range(20), workers) as results:
        assert list(results) == [i * i for i in range(20)]


@pytest.mark.parametrize("workers", [1, 3])
def test_the_first_faulty_item_is_the_one_that_is_reported(workers):
    def faulty(item):
        if item >= 4:
            message = f"item {item}"
            raise ValueError(message)
        return item

    seen = []
    with pytest.raises(ValueError, match="item 4"), in_order(faulty, range(50), workers) as results:
        seen.extend(results)
    assert seen == [0, 1, 2, 3]
    assert not [thread for thread in threading.enumerate() if thread.name.startswith("ThreadPoolExecutor")]


def test_items_are_taken_only_a_few_ahead():
    taken = []

    def items():
        for item in range(1000):
            taken.append(item)
            yield item

    with in_order(lambda item: item, items(), 2) as results:
        assert next(results) == 0
        assert len(taken) <= 5


def test_leaving_early_starts_nothing_more():
    begun = []
    with in_order(begun.append, range(1000), 3) as results:
        next(results)
    after = len(begun)
    time.sleep(0.05)
    assert len(begun) == after < 20


def test_there_is_always_a_worker_and_never_a_crowd():
    assert 1 <= usable_workers() <= MOST_WORKERS
