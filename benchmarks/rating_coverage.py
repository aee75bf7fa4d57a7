"""How often intervals of mean ratings hold the true mean, and how often equal cells are told apart: all by simulation.

    python benchmarks/rating_coverage.py [--repetitions 2000] [--resamples 300] [--errors 1000] [--processes 2]

Rows are designs and true means, in the columns of docs/rating-analysis.md: share of intervals that hold the mean, and
mean half-width, by variance components, by the crossed bootstrap, and as if ratings were independent.
"""

import argparse
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial

from sbgan_bench.rating.analysis.coverage import Scenario, simulated_coverage, simulated_errors

DESIGNS = [
    *(Scenario(200, 3, raters, 2.5) for raters in (5, 10, 20, 40, 60, 100)),
    *(Scenario(50, 3, raters, 2.5) for raters in (3, 5, 10, 20, 40)),
    Scenario(200, 3, 3, 2.5),
    Scenario(200, 1, 20, 2.5), Scenario(50, 5, 10, 2.5), Scenario(200, 5, 40, 2.5),
]  # fmt: skip
#: True mean, and standard deviation of raters before rounding.
WORLDS = [(2.5, 0.35), (1.3, 0.35), (3.7, 0.35), (2.5, 0.0), (1.3, 0.7)]
EQUAL = [Scenario(50, 3, raters, mean, taste=taste)
         for raters in (3, 5, 10, 40) for mean in (2.5, 1.4) for taste in (0.0, 0.25)]  # fmt: skip


def main() -> None:
    """Print a line per scenario."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--repetitions", type=int, default=2000)
    parser.add_argument("--resamples", type=int, default=300, help="of the crossed bootstrap")
    parser.add_argument("--errors", type=int, default=1000, help="repetitions of sets of four equal cells")
    parser.add_argument("--processes", type=int, default=2)
    options = parser.parse_args()
    scenarios = [replace(design, mean=mean, rater=rater) for design in DESIGNS for mean, rater in WORLDS]
    measure = partial(simulated_coverage, repetitions=options.repetitions, resamples=options.resamples)
    with ProcessPoolExecutor(options.processes) as pool:
        print("| images x K | raters | mean | rater sd | components | bootstrap | naive |")
        print("|---|---|---|---|---|---|---|")
        for one, found in zip(scenarios, pool.map(measure, scenarios), strict=True):
            kinds = [found[kind] for kind in ("component", "bootstrap", "naive")]
            told = " | ".join(f"{100 * kind.share:.1f} % ± {kind.half_width:.3f}" for kind in kinds)
            print(f"| {one.images} x {one.per_image} | {one.raters} | {one.mean} | {one.rater} | {told} |", flush=True)
        print("\n| images x K | raters | mean | taste sd | pairs | family of 6 |")
        print("|---|---|---|---|---|---|")
        err = partial(simulated_errors, cells=4, repetitions=options.errors)
        for one, rates in zip(EQUAL, pool.map(err, EQUAL), strict=True):
            told = f"{100 * rates.pair:.1f} % | {100 * rates.family:.1f} %"
            print(f"| {one.images} x {one.per_image} | {one.raters} | {one.mean} | {one.taste} | {told} |", flush=True)


if __name__ == "__main__":
    main()
