"""Cars and vans: an extruded side profile, turned to any heading."""

import itertools
import math
from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.canvas import Canvas, Colour, Point
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.labels import Label

_GLASS: Colour = (0.16, 0.20, 0.24)
_TYRE: Colour = (0.07, 0.07, 0.08)
_HUB: Colour = (0.42, 0.43, 0.45)
_TAIL: Colour = (0.80, 0.06, 0.05)
_HEAD: Colour = (0.92, 0.92, 0.84)
_PLATE: Colour = (0.90, 0.90, 0.86)


@dataclass(frozen=True, slots=True)
class Body:
    """A side profile: (along, up) from the rear bumper over the roof to the front bumper, metres."""

    profile: tuple[tuple[float, float], ...]
    rear_glass: int  #: index of the profile segment that is the rear window
    front_glass: int  #: and of the windscreen
    windows: tuple[tuple[tuple[float, float], ...], ...]  #: of the side
    waist: float  #: height above which the sides lean inwards
    half_width: float
    axle: float  #: of the wheels, before and behind the middle

    def half_at(self, up: float) -> float:
        """Return half of the width at a height."""
        return self.half_width - 0.36 * max(0.0, up - self.waist)


HATCHBACK = Body(
    (
        (-2.0, 0.28),
        (-2.06, 0.58),
        (-1.98, 0.95),
        (-1.62, 1.42),
        (0.1, 1.47),
        (0.95, 0.98),
        (1.9, 0.80),
        (2.05, 0.55),
        (2.0, 0.26),
    ),
    2,
    4,
    (
        ((-1.55, 0.98), (-1.35, 1.34), (-0.65, 1.38), (-0.65, 0.98)),
        ((-0.55, 0.98), (-0.55, 1.38), (0.05, 1.38), (0.62, 0.98)),
    ),
    0.95,
    0.88,
    1.25,
)
SALOON = Body(
    (
        (-2.3, 0.28),
        (-2.36, 0.60),
        (-2.25, 0.96),
        (-1.65, 1.02),
        (-0.95, 1.40),
        (0.25, 1.43),
        (1.05, 0.98),
        (2.1, 0.82),
        (2.3, 0.56),
        (2.25, 0.26),
    ),
    3,
    5,
    (
        ((-1.35, 1.0), (-0.9, 1.32), (-0.45, 1.34), (-0.45, 1.0)),
        ((-0.35, 1.0), (-0.35, 1.35), (0.2, 1.35), (0.75, 1.0)),
    ),
    0.98,
    0.90,
    1.40,
)
ESTATE = Body(
    (
        (-2.3, 0.30),
        (-2.36, 0.65),
        (-2.28, 1.02),
        (-2.0, 1.58),
        (0.1, 1.64),
        (0.95, 1.08),
        (2.0, 0.92),
        (2.2, 0.6),
        (2.15, 0.28),
    ),
    2,
    4,
    (
        ((-1.95, 1.08), (-1.8, 1.48), (-0.75, 1.54), (-0.75, 1.08)),
        ((-0.6, 1.08), (-0.6, 1.54), (0.05, 1.54), (0.65, 1.08)),
    ),
    1.05,
    0.93,
    1.40,
)
VAN = Body(
    (
        (-2.5, 0.35),
        (-2.52, 0.8),
        (-2.5, 1.25),
        (-2.42, 2.05),
        (1.15, 2.1),
        (1.95, 1.25),
        (2.5, 1.05),
        (2.6, 0.65),
        (2.55, 0.32),
    ),
    2,
    4,
    (((0.35, 1.25), (0.35, 1.85), (1.05, 1.85), (1.6, 1.25)),),
    1.3,
    0.98,
    1.60,
)
_BODIES = (HATCHBACK, HATCHBACK, SALOON, SALOON, ESTATE, ESTATE, VAN)
_PAINTS: tuple[Colour, ...] = (
    (0.86, 0.86, 0.85),
    (0.80, 0.81, 0.82),
    (0.55, 0.57, 0.60),
    (0.36, 0.38, 0.41),
    (0.12, 0.12, 0.14),
    (0.16, 0.17, 0.20),
    (0.62, 0.10, 0.10),
    (0.14, 0.24, 0.48),
    (0.20, 0.34, 0.58),
    (0.80, 0.62, 0.14),
    (0.16, 0.32, 0.24),
    (0.56, 0.46, 0.36),
)


@dataclass(frozen=True, slots=True)
class Car:
    """A car on the ground at (x, z) that looks along ``heading``."""

    x: float
    z: float
    heading: float  #: radians clockwise from straight ahead
    body: Body
    paint: Colour
    lamps: float  #: glow of its lamps

    @property
    def reach(self) -> float:
        """Depth near its near end: it hides what stands on the pavement beside it."""
        return self.z - 1.6 * abs(math.cos(self.heading))

    def _place(self, along: float, up: float, right: float) -> Point:
        forward_x, forward_z = math.sin(self.heading), math.cos(self.heading)
        return (
            self.x + right * forward_z + along * forward_x,
            up,
            max(0.6, self.z - right * forward_x + along * forward_z),
        )

    def _footprint(self, grow: float) -> list[tuple[float, float]]:
        length, half = self.body.profile[0][0] - grow, self.body.half_width + grow
        corners = ((length, -half), (length, half), (-length, half), (-length, -half))
        return [(point[0], point[2]) for point in (self._place(along, 0.0, right) for along, right in corners)]

    def cast(self, canvas: Canvas) -> None:
        """Shade the ground beside the car and, darker, under it."""
        canvas.shadow(self._footprint(-0.1), 1.3)

    def draw(self, canvas: Canvas) -> None:
        """Paint the strips and the side that face the camera."""
        if not canvas.sees(self.x, self.z, 3.0):
            return
        self._draw_underside(canvas)
        light = canvas.sunlight(self.x, self.z)
        self._draw_strips(canvas, light)
        forward_x, forward_z = math.sin(self.heading), math.cos(self.heading)
        facing = self.x * forward_z - self.z * forward_x
        if abs(facing) > self.body.half_width:
            self._draw_side(canvas, -1 if facing > 0 else 1, light)

    def _draw_underside(self, canvas: Canvas) -> None:
        """Paint the floor between the wheels and the tyres' treads."""
        floor = canvas.add(Label.CAR, (0.04, 0.04, 0.05), offset=self.z, sun=0.0)
        tyre = canvas.add(Label.CAR, _TYRE, offset=self.z, sun=0.2)
        half = self.body.half_width
        for along in (-self.body.axle - 0.3, self.body.axle + 0.3):
            for number, low, left, right in (
                (floor, 0.2, -0.9, 0.9),
                (tyre, 0.0, -0.94, -0.68),
                (tyre, 0.0, 0.68, 0.94),
            ):
                corners = ((left, low), (right, low), (right, 0.45), (left, 0.45))
                canvas.polygon(number, [self._place(along, up, share * half) for share, up in corners])

    def _draw_strips(self, canvas: Canvas, light: float) -> None:
        profile, last = self.body.profile, len(self.body.profile) - 2
        forward_x, forward_z = math.sin(self.heading), math.cos(self.heading)
        for index, ((a, b), (c, d)) in enumerate(itertools.pairwise(profile)):
            length = math.hypot(c - a, d - b)
            along, up = (b - d) / length, (c - a) / length
            normal = (along * forward_x, up, along * forward_z)
            x, y, z = self._place((a + c) / 2, (b + d) / 2, 0.0)
            if normal[0] * x + normal[1] * (y - canvas.camera.view.height) + normal[2] * z >= 0:
                continue
            paint = canvas.add(Label.CAR, self.paint, offset=z, sun=light * canvas.lambert(normal) + 0.08)
            self._strip(canvas, paint, index, (0.0, 1.0), (-1.0, 1.0))
            if index in (self.body.rear_glass, self.body.front_glass):
                glass = canvas.add(Label.CAR, _GLASS, offset=z, sun=0.5 * light)
                self._strip(canvas, glass, index, (0.12, 0.9), (-0.88, 0.88))
            elif index == 1 or index == last - 1:
                self._lamps(canvas, index, z, _TAIL if index == 1 else _HEAD)
            elif index in (0, last):
                plate = canvas.add(Label.CAR, _PLATE, offset=z, sun=0.4)
                middle = (0.45, 0.9) if index == 0 else (0.1, 0.55)
                self._strip(canvas, plate, index, middle, (-0.3, 0.3))

    def _lamps(self, canvas: Canvas, index: int, z: float, colour: Colour) -> None:
        lamp = canvas.add(Label.CAR, colour, offset=z, sun=0.4, glow=self.lamps)
        band = (0.35, 0.95) if index == 1 else (0.2, 0.85)
        for side in (-1, 1):
            self._strip(canvas, lamp, index, band, (0.62 * side, 0.97 * side))
        if index != 1:
            grille = canvas.add(Label.CAR, (0.10, 0.10, 0.11), offset=z, sun=0.3)
            self._strip(canvas, grille, index, (0.35, 0.9), (-0.5, 0.5))

    def _strip(
        self, canvas: Canvas, number: int, index: int, span: tuple[float, float], across: tuple[float, float]
    ) -> None:
        """Paint a part of a strip: ``span`` along its profile segment, ``across`` in half widths."""
        (a, b), (c, d) = self.body.profile[index], self.body.profile[index + 1]
        ends = [(a + (c - a) * share, b + (d - b) * share) for share in span]
        (p, q), (r, s) = ends
        first, second = self.body.half_at(q), self.body.half_at(s)
        canvas.polygon(
            number,
            [
                self._place(p, q, across[0] * first),
                self._place(p, q, across[1] * first),
                self._place(r, s, across[1] * second),
                self._place(r, s, across[0] * second),
            ],
        )

    def _draw_side(self, canvas: Canvas, side: int, light: float) -> None:
        forward_x, forward_z = math.sin(self.heading), math.cos(self.heading)
        sun = light * canvas.lambert((side * forward_z, 0.15, -side * forward_x)) + 0.05

        def at(points: tuple[tuple[float, float], ...]) -> list[Point]:
            return [self._place(along, up, side * self.body.half_at(up)) for along, up in points]

        paint = canvas.add(Label.CAR, self.paint, offset=self.z, sun=sun)
        canvas.polygon(paint, at(self.body.profile))
        glass = canvas.add(Label.CAR, _GLASS, offset=self.z, sun=0.4 * light)
        for window in self.body.windows:
            canvas.polygon(glass, at(window))
        tyre = canvas.add(Label.CAR, _TYRE, offset=self.z, sun=0.3)
        hub = canvas.add(Label.CAR, _HUB, offset=self.z, sun=0.4 * light)
        for along in (-self.body.axle, self.body.axle):
            for number, radius in ((tyre, 0.34), (hub, 0.17)):
                rim = [(along + radius * c, 0.34 + radius * s) for c, s in _RIM]
                canvas.polygon(number, [self._place(a, u, side * (self.body.half_width + 0.01)) for a, u in rim])


_RIM = tuple((math.cos(math.pi * k / 5), math.sin(math.pi * k / 5)) for k in range(10))


def sample_car(dice: Dice, x: float, z: float, heading: float, lamps: float) -> Car:
    """Draw a car at (x, z)."""
    return Car(x, z, heading, dice.pick(_BODIES), dice.shade(dice.pick(_PAINTS), 0.12), lamps)
