"""The Fréchet distance alone: low rank against the eigenvalue form and the matrix square root, in one run.

    python benchmarks/frechet.py [--images 500] [--dim 2048] [--skip-sqrtm]

Prints seconds and ratios. "Inception-like" features are rectified, correlated and of decaying variance; the
statistics (means and covariances) are not counted for the two forms that need them.
"""

import argparse
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy.linalg
from numpy.typing import NDArray

from sbgan_bench.metrics.frechet import frechet_distance

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Case:
    """Two feature sets with their moments."""

    real: Array
    generated: Array

    @property
    def covariances(self) -> tuple[Array, Array]:
        """Unbiased covariances of both sets."""
        return np.cov(self.real, rowvar=False), np.cov(self.generated, rowvar=False)

    @property
    def shift(self) -> float:
        """Squared distance between the means."""
        return float(np.sum((self.real.mean(axis=0) - self.generated.mean(axis=0)) ** 2))


def inception_like(images: int, dim: int) -> Case:
    """Rectified Gaussians mixed by a matrix whose rows decay."""
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((dim, dim)) * np.geomspace(1, 0.01, dim)[:, None] / np.sqrt(dim)
    real, generated = (np.maximum(rng.standard_normal((images, dim)) @ mixing + bias, 0) for bias in (0.0, 0.02))
    return Case(real, generated)


def eigenvalues(shift: float, one: Array, two: Array) -> float:
    """torch-fidelity's form: the sum of the roots of the eigenvalues of the product."""
    roots = np.sqrt(np.linalg.eigvals(one @ two).astype(np.complex128)).real
    return float(shift + np.trace(one) + np.trace(two) - 2 * roots.sum())


def square_root(shift: float, one: Array, two: Array) -> float:
    """clean-fid's form: the trace of the root of the product."""
    root = scipy.linalg.sqrtm(one @ two)
    return float(shift + np.trace(one) + np.trace(two) - 2 * np.trace(root.real))


def timed(function: Callable[[], float], repeats: int = 1) -> tuple[float, float]:
    """Return the value and the least wall seconds of a few calls."""
    best, value = np.inf, 0.0
    for _ in range(repeats):
        start = time.perf_counter()
        value = function()
        best = min(best, time.perf_counter() - start)
    return value, best


def main() -> None:
    """Print one line per form."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--skip-sqrtm", action="store_true", help="leave out the slowest form")
    options = parser.parse_args()
    case = inception_like(options.images, options.dim)
    one, two = case.covariances
    forms: dict[str, Callable[[], float]] = {
        "eigenvalues": lambda: eigenvalues(case.shift, one, two),
        "sqrtm": lambda: square_root(case.shift, one, two),
    }
    if options.skip_sqrtm:
        del forms["sqrtm"]
    print(f"N = {options.images}, D = {options.dim}")
    value, reference = timed(lambda: frechet_distance(case.real, case.generated), repeats=5)
    print(f"{'low rank':12s} {reference:8.3f} s   value {value:.6f}")
    for name, form in forms.items():
        other, seconds = timed(form)
        print(
            f"{name:12s} {seconds:8.3f} s   value {other:.6f}  error {other - value:+.1e}"
            f"   low rank is {seconds / reference:.0f}x faster"
        )
    nothing, _ = timed(lambda: frechet_distance(case.real, case.real))
    print(f"identical sets: {nothing:.1e}, by eigenvalues {eigenvalues(0.0, one, one):+.1e}")


if __name__ == "__main__":
    main()
