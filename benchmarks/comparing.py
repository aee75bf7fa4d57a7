"""What a comparison of two models by label swaps costs.

    python benchmarks/comparing.py [--images 500] [--dim 2048] [--replicates 1000] [--threads 1]

Synthetic features; the two sets to compare are exchangeable, which is the dearest case: no replicate is decided early.
"""

import argparse

import numpy as np
from materials import inception_like
from measuring import heading, row, threads, timed

from sbgan_bench.comparing.permutation import Trial, permutation_test
from sbgan_bench.comparing.rows import Pairing
from sbgan_bench.metrics.frechet import METRIC as FRECHET
from sbgan_bench.metrics.kernel import METRIC as KERNEL

#: CPU seconds that a comparison of 1,000 replicates at N = 500 and D = 2048 may take.
MOST = 120.0


def main() -> None:
    """Print one row per metric and pairing."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=500)
    parser.add_argument("--dim", type=int, default=2048)
    parser.add_argument("--replicates", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    sets = [one.astype(np.float32) for one in inception_like(options.images, options.dim, sets=3)]
    heading(f"{options.replicates} relabellings of two models, N = {options.images}, D = {options.dim}, one trial; "
            f"promised: at most {MOST:g} CPU s; the ratio is how many times less it took")  # fmt: skip
    with threads(options.threads):
        for metric in (FRECHET, KERNEL):
            for pairing in Pairing:
                test, spent = timed(
                    lambda metric=metric, pairing=pairing: permutation_test(
                        [Trial(*sets)], metric.compute, pairing=pairing, replicates=options.replicates
                    )
                )
                row(f"{metric.name}, {pairing} (p = {test.p:.3f})", spent, MOST / spent.cpu, 1)


if __name__ == "__main__":
    main()
