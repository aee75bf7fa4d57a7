"""What a comparison found, in words that claim no more than was tested."""

import re

from sbgan_bench.comparing.rows import Pairing, Unit

#: What a test over images cannot tell.
ONE_SEED = "One training seed: the test speaks of these weights, not of the method."

_WHAT = {Unit.IMAGES: "sets of images", Unit.SEEDS: "sets of training runs"}


def verdict(
    *, winner: str, other: str, title: str, effect: float, p_holm: float, rejected: bool, unit: Unit, pairing: Pairing,
    family: int,
) -> str:  # fmt: skip
    """Return the first sentence: what is rejected or not, the effect, and the adjusted p.

    Args:
        winner: Name of the one.
        other: Name of the other.
        title: Of the metric, as printed.
        effect: Value of the other less that of the winner.
        p_holm: Adjusted p.
        rejected: Whether it is small enough.
        unit: What was relabelled.
        pairing: Which labels could be swapped.
        family: Comparisons that p is adjusted for.
    """
    size = f"{abs(effect):.3g} {'higher' if effect > 0 else 'lower'} for {other}" if effect else "the same for both"
    among = f" (Holm, {family} comparisons)" if family > 1 else ""
    return (
        f"{'Rejected' if rejected else 'Not rejected'}: that the two {_WHAT[unit]}, {winner} and {other}, are "
        f"exchangeable; {title} is {size}, {pairing} test, p = {p_holm:.2g}{among}."
    )


def limits(*, least_p: float, alpha: float, unit: Unit, training_seeds: int) -> str:
    """Return what the test could not have found, in sentences; "" if there is no such limit.

    Args:
        least_p: The smallest adjusted p that this many training seeds or relabellings can give.
        alpha: What an adjusted p must not exceed to be a rejection.
        unit: What was relabelled.
        training_seeds: Training runs of the model with fewer of them.
    """
    sentences = [ONE_SEED] if unit is Unit.IMAGES else []
    if least_p > alpha:
        runs = f"{training_seeds} training seed{'s' if training_seeds > 1 else ''}"
        few = "so few relabellings" if unit is Unit.IMAGES else runs
        sentences.append(f"With {few} no p below {least_p:.2g} is possible, so nothing could be rejected.")
    return " ".join(sentences)


def nothing_possible(words: str) -> str:
    """Return the sentence of a comparison's words that says that nothing could be rejected; "" if it has none."""
    found = re.search(r"With [^;]{1,60} no p below [\d.e-]{1,12} is possible, so nothing could be rejected\.", words)
    return found.group() if found else ""
