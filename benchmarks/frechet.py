"""The Fréchet distance alone: low rank against the eigenvalue form and the matrix square root, in one run.

    python benchmarks/frechet.py [--images 500] [--dim 2048] [--threads 1] [--skip-sqrtm]

The two other forms are torch-fidelity's and clean-fid's own functions. They start from means and covariances, whose
making is not counted, although the low rank form does without. "Inception-like" features are rectified, correlated and
of decaying variance.
"""

import argparse
import warnings
from collections.abc import Callable

import numpy as np
from cleanfid.fid import frechet_distance as by_square_root
from materials import inception_like
from measuring import heading, limit, row, threads, timed
from torch_fidelity.metric_fid import KEY_METRIC_FID, fid_statistics_to_metric

from sbgan_bench.metrics.frechet import frechet_distance


def main() -> None:
    """Print one row per form."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--skip-sqrtm", action="store_true", help="leave out the slowest form")
    options = parser.parse_args()
    real, generated = inception_like(options.images, options.dim)
    one, two = ({"mu": one.mean(axis=0), "sigma": np.cov(one, rowvar=False)} for one in (real, generated))
    forms: list[tuple[str, float, Callable[[], float]]] = [
        ("eigenvalues (torch-fidelity)", 25, lambda: fid_statistics_to_metric(one, two, False)[KEY_METRIC_FID]),
        ("sqrtm (clean-fid)", 100, lambda: float(by_square_root(one["mu"], one["sigma"], two["mu"], two["sigma"]))),
    ]
    if options.skip_sqrtm:
        del forms[1]
    warnings.filterwarnings("ignore", category=DeprecationWarning)  # clean-fid's use of scipy
    heading(f"One Fréchet distance, N = {options.images}, D = {options.dim}, {options.threads} thread(s)")
    with threads(options.threads):
        value, ours = timed(lambda: frechet_distance(real, generated), repeats=5)
        row("low rank", ours)
        for name, promised, form in forms:
            other, spent = timed(form)
            row(f"{name}, off by {other - value:+.1e} of {value:.4f}", spent, spent.cpu / ours.cpu, promised)
    limit("distance of a set to itself", frechet_distance(real, real), 1e-9, "")
    print(f"by eigenvalues it is {fid_statistics_to_metric(one, one, False)[KEY_METRIC_FID]:+.1e}")


if __name__ == "__main__":
    main()
