"""Kinds of numbers that settings are made of; infinity and NaN are none of them."""

from typing import Annotated, TypeAlias

from pydantic import Field

#: How many, at least one.
Positive: TypeAlias = Annotated[int, Field(gt=0)]
#: How many, perhaps none.
Count: TypeAlias = Annotated[int, Field(ge=0)]
#: A learning rate or another factor that must not vanish.
Rate: TypeAlias = Annotated[float, Field(gt=0, allow_inf_nan=False)]
#: Weight of a loss term; 0 leaves it out.
Weight: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
#: How much of what was is kept at every step: the decay of a moving average.
Decay: TypeAlias = Annotated[float, Field(ge=0, lt=1)]
#: Adam's two decays.
Betas: TypeAlias = tuple[Decay, Decay]
