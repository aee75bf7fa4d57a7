"""What jobs cost, as far as a suite says: seconds by prefix of the job's id."""

import re
from collections.abc import Mapping


def estimated_seconds(estimate: Mapping[str, float], job: str, variant: str = "") -> float | None:
    """Return the seconds of the longest prefix that fits a job, or None if none does.

    Args:
        estimate: Seconds by prefix: whole parts of an id, "train/sbgan" or "train/sbgan/both/toy-streets/32x64".
        job: Id of the job. What tells settings apart in it ("both@3fa9c1") plays no part.
        variant: Label of the variant that the job belongs to; a prefix may name it, "train/biggan/default@large".
    """
    plain = re.sub(r"@[^/]*", "", job)
    named = re.sub(r"@[^/]*", f"@{variant}", job)
    fitting = [prefix for prefix in estimate if any(f"{name}/".startswith(f"{prefix}/") for name in (plain, named))]
    return estimate[max(fitting, key=len)] if fitting else None
