"""Trees and hedges: crowns of many clumps, lit from the sun's side."""

import math
from dataclasses import dataclass
from functools import cache

from sbgan_bench.datasets.street_scenes.canvas import Canvas, Colour, Material
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.labels import Label
from sbgan_bench.noise import generator

_SHAPES = 24


@cache
def _crown(shape: int) -> tuple[tuple[float, float, float, float], ...]:
    """Return (x, y, radius, brightness) of a crown's clumps within the unit disc, the large ones first."""
    dice = Dice(generator("street scenes: crown", shape))
    large: list[tuple[float, float, float, float]] = []
    small: list[tuple[float, float, float, float]] = []
    while len(large) < 13:
        x, y = dice.between(-0.7, 0.7), dice.between(-0.7, 0.7)
        if x * x + y * y < 0.45:
            large.append((x, y, dice.between(0.28, 0.42), dice.between(0.86, 1.1)))
    while len(small) < 20:
        x, y = dice.between(-1, 1), dice.between(-1, 1)
        if 0.3 < x * x + y * y < 0.82:
            small.append((x, y, dice.between(0.13, 0.22), dice.between(0.8, 1.2)))
    return (*large, *small)


@dataclass(frozen=True, slots=True)
class Tree:
    """A broad-leaved or a conifer."""

    x: float
    z: float
    height: float
    radius: float  #: of the crown
    leaves: Colour
    bark: Colour
    shape: int
    conifer: bool

    @property
    def reach(self) -> float:
        """Depth of its trunk."""
        return self.z

    @property
    def _middle(self) -> float:
        return self.height - 1.05 * self.radius

    def cast(self, canvas: Canvas) -> None:
        """Shade a disc for the crown and a strip for the trunk."""
        width = 0.04 * self.height
        canvas.shadow([(self.x - width, self.z), (self.x + width, self.z)], self._middle, 180)
        canvas.shadow_disc(self.x, self._middle, self.z, self.radius)

    def draw(self, canvas: Canvas) -> None:
        """Paint the trunk, then the crown's clumps, the sunlit ones last."""
        if not canvas.sees(self.x, self.z, 1.3 * self.radius):
            return
        width = 0.02 * self.height + 0.03
        trunk = canvas.add(Label.TREE, self.bark, Material.FOLIAGE, offset=self.z, sun=0.35)
        canvas.box(trunk, self.x - width, self.x + width, 0.0, self._middle, self.z)
        if self.conifer:
            self._draw_tiers(canvas)
        else:
            self._draw_clumps(canvas)

    def _draw_clumps(self, canvas: Canvas) -> None:
        sun_x, sun_y, sun_z = canvas.sun
        clumps = _crown(self.shape)
        if self.radius < 0.05 * self.z:
            clumps = clumps[: 13 if self.radius > 0.035 * self.z else 6]
        back = 0.30 - 0.20 * sun_z
        lit = sorted((back + 0.45 * (sun_x * x + (0.35 + sun_y) * y), x, y, r, gain) for x, y, r, gain in clumps)
        red, green, blue = self.leaves
        for sun, x, y, radius, gain in lit:
            gain *= 0.86 + 0.3 * y
            number = canvas.add(
                Label.TREE, (red * gain, green * gain, blue * gain), Material.FOLIAGE, offset=self.z, sun=max(sun, 0.0)
            )
            canvas.blob(
                number,
                self.x + x * self.radius,
                self._middle + 1.1 * y * self.radius,
                self.z,
                radius * self.radius,
                _RAGGED[int(97 * gain) % len(_RAGGED)],
            )

    def _draw_tiers(self, canvas: Canvas) -> None:
        red, green, blue = self.leaves
        sun_x = canvas.sun[0]
        tiers = 6
        for tier in range(tiers):
            low = 0.12 * self.height + 0.88 * self.height * tier / (tiers + 1)
            top = low + 0.30 * self.height
            half = 0.75 * self.radius * (1 - 0.8 * tier / tiers)
            for side in (-1, 1):
                gain = 0.75 + 0.1 * (tier % 2)
                number = canvas.add(
                    Label.TREE,
                    (red * gain, green * gain, blue * gain),
                    Material.FOLIAGE,
                    offset=self.z,
                    sun=max(0.0, 0.35 + 0.4 * side * sun_x),
                )
                edge, tip = self.x + side * half, (self.x, min(top, self.height), self.z)
                canvas.polygon(number, [(self.x, low, self.z), (edge, low - 0.1 * half, self.z), tip])


def _ragged_outlines() -> tuple[tuple[tuple[float, float], ...], ...]:
    """Return outlines of clumps of leaves about the unit circle."""
    dice, spokes = Dice(generator("street scenes: clumps", 0)), 9
    angles = [2 * math.pi * spoke / spokes for spoke in range(spokes)]
    return tuple(
        tuple(
            (radius * math.cos(angle), radius * math.sin(angle))
            for angle in angles
            for radius in [dice.between(0.78, 1.22)]
        )
        for _ in range(7)
    )


_RAGGED = _ragged_outlines()

_SUMMER: tuple[Colour, ...] = ((0.36, 0.50, 0.20), (0.30, 0.44, 0.20), (0.42, 0.54, 0.24), (0.26, 0.40, 0.22))
_AUTUMN: tuple[Colour, ...] = ((0.78, 0.58, 0.18), (0.74, 0.42, 0.14), (0.60, 0.50, 0.20), (0.66, 0.30, 0.16))


def sample_tree(dice: Dice, x: float, z: float, height: float, autumn: float) -> Tree:
    """Draw a tree of about ``height`` metres at (x, z); ``autumn`` in 0 to 1 turns its leaves."""
    height *= dice.between(0.75, 1.25)
    conifer = dice.chance(0.12)
    leaves = dice.pick(_AUTUMN) if dice.chance(autumn) and not conifer else dice.pick(_SUMMER)
    if conifer:
        leaves = (0.20, 0.34, 0.22)
    return Tree(
        x=x,
        z=z,
        height=height,
        radius=height * dice.between(0.26, 0.38),
        leaves=dice.shade(leaves, 0.15),
        bark=dice.shade((0.30, 0.24, 0.19), 0.2),
        shape=int(dice.between(0, _SHAPES)),
        conifer=conifer,
    )


def sample_bush(dice: Dice, x: float, z: float, size: float, autumn: float) -> Tree:
    """Draw a bush: a low crown of radius about ``size`` metres without a trunk to be seen."""
    radius = size * dice.between(0.65, 1.35)
    leaves = dice.pick(_AUTUMN) if dice.chance(0.5 * autumn) else dice.pick(_SUMMER)
    return Tree(
        x=x,
        z=z,
        height=1.75 * radius,
        radius=radius,
        leaves=dice.shade(leaves, 0.2),
        bark=(0.28, 0.22, 0.18),
        shape=int(dice.between(0, _SHAPES)),
        conifer=False,
    )
