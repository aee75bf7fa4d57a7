"""Several tests at once."""

from collections.abc import Sequence

from sbgan_bench.errors import BenchError

#: Chance that any true hypothesis of a family is rejected.
ALPHA = 0.05


def holm(p_values: Sequence[float], family: int | None = None) -> tuple[float, ...]:
    """Adjust p-values by the step-down procedure of Holm (1979, Scandinavian Journal of Statistics 6, 65-70).

    Rejecting what is adjusted to at most α keeps the chance of any false rejection at α, however the tests depend on
    each other. With a ``family`` larger than the number of p-values the others count as tests that were never looked
    at: the i-th smallest is multiplied by ``family − i + 1``, which is at least what it would be if they were known.

    Args:
        p_values: In any order.
        family: Number of hypotheses that could have been tested; None if all of them were.

    Returns:
        Adjusted p-values in the same order, each in [p, 1].

    Raises:
        BenchError: A p-value outside [0, 1], or a family smaller than the number of p-values.
    """
    size = len(p_values) if family is None else family
    if size < len(p_values):
        raise BenchError(f"{len(p_values)} p-values cannot belong to a family of {size} tests.")
    adjusted = [1.0] * len(p_values)
    highest = 0.0
    for rank, index in enumerate(sorted(range(len(p_values)), key=lambda i: p_values[i])):
        if not 0 <= p_values[index] <= 1:
            raise BenchError(f"{p_values[index]} is no p-value: it must lie between 0 and 1.")
        highest = max(highest, min(1.0, (size - rank) * p_values[index]))
        adjusted[index] = highest
    return tuple(adjusted)
