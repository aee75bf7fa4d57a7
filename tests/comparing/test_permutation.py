"""Label swaps: level, power, symmetry, and what is refused."""

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.stats import binom

from sbgan_bench.comparing.permutation import Trial, permutation_test
from sbgan_bench.comparing.pool import Compute
from sbgan_bench.comparing.rows import Pairing
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Features
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.metrics.kernel import kernel_distance

Array = NDArray[np.float64]
METRICS = [frechet_distance, kernel_distance]


def shift_of_means(real: Features, generated: Features) -> float:
    """A metric that is quick for tiny sets."""
    return float(abs(generated.mean() - real.mean()))


def plain_frechet(real: Features, generated: Features) -> float:
    """The same distance as a function without a fast form."""
    return frechet_distance(real, generated)


def plain_kernel(real: Features, generated: Features) -> float:
    return kernel_distance(real, generated)


def scenes(rng: np.random.Generator, trials: int = 1, count: int = 30, dim: int = 50, shift: float = 0) -> list[Trial]:
    return [
        Trial(*(rng.standard_normal((count, dim)) + offset for offset in (0.0, shift, 0.0))) for _ in range(trials)
    ]


@pytest.mark.parametrize("pairing", Pairing)
@pytest.mark.parametrize("trials", [1, 2])
def test_p_is_uniform_or_above_if_the_sets_are_exchangeable(pairing: Pairing, trials: int) -> None:
    rng = np.random.default_rng(0)
    cases = 300
    p = []
    for case in range(cases):
        starts = rng.exponential(size=(trials, 8, 1))  # strongly skewed, and shared where samples are paired
        sets = [
            Trial(
                rng.standard_normal((8, 1)),
                *(noise + (start if pairing is Pairing.PAIRED else 0) for noise in rng.exponential(size=(2, 8, 1))),
            )
            for start in starts
        ]
        p.append(permutation_test(sets, shift_of_means, pairing=pairing, replicates=39, seed=case).p)
    for level in (0.05, 0.1, 0.25, 0.5):
        found = sum(value <= level + 1e-12 for value in p)
        assert found <= binom.ppf(0.999, cases, level)
        assert found >= binom.ppf(0.001, cases, level)  # and not needlessly above: ties are rare here


@pytest.mark.parametrize("compute", METRICS)
@pytest.mark.parametrize("pairing", Pairing)
def test_a_shifted_set_is_rejected_and_an_equal_one_is_not(compute: Compute, pairing: Pairing) -> None:
    rng = np.random.default_rng(1)
    far = permutation_test(scenes(rng, 2, shift=0.6), compute, pairing=pairing, replicates=99)
    assert far.p == 0.01
    assert far.effect > 0
    near = permutation_test(scenes(rng, 2), compute, pairing=pairing, replicates=99)
    assert near.p > 0.05


@pytest.mark.parametrize("compute", [*METRICS, shift_of_means])
@pytest.mark.parametrize("pairing", Pairing)
def test_exchanging_the_sets_negates_the_effect_and_keeps_p(compute: Compute, pairing: Pairing) -> None:
    trials = scenes(np.random.default_rng(2), 3, shift=0.02)
    swapped = [Trial(trial.reference, trial.second, trial.first) for trial in trials]
    one, other = (permutation_test(sets, compute, pairing=pairing, replicates=60) for sets in (trials, swapped))
    assert other.effect == -one.effect
    assert other.p == one.p
    assert (other.firsts, other.seconds) == (one.seconds, one.firsts)
    assert one.low is not None
    assert one.high is not None
    assert (other.low, other.high) == pytest.approx((-one.high, -one.low))


@pytest.mark.parametrize(("fast", "plain"), [(frechet_distance, plain_frechet), (kernel_distance, plain_kernel)])
@pytest.mark.parametrize("pairing", Pairing)
@pytest.mark.parametrize("dim", [50, 10])
def test_fast_and_plain_paths_count_the_same_replicates(
    fast: Compute, plain: Compute, pairing: Pairing, dim: int
) -> None:
    trials = scenes(np.random.default_rng(3), 2, dim=dim, shift=0.03)
    one, other = (permutation_test(trials, way, pairing=pairing, replicates=150) for way in (fast, plain))
    assert one.p == other.p
    assert one.firsts == pytest.approx(other.firsts, rel=1e-9)


@pytest.mark.parametrize("pairing", Pairing)
def test_quick_values_never_decide_what_they_cannot(pairing: Pairing) -> None:
    """Features of rank 3 in 60 dimensions, where eigenvalues lose half of the digits, and sets with many ties."""
    rng = np.random.default_rng(4)
    mixing = rng.standard_normal((3, 60))
    first = rng.standard_normal((12, 3)) @ mixing
    second = first.copy()
    second[0] += 1e-5 * mixing[0]
    trial = Trial(rng.standard_normal((12, 3)) @ mixing, first, second)
    one, other = (
        permutation_test([trial], way, pairing=pairing, replicates=100) for way in (frechet_distance, plain_frechet)
    )
    assert one.p == other.p
    if pairing is Pairing.PAIRED:
        assert one.p == 1  # one pair differs, so that every relabelling has the observed difference


@pytest.mark.parametrize("compute", METRICS)
@pytest.mark.parametrize("pairing", Pairing)
def test_identical_sets_have_p_one(compute: Compute, pairing: Pairing) -> None:
    (trial,) = scenes(np.random.default_rng(5))
    same = permutation_test(
        [Trial(trial.reference, trial.first, trial.first)], compute, pairing=pairing, replicates=50
    )
    assert (same.effect, same.p, same.low, same.high) == (0, 1, None, None)
    alike = permutation_test([Trial(trial.first, trial.first, trial.first)], compute, pairing=pairing, replicates=50)
    assert alike.p == 1


def test_pairs_find_what_a_pool_does_not() -> None:
    """Samples that differ far more from each other than from their partner."""
    rng = np.random.default_rng(6)
    starts = 10 * rng.standard_normal((40, 20))
    trial = Trial(10 * rng.standard_normal((40, 20)), 1.02 * starts + 0.1 * rng.standard_normal((40, 20)), starts)
    paired, pooled = (
        permutation_test([trial], frechet_distance, pairing=pairing, replicates=199) for pairing in Pairing
    )
    assert paired.p <= 0.01
    assert pooled.p > 0.2


def test_relabellings_depend_on_the_seed_alone() -> None:
    trials = scenes(np.random.default_rng(7), 2)
    told: list[tuple[int, int]] = []
    tests = [
        permutation_test(trials, kernel_distance, pairing=Pairing.POOLED, replicates=80, seed=seed, report=report)
        for seed, report in ((1, lambda *progress: told.append(progress)), (1, lambda *_: None), (2, lambda *_: None))
    ]
    assert tests[0] == tests[1]
    assert tests[0].p != tests[2].p
    assert told == [(done, 80) for done in range(1, 81)]


def test_sets_that_do_not_fit_are_refused() -> None:
    (trial,) = scenes(np.random.default_rng(8))
    test = {"compute": frechet_distance, "pairing": Pairing.POOLED}
    with pytest.raises(BenchError, match="sets of 29 and 30 images"):
        permutation_test([trial, Trial(trial.reference, trial.first[1:], trial.second)], **test)
    with pytest.raises(BenchError, match=r"\(30, 49\) and \(30, 50\)"):
        permutation_test([Trial(trial.reference, trial.first[:, 1:], trial.second)], **test)
    with pytest.raises(BenchError, match="dimension 49"):
        permutation_test([Trial(trial.reference[:, 1:], trial.first, trial.second)], **test)
    with pytest.raises(BenchError, match="no trials"):
        permutation_test([], **test)
    with pytest.raises(BenchError, match="0 relabellings"):
        permutation_test([trial], **test, replicates=0)
