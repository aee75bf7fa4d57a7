"""Buildings: walls along the street and facing the camera, roofs, chimneys."""

import enum
from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.canvas import Canvas, Colour, Material, Point, plane
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.labels import Label
from sbgan_bench.datasets.street_scenes.street import Street


class Roof(enum.Enum):
    """Shape of a roof as seen from the street."""

    FLAT = enum.auto()
    SLOPED = enum.auto()  #: rises away from the street
    GABLE_END = enum.auto()  #: ridge along the street: the gable faces the camera
    GABLE_FRONT = enum.auto()  #: ridge across: the gable faces the street


class GroundFloor(enum.IntEnum):
    """What the lowest floor shows."""

    WINDOWS = 0
    SHOP = 1
    DOORS = 2


@dataclass(frozen=True, slots=True)
class Facade:
    """Pattern of a wall, in metres and colours."""

    pitch: float  #: between window centres
    floor: float  #: between floors
    window: tuple[float, float]  #: width and height as shares of pitch and floor
    ground: GroundFloor
    brick: bool
    trim: Colour  #: of frames and cornice
    seed: int


@dataclass(frozen=True, slots=True)
class Building:
    """A block beside the street."""

    street: Street
    side: int
    near: float  #: depth of its near wall
    far: float
    setback: float  #: lateral distance of its wall from the road's centre
    thickness: float  #: how far it extends away from the street
    height: float  #: of the walls
    rise: float  #: of the roof above them
    roof: Roof
    wall: Colour
    tiles: Colour
    facade: Facade
    chimney: bool

    @property
    def reach(self) -> float:
        """Depth of its far end."""
        return self.far

    def _at(self, z: float, extra: float = 0.0) -> float:
        return self.street.centre(z) + self.side * (self.setback + extra)

    def cast(self, canvas: Canvas) -> None:
        """Shade the ground behind the block as the sun sees it."""
        near, far = self._at(self.near), self._at(self.far)
        out = self.side * self.thickness
        corners = [(near, self.near), (far, self.far), (far + out, self.far), (near + out, self.near)]
        canvas.shadow(corners, self.height + 0.5 * self.rise)

    def draw(self, canvas: Canvas) -> None:
        """Paint roof, street wall and near wall."""
        near, far, out = self._at(self.near), self._at(self.far), self.side * self.thickness
        height, ridge = self.height, self.height + self.rise
        middle = 0.5 * (self.near + self.far)
        street_wall: list[Point] = [(near, 0, self.near), (far, 0, self.far), (far, height, self.far)]
        near_wall: list[Point] = [(near, 0, self.near), (near + out, 0, self.near), (near + out, height, self.near)]
        if self.roof is Roof.GABLE_FRONT:
            street_wall.append((self._at(middle), ridge, middle))
            tip = self._at(middle)
            self._slope(
                canvas,
                [
                    (near, height, self.near),
                    (near + out, height, self.near),
                    (tip + out, ridge, middle),
                    (tip, ridge, middle),
                ],
            )
        elif self.roof is Roof.GABLE_END:
            near_wall.append((near + 0.5 * out, ridge, self.near))
            self._slope(
                canvas,
                [
                    (near, height, self.near),
                    (far, height, self.far),
                    (far + 0.5 * out, ridge, self.far),
                    (near + 0.5 * out, ridge, self.near),
                ],
            )
        elif self.roof is Roof.SLOPED:
            back = self.side * 0.6 * self.rise
            self._slope(
                canvas,
                [
                    (near, height, self.near),
                    (far, height, self.far),
                    (far + back, ridge, self.far),
                    (near + back, ridge, self.near),
                ],
            )
            self._slope(
                canvas,
                [
                    (near, height, self.near),
                    (near + back, ridge, self.near + 0.6 * self.rise),
                    (near + out, ridge, self.near + 0.6 * self.rise),
                    (near + out, height, self.near),
                ],
            )
        if self.chimney:
            self._chimney(canvas, near + 0.3 * out, ridge, middle)
        street_wall.append((near, height, self.near))
        near_wall.append((near, height, self.near))
        self._wall(canvas, near_wall, self.thickness)
        self._wall(canvas, street_wall, self.far - self.near)

    def _wall(self, canvas: Canvas, corners: list[Point], length: float) -> None:
        normal, offset = plane(corners[0], corners[1], corners[2])
        start = corners[0][0] * normal[2] - corners[0][2] * normal[0]
        pattern = self.facade
        pitch = length / max(1, round(length / pattern.pitch))
        floors = max(1, round((self.height - 0.5) / pattern.floor))
        canvas.facades.append(
            (
                start,
                pitch,
                (self.height - 0.4) / floors,
                *pattern.window,
                pattern.ground,
                pattern.brick,
                *pattern.trim,
                pattern.seed,
                self.height,
                self._shaded_height(canvas),
            )
        )
        row = len(canvas.facades) - 1
        sun = canvas.lambert(normal)
        number = canvas.add(Label.BUILDING, self.wall, Material.FACADE, normal, offset, sun, detail=row)
        canvas.polygon(number, corners)

    def _shaded_height(self, canvas: Canvas) -> float:
        """Return up to which height the row across the street keeps the sun off the street wall."""
        sun_x, sun_y, _ = canvas.sun
        if sun_x * self.side >= 0:
            return 0.0
        gap = self.setback + self.street.border(-self.side)
        return max(0.0, self.street.side(-self.side).level - gap * sun_y / max(abs(sun_x), 0.05))

    def _slope(self, canvas: Canvas, corners: list[Point]) -> None:
        normal, offset = plane(corners[0], corners[1], corners[2])
        number = canvas.add(Label.BUILDING, self.tiles, Material.ROOF, normal, offset, canvas.lambert(normal))
        canvas.polygon(number, corners)

    def _chimney(self, canvas: Canvas, x: float, top: float, z: float) -> None:
        number = canvas.add(Label.BUILDING, (0.45, 0.28, 0.22), offset=z)
        canvas.box(number, x - 0.4, x + 0.4, top - 1.5, top + 0.9, z)


_WALLS: tuple[Colour, ...] = (
    (0.66, 0.36, 0.26),
    (0.58, 0.31, 0.24),
    (0.80, 0.70, 0.54),
    (0.84, 0.78, 0.68),
    (0.72, 0.70, 0.66),
    (0.62, 0.58, 0.52),
    (0.86, 0.76, 0.50),
    (0.78, 0.62, 0.50),
    (0.70, 0.74, 0.74),
    (0.56, 0.54, 0.54),
    (0.88, 0.86, 0.82),
    (0.70, 0.50, 0.38),
    (0.62, 0.66, 0.56),
    (0.80, 0.66, 0.60),
)
_BRICKS = 2
_TILES: tuple[Colour, ...] = ((0.50, 0.24, 0.18), (0.36, 0.26, 0.24), (0.30, 0.31, 0.34), (0.56, 0.32, 0.22))
_TRIMS: tuple[Colour, ...] = ((0.92, 0.91, 0.87), (0.85, 0.80, 0.70), (0.30, 0.28, 0.27), (0.60, 0.56, 0.50))


def _pattern(dice: Dice, index: int, ground: GroundFloor, seed: int) -> Facade:
    return Facade(
        pitch=dice.between(1.9, 3.6),
        floor=dice.between(2.9, 3.6),
        window=(dice.between(0.36, 0.62), dice.between(0.45, 0.62)),
        ground=ground,
        brick=index < _BRICKS,
        trim=dice.pick(_TRIMS),
        seed=seed,
    )


def town_block(dice: Dice, street: Street, side: int, near: float) -> Building:
    """Draw a town house that stands wall to wall with its neighbours."""
    index = int(dice.between(0, len(_WALLS)))
    far = near + dice.between(8, 18)
    ground = GroundFloor.SHOP if dice.chance(0.45) else GroundFloor.DOORS
    sloped = dice.chance(0.45)
    return Building(
        street,
        side,
        near,
        far,
        setback=street.border(side) + dice.between(0.0, 0.25),
        thickness=dice.between(9, 13),
        height=street.side(side).level * dice.between(0.72, 1.3),
        rise=dice.between(2.0, 3.2) if sloped else 0.0,
        roof=Roof.SLOPED if sloped else Roof.FLAT,
        wall=dice.shade(_WALLS[index], 0.12),
        tiles=dice.shade(dice.pick(_TILES), 0.15),
        facade=_pattern(dice, index, ground, int(dice.between(0, 65536))),
        chimney=sloped and dice.chance(0.6),
    )


def detached_house(dice: Dice, street: Street, side: int, near: float) -> Building:
    """Draw a house that stands alone behind its lawn."""
    index = int(dice.between(0, len(_WALLS)))
    return Building(
        street,
        side,
        near,
        near + dice.between(8, 12),
        setback=street.border(side) + street.side(side).lawn,
        thickness=dice.between(7, 9),
        height=dice.between(3.0, 6.2),
        rise=dice.between(2.0, 3.6),
        roof=Roof.GABLE_END if dice.chance(0.6) else Roof.GABLE_FRONT,
        wall=dice.shade(_WALLS[index], 0.12),
        tiles=dice.shade(dice.pick(_TILES), 0.15),
        facade=_pattern(dice, index, GroundFloor.DOORS, int(dice.between(0, 65536))),
        chimney=dice.chance(0.5),
    )
