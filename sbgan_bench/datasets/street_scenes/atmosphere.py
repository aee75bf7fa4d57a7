"""Weather and time of day: the sun, the sky, the air and the sensor."""

import enum
import math
from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.canvas import Colour, Vector
from sbgan_bench.datasets.street_scenes.dice import Dice


class Weather(enum.Enum):
    """What the sky is like."""

    CLEAR = enum.auto()
    CLOUDY = enum.auto()
    OVERCAST = enum.auto()
    HAZY = enum.auto()
    GOLDEN = enum.auto()
    DUSK = enum.auto()
    RAIN = enum.auto()


@dataclass(frozen=True, slots=True)
class Atmosphere:
    """Everything between the surfaces and the picture."""

    sun: Vector  #: unit vector towards the sun
    sunlight: Colour  #: of the sun, as a factor on a surface's own colour
    skylight: Colour  #: of the rest of the sky, likewise
    zenith: Colour
    horizon: Colour  #: also the colour of the haze
    clouds: float  #: 0 to 1
    visibility: float  #: metres at which half of the light is haze
    wet: float  #: how much the road mirrors the sky, 0 to 1
    lamps: float  #: how strongly lamps and lit windows glow, 0 to 1
    gain: float  #: of the sensor
    warmth: float  #: of the white balance, around 0
    grain: float  #: of the sensor, in grey levels


_WEATHERS = (
    *[Weather.CLEAR] * 5,
    *[Weather.CLOUDY] * 5,
    *[Weather.OVERCAST] * 4,
    *[Weather.HAZY] * 2,
    *[Weather.GOLDEN] * 3,
    Weather.DUSK,
    *[Weather.RAIN] * 2,
)

#: elevation range in degrees, sunlight, skylight, zenith, horizon, clouds range, visibility range
_SKIES: dict[
    Weather, tuple[tuple[float, float], Colour, Colour, Colour, Colour, tuple[float, float], tuple[float, float]]
] = {
    Weather.CLEAR: (
        (25, 60),
        (0.80, 0.76, 0.66),
        (0.58, 0.62, 0.70),
        (0.42, 0.64, 0.92),
        (0.74, 0.83, 0.92),
        (0, 0.3),
        (350, 900),
    ),
    Weather.CLOUDY: (
        (25, 60),
        (0.70, 0.67, 0.60),
        (0.62, 0.65, 0.70),
        (0.48, 0.66, 0.90),
        (0.78, 0.84, 0.90),
        (0.4, 0.8),
        (250, 600),
    ),
    Weather.OVERCAST: (
        (30, 70),
        (0.12, 0.12, 0.12),
        (0.92, 0.94, 0.97),
        (0.66, 0.69, 0.74),
        (0.82, 0.84, 0.86),
        (0.8, 1),
        (120, 300),
    ),
    Weather.HAZY: (
        (25, 60),
        (0.22, 0.21, 0.20),
        (0.86, 0.88, 0.90),
        (0.72, 0.75, 0.79),
        (0.82, 0.83, 0.84),
        (0.2, 0.5),
        (45, 90),
    ),
    Weather.GOLDEN: (
        (12, 24),
        (0.95, 0.72, 0.42),
        (0.54, 0.55, 0.66),
        (0.46, 0.57, 0.78),
        (0.97, 0.82, 0.62),
        (0.2, 0.7),
        (180, 450),
    ),
    Weather.RAIN: (
        (30, 60),
        (0.05, 0.05, 0.05),
        (0.88, 0.91, 0.95),
        (0.52, 0.56, 0.62),
        (0.74, 0.77, 0.80),
        (0.9, 1),
        (70, 140),
    ),
    Weather.DUSK: (
        (20, 30),
        (0.05, 0.05, 0.07),
        (0.50, 0.52, 0.66),
        (0.22, 0.28, 0.48),
        (0.74, 0.54, 0.46),
        (0.2, 0.8),
        (200, 400),
    ),
}


def sample_atmosphere(dice: Dice) -> Atmosphere:
    """Draw a weather, a sun and a sensor."""
    weather = dice.pick(_WEATHERS)
    elevations, sunlight, skylight, zenith, horizon, clouds, visibility = _SKIES[weather]
    elevation = math.radians(dice.between(*elevations))
    azimuth = math.radians(dice.between(-180, 180))
    level = math.cos(elevation)
    return Atmosphere(
        sun=(level * math.sin(azimuth), math.sin(elevation), level * math.cos(azimuth)),
        sunlight=dice.shade(sunlight, 0.08),
        skylight=dice.shade(skylight, 0.06),
        zenith=dice.shade(zenith, 0.12),
        horizon=dice.shade(horizon, 0.05),
        clouds=dice.between(*clouds),
        visibility=dice.between(*visibility),
        wet=1.0 if weather is Weather.RAIN else 0.0,
        lamps=1.0 if weather is Weather.DUSK else 0.0,
        gain=dice.between(0.92, 1.15),
        warmth=dice.between(-0.05, 0.06),
        grain=dice.between(1.0, 3.2),
    )
