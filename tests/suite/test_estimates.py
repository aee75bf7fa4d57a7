"""What jobs are said to cost."""

import pytest

from sbgan_bench.suite.estimates import estimated_seconds

COSTS = {"train": 1.0, "train/sbgan": 2.0, "train/sbgan/both": 3.0, "train/sbgan/both@large": 4.0}


@pytest.mark.parametrize(
    ("job", "variant", "seconds"),
    [
        ("train/sbgan/both/toy-streets/32x64/all/s0", "", 3.0),
        ("train/sbgan/both@3fa9c1/toy-streets/32x64/all/s0", "small", 3.0),
        ("train/sbgan/both@3fa9c1/toy-streets/32x64/all/s0", "large", 4.0),
        ("train/sbgan/none/toy-streets/32x64/all/s0", "", 2.0),
        ("train/sbgan-large/both/toy-streets/32x64/all/s0", "", 1.0),
        ("score/sbgan/both", "", None),
    ],
)
def test_the_longest_prefix_of_whole_parts_counts(job: str, variant: str, seconds: float | None) -> None:
    assert estimated_seconds(COSTS, job, variant) == seconds
