"""A whole scene from its seed: plan, paint, shade, expose."""

import math

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Pair, Resolution
from sbgan_bench.datasets.street_scenes.atmosphere import Atmosphere, sample_atmosphere
from sbgan_bench.datasets.street_scenes.buildings import Building
from sbgan_bench.datasets.street_scenes.camera import Camera
from sbgan_bench.datasets.street_scenes.canvas import UP, Canvas, Drawable, Material
from sbgan_bench.datasets.street_scenes.dice import Dice
from sbgan_bench.datasets.street_scenes.frontage import line_side, skyline
from sbgan_bench.datasets.street_scenes.labels import Label
from sbgan_bench.datasets.street_scenes.population import furniture, people, traffic
from sbgan_bench.datasets.street_scenes.reduction import OVERSAMPLING, reduce
from sbgan_bench.datasets.street_scenes.shading import shade
from sbgan_bench.datasets.street_scenes.street import sample_street
from sbgan_bench.datasets.street_scenes.texture import Field
from sbgan_bench.noise import generator


def render_scene(stream: str, seed: int, index: int, resolution: Resolution) -> Pair:
    """Render a scene, a pure function of the arguments.

    Args:
        stream: Names a sequence of scenes ("train").
        seed: Of the dataset, not negative.
        index: Within the stream.
        resolution: (H, 2 H). Another size shows the same street.
    """
    purpose = f"toy-streets: {stream}"
    dice = Dice(generator(purpose, seed, index))
    street, air = sample_street(dice), sample_atmosphere(dice)
    things: list[Drawable] = [*skyline(dice, street), *line_side(dice, street, -1), *line_side(dice, street, 1)]
    things += [*furniture(dice, street, air.lamps), *traffic(dice, street, air.lamps), *people(dice, street)]

    camera = Camera(street.view, OVERSAMPLING * resolution[0], OVERSAMPLING * resolution[1])
    canvas = Canvas(camera, air.sun)
    _paint(canvas, things)
    shaded = shade(canvas, street, air)
    sensor = generator(f"{purpose}: sensor", seed, index, resolution[0])
    scene = reduce(shaded)
    return Pair(_expose(scene.colour, air, sensor), scene.labels)


def _paint(canvas: Canvas, things: list[Drawable]) -> None:
    """Paint ground, shadows and things, the farthest first."""
    ground = canvas.add(Label.ROAD, (0, 0, 0), Material.GROUND, UP, 0.0, canvas.lambert(UP))
    far = 1500.0
    canvas.polygon(ground, [(-2 * far, 0, far), (2 * far, 0, far), (3.0, 0, 0.5), (-3.0, 0, 0.5)])
    things.sort(key=lambda thing: -thing.reach)
    blocks = [thing for thing in things if isinstance(thing, Building)]
    for block in blocks:
        block.cast(canvas)
    canvas.fix_shade()
    for thing in things:
        if not isinstance(thing, Building) and thing.reach < 70:
            thing.cast(canvas)
    for thing in things:
        thing.draw(canvas)


def _expose(colour: Field, air: Atmosphere, sensor: np.random.Generator) -> NDArray[np.uint8]:
    """Return ``(H, W, 3)`` as a camera with its gain, white balance, vignette and grain records it."""
    image = colour * np.float32(255 * _metered(colour, 1.15 if air.lamps else 1.5))
    rows, columns = image.shape[1:]
    v = np.linspace(-1, 1, rows, dtype=np.float32)[:, None]
    u = np.linspace(-1, 1, columns, dtype=np.float32)[None, :]
    vignette = 1 - np.float32(0.1) * (u * u + v * v)
    for channel, tint in enumerate((1 + air.warmth, 1.0, 1 - air.warmth)):
        image[channel] *= vignette * np.float32(air.gain * tint)
    grain = sensor.random((2, *image.shape), np.float32)
    image += (grain[0] - grain[1]) * np.float32(2.4 * air.grain)
    return np.ascontiguousarray(np.clip(image + np.float32(0.5), 0, 255).astype(np.uint8).transpose(1, 2, 0))


def _metered(colour: Field, limit: float) -> float:
    """Return the gain, at most ``limit``, that brings the lower half half-way to a medium grey.

    The light is summed in whole numbers, whose sum does not depend on the order.
    """
    lower = colour[:, colour.shape[1] // 2 :]
    total = int((np.minimum(lower, np.float32(2)) * np.float32(1024)).astype(np.int64).sum())
    wanted = math.sqrt(0.40 * 1024 * lower.size / max(total, 1))
    return min(max(wanted, 0.85), limit)
