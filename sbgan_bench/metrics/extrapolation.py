"""Fréchet distance extrapolated to endlessly many generated images (the "FID∞" of Chong & Forsyth 2020).

The bias of a Fréchet distance is about linear in 1/n, so a line fitted to distances at several n meets 1/n = 0 at an
estimate without it (their section 4). As they do, only the generated images are drawn anew at each n: the reals stay
whole, and the bias of their own number stays in the value. The line holds for n well above the dimension D only;
below, the curve is still bent and the value is not to be trusted, however well the line seems to fit.

With F a factor of the reals' covariance (see ``sbgan_bench.metrics.frechet``) and B the generated rows, ``F Bᵀ`` is
computed once. A draw is then a choice of its columns, less their mean, and costs one list of singular values.
"""

import math
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError
from sbgan_bench.metric import Better, Features, Metric
from sbgan_bench.metrics.arrays import canonical, checked
from sbgan_bench.metrics.frechet import covariance_factor

_Array = NDArray[np.float64]

#: Sizes, from this share of N to N, as in the authors' code (15 from 5,000 to 50,000).
_POINTS, _LEAST_SHARE = 15, 0.1
_LEAST_IMAGES = 20
#: A line that explains less than this share of the variance is no fit.
_LEAST_FIT = 0.9
_ROUNDING = 1e-10


@dataclass(frozen=True, slots=True)
class Extrapolation:
    """A line through Fréchet distances against 1/n."""

    value: float  #: where the line meets 1/n = 0; may be negative, being a difference of noisy numbers
    slope: float  #: of the line: the bias is about this over n
    r_squared: float  #: share of the distances' variance that the line explains, in [0, 1]
    sizes: tuple[int, ...]  #: numbers n of generated images, rising; the last is all of them
    values: tuple[float, ...]  #: Fréchet distance at each


def frechet_infinity(real: Features, generated: Features, seed: int = 0) -> Extrapolation:
    """Extrapolate the Fréchet distance to endlessly many generated images.

    Args:
        real: ``(N, D)`` features, N ≥ 2; all are used at every size.
        generated: ``(M, D)`` features, M ≥ 20.
        seed: Seed of the draws, each without replacement. They do not depend on the order of the rows.

    Returns:
        The line: least squares over 15 sizes, evenly spaced from M/10 to M.

    Raises:
        BenchError: Too few rows, different dimensions, NaN or infinite values.
    """
    first, second = checked(real, generated)
    if len(second) < _LEAST_IMAGES:
        raise BenchError(
            f"{len(second)} generated images are too few to extrapolate from: give {_LEAST_IMAGES} or more."
        )
    sizes = np.unique(np.linspace(_LEAST_SHARE * len(second), len(second), _POINTS).round().astype(int))
    values = _distances(first, canonical(second), sizes, np.random.default_rng(seed))
    return _line(sizes, values)


def _distances(real: _Array, generated: _Array, sizes: NDArray[np.int_], rng: np.random.Generator) -> _Array:
    """Return the Fréchet distance of each size, on a draw of its own."""
    factor, mean = covariance_factor(real), real.mean(axis=0)
    variance = float(np.sum(factor**2))
    generated = generated - mean  # the distance does not change, and short rows lose fewer digits
    products, lengths = factor @ generated.T, np.einsum("nd,nd->n", generated, generated)
    values = np.empty(len(sizes))
    for place, size in enumerate(sizes):
        drawn = rng.choice(len(generated), size, replace=False)
        shift = generated[drawn].mean(axis=0)
        columns = products[:, drawn] - (factor @ shift)[:, None]
        squared = float(shift @ shift)
        spread = (float(lengths[drawn].sum()) - size * squared) / (size - 1)
        nuclear_norm = float(scipy.linalg.svdvals(columns).sum()) / math.sqrt(size - 1)
        values[place] = max(0.0, squared + variance + spread - 2 * nuclear_norm)
    return values


def _line(sizes: NDArray[np.int_], values: _Array) -> Extrapolation:
    design = np.stack([np.ones(len(sizes)), 1 / sizes], axis=1)
    (value, slope), *_ = np.linalg.lstsq(design, values, rcond=None)
    left, total = np.sum((values - design @ [value, slope]) ** 2), np.sum((values - values.mean()) ** 2)
    rounding = len(values) * (_ROUNDING * values.max()) ** 2  # distances that are all equal lie on a line
    r_squared = 1 - float(left / total) if total > rounding else 1.0
    return Extrapolation(float(value), float(slope), r_squared, tuple(sizes.tolist()), tuple(values.tolist()))


def _value(real: Features, generated: Features) -> float:
    return frechet_infinity(real, generated).value


def _caution(real: Features, generated: Features) -> str:
    """Say how far the line was stretched, where there are fewer images than dimensions or the fit is bad."""
    count, dim = min(len(real), len(generated)), generated.shape[1]
    fit = frechet_infinity(real, generated).r_squared
    if count < dim:
        return (
            f"extrapolated from at most N = {count} in {dim} dimensions: "
            f"not to be ranked below N = D (fit R² {fit:.3f})"
        )
    if fit < _LEAST_FIT:
        return f"extrapolated by a line that does not fit: R² {fit:.3f}, below {_LEAST_FIT:g}"
    return ""


METRIC = Metric(
    name="frechet-distance-infinity",
    title="Fréchet distance, N → ∞",
    better=Better.LOWER,
    source="Chong & Forsyth 2020, section 4: line against 1/n over 15 sizes of the generated set, the reals whole",
    compute=_value,
    least=_LEAST_IMAGES,
    caution=_caution,
)
