"""In which order a rater meets practice, main images, gold and repeats."""

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from sbgan_bench.rating.study import FrozenStudy, Purpose, Role

#: A repeat comes at least so many showings after the first showing, where the session is long enough.
REPEAT_GAP = 8


@dataclass(frozen=True, slots=True)
class Design:
    """What of a study decides who sees what, laid out for many questions."""

    seed: int
    practice: tuple[str, ...]  #: image ids, as in the study
    gold: tuple[str, ...]
    sizes: Mapping[int, int]  #: main images by stratum
    main: int  #: that one rater is asked for at most
    repeats: int  #: of them
    places: int  #: K

    @classmethod
    def of(cls, study: FrozenStudy) -> "Design":
        """Return the design of a study."""
        main = study.of_role(Role.MAIN)
        asked = min(study.per_rater, len(main))
        return cls(
            seed=study.seed % 2**63,
            practice=tuple(image.id for image in study.of_role(Role.PRACTICE)),
            gold=tuple(image.id for image in study.of_role(Role.GOLD)),
            sizes=Counter(image.stratum for image in main),
            main=asked,
            repeats=min(study.repeats_per_rater, asked),
            places=study.ratings_per_image,
        )

    def generator(self, rater_seed: int, decision: int = 0) -> np.random.Generator:
        """Return the generator of one decision; the same seeds give the same numbers on every machine."""
        return np.random.default_rng([self.seed, rater_seed, decision])


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that a rater is asked."""

    purpose: Purpose
    image: str | None = None  #: id, where it is known beforehand (practice and gold)


def session_plan(design: Design, rater_seed: int) -> tuple[Step, ...]:
    """Return what a rater is asked, in order, if there are images enough: practice first, then all else.

    Gold items, in an order of the rater's own, are spread evenly over the session with one draw per stretch, never
    first. So are repeats, over what is left of it, from ``REPEAT_GAP`` main images on (later where there are many
    repeats), so that there is always something to repeat.
    """
    rng = design.generator(rater_seed)
    total = design.main + len(design.gold) + design.repeats
    golden = _spread(rng, range(1, total), len(design.gold))
    free = [position for position in range(total) if position not in golden]
    again = _spread(rng, free[min(design.main, max(REPEAT_GAP, design.repeats)) :], design.repeats)
    gold = iter(rng.permutation(len(design.gold)))
    steps = [Step(Purpose.PRACTICE, image) for image in design.practice]
    for position in range(total):
        if position in golden:
            steps.append(Step(Purpose.GOLD, design.gold[next(gold)]))
        else:
            steps.append(Step(Purpose.REPEAT if position in again else Purpose.MAIN))
    return tuple(steps)


def _spread(rng: np.random.Generator, places: Sequence[int], count: int) -> frozenset[int]:
    """Draw one of ``places`` from each of ``count`` stretches of equal length."""
    edges = [len(places) * part // count for part in range(count + 1)] if count else []
    return frozenset(places[int(rng.integers(low, high))] for low, high in itertools.pairwise(edges))
