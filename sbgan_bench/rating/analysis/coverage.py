"""Simulated coverage: how often an interval holds the mean that scores were drawn around; how often tests err.

Images are dealt to raters as the store does it, one at a time to whoever comes next, the least filled first. Scores
are quality + image + rater + residual, all normal, rounded to 1 to 4, so that effects are neither normal nor quite
additive any more, and the true mean is known in closed form.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from sbgan_bench.comparing.holm import ALPHA
from sbgan_bench.rating.analysis.bootstrap import bootstrap_interval
from sbgan_bench.rating.analysis.cell import CellRatings, Codes
from sbgan_bench.rating.analysis.findings import Interval
from sbgan_bench.rating.analysis.intervals import mean_interval, naive_interval
from sbgan_bench.rating.analysis.pairwise import NamedCell, compare_cells
from sbgan_bench.rating.expected_score import expected_score
from sbgan_bench.rating.study import SCORES


@dataclass(frozen=True, slots=True)
class Scenario:
    """A cell to simulate. Standard deviations are those before scores are rounded."""

    images: int
    per_image: int
    raters: int
    mean: float  #: true mean score, between 1 and 4
    image: float = 0.60
    rater: float = 0.35
    residual: float = 0.65
    taste: float = 0.0  #: of what a rater thinks of this very cell, beyond the leaning that all cells share

    @property
    def quality(self) -> float:
        """Return the mean before rounding."""
        spread = math.hypot(self.image, self.rater, self.residual, self.taste)
        return float(brentq(lambda quality: expected_score(quality, spread) - self.mean, -20, 25))


@dataclass(frozen=True, slots=True)
class Deal:
    """Who rates what: two arrays (n,)."""

    image: Codes
    rater: Codes


@dataclass(frozen=True, slots=True)
class Coverage:
    """How one kind of interval did."""

    share: float  #: of the repetitions whose interval held the true mean
    half_width: float  #: mean over repetitions


@dataclass(frozen=True, slots=True)
class ErrorRates:
    """How often equal cells are told apart; 5 % is promised."""

    pair: float  #: share of single pairs, before correction
    family: float  #: share of repetitions in which any pair is rejected after Holm's


def deal(scenario: Scenario, rng: np.random.Generator) -> Deal:
    """Deal images to raters who come in any order, as evenly as can be, never one image twice to a rater."""
    size = scenario.images * scenario.per_image
    fresh = np.ones((scenario.raters, scenario.images), bool)
    filled = np.zeros(scenario.images, np.int64)
    rated = np.empty((size, 2), np.int64)
    for number, comer in enumerate(rng.permutation(np.arange(size) % scenario.raters)):
        waiting = fresh & (filled < scenario.per_image)
        rater = comer if waiting[comer].any() else rng.choice(np.flatnonzero(waiting.any(axis=1)))
        possible = np.flatnonzero(waiting[rater])
        image = rng.choice(possible[filled[possible] == filled[possible].min()])
        fresh[rater, image] = False
        filled[image] += 1
        rated[number] = image, rater
    return Deal(rated[:, 0], rated[:, 1])


def draw(scenario: Scenario, dealt: Deal, leanings: NDArray[np.float64], rng: np.random.Generator) -> CellRatings:
    """Draw the scores of a cell.

    Args:
        scenario: Which.
        dealt: Who rates what.
        leanings: (raters,) standard normal; the same array for several cells makes them share their raters.
        rng: Draws images and residuals.
    """
    raters = scenario.rater * leanings + scenario.taste * rng.standard_normal(scenario.raters)
    images = scenario.image * rng.standard_normal(scenario.images)
    residuals = scenario.residual * rng.standard_normal(len(dealt.image))
    seen = scenario.quality + images[dealt.image] + raters[dealt.rater] + residuals
    return CellRatings.of(np.clip(np.rint(seen), SCORES[0], SCORES[-1]), dealt.image, dealt.rater)


def simulated_coverage(
    scenario: Scenario, *, repetitions: int, resamples: int = 0, seed: int = 0, deals: int = 20
) -> dict[str, Coverage]:
    """Simulate a cell again and again.

    Args:
        scenario: Which.
        repetitions: How often.
        resamples: Of the crossed bootstrap; 0 leaves it out.
        seed: Of everything.
        deals: Repetitions take turns with so many designs.

    Returns:
        "component", "naive" and, with ``resamples``, "bootstrap". Repetitions without an interval, of equal scores,
        count as misses.
    """
    rng = np.random.default_rng(seed)
    designs = [deal(scenario, rng) for _ in range(min(deals, repetitions))]
    found: dict[str, list[Interval]] = {}
    for repetition in range(repetitions):
        cell = draw(scenario, designs[repetition % len(designs)], rng.standard_normal(scenario.raters), rng)
        found.setdefault("component", []).append(mean_interval(cell))
        found.setdefault("naive", []).append(naive_interval(cell))
        if resamples:
            found.setdefault("bootstrap", []).append(bootstrap_interval(cell, rng, resamples))
    return {name: _coverage(intervals, scenario.mean) for name, intervals in found.items()}


def simulated_errors(
    scenario: Scenario, *, cells: int, repetitions: int, seed: int = 0, deals: int = 10
) -> ErrorRates:
    """Simulate a dataset of cells that are truly equal and rated by the same people, again and again.

    Args:
        scenario: Each of the cells.
        cells: How many.
        repetitions: How often.
        seed: Of everything.
        deals: Repetitions take turns with so many designs.
    """
    rng = np.random.default_rng(seed)
    designs = [[deal(scenario, rng) for _ in range(cells)] for _ in range(min(deals, repetitions))]
    pairs, families = [], []
    for repetition in range(repetitions):
        leanings = rng.standard_normal(scenario.raters)
        drawn = [draw(scenario, dealt, leanings, rng) for dealt in designs[repetition % len(designs)]]
        found = compare_cells("simulated", [NamedCell(number, str(number), cell) for number, cell in enumerate(drawn)])
        pairs += [pair.p is not None and pair.p <= ALPHA for pair in found]
        families.append(any(pair.rejected for pair in found))
    return ErrorRates(float(np.mean(pairs)), float(np.mean(families)))


def _coverage(intervals: list[Interval], mean: float) -> Coverage:
    held = [one.low is not None and one.high is not None and one.low <= mean <= one.high for one in intervals]
    return Coverage(float(np.mean(held)), float(np.mean([one.half_width or 0.0 for one in intervals])))
