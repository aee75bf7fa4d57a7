"""Who and what is in the street: traffic, people, lamps, signs."""

import math
from collections.abc import Iterator

from sbgan_bench.datasets.street_scenes.canvas import Drawable
from sbgan_bench.datasets.street_scenes.cars import sample_car
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.furniture import Lamp, Plate, Post, Sign, TrafficLight
from sbgan_bench.datasets.street_scenes.people import Bearing, sample_pedestrian, sample_rider
from sbgan_bench.datasets.street_scenes.street import Frontage, Street

_PLATES = tuple(Plate)


def traffic(dice: Dice, street: Street, lamps: float) -> Iterator[Drawable]:
    """Yield the cars: ours and the oncoming direction, parked, crossing."""
    for sign in (-1, 1):
        heading = 0.0 if sign > 0 else math.pi
        lanes = street.lanes // 2
        for lane in range(lanes):
            q = sign * street.half_width * (lane + 0.5) / lanes
            z = dice.between(7, 30) if sign * lane >= 0 else dice.between(9, 35)
            while z < 90:
                x = street.centre(z) + q + dice.between(-0.25, 0.25)
                blocks_view = abs(x) < 2.2 and z < 9
                if dice.chance(0.25 + 0.6 * street.traffic) and not blocks_view:
                    yield sample_car(dice, x, z, heading + _turn(street, z), lamps)
                z += dice.between(9, 26)
        yield from _parked(dice, street, sign, heading)
    junction = street.junction
    if junction is not None and dice.chance(0.45):
        way = dice.sign()
        z = junction.start + junction.width * (0.72 if way < 0 else 0.3)
        yield sample_car(dice, street.centre(z) + dice.between(-9, 9), z, way * math.pi / 2, lamps)


def _turn(street: Street, z: float) -> float:
    return math.atan(street.slope + 2 * street.bend * z)


def _parked(dice: Dice, street: Street, sign: int, heading: float) -> Iterator[Drawable]:
    share = street.side(sign).parking
    z = dice.between(5.5, 9)
    while z < 70 and share:
        if dice.chance(share) and street.free(z, z, 5.0):
            x = street.centre(z) + sign * (street.half_width - 0.75)
            yield sample_car(dice, x, z, heading + _turn(street, z), 0.0)
        z += dice.between(5.4, 6.6)


def people(dice: Dice, street: Street) -> Iterator[Drawable]:
    """Yield pedestrians on the pavements and crossings, and riders."""
    for sign in (-1, 1):
        low, high = street.kerb(sign) + 0.35, max(street.border(sign) - 0.3, street.kerb(sign) + 0.5)
        z = dice.between(5.5, 14)
        while z < 60:
            if dice.chance(0.25 + 0.6 * street.people):
                x = street.centre(z) + sign * dice.between(low, high)
                yield sample_pedestrian(dice, x, z)
                if dice.chance(0.35):
                    yield sample_pedestrian(dice, x + 0.62 * sign, z + 0.2)
            z += dice.between(3, 13) * (0.6 + z / 40)
        if dice.chance(0.5):
            z = dice.between(6.5, 17)
            inset = dice.between(0.5, 0.9) + (1.6 if street.side(sign).parking else 0.0)
            x = street.centre(z) + sign * (street.half_width - inset)
            yield sample_rider(dice, x, z, Bearing.ALONG)
    junction = street.junction
    if junction is not None and junction.zebra:
        for _ in range(int(dice.between(0, 3.2))):
            z = junction.start - dice.between(1.2, 3.8)
            x = street.centre(z) + dice.between(-1, 1) * street.half_width
            yield sample_pedestrian(dice, x, z)
    if dice.chance(0.5):
        z = dice.between(7.5, 14) if junction is None else junction.start + 0.5 * junction.width
        bearing = dice.pick((Bearing.LEFT, Bearing.RIGHT))
        yield sample_rider(dice, street.centre(z) + dice.between(-0.9, 0.9) * street.half_width, z, bearing)


def furniture(dice: Dice, street: Street, glow: float) -> Iterator[Drawable]:
    """Yield lamps, signs, traffic lights and bollards along both kerbs."""
    country = Frontage.FIELD in (street.sides[0].frontage, street.sides[1].frontage)
    for sign in (-1, 1):
        kerb = street.half_width + 0.45
        if dice.chance(0.85):
            yield from _lamps(dice, street, sign, kerb, glow, country)
        z = dice.between(5.5, 12)
        while z < 45:
            if dice.chance(0.75):
                yield _sign(dice, street.centre(z) + sign * (kerb + dice.between(0, 0.3)), z)
            z += dice.between(7, 20)
        if dice.chance(0.25) and not country:
            z = dice.between(4, 9)
            for _ in range(int(dice.between(4, 12))):
                if street.free(z, z, 1.0):
                    yield Post(street.centre(z) + sign * (kerb - 0.1), z, 0.95, 0.09, (0.36, 0.37, 0.38))
                z += 1.8
        if street.junction is not None and street.junction.lights:
            for z in (street.junction.start - 0.6, street.junction.start + street.junction.width + 1.0):
                arm = -sign * dice.between(2.0, 3.2) if sign > 0 and dice.chance(0.5) else 0.0
                yield TrafficLight(street.centre(z) + sign * kerb, z, dice.chance(0.5), arm)


def _lamps(dice: Dice, street: Street, sign: int, kerb: float, glow: float, country: bool) -> Iterator[Drawable]:
    height, spacing, colour = dice.between(5.5, 8.0), dice.between(14, 24), dice.shade((0.42, 0.44, 0.45), 0.3)
    wooden = country or dice.chance(0.12)
    z = dice.between(7, 18)
    while z < 100:
        x = street.centre(z) + sign * (kerb + 0.1)
        if street.free(z, z):
            yield (
                Post(x + 0.6 * sign, z, height, 0.1, (0.40, 0.32, 0.25))
                if wooden
                else Lamp(x, z, height, -sign * 1.7, colour, glow)
            )
        z += spacing


def _sign(dice: Dice, x: float, z: float) -> Sign:
    plate = dice.pick(_PLATES)
    if plate is Plate.DIRECTION:
        return Sign(x, z, dice.between(2.4, 3.2), dice.between(0.38, 0.6), plate, int(dice.between(0, 3)))
    return Sign(x, z, dice.between(2.1, 2.7), dice.between(0.32, 0.46), plate, 0)
