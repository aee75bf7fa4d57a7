"""What is refused before anything is measured, with the numbers and the remedy."""

from pathlib import Path

from sbgan_bench.errors import DataError

#: The least N for which there is a covariance.
LEAST = 2


def check_reals(num: int, where: str, count: int) -> None:
    """Refuse an N of which the reals do not give two.

    Raises:
        DataError: Names what there is and what to do.
    """
    if count < 2 * num:
        fewer = f"Pass --num {count // 2} or fewer, or provide more." if count >= 2 * LEAST else "Provide more."
        whole = f" Or compare with the same N in every trial: --reals whole --num {min(num, count)}."
        raise DataError(
            f"Found {count} real images in {where}; N = {num} needs {2 * num}: N as reference and N apart for the "
            f"floor. {fewer}{whole if count >= LEAST else ''}"
        )


def check_generated(num: int, where: Path, count: int, more: str = "generate more") -> None:
    """Likewise for generated images, or for any set of which N are needed; ``more`` is how to come by others."""
    if count < num:
        fewer = f"pass --num {count} or {more}." if count >= LEAST else f"{more}."
        raise DataError(f"Found {count} images in {where}; N = {num} needs as many: {fewer}")
