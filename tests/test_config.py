"""Configuration: every fault is named where it is, with what would be right there."""

from typing import Annotated

import pytest
from pydantic import Field

from sbgan_bench.config import Settings
from sbgan_bench.errors import ConfigError


class Wheel(Settings):
    radius: float = 1.0
    spokes: int = 3


class Cart(Settings):
    name: str = "cart"
    wheels: tuple[Wheel, ...] = Field(default=(Wheel(),), min_length=1)
    spare: Wheel | None = None
    named: dict[str, Wheel] = Field(default_factory=dict)
    marked: Annotated[tuple[Wheel, ...], Field(max_length=2)] = ()


def fault(values: dict[str, object]) -> str:
    with pytest.raises(ConfigError) as caught:
        Cart.parse(values, "cart.toml")
    return str(caught.value)


@pytest.mark.parametrize(
    ("values", "where"),
    [
        ({"wheels": [{"radiu": 2.0}]}, "wheels.0.radiu"),
        ({"spare": {"radiu": 2.0}}, "spare.radiu"),
        ({"named": {"left": {"radiu": 2.0}}}, "named.left.radiu"),
        ({"marked": [{}, {"radiu": 2.0}]}, "marked.1.radiu"),
    ],
)
def test_a_misspelt_key_is_answered_with_the_keys_of_its_own_table(values: dict[str, object], where: str) -> None:
    words = fault(values)
    assert words == f"cart.toml: unknown key {where!r}. Did you mean 'radius'? Known keys: radius, spokes"


def test_a_list_is_too_short_only_if_its_items_are_sound() -> None:
    assert "at least 1 item" not in fault({"wheels": [{"spokes": "many"}]})
    assert "at least 1 item" in fault({"wheels": []})
    assert "at least 1 item" in fault({"wheels": [], "spare": {"spokes": "many"}})


@pytest.mark.parametrize("value", [float("inf"), float("-inf"), float("nan")])
def test_only_finite_numbers_are_numbers(value: float) -> None:
    assert "wheels.0.radius" in fault({"wheels": [{"radius": value}]})
