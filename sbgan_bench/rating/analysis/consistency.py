"""Whether raters agree with themselves: an image that comes a second time, unannounced."""

import pandas as pd

from sbgan_bench.rating.analysis.exclusions import repeat_pairs
from sbgan_bench.rating.analysis.findings import Consistency


def consistency(table: pd.DataFrame) -> Consistency:
    """Compare first and second scores over all raters.

    Weighted kappa with quadratic weights (Cohen 1968, Psychological Bulletin 70, 213-220) is one less the mean squared
    difference of the pairs over that of a first and a second score put together by chance.

    Args:
        table: The long table, or some raters of it.
    """
    pairs = repeat_pairs(table)
    if not len(pairs):
        return Consistency(0, 0, None, None, None, "no image was shown twice to anybody")
    first, again = pairs["first"].astype(float), pairs["again"].astype(float)
    by_chance = float(first.var(ddof=0) + again.var(ddof=0) + (first.mean() - again.mean()) ** 2)
    kappa = 1 - float(((first - again) ** 2).mean()) / by_chance if by_chance > 0 else None
    return Consistency(
        n_pairs=len(pairs),
        n_raters=int(pairs["rater"].nunique()),
        exact=float((first == again).mean()),
        mean_difference=float((first - again).abs().mean()),
        weighted_kappa=kappa,
        reason="" if kappa is not None else "all scores are equal: kappa has no value",
    )
