"""Street furniture: lamps, signs, traffic lights, bollards, fences."""

import enum
import math
from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.canvas import Canvas, Colour, Material, plane
from sbgan_bench.datasets.street_scenes.labels import Label

_STEEL: Colour = (0.48, 0.50, 0.51)
_OCTAGON = tuple((math.cos(math.pi * (k + 0.5) / 4), math.sin(math.pi * (k + 0.5) / 4)) for k in range(8))


def _pole(canvas: Canvas, x: float, z: float, height: float, radius: float, colour: Colour) -> None:
    """Paint an upright pole, its half towards the sun brighter."""
    light = canvas.sunlight(x, z)
    dark = canvas.add(Label.POLE, colour, offset=z, sun=0.25 * light)
    canvas.box(dark, x - radius, x + radius, 0.0, height, z)
    if canvas.pixels(radius, z) >= 1.5:
        bright = canvas.add(Label.POLE, colour, offset=z, sun=0.9 * light)
        left, right = (-radius, 0.0) if canvas.sun[0] < 0 else (0.0, radius)
        canvas.box(bright, x + left, x + right, 0.0, height, z)


@dataclass(frozen=True, slots=True)
class Lamp:
    """A street lamp whose arm reaches over the road."""

    x: float
    z: float
    height: float
    arm: float  #: signed, metres
    colour: Colour
    glow: float

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Shade a thin strip."""
        canvas.shadow([(self.x - 0.08, self.z), (self.x + 0.08, self.z)], self.height, 170)

    def draw(self, canvas: Canvas) -> None:
        """Paint pole, arm, lantern."""
        _pole(canvas, self.x, self.z, self.height, 0.075, self.colour)
        arm = canvas.add(Label.POLE, self.colour, offset=self.z, sun=0.5)
        end = self.x + self.arm
        canvas.box(arm, min(self.x, end), max(self.x, end), self.height - 0.12, self.height, self.z)
        lantern = canvas.add(Label.POLE, (0.88, 0.86, 0.74), offset=self.z, sun=0.3, glow=self.glow)
        canvas.box(lantern, end - 0.35, end + 0.35, self.height - 0.22, self.height - 0.02, self.z)


@dataclass(frozen=True, slots=True)
class Post:
    """A bollard, or a wooden mast with a crossbar if it is tall."""

    x: float
    z: float
    height: float
    radius: float
    colour: Colour

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Shade a strip."""
        canvas.shadow([(self.x - self.radius, self.z), (self.x + self.radius, self.z)], self.height, 180)

    def draw(self, canvas: Canvas) -> None:
        """Paint it."""
        _pole(canvas, self.x, self.z, self.height, self.radius, self.colour)
        if self.height > 4:
            bar = canvas.add(Label.POLE, self.colour, offset=self.z, sun=0.4)
            canvas.box(bar, self.x - 0.9, self.x + 0.9, self.height - 0.8, self.height - 0.6, self.z)


class Plate(enum.Enum):
    """What a sign's plate looks like."""

    PROHIBITION = enum.auto()
    STOP = enum.auto()
    WARNING = enum.auto()
    PARKING = enum.auto()
    PRIORITY = enum.auto()
    DIRECTION = enum.auto()


_RED: Colour = (0.76, 0.10, 0.11)
_WHITE: Colour = (0.93, 0.93, 0.91)
_BLUE: Colour = (0.10, 0.26, 0.62)
_YELLOW: Colour = (0.93, 0.76, 0.12)
_DIRECTIONS: tuple[Colour, ...] = (_BLUE, (0.93, 0.79, 0.16), (0.10, 0.38, 0.24))


@dataclass(frozen=True, slots=True)
class Sign:
    """A plate on a pole."""

    x: float
    z: float
    height: float  #: of the plate's centre
    size: float  #: half of the plate's height
    plate: Plate
    tint: int  #: picks the colour of a direction sign

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Shade the pole's strip and the plate's patch."""
        canvas.shadow([(self.x - 0.05, self.z), (self.x + 0.05, self.z)], self.height, 170)

    def draw(self, canvas: Canvas) -> None:
        """Paint the pole and the plate before it."""
        _pole(canvas, self.x, self.z, self.height + 0.5 * self.size, 0.07, _STEEL)
        match self.plate:
            case Plate.PROHIBITION:
                self._disc(canvas, _RED, 1.0)
                self._disc(canvas, _WHITE, 0.72)
            case Plate.STOP:
                self._shape(canvas, _WHITE, [(1.0 * c, 1.0 * s) for c, s in _OCTAGON])
                self._shape(canvas, _RED, [(0.92 * c, 0.92 * s) for c, s in _OCTAGON])
                self._shape(canvas, _WHITE, [(-0.6, -0.14), (0.6, -0.14), (0.6, 0.14), (-0.6, 0.14)])
            case Plate.WARNING:
                self._shape(canvas, _RED, [(-1.05, -0.8), (1.05, -0.8), (0, 1.0)])
                self._shape(canvas, _WHITE, [(-0.66, -0.58), (0.66, -0.58), (0, 0.56)])
            case Plate.PARKING:
                self._shape(canvas, _BLUE, [(-0.85, -1), (0.85, -1), (0.85, 1), (-0.85, 1)])
                self._shape(canvas, _WHITE, [(-0.35, -0.65), (-0.1, -0.65), (-0.1, 0.65), (-0.35, 0.65)])
                self._shape(canvas, _WHITE, [(-0.1, -0.1), (0.4, -0.1), (0.4, 0.65), (-0.1, 0.65)])
            case Plate.PRIORITY:
                self._shape(canvas, _WHITE, [(-1, 0), (0, -1), (1, 0), (0, 1)])
                self._shape(canvas, _YELLOW, [(-0.7, 0), (0, -0.7), (0.7, 0), (0, 0.7)])
            case Plate.DIRECTION:
                self._draw_direction(canvas)

    def _draw_direction(self, canvas: Canvas) -> None:
        colour = _DIRECTIONS[self.tint % len(_DIRECTIONS)]
        text = (0.08, 0.08, 0.08) if colour[0] > 0.5 else _WHITE
        self._shape(canvas, text, [(-1.8, -1), (1.8, -1), (1.8, 1), (-1.8, 1)])
        self._shape(canvas, colour, [(-1.72, -0.92), (1.72, -0.92), (1.72, 0.92), (-1.72, 0.92)])
        for row, length in ((0.35, 1.2), (-0.45, 0.7)):
            self._shape(
                canvas, text, [(-1.4, row - 0.12), (length, row - 0.12), (length, row + 0.12), (-1.4, row + 0.12)]
            )

    def _number(self, canvas: Canvas, colour: Colour) -> int:
        sun = (0.5 + 0.4 * max(0.0, -canvas.sun[2])) * canvas.sunlight(self.x, self.z)
        return canvas.add(Label.SIGN, colour, offset=self.z, sun=sun, glow=0.12)

    def _disc(self, canvas: Canvas, colour: Colour, share: float) -> None:
        size = share * self.size
        canvas.disc(self._number(canvas, colour), self.x, self.height, self.z, size, size)

    def _shape(self, canvas: Canvas, colour: Colour, points: list[tuple[float, float]]) -> None:
        corners = [(self.x + self.size * a, self.height + self.size * b, self.z) for a, b in points]
        canvas.polygon(self._number(canvas, colour), corners)


@dataclass(frozen=True, slots=True)
class TrafficLight:
    """Three lamps on a pole; the housing is a sign."""

    x: float
    z: float
    go: bool
    arm: float  #: signed reach over the road, 0 for none

    @property
    def reach(self) -> float:
        """Depth."""
        return self.z

    def cast(self, canvas: Canvas) -> None:
        """Shade a strip."""
        canvas.shadow([(self.x - 0.08, self.z), (self.x + 0.08, self.z)], 3.4, 180)

    def draw(self, canvas: Canvas) -> None:
        """Paint the pole and one housing, or two with an arm."""
        _pole(canvas, self.x, self.z, 5.4 if self.arm else 2.8, 0.09, (0.30, 0.32, 0.33))
        self._housing(canvas, self.x, 2.9)
        if self.arm:
            bar = canvas.add(Label.POLE, (0.30, 0.32, 0.33), offset=self.z, sun=0.4)
            end = self.x + self.arm
            canvas.box(bar, min(self.x, end), max(self.x, end), 5.25, 5.42, self.z)
            self._housing(canvas, end, 5.2)

    def _housing(self, canvas: Canvas, x: float, middle: float) -> None:
        edge = canvas.add(Label.SIGN, (0.80, 0.80, 0.78), offset=self.z, sun=0.3)
        canvas.box(edge, x - 0.30, x + 0.30, middle - 0.66, middle + 0.66, self.z)
        case = canvas.add(Label.SIGN, (0.06, 0.07, 0.07), offset=self.z, sun=0.3)
        canvas.box(case, x - 0.25, x + 0.25, middle - 0.61, middle + 0.61, self.z)
        lamps = (((0.95, 0.12, 0.08), not self.go), ((0.5, 0.38, 0.1), False), ((0.15, 0.90, 0.45), self.go))
        for row, (colour, lit) in enumerate(lamps):
            gain = 1.0 if lit else 0.35
            lamp = canvas.add(
                Label.SIGN,
                (colour[0] * gain, colour[1] * gain, colour[2] * gain),
                offset=self.z,
                sun=0.2,
                glow=0.8 if lit else 0.0,
            )
            canvas.disc(lamp, x, middle + 0.4 * (1 - row), self.z, 0.15, 0.15)


class FenceKind(enum.Enum):
    """How a fence is made."""

    WOOD = enum.auto()
    PICKET = enum.auto()
    IRON = enum.auto()
    RAIL = enum.auto()


FENCE_COLOURS: dict[FenceKind, Colour] = {
    FenceKind.WOOD: (0.50, 0.36, 0.24),
    FenceKind.PICKET: (0.88, 0.87, 0.83),
    FenceKind.IRON: (0.22, 0.27, 0.24),
    FenceKind.RAIL: (0.66, 0.68, 0.69),
}


@dataclass(frozen=True, slots=True)
class Fence:
    """A stretch of fence between two points on the ground, (x, z) each."""

    start: tuple[float, float]
    end: tuple[float, float]
    height: float
    kind: FenceKind
    colour: Colour

    @property
    def reach(self) -> float:
        """Depth of its far end."""
        return max(self.start[1], self.end[1])

    def cast(self, canvas: Canvas) -> None:
        """Shade its strip."""
        canvas.shadow([self.start, self.end], self.height, 150)

    def draw(self, canvas: Canvas) -> None:
        """Paint the panel and its post."""
        (a, b), (c, d) = self.start, self.end
        low = 0.42 * self.height if self.kind is FenceKind.RAIL else 0.0
        corners = [(a, low, b), (c, low, d), (c, self.height, d), (a, self.height, b)]
        normal, offset = plane(corners[0], corners[1], corners[2])
        light = 0.5 * (canvas.sunlight(a, b) + canvas.sunlight(c, d))
        sun = light * canvas.lambert(normal)
        material = Material.PLAIN if self.kind is FenceKind.RAIL else Material.PLANKS
        panel = canvas.add(Label.FENCE, self.colour, material, normal, offset, sun)
        canvas.polygon(panel, corners)
        post = canvas.add(Label.FENCE, self.colour, offset=b, sun=0.2 * light)
        canvas.box(post, a - 0.06, a + 0.06, 0.0, self.height + 0.05, b)
