"""How a segmenter is trained: the DRN authors' recipe, and one for small data and two CPU cores."""

import enum
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

from pydantic import Field, model_validator

from sbgan_bench.config import Settings, did_you_mean, read_toml
from sbgan_bench.errors import ConfigError
from sbgan_bench.networks.drn import STRIDE, DRNArch


class RateSchedule(enum.StrEnum):
    """How the learning rate falls, by whole epochs as in the released code."""

    STEP = "step"  #: times 0.1 after every ``step_epochs``
    POLY = "poly"  #: times (1 - epoch / epochs) to the power 0.9


#: Exponent of ``RateSchedule.POLY``.
POLY_POWER = 0.9


class Recipe(Settings):
    """Network, optimiser and augmentation.

    The defaults are those of Yu, Koltun, Funkhouser, "Dilated Residual Networks" (CVPR 2017) as released
    (github.com/fyu/drn, ``segment.py``): SGD, random crops and mirroring.
    """

    arch: DRNArch = DRNArch.D_22
    epochs: int = Field(250, ge=1)  #: every labelled pair is shown this often
    batch_size: int = Field(32, ge=1)
    crop: tuple[int, int] = (896, 896)  #: (height, width) of what the network sees; smaller images are mirrored on
    learning_rate: float = Field(0.01, gt=0)
    momentum: float = Field(0.9, ge=0, lt=1)
    weight_decay: float = Field(1e-4, ge=0)
    schedule: RateSchedule = RateSchedule.STEP
    step_epochs: int = Field(100, ge=1)  #: of ``RateSchedule.STEP``
    mirror: bool = True  #: half of the crops, left to right
    random_scale: float = Field(1.0, ge=1)  #: s: every crop is of an image scaled by U(1/s, s); 1 for none
    rotate: float = Field(0.0, ge=0, le=90)  #: every image is turned by U(-rotate, rotate) degrees; 0 for none
    input_scale: float = Field(1.0, gt=0, le=1)  #: images are reduced to this share, in training and ever after

    @model_validator(mode="after")
    def _crop_fits_the_network(self) -> Self:
        if any(side < STRIDE or side % STRIDE for side in self.crop):
            raise ValueError(f"crop {list(self.crop)} must be multiples of {STRIDE}, as the network reduces by that")
        return self

    def rate(self, epoch: int) -> float:
        """Return the learning rate of an epoch (from 0)."""
        match self.schedule:
            case RateSchedule.STEP:
                return float(self.learning_rate * 0.1 ** (epoch // self.step_epochs))
            case RateSchedule.POLY:
                return float(self.learning_rate * (1 - epoch / self.epochs) ** POLY_POWER)


#: DRN-D-105 was trained with more augmentation and polynomial decay (README of github.com/fyu/drn, 05bec1f).
_D_105: Mapping[str, Any] = {
    "epochs": 500,
    "batch_size": 16,
    "crop": (840, 840),
    "schedule": RateSchedule.POLY,
    "random_scale": 2.0,
    "rotate": 10.0,
}

#: By name: what the authors did with each network, and ``quick`` for a hundred street photographs on two CPU cores.
RECIPES: Mapping[str, Recipe] = {
    **{arch.value: Recipe(arch=arch, **(_D_105 if arch is DRNArch.D_105 else {})) for arch in DRNArch},
    "quick": Recipe(
        epochs=24,
        batch_size=4,
        crop=(88, 120),
        schedule=RateSchedule.POLY,
        random_scale=1.25,
        input_scale=0.25,
    ),
}


def read_recipe(name: str) -> Recipe:
    """Return a recipe by name, or read a TOML file.

    A file holds the fields of ``Recipe``; ``extends = "drn_d_105"`` takes all others from a named one.

    Raises:
        ConfigError: No such recipe or file, or the file has a fault.
    """
    if name in RECIPES:
        return RECIPES[name]
    path = Path(name).expanduser()
    if not path.is_file():
        known = list(RECIPES)
        raise ConfigError(
            f"No recipe {name!r}.{did_you_mean(name, known)} Choose one of {', '.join(known)}, or give a TOML file."
        )
    values = read_toml(path)
    base = str(values.pop("extends", DRNArch.D_22.value))
    if base not in RECIPES:
        raise ConfigError(f"{path}: extends = {base!r} is no recipe; choose one of {', '.join(RECIPES)}.")
    return Recipe.parse({**RECIPES[base].to_json(), **values}, str(path))
