"""Stores on both databases."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from rating.sessions import Clock, check, frozen_study

from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.store import RatingStore


@pytest.fixture
def clock() -> Clock:
    """The clock of ``make_store``."""
    return Clock()


@pytest.fixture
def make_store(database_url: str, clock: Clock) -> Iterator[Callable[..., RatingStore]]:
    """Return a function that makes the store of a study with given fields; each must end whole."""
    made: list[RatingStore] = []

    def make(**fields: Any) -> RatingStore:
        url = database_url.replace("ratings.db", f"ratings{len(made)}.db")  # a file holds one study
        made.append(create_store(url, frozen_study(**fields), clock))
        return made[-1]

    yield make
    for store in made:
        try:
            check(store)
        finally:
            store.dispose()
