"""Which images one assignment shows: all cells mixed evenly, no image in two assignments, gold among them."""

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.study import FrozenStudy, Role

#: Ids of images in the order in which an assignment shows them.
Hit = tuple[str, ...]


def deal(study: FrozenStudy, images_per_hit: int, gold_per_hit: int | None = None) -> tuple[Hit, ...]:
    """Deal every main image to exactly one HIT; the same study and numbers give the same deal.

    HITs differ by at most one in size, and by at most one in how many images they show of any cell. A worker can take
    a HIT only once, so nobody meets a main image twice, and K assignments of every HIT are K ratings of every image.

    Args:
        study: Whose images.
        images_per_hit: Main images that one HIT shows, at most.
        gold_per_hit: Gold images among them; None for one if the study has any.

    Returns:
        The HITs. Gold images are used equally often; they come back once every one of them was used.

    Raises:
        ConfigError: A number below its minimum or above what the study has.
    """
    gold = [image.id for image in study.of_role(Role.GOLD)]
    extra = min(1, len(gold)) if gold_per_hit is None else gold_per_hit
    _check(study, images_per_hit, extra, len(gold))
    rng = np.random.default_rng(int(study.hash[:16], 16))
    main = _by_stratum(study, rng)
    count = -(-len(main) // images_per_hit)
    rng.shuffle(gold)
    return tuple(
        _mixed(main[hit::count], [gold[(hit * extra + member) % len(gold)] for member in range(extra)], rng)
        for hit in range(count)
    )


def _by_stratum(study: FrozenStudy, rng: np.random.Generator) -> list[str]:
    """Return the main images in random order within each cell, one cell after the other.

    Whoever takes every n-th of them takes evenly from all cells.
    """
    strata: dict[int, list[str]] = {}
    for image in study.of_role(Role.MAIN):
        strata.setdefault(image.stratum, []).append(image.id)
    ordered = []
    for number in sorted(strata):
        rng.shuffle(strata[number])
        ordered += strata[number]
    return ordered


def _mixed(main: list[str], gold: list[str], rng: np.random.Generator) -> Hit:
    order: NDArray[np.intp] = rng.permutation(len(main) + len(gold))
    both = [*main, *gold]
    return tuple(both[place] for place in order)


def _check(study: FrozenStudy, images_per_hit: int, gold_per_hit: int, gold: int) -> None:
    if not study.of_role(Role.MAIN):
        raise ConfigError("The study has no images to rate.")
    if not 1 <= images_per_hit <= study.per_rater:
        raise ConfigError(
            f"{images_per_hit} images per HIT: choose 1 to {study.per_rater}, which is what the study asks of one "
            "rater at most (per_rater)."
        )
    if not 0 <= gold_per_hit <= gold:
        raise ConfigError(f"{gold_per_hit} gold images per HIT: the study has {gold}, so choose 0 to {gold}.")
