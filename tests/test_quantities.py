import math

import pytest

from sbgan_bench.config import Settings
from sbgan_bench.errors import ConfigError
from sbgan_bench.quantities import Betas, Count, Decay, Positive, Rate, Weight


class Numbers(Settings):
    positive: Positive = 1
    count: Count = 0
    rate: Rate = 1e-3
    weight: Weight = 0.0
    decay: Decay = 0.999
    betas: Betas = (0.0, 0.99)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("positive", 0), ("positive", 1.5), ("count", -1), ("rate", 0.0), ("rate", math.inf), ("rate", math.nan),
        ("weight", -0.1), ("weight", math.inf), ("weight", math.nan), ("decay", 1.0), ("decay", -0.1),
        ("decay", math.nan), ("betas", (0.0, 1.0)), ("betas", (math.nan, 0.9)), ("betas", (0.9,)),
    ],
)  # fmt: skip
def test_numbers_that_no_training_can_use_are_refused_by_name(key, value):
    with pytest.raises(ConfigError, match=key):
        Numbers.parse({key: value}, "test")


def test_numbers_survive_json():
    assert Numbers.parse(Numbers().to_json(), "test") == Numbers()
