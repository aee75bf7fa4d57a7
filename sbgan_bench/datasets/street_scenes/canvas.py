"""The canvas: surfaces are numbered, and every pixel holds the number of the surface seen there."""

import enum
from collections.abc import Sequence
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from sbgan_bench.datasets.street_scenes.camera import Camera
from sbgan_bench.datasets.street_scenes.labels import Label

Colour: TypeAlias = tuple[float, float, float]
Point: TypeAlias = tuple[float, float, float]
Vector: TypeAlias = tuple[float, float, float]

FACING: Vector = (0.0, 0.0, 1.0)
UP: Vector = (0.0, 1.0, 0.0)


class Material(enum.IntEnum):
    """How a surface is textured."""

    SKY = 0
    GROUND = 1
    PLAIN = 2
    FOLIAGE = 3
    FACADE = 4
    ROOF = 5
    PLANKS = 6


class Column(enum.IntEnum):
    """Columns of the table of surfaces."""

    LABEL = 0
    MATERIAL = 1
    RED = 2
    GREEN = 3
    BLUE = 4
    NORMAL_X = 5
    NORMAL_Y = 6
    NORMAL_Z = 7
    OFFSET = 8
    SUN = 9
    GLOW = 10
    DETAIL = 11


class Drawable(Protocol):
    """Something that stands in the street."""

    @property
    def reach(self) -> float:
        """Depth in metres that decides the order: what reaches farther is painted earlier."""

    def cast(self, canvas: "Canvas") -> None:
        """Paint its shadow on the ground."""

    def draw(self, canvas: "Canvas") -> None:
        """Paint its surfaces."""


class Canvas:
    """Numbered surfaces under construction, and the ground's shadow mask, both at the camera's size."""

    def __init__(self, camera: Camera, sun: Vector) -> None:
        self.camera = camera
        self.sun = sun
        self._shift = (-sun[0] / sun[1], -sun[2] / sun[1])
        size = (camera.columns, camera.rows)
        self._numbers = Image.new("I", size, 0)
        self._pen = ImageDraw.Draw(self._numbers)
        self._shadows = Image.new("L", size, 0)
        self._shadow_pen = ImageDraw.Draw(self._shadows)
        self._shade: NDArray[np.uint8] | None = None
        self._surfaces: list[tuple[float, ...]] = []
        self.facades: list[tuple[float, ...]] = []  #: one row per facade, columns as in ``facades.Column``
        self.add(Label.SKY, (0, 0, 0), Material.SKY, FACING, 2000.0)
        self._half_columns, self._focal = 0.5 * camera.columns, camera.focal
        self._horizon, self._height = camera.view.horizon * camera.rows, camera.view.height

    def add(
        self,
        label: Label,
        colour: Colour,
        material: Material = Material.PLAIN,
        normal: Vector = FACING,
        offset: float = 0.0,
        sun: float = 0.6,
        glow: float = 0.0,
        detail: int = 0,
    ) -> int:
        """Register a surface and return its number.

        Args:
            label: Class of its pixels.
            colour: Its own colour, 0 to 1.
            material: How it is textured.
            normal: Unit normal of its plane.
            offset: The plane is ``normal · (x, y, z) = offset``; the depth of a surface that faces the camera.
            sun: Share of the sun's light it receives, 0 to 1.
            glow: Light of its own, 0 to 1.
            detail: Row of the material's own table, if it has one.
        """
        self._surfaces.append((label, material, *colour, *normal, offset, sun, glow, detail))
        return len(self._surfaces) - 1

    def polygon(self, surface: int, points: Sequence[Point]) -> None:
        """Paint a polygon given by its corners in metres."""
        flat: list[float] = []
        for x, y, z in points:
            scale = self._focal / z
            flat.append(self._half_columns + scale * x)
            flat.append(self._horizon + scale * (self._height - y))
        self._pen.polygon(flat, fill=surface)

    def box(self, surface: int, left: float, right: float, bottom: float, top: float, z: float) -> None:
        """Paint an upright rectangle that faces the camera, at least one pixel wide and high."""
        scale = self._focal / z
        x0, x1 = self._half_columns + scale * left, self._half_columns + scale * right
        y0, y1 = self._horizon + scale * (self._height - top), self._horizon + scale * (self._height - bottom)
        x0, y0 = int(x0), int(y0)
        self._pen.rectangle((x0, y0, max(x0, round(x1) - 1), max(y0, round(y1) - 1)), fill=surface)

    def disc(self, surface: int, x: float, y: float, z: float, across: float, up: float) -> None:
        """Paint an ellipse that faces the camera, from its centre and half axes in metres."""
        scale = self._focal / z
        u, v = self._half_columns + scale * x, self._horizon + scale * (self._height - y)
        a, b = max(scale * across, 0.5), max(scale * up, 0.5)
        self._pen.ellipse((u - a, v - b, u + a, v + b), fill=surface)

    def blob(
        self, surface: int, x: float, y: float, z: float, radius: float, outline: Sequence[tuple[float, float]]
    ) -> None:
        """Paint an outline about the unit circle, scaled to ``radius`` metres, that faces the camera."""
        scale = self._focal / z
        u, v, size = self._half_columns + scale * x, self._horizon + scale * (self._height - y), scale * radius
        self._pen.polygon([(u + size * a, v - size * b) for a, b in outline], fill=surface)

    def sees(self, x: float, z: float, margin: float) -> bool:
        """Whether something at (x, z) that reaches ``margin`` metres to both sides can lie in the picture."""
        return self._focal * (abs(x) - margin) < self._half_columns * z

    def pixels(self, metres: float, z: float) -> float:
        """Return how many pixels a length spans at a depth."""
        return self._focal * metres / z

    def shadow(self, corners: Sequence[tuple[float, float]], top: float, strength: int = 215) -> None:
        """Shade the ground under an upright prism.

        Args:
            corners: (x, z) of its footprint.
            top: Its height in metres.
            strength: 0 to 255.
        """
        dx, dz = self._shift[0] * top, self._shift[1] * top
        hull = convex_hull([*corners, *((x + dx, z + dz) for x, z in corners)])
        self._shadow_polygon(hull, strength)

    def shadow_disc(self, x: float, y: float, z: float, radius: float, strength: int = 200) -> None:
        """Shade the ground under a ball with centre (x, y, z)."""
        cx, cz = x + self._shift[0] * y, z + self._shift[1] * y
        octagon = [(cx + radius * c, cz + radius * s / max(self.sun[1], 0.35)) for c, s in _OCTAGON]
        self._shadow_polygon(octagon, strength)

    def _shadow_polygon(self, outline: list[tuple[float, float]], strength: int) -> None:
        near = 0.8
        if max(z for _, z in outline) <= near:
            return
        flat: list[float] = []
        for (x, z), (next_x, next_z) in zip(outline, outline[1:] + outline[:1], strict=True):
            if z >= near:
                flat += self.camera.project(x, 0.0, z)
            if (z >= near) != (next_z >= near):
                share = (near - z) / (next_z - z)
                flat += self.camera.project(x + share * (next_x - x), 0.0, near)
        self._shadow_pen.polygon(flat, fill=strength)

    def fix_shade(self) -> None:
        """Let ``sunlight`` see the shadows painted so far."""
        self._shade = np.asarray(self._shadows).copy()

    def sunlight(self, x: float, z: float) -> float:
        """Return the share of the sun, 0 to 1, that reaches the ground at (x, z) past the fixed shadows."""
        if self._shade is None:
            return 1.0
        u, v = self.camera.project(x, 0.0, z)
        column = min(max(int(u), 0), self.camera.columns - 1)
        row = min(max(int(v), 0), self.camera.rows - 1)
        return 1.0 - float(self._shade[row, column]) / 255.0

    def lambert(self, normal: Vector) -> float:
        """Return the share of the sun that a surface with this unit normal receives."""
        return max(0.0, normal[0] * self.sun[0] + normal[1] * self.sun[1] + normal[2] * self.sun[2])

    def numbers(self) -> NDArray[np.int32]:
        """Return ``(H, W)`` surface numbers."""
        return np.asarray(self._numbers)

    def shadows(self) -> NDArray[np.uint8]:
        """Return ``(H, W)`` shadow strength, 0 to 255."""
        return np.asarray(self._shadows)

    def table(self) -> NDArray[np.float32]:
        """Return one row per surface, columns as in ``Column``."""
        return np.array(self._surfaces, np.float32)


_OCTAGON = ((1.0, 0.0), (0.7, 0.7), (0.0, 1.0), (-0.7, 0.7), (-1.0, 0.0), (-0.7, -0.7), (0.0, -1.0), (0.7, -0.7))


def plane(a: Point, b: Point, c: Point) -> tuple[Vector, float]:
    """Return the unit normal, turned towards the camera at the origin's side, and the offset of the plane of a, b, c.

    The camera stands above the origin; a plane that holds the origin's axis keeps the normal it has.
    """
    ux, uy, uz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    vx, vy, vz = c[0] - a[0], c[1] - a[1], c[2] - a[2]
    nx, ny, nz = uy * vz - uz * vy, uz * vx - ux * vz, ux * vy - uy * vx
    length = (nx * nx + ny * ny + nz * nz) ** 0.5 or 1.0
    if nx * a[0] + ny * (a[1] - 1.5) + nz * a[2] > 0:
        length = -length
    nx, ny, nz = nx / length, ny / length, nz / length
    return (nx, ny, nz), nx * a[0] + ny * a[1] + nz * a[2]


def convex_hull(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Return the convex hull by Andrew's monotone chain, counter-clockwise."""
    ordered = sorted(points)
    return _chain(ordered) + _chain(ordered[::-1])


def _chain(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    chain: list[tuple[float, float]] = []
    for x, y in points:
        while len(chain) > 1:
            (ax, ay), (bx, by) = chain[-2], chain[-1]
            if (bx - ax) * (y - ay) > (by - ay) * (x - ax):
                break
            chain.pop()
        chain.append((x, y))
    return chain[:-1]
