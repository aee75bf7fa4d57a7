"""Repeated splits: several trials of N generated images against N random reals, and what they are worth."""

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from sbgan_bench import noise
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Features, Metric

#: Share of the intervals that are to cover the expected value.
CONFIDENCE = 0.95

#: Orders of the groups that are tried before a draw gives up keeping them whole.
GROUP_ORDERS = 200


@dataclass(frozen=True, slots=True)
class Partition:
    """Two disjoint draws of N from one pool of reals."""

    reference: NDArray[np.intp]  #: (N,) what generated images are compared with
    other: NDArray[np.intp]  #: (N,) for the floor, and for the layouts given to models
    caution: str = ""  #: what a reader of a number on this draw must know; "" if nothing


@dataclass(frozen=True, slots=True)
class Scores:
    """One number per trial and what they say together.

    The interval (Student's t over the trials) is for the expected value at this N, given these weights and this pool
    of reals. It says nothing of other training seeds or of other reals.
    """

    values: tuple[float, ...]
    mean: float
    spread: float | None  #: sample standard deviation over trials; None for a single value
    low: float | None
    high: float | None
    caution: str = ""  #: what a reader must know of the draws; "" if nothing


def partition(pool: int, num: int, trial: int, seed: int, groups: Sequence[str] = ()) -> Partition:
    """Draw a reference and as many others from ``range(pool)``, without replacement.

    The draw depends on (pool, groups, trial, seed) and, with groups, on ``num``; without groups the draws for a
    smaller ``num`` are the first of a larger one.

    With groups (blocks of time in a film, say) no group has members on both sides, since near-copies on both sides
    would flatter whatever is compared across them. Groups in random order fill one side until it can give ``num``;
    the others are the other side; each side then gives ``num`` of its own at random. Where no order of the groups
    does, the draw is made without them and says so in ``caution``.

    Args:
        pool: Number of reals.
        num: Size of each draw.
        trial: Index of the trial, from 0.
        seed: Seed of the splits.
        groups: The group of every real of the pool; empty if each stands alone.

    Raises:
        BenchError: The pool is smaller than two draws.
    """
    _check_two_draws(pool, num)
    if groups:
        draw = noise.generator("groups of a trial", seed, trial)
        sides = _group_sides(np.asarray(groups), num, draw)
        if sides is not None:
            reference, other = (draw.permutation(side)[:num] for side in sides)
            return Partition(reference, other)
    order = noise.generator("reals of a trial", seed, trial).permutation(pool)
    return Partition(order[:num], order[::-1][:num], _group_caution(num, groups) if groups else "")


def whole(pool: int, num: int, seed: int) -> Partition:
    """Draw a reference of ``num`` from ``range(pool)`` once, to stand in every trial; there are no others beside it.

    It is the reference of trial 0 of ``partition`` without groups; with ``num`` = ``pool`` it holds every real.

    Raises:
        BenchError: The pool is smaller than the draw.
    """
    if pool < num:
        raise BenchError(
            f"{pool} real images are too few for a reference of N = {num}. Choose num_samples of at most {pool}."
        )
    reference = noise.generator("reals of a trial", seed, 0).permutation(pool)[:num]
    return Partition(reference, reference)


def beside_whole(pool: int, num: int, seed: int, groups: Sequence[str] = ()) -> tuple[NDArray[np.intp], str]:
    """Return the indices of the reals that are not in the reference of ``whole``, and what a reader must know of them.

    With groups, the members of groups that the reference has a part of are left out, unless fewer than ``num`` remain.

    Raises:
        BenchError: The pool is smaller than two draws.
    """
    _check_two_draws(pool, num)
    reference = whole(pool, num, seed).reference
    rest = np.setdiff1d(np.arange(pool), reference)
    if not groups:
        return rest, ""
    names = np.asarray(groups)
    apart = rest[~np.isin(names[rest], names[reference])]
    if len(apart) >= num:
        return apart, ""
    return rest, (
        f"the reference has members of so many of the {len(set(groups))} groups of reals that belong together (such "
        "as blocks of time) that the others hold near-copies of them, which flatters the floor; choose a smaller N"
    )


def _check_two_draws(pool: int, num: int) -> None:
    if pool < 2 * num:
        raise BenchError(
            f"{pool} real images are too few for two disjoint draws of N = {num}, which need {2 * num}. "
            f"Choose num_samples of at most {pool // 2}, or a split with more images."
        )


def _group_sides(
    groups: NDArray[np.str_], num: int, draw: np.random.Generator
) -> tuple[NDArray[np.intp], NDArray[np.intp]] | None:
    """Deal whole groups to two sides of at least ``num`` members each; None if no order tried allows it."""
    names, member_of, sizes = np.unique(groups, return_inverse=True, return_counts=True)
    for _ in range(GROUP_ORDERS):
        order = draw.permutation(len(names))
        filled = np.cumsum(sizes[order])
        taken = int(np.searchsorted(filled, num)) + 1  # groups on the first side
        if taken <= len(names) and len(groups) - filled[taken - 1] >= num:
            first = np.isin(member_of, order[:taken])
            return np.flatnonzero(first), np.flatnonzero(~first)
    return None


def _group_caution(num: int, groups: Sequence[str]) -> str:
    return (
        f"N = {num} cannot be drawn twice from the {len(set(groups))} groups of {len(groups)} reals that belong "
        "together (such as blocks of time) without parting a group: reference and other reals hold near-copies, which "
        "flatters the floor and what is given real layouts; choose a smaller N"
    )


def summarise(values: Sequence[float]) -> Scores:
    """Return mean, sample standard deviation and 95 % t-interval of the values of at least one trial."""
    numbers = tuple(float(value) for value in values)
    mean = statistics.fmean(numbers)
    if len(numbers) < 2:
        return Scores(numbers, mean, None, None, None)
    spread = statistics.stdev(numbers)
    half = float(stdtrit(len(numbers) - 1, (1 + CONFIDENCE) / 2)) * spread / math.sqrt(len(numbers))
    return Scores(numbers, mean, spread, mean - half, mean + half)


def repeated_scores(
    metric: Metric,
    reals: Features,
    generated: Features,
    *,
    num: int,
    trials: int,
    seed: int,
    groups: Sequence[str] = (),
) -> Scores:
    """Score generated images against the reals, trial by trial.

    Args:
        metric: What to compute.
        reals: ``(pool, D)`` features of all held-out reals.
        generated: ``(≥ trials × num, D)`` features; trial t takes rows ``t × num`` to ``(t + 1) × num``.
        num: Generated and real images per trial.
        trials: Number of trials.
        seed: Seed of the splits.
        groups: As for ``partition``, so that the references are those of the floor.

    Raises:
        BenchError: Too few reals or generated images; whatever the metric raises.
    """
    if len(generated) < trials * num:
        raise BenchError(
            f"{len(generated)} generated images are too few for {trials} trials of N = {num}, "
            f"which need {trials * num}. Generate more, or choose fewer trials or a smaller N."
        )
    parts = [partition(len(reals), num, trial, seed, groups) for trial in range(trials)]
    return summarise(
        [
            metric.compute(reals[part.reference], generated[trial * num : (trial + 1) * num])
            for trial, part in enumerate(parts)
        ]
    )


def fixed_scores(metric: Metric, reference: Features, generated: Features, *, trials: int) -> Scores:
    """Score generated images against the same reals in every trial.

    Args:
        metric: What to compute.
        reference: ``(N, D)`` features.
        generated: ``(≥ trials × N, D)`` features; trial t takes rows ``t × N`` to ``(t + 1) × N``.
        trials: Number of trials.

    Raises:
        BenchError: Too few generated images; whatever the metric raises.
    """
    num = len(reference)
    if len(generated) < trials * num:
        raise BenchError(
            f"{len(generated)} generated images are too few for {trials} trials of N = {num}, "
            f"which need {trials * num}. Generate more, or choose fewer trials or a smaller N."
        )
    return summarise(
        [metric.compute(reference, generated[trial * num : (trial + 1) * num]) for trial in range(trials)]
    )


def floor_scores(
    metric: Metric, reals: Features, *, num: int, trials: int, seed: int, groups: Sequence[str] = ()
) -> Scores:
    """Score reals against other reals: what a perfect generator would get at this N.

    Trial t compares the same reference as ``repeated_scores`` with as many other reals of the pool.

    Raises:
        BenchError: Too few reals; whatever the metric raises.
    """
    parts = [partition(len(reals), num, trial, seed, groups) for trial in range(trials)]
    scores = summarise([metric.compute(reals[part.reference], reals[part.other]) for part in parts])
    return replace(scores, caution=next((part.caution for part in parts if part.caution), ""))


def held_out_floor(metric: Metric, references: Sequence[Features], others: Features, *, num: int, seed: int) -> Scores:
    """Score reals of another pool (the training images) against the references: a floor where one pool is too small.

    Args:
        metric: What to compute.
        references: What generated images are compared with, one array per trial.
        others: ``(≥ num, D)`` features of reals that are in no reference; each trial draws ``num`` of them.
        num: Size of each draw.
        seed: Seed of the draws.

    Raises:
        BenchError: Too few others; whatever the metric raises.
    """
    if len(others) < num:
        raise BenchError(f"{len(others)} other reals are too few for a floor at N = {num}. Give more, or a smaller N.")
    draws = (
        noise.generator("other reals of a trial", seed, trial).permutation(len(others))[:num]
        for trial in range(len(references))
    )
    pairs = zip(references, draws, strict=True)
    return summarise([metric.compute(reference, others[draw]) for reference, draw in pairs])


def plain_score(metric: Metric, reals: Features, generated: Features) -> Scores:
    """Score every generated image against every real one, once.

    Raises:
        BenchError: Whatever the metric raises.
    """
    return summarise([metric.compute(reals, generated)])


def single_score(metric: Metric, reference: Features, generated: Features) -> Scores:
    """Score once: for deterministic generators given the layouts of one partition, which have no trial spread.

    Raises:
        BenchError: The two sets differ in size; whatever the metric raises.
    """
    if len(reference) != len(generated):
        raise BenchError(
            f"{len(reference)} reference reals stand against {len(generated)} generated images; "
            "distances are comparable only at equal N."
        )
    return summarise([metric.compute(reference, generated)])
