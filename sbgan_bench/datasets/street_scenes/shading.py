"""From surface numbers to classes and colours, pixel by pixel.

The painted canvas says which surface each pixel shows; its plane gives the pixel's place in the street, which
decides texture, light and haze.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter

from sbgan_bench.datasets.street_scenes.atmosphere import Atmosphere
from sbgan_bench.datasets.street_scenes.canvas import Canvas, Column, Material
from sbgan_bench.datasets.street_scenes.facades import WallPixels, paint_walls
from sbgan_bench.datasets.street_scenes.ground import GroundPixels, paint_ground
from sbgan_bench.datasets.street_scenes.sky import paint_sky
from sbgan_bench.datasets.street_scenes.street import Street
from sbgan_bench.datasets.street_scenes.texture import Field, fraction, look_up, tile


@dataclass(frozen=True, slots=True)
class Shaded:
    """A painted and lit canvas."""

    labels: NDArray[np.uint8]  #: (H, W)
    depth: Field  #: (H, W) metres
    colour: Field  #: (3, H, W), 1 is white


def shade(canvas: Canvas, street: Street, air: Atmosphere) -> Shaded:
    """Classify and light every pixel of a canvas."""
    numbers = canvas.numbers()
    shape = numbers.shape
    flat = numbers.ravel().astype(np.intp)
    table = np.ascontiguousarray(canvas.table().T)
    material = table[Column.MATERIAL].astype(np.uint8).take(flat)
    labels = table[Column.LABEL].astype(np.uint8).take(flat)
    colour = table[Column.RED : Column.BLUE + 1].take(flat, axis=1)
    sun, glow = table[Column.SUN].take(flat), table[Column.GLOW].take(flat)

    across, down = (np.broadcast_to(ray, shape).ravel() for ray in canvas.camera.rays())
    normal_x, normal_y, normal_z = (
        table[column].take(flat) for column in (Column.NORMAL_X, Column.NORMAL_Y, Column.NORMAL_Z)
    )
    height = np.float32(canvas.camera.view.height)
    facing = normal_x * across - normal_y * down + normal_z
    z = (table[Column.OFFSET].take(flat) - normal_y * height) / np.where(facing == 0, np.float32(1), facing)
    z = np.minimum(np.maximum(z, np.float32(0.4)), np.float32(2000))
    scale = np.float32(canvas.camera.focal) / z
    x, y = across * z, height - down * z

    where = np.flatnonzero(material == Material.GROUND)
    ground = paint_ground(GroundPixels(x[where], z[where], scale[where]), street, air)
    labels[where], colour[:, where] = ground.labels, ground.colour
    blurred = Image.fromarray(canvas.shadows()).filter(ImageFilter.BoxBlur(shape[0] / 256))
    sun[where] *= 1 - np.asarray(blurred).ravel()[where] * np.float32(1 / 255)

    where = np.flatnonzero(material == Material.FACADE)
    if len(where):
        nx, nz = normal_x[where], normal_z[where]
        along = x[where] * nz - z[where] * nx
        foreshortened = scale[where] * np.minimum(np.float32(1), np.abs(facing[where]) * np.float32(1.2))
        rows = table[Column.DETAIL][flat[where]].astype(np.intp)
        walls = WallPixels(along, y[where], foreshortened, rows)
        paint = paint_walls(walls, colour[:, where], np.array(canvas.facades, np.float32), air.lamps)
        stain = 1 + np.float32(0.06) * look_up(tile("broad", 8, 0.6), along, y[where], 8.0) * (1 - paint.glass)
        colour[:, where] = paint.colour * stain
        sun[where] *= paint.sun
        glow[where] = paint.glass * np.float32(0.5 * air.lamps)

    _roughen(colour, material, x, y, z)
    light = [np.float32(sky) + np.float32(beam) * sun for sky, beam in zip(air.skylight, air.sunlight, strict=True)]
    light = [part + (1 - part) * glow for part in light]
    haze = z / (z + np.float32(air.visibility))
    haze *= haze * np.float32(1.6)
    haze = np.minimum(haze, np.float32(1))
    for channel in range(3):
        lit = colour[channel] * light[channel]
        colour[channel] = lit + (np.float32(air.horizon[channel]) - lit) * haze

    where = np.flatnonzero(material == Material.SKY)
    drift = 40 * (street.offset + 10)
    colour[:, where] = paint_sky(across[where], -down[where], air, drift)
    return Shaded(labels.reshape(shape), z.reshape(shape), colour.reshape(3, *shape))


def _roughen(colour: Field, material: NDArray[np.uint8], x: Field, y: Field, z: Field) -> None:
    """Texture foliage, roofs and planks in place."""
    where = np.flatnonzero(material == Material.FOLIAGE)
    depth = z[where]
    leaves = look_up(tile("leaves", 64, 1.0), x[where] + 3 * depth, y[where], 14.0)
    colour[:, where] *= 1 + np.float32(0.34) * leaves
    where = np.flatnonzero(material == Material.ROOF)
    course = y[where] * 3
    lines = fraction(course) < 0.3
    colour[:, where] *= (
        1 - np.float32(0.14) * lines + np.float32(0.1) * look_up(tile("fine", 64, 0.9), x[where], y[where], 8)
    )
    where = np.flatnonzero(material == Material.PLANKS)
    plank = (x[where] + z[where]) * np.float32(1 / 0.28)
    gap = fraction(plank) < 0.3
    fade = np.minimum(np.float32(1), np.float32(14) / z[where])
    tone = np.floor(plank) * np.float32(0.37)
    colour[:, where] *= 1 - np.float32(0.5) * gap * fade + np.float32(0.12) * (fraction(tone) - np.float32(0.5))
