"""The ground: its cross-section decides class and colour of every ground pixel."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.datasets.street_scenes.atmosphere import Atmosphere
from sbgan_bench.datasets.street_scenes.labels import Label
from sbgan_bench.datasets.street_scenes.street import Frontage, Side, Street
from sbgan_bench.datasets.street_scenes.texture import Field, fraction, look_up, tile


@dataclass(frozen=True, slots=True)
class GroundPixels:
    """The pixels that show the ground, ``(P,)`` each."""

    x: Field
    z: Field
    scale: Field  #: pixels per metre across


@dataclass(frozen=True, slots=True)
class GroundPaint:
    """Class and colour of ground pixels."""

    labels: NDArray[np.uint8]  #: (P,)
    colour: Field  #: (3, P)


def paint_ground(pixels: GroundPixels, street: Street, air: Atmosphere) -> GroundPaint:
    """Classify and colour the ground, from the road's middle outwards."""
    z = pixels.z
    centre = np.float32(street.offset) + z * (np.float32(street.slope) + z * np.float32(street.bend))
    lateral = pixels.x - centre
    right, distance = lateral > 0, np.abs(lateral)
    crossing = np.zeros(z.shape, bool)
    corner = np.zeros(z.shape, bool)
    if street.junction is not None:
        start, end = street.junction.start, street.junction.start + street.junction.width
        crossing = (z > start) & (z < end)
        corner = (z > start - 2.2) & (z < end + 2.2)

    def by_side(left: float, other: float) -> Field:
        return np.where(right, np.float32(other), np.float32(left))

    kerb = by_side(street.kerb(-1), street.kerb(1))
    border = by_side(street.border(-1), street.border(1))
    paved = by_side(*(float(side.frontage is Frontage.TOWN) for side in street.sides)) > 0
    road = (distance < street.half_width) | crossing
    driveway = _driveways(z, right, street.sides)
    pavement = ((distance >= kerb) & ((distance < border) | paved)) | corner | driveway
    labels = np.where(road, Label.ROAD, np.where(pavement, Label.PAVEMENT, Label.TERRAIN)).astype(np.uint8)

    fine = look_up(tile("fine", 64, 0.9), pixels.x, z, 22.0)
    broad = look_up(tile("broad", 8, 0.6), pixels.x, z, 6.0)
    grass = _grass(street, fine, broad)
    slabs = _slabs(lateral, z, pixels.scale, fine, broad)
    tarmac = _tarmac(street, lateral, z, fine, broad)
    _mark(tarmac, street, lateral, distance, z, pixels.scale, crossing, broad)
    if air.wet:
        _wet(tarmac, z, broad, air)
    colour = np.where(road, tarmac, np.where(pavement, slabs, grass))

    edge = (distance >= street.half_width) & (distance < street.half_width + 0.22) & ~crossing
    colour = np.where(edge & ~road & pavement, np.float32(0.66) + np.float32(0.05) * fine, colour)
    gutter = road & (distance > street.half_width - 0.28) & ~crossing
    return GroundPaint(labels, np.where(gutter, colour * np.float32(0.78), colour))


def _wet(tarmac: Field, z: Field, broad: Field, air: Atmosphere) -> None:
    """Darken the tarmac and let it mirror the sky, the more the flatter the view, in place."""
    mirror = (
        np.float32(air.wet)
        * z
        / (z + 30)
        * np.minimum(np.maximum(np.float32(0.75) + broad, np.float32(0)), np.float32(1))
    )
    sky = np.array(air.horizon, np.float32)[:, None]
    tarmac *= np.float32(0.72)
    tarmac += (sky - tarmac) * (mirror * np.float32(0.7))


def _driveways(z: Field, right: NDArray[np.bool_], sides: tuple[Side, Side]) -> NDArray[np.bool_]:
    """Return where paved ways cross the lawns of a suburb."""
    suburb = [side.frontage is Frontage.SUBURB for side in sides]
    if not any(suburb):
        return np.zeros(z.shape, bool)
    phase = (z - np.where(right, np.float32(5), np.float32(11))) * np.float32(1 / 17)
    return (fraction(phase) < 0.16) & (right & suburb[1] | ~right & suburb[0])


def _grass(street: Street, fine: Field, broad: Field) -> Field:
    dry = np.float32(0.5 * street.autumn) + np.float32(0.25) * broad
    level = 1 + np.float32(0.22) * fine + np.float32(0.1) * broad
    base: Field = np.stack(
        [
            np.float32(0.33) + np.float32(0.16) * dry,
            np.float32(0.46) + np.float32(0.02) * dry,
            np.float32(0.19) + np.float32(0.02) * dry,
        ]
    )
    return base * level


def _slabs(lateral: Field, z: Field, scale: Field, fine: Field, broad: Field) -> Field:
    column, row = lateral * np.float32(1 / 0.8), z * np.float32(1 / 0.8)
    joint = (fraction(column) < 0.08) | (fraction(row) < 0.08)
    fade = np.minimum(np.float32(1), scale * np.float32(0.03))
    level = (1 + np.float32(0.07) * fine + np.float32(0.07) * broad) * (1 - np.float32(0.2) * joint * fade)
    slabs: Field = np.array([[0.58], [0.55], [0.53]], np.float32) * level
    return slabs


def _tarmac(street: Street, lateral: Field, z: Field, fine: Field, broad: Field) -> Field:
    lane = street.half_width / (street.lanes // 2)
    inside = np.abs(lateral) * np.float32(1 / lane)
    track = np.abs(np.abs(fraction(inside) - np.float32(0.5)) - np.float32(0.24))
    worn = np.maximum(np.float32(0), 1 - track * np.float32(9)) * np.float32(0.05)
    patch = np.floor(z * np.float32(0.13)) + 2 * np.floor(lateral * np.float32(0.4))
    mended = (patch * 7 % 11 == 3) * np.float32(0.12)
    level = np.float32(street.tarmac) * (1 + np.float32(0.08) * fine + np.float32(0.1) * broad - worn - mended)
    return np.stack([level, level, level * np.float32(1.03)])


def _mark(
    tarmac: Field,
    street: Street,
    lateral: Field,
    distance: Field,
    z: Field,
    scale: Field,
    crossing: NDArray[np.bool_],
    broad: Field,
) -> None:
    """Paint centre line, lane lines, edge lines, zebra and stop line onto the tarmac, in place."""
    width = np.maximum(np.float32(0.15), 1 / scale)
    dash = z * np.float32(1 / 7)
    dashed = fraction(dash) < 0.45
    if street.lanes == 2:
        lines = (distance < 0.5 * width) & dashed
    else:
        lines = (np.abs(distance - np.float32(0.14)) < 0.4 * width) | (
            (np.abs(distance - np.float32(0.5 * street.half_width)) < 0.5 * width) & dashed
        )
    lines |= np.abs(distance - np.float32(street.half_width - 0.45)) < 0.4 * width
    lines &= ~crossing
    strength = np.minimum(np.float32(1), scale * np.float32(0.15))
    if street.junction is not None and street.junction.zebra:
        near = np.float32(street.junction.start - 4.2)
        on_zebra = (z > near) & (z < near + 3.2) & (distance < street.half_width - 0.25)
        stop = (z > near - 1.5) & (z < near - 1.0) & (lateral > 0) & (distance < street.half_width - 0.25)
        bars = lateral + 50
        lines = np.where(on_zebra, fraction(bars) < 0.5, lines & ((z > near + 3.2) | (z < near - 1.5))) | stop
        strength = np.where(on_zebra, np.float32(1), strength)
    wear = np.float32(0.86) + np.float32(0.14) * broad
    tarmac += (np.float32(0.84) - tarmac) * (lines * strength * wear)
