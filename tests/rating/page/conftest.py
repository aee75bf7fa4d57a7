"""A study that is open for raters."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from rating.studies import make_study

from sbgan_bench.rating.page.desk import Desk, open_desk
from sbgan_bench.rating.store.opening import create_store


@pytest.fixture
def make_desk(tmp_path: Path) -> Iterator[Callable[..., Desk]]:
    """Return a function that makes a study as ``make_study`` does, with fields of the frozen one replaced."""
    made: list[Desk] = []

    def make(replace: dict[str, Any] | None = None, **options: Any) -> Desk:
        place = make_study(tmp_path / f"study{len(made)}", **options)
        if replace:
            study = place.read().model_copy(update=replace)
            place.frozen.write_text(study.model_dump_json())
        create_store(place.default_store, place.read()).dispose()
        made.append(open_desk(place.path, place.default_store))
        return made[-1]

    yield make
    for desk in made:
        desk.store.dispose()
    open_desk.cache_clear()


@pytest.fixture
def desk(make_desk: Callable[..., Desk]) -> Desk:
    """Two cells of three images, two ratings each, one image to practise on."""
    return make_desk()


@pytest.fixture
def token(desk: Desk) -> str:
    """A rater who agreed."""
    return agreed(desk)


def agreed(desk: Desk) -> str:
    """Return the token of a new rater who agreed."""
    (token,) = desk.store.invite(1)
    desk.store.consent(desk.store.rater_by_token(token).id, "hash")
    return token
