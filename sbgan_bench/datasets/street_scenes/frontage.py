"""What lines the two sides of a street: buildings, trees, fences, the skyline."""

from collections.abc import Iterator

from sbgan_bench.datasets.street_scenes.backdrop import Hill, Tower
from sbgan_bench.datasets.street_scenes.buildings import detached_house, town_block
from sbgan_bench.datasets.street_scenes.canvas import Drawable
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.furniture import FENCE_COLOURS, Fence, FenceKind
from sbgan_bench.datasets.street_scenes.street import Frontage, Side, Street
from sbgan_bench.datasets.street_scenes.trees import sample_bush, sample_tree

#: Depth in metres at which a street's sides end.
END = 130.0


def line_side(dice: Dice, street: Street, sign: int) -> Iterator[Drawable]:
    """Yield everything that stands beyond the pavement of one side, -1 left or 1 right."""
    side = street.side(sign)
    if side.fenced:
        yield from _fence(dice, street, sign, side)
    if side.avenue:
        yield from _avenue(dice, street, sign)
    match side.frontage:
        case Frontage.TOWN:
            yield from _town(dice, street, sign)
        case Frontage.SUBURB:
            yield from _suburb(dice, street, sign)
        case Frontage.PARK:
            yield from _grove(dice, street, sign, spacing=5.0, depth=14.0)
        case Frontage.FIELD:
            yield from _grove(dice, street, sign, spacing=26.0, depth=40.0)


def _town(dice: Dice, street: Street, sign: int) -> Iterator[Drawable]:
    z = dice.between(2.0, 5.0)
    while z < END:
        block = town_block(dice, street, sign, z)
        if street.free(block.near, block.far, 2.0):
            yield block
            z = block.far + (dice.between(3, 9) if dice.chance(0.12) else 0.0)
        else:
            z += 1.5


def _suburb(dice: Dice, street: Street, sign: int) -> Iterator[Drawable]:
    z = dice.between(3.0, 9.0)
    while z < END:
        house = detached_house(dice, street, sign, z)
        if street.free(house.near, house.far, 3.0):
            yield house
        z = house.far + dice.between(4, 10)
        gap = z - 3
        if dice.chance(0.6) and street.free(gap - 2, gap + 2):
            q = house.setback + dice.between(0, 6)
            yield sample_tree(dice, street.centre(gap) + sign * q, gap, dice.between(4, 8), street.autumn)
        if dice.chance(0.5) and street.free(z, z, 1.0):
            q = house.setback - dice.between(0.8, 2.0)
            yield sample_bush(dice, street.centre(z) + sign * q, z, 0.8, street.autumn)


def _grove(dice: Dice, street: Street, sign: int, spacing: float, depth: float) -> Iterator[Drawable]:
    z = dice.between(7.0, 12.0)
    start = street.border(sign) + street.side(sign).lawn + 1.5
    while z < END:
        if street.free(z, z, 2.0):
            q = start + dice.between(0, depth)
            yield sample_tree(dice, street.centre(z) + sign * q, z, dice.between(5, 11), street.autumn)
        z += spacing * dice.between(0.3, 1.4) * (0.5 + z / 60)


def _avenue(dice: Dice, street: Street, sign: int) -> Iterator[Drawable]:
    side = street.side(sign)
    inside = side.verge * 0.5 if side.verge else side.verge + 0.9
    height, spacing = dice.between(5.5, 9), dice.between(8, 13)
    z = dice.between(8.0, 14.0)
    while z < 0.8 * END:
        if street.free(z, z, 2.0):
            x = street.centre(z) + sign * (street.half_width + inside)
            yield sample_tree(dice, x, z, height, street.autumn)
        z += spacing


def _fence(dice: Dice, street: Street, sign: int, side: Side) -> Iterator[Drawable]:
    kinds = (FenceKind.WOOD, FenceKind.PICKET, FenceKind.IRON)
    kind = FenceKind.RAIL if side.frontage is Frontage.FIELD else dice.pick(kinds)
    colour = dice.shade(FENCE_COLOURS[kind], 0.15)
    along_kerb = side.frontage is Frontage.TOWN
    q = street.half_width + 0.35 if along_kerb else street.border(sign) + 0.15
    height = 1.0 if along_kerb else side.fence_height
    z, length = 2.2, 2.4
    while z < 70:
        if street.free(z, z + length, 2.0) and not dice.chance(0.07):
            ends = [(street.centre(end) + sign * q, end) for end in (z, z + length)]
            yield Fence(ends[0], ends[1], height, kind, colour)
        z += length


def skyline(dice: Dice, street: Street) -> Iterator[Drawable]:
    """Yield what closes the view: hills, a wood, distant houses, trees along the crossing street."""
    yield Hill(900.0, tuple(dice.between(2, 45) for _ in range(12)))
    z, town = END + 60, street.sides[0].level + street.sides[1].level > 0.0
    x, wood = -1.0 * z, dice.between(2.5, 6.0)
    while x < z:
        yield sample_bush(dice, x, z + dice.between(-20, 30), wood, street.autumn)
        if town and dice.chance(0.3):
            yield Tower(x, z + 40, dice.between(5, 14), dice.between(8, 34), dice.shade((0.66, 0.62, 0.60), 0.2))
        x += wood * dice.between(0.6, 2.2)
    if street.junction is not None:
        far = street.junction.start + street.junction.width + 3
        for sign in (-1, 1):
            for step in range(4):
                q = street.border(sign) + 14 + 7 * step
                z = far + dice.between(1, 6)
                yield sample_tree(dice, street.centre(z) + sign * q, z, dice.between(5, 9), street.autumn)
