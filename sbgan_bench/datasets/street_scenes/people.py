"""Pedestrians and riders, as figures that face the camera."""

import enum
from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.canvas import Canvas, Colour
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.labels import Label

_CLOTHES: tuple[Colour, ...] = (
    (0.62, 0.14, 0.14),
    (0.16, 0.24, 0.46),
    (0.86, 0.84, 0.80),
    (0.20, 0.20, 0.22),
    (0.82, 0.66, 0.20),
    (0.24, 0.42, 0.30),
    (0.52, 0.32, 0.44),
    (0.46, 0.50, 0.56),
    (0.86, 0.44, 0.16),
    (0.30, 0.52, 0.66),
)
_TROUSERS: tuple[Colour, ...] = (
    (0.14, 0.16, 0.24),
    (0.22, 0.24, 0.30),
    (0.30, 0.26, 0.22),
    (0.12, 0.12, 0.13),
    (0.46, 0.42, 0.36),
)
_SKINS: tuple[Colour, ...] = ((0.86, 0.66, 0.54), (0.72, 0.52, 0.40), (0.48, 0.33, 0.25))
_HAIRS: tuple[Colour, ...] = ((0.16, 0.11, 0.08), (0.34, 0.22, 0.12), (0.60, 0.48, 0.28), (0.42, 0.40, 0.38))


@dataclass(frozen=True, slots=True)
class Looks:
    """Colours of a person."""

    top: Colour
    trousers: Colour
    skin: Colour
    hair: Colour


def sample_looks(dice: Dice) -> Looks:
    """Draw somebody's colours."""
    return Looks(
        dice.shade(dice.pick(_CLOTHES), 0.15),
        dice.shade(dice.pick(_TROUSERS), 0.15),
        dice.pick(_SKINS),
        dice.pick(_HAIRS),
    )


class _Figure:
    """Paints parts of a person in the person's own measures: 1.75 tall, feet at (0, 0)."""

    def __init__(self, canvas: Canvas, label: Label, x: float, z: float, scale: float) -> None:
        self._canvas, self._label, self._x, self._z, self._scale = canvas, label, x, z, scale
        self._light = canvas.sunlight(x, z)

    def _number(self, colour: Colour, sun: float) -> int:
        return self._canvas.add(self._label, colour, offset=self._z, sun=sun * self._light)

    def limb(
        self, colour: Colour, start: tuple[float, float], end: tuple[float, float], width: float, sun: float = 0.5
    ) -> None:
        """Paint a bar from ``start`` to ``end``."""
        (a, b), (c, d) = start, end
        self.shape(colour, [(a - width, b), (a + width, b), (c + width, d), (c - width, d)], sun)

    def shape(self, colour: Colour, points: list[tuple[float, float]], sun: float = 0.5) -> None:
        """Paint a polygon."""
        x, z, scale = self._x, self._z, self._scale
        self._canvas.polygon(self._number(colour, sun), [(x + scale * a, scale * b, z) for a, b in points])

    def ball(self, colour: Colour, centre: tuple[float, float], across: float, up: float, sun: float = 0.55) -> None:
        """Paint an ellipse."""
        scale = self._scale
        self._canvas.disc(
            self._number(colour, sun),
            self._x + scale * centre[0],
            scale * centre[1],
            self._z,
            scale * across,
            scale * up,
        )


@dataclass(frozen=True, slots=True)
class Pedestrian:
    """Somebody on foot."""

    x: float
    z: float
    scale: float  #: height / 1.75 m
    stride: float  #: of the legs, metres
    looks: Looks

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Shade a strip on the ground."""
        canvas.shadow([(self.x - 0.2, self.z), (self.x + 0.2, self.z)], 1.7 * self.scale)

    def draw(self, canvas: Canvas) -> None:
        """Paint legs, arms, body, head."""
        figure, looks, stride = _Figure(canvas, Label.PEDESTRIAN, self.x, self.z, self.scale), self.looks, self.stride
        bright = 0.5 + 0.4 * canvas.sun[0]
        figure.limb((0.10, 0.09, 0.09), (-stride - 0.02, 0.0), (-stride, 0.10), 0.09)
        figure.limb((0.10, 0.09, 0.09), (stride + 0.02, 0.0), (stride, 0.10), 0.09)
        figure.limb(looks.trousers, (-stride, 0.07), (-0.08, 0.92), 0.095, 1 - bright)
        figure.limb(looks.trousers, (stride, 0.07), (0.08, 0.92), 0.095, bright)
        for side, sun in ((-1, 1 - bright), (1, bright)):
            figure.limb(looks.top, (side * (0.26 + 0.4 * stride), 0.85), (side * 0.22, 1.42), 0.06, sun)
            figure.ball(looks.skin, (side * (0.26 + 0.4 * stride), 0.82), 0.055, 0.065)
            figure.shape(
                looks.top, [(0, 0.84), (side * 0.20, 0.86), (side * 0.23, 1.40), (side * 0.1, 1.5), (0, 1.5)], sun
            )
        figure.ball(looks.skin, (0.0, 1.61), 0.105, 0.14)
        figure.ball(looks.hair, (0.0, 1.68), 0.11, 0.085)


class Bearing(enum.IntEnum):
    """Which way a rider goes in the picture."""

    LEFT = -1
    ALONG = 0
    RIGHT = 1


@dataclass(frozen=True, slots=True)
class Rider:
    """Somebody on a bicycle; the bicycle belongs to the rider's class."""

    x: float
    z: float
    bearing: Bearing
    looks: Looks
    frame: Colour
    helmet: Colour

    @property
    def reach(self) -> float:
        """Depth, or less for one who rides along the cars and may hide them."""
        return self.z - 1.6 if self.bearing is Bearing.ALONG else self.z

    def cast(self, canvas: Canvas) -> None:
        """Shade a strip on the ground."""
        half = 0.25 if self.bearing is Bearing.ALONG else 0.8
        canvas.shadow([(self.x - half, self.z), (self.x + half, self.z)], 1.6)

    def draw(self, canvas: Canvas) -> None:
        """Paint the bicycle and the rider."""
        figure = _Figure(canvas, Label.RIDER, self.x, self.z, 1.0)
        if self.bearing is Bearing.ALONG:
            self._draw_along(figure)
        else:
            self._draw_across(figure, int(self.bearing))

    def _draw_along(self, figure: _Figure) -> None:
        looks = self.looks
        figure.limb((0.08, 0.08, 0.09), (0, 0.0), (0, 0.68), 0.05)
        figure.shape(self.frame, [(-0.06, 0.35), (0.06, 0.35), (0.06, 0.95), (-0.06, 0.95)])
        figure.limb((0.2, 0.2, 0.2), (0, 1.02), (0, 1.07), 0.32)
        figure.limb(looks.trousers, (-0.13, 0.25), (-0.13, 1.0), 0.09, 0.3)
        figure.limb(looks.trousers, (0.13, 0.42), (0.13, 1.0), 0.09, 0.5)
        for side in (-1, 1):
            figure.limb(looks.top, (side * 0.30, 1.08), (side * 0.22, 1.5), 0.06)
        figure.shape(looks.top, [(-0.2, 0.92), (0.2, 0.92), (0.25, 1.5), (0.1, 1.58), (-0.1, 1.58), (-0.25, 1.5)])
        figure.ball(looks.skin, (0.0, 1.68), 0.105, 0.14)
        figure.ball(self.helmet, (0.0, 1.76), 0.125, 0.085)

    def _draw_across(self, figure: _Figure, way: int) -> None:
        looks = self.looks
        for wheel in (-0.52, 0.52):
            figure.ball((0.07, 0.07, 0.08), (wheel, 0.34), 0.34, 0.34)
            figure.ball((0.40, 0.40, 0.40), (wheel, 0.34), 0.25, 0.25)
        figure.shape(
            self.frame,
            [
                (-0.52 * way, 0.34),
                (-0.16 * way, 0.82),
                (0.38 * way, 0.86),
                (0.52 * way, 0.34),
                (0.34 * way, 0.7),
                (-0.02 * way, 0.34),
            ],
        )
        figure.limb((0.12, 0.12, 0.12), (0.40 * way, 0.8), (0.42 * way, 1.06), 0.05)
        figure.limb(looks.trousers, (0.02 * way, 0.30), (0.16 * way, 0.72), 0.08, 0.4)
        figure.limb(looks.trousers, (0.16 * way, 0.66), (-0.16 * way, 0.96), 0.10, 0.4)
        figure.shape(
            looks.top,
            [(-0.28 * way, 0.90), (-0.02 * way, 0.90), (0.26 * way, 1.42), (0.1 * way, 1.55), (-0.08 * way, 1.45)],
        )
        figure.limb(looks.top, (0.14 * way, 1.38), (0.42 * way, 1.06), 0.055, 0.7)
        figure.ball(looks.skin, (0.22 * way, 1.62), 0.11, 0.13)
        figure.ball(self.helmet, (0.20 * way, 1.70), 0.135, 0.085)


def sample_pedestrian(dice: Dice, x: float, z: float) -> Pedestrian:
    """Draw somebody on foot at (x, z), a child now and then."""
    scale = dice.between(0.62, 0.8) if dice.chance(0.12) else dice.between(0.92, 1.08)
    return Pedestrian(x, z, scale, dice.between(0.04, 0.24), sample_looks(dice))


def sample_rider(dice: Dice, x: float, z: float, bearing: Bearing) -> Rider:
    """Draw somebody on a bicycle at (x, z)."""
    return Rider(
        x, z, bearing, sample_looks(dice), dice.shade(dice.pick(_CLOTHES), 0.2), dice.shade(dice.pick(_CLOTHES), 0.2)
    )
