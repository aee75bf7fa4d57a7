"""What benchmarks work on: a file of random weights in the official format, drawn photographs, synthetic features."""

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from torchvision.models.inception import Inception3

from sbgan_bench.protocols.inception_networks import LOGITS

HEIGHT, WIDTH = 256, 512


def write_weights(path: Path) -> Path:
    """Write random weights under the names and in the shapes of ``weights-inception-2015-12-05-6726825d.pth``.

    Their scale keeps activations from dying or exploding. Costs do not depend on the numbers.
    """
    with torch.device("meta"):
        network = Inception3(num_classes=LOGITS, aux_logits=False, init_weights=False)
    generator = torch.Generator().manual_seed(0)
    state = {}
    for name, tensor in network.state_dict().items():
        values = torch.randn(tensor.shape, generator=generator)
        if tensor.ndim > 1:
            state[name] = values * math.sqrt(2 / math.prod(tensor.shape[1:]))
        elif name.endswith("num_batches_tracked"):
            state[name] = torch.tensor(0)
        elif name.endswith("running_var") or (name.endswith("weight") and ".bn" in name):
            state[name] = 1 + 0.3 * values.clamp(-2, 2)
        else:
            state[name] = 0.1 * values
    torch.save(state, path)
    return path


def write_photographs(folder: Path, count: int, first: int = 0) -> Path:
    """Write PNG files of 256x512 that take as much decoding as photographs: gradients, edges and grain.

    Args:
        folder: Made if it is not there.
        count: Number of files.
        first: Seed of the first; equal seeds give equal files.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for seed in range(first, first + count):
        _photograph(seed).save(folder / f"{seed:06d}.png")
    return folder


def _photograph(seed: int) -> Image.Image:
    rng = np.random.default_rng(seed)
    light = sum(weight * _field(rng, cells) for cells, weight in ((4, 40.0), (16, 15.0), (64, 6.0)))
    tint = np.stack([_field(rng, 4) for _ in range(3)], axis=2) * 15
    canvas = Image.fromarray(np.clip(120 + light[..., None] + tint, 0, 255).astype(np.uint8))
    draw = ImageDraw.Draw(canvas)
    for _ in range(25):
        x, y = rng.integers(0, WIDTH), rng.integers(0, HEIGHT)
        corners = [(int(x + dx), int(y + dy)) for dx, dy in rng.integers(-50, 50, (4, 2))]
        draw.polygon(corners, fill=tuple(int(value) for value in rng.integers(0, 256, 3)))
    blurred = np.asarray(canvas.filter(ImageFilter.GaussianBlur(0.7)), np.float32)
    grain = rng.normal(0, 2.0, blurred.shape).astype(np.float32)
    return Image.fromarray(np.clip(blurred + grain, 0, 255).astype(np.uint8))


def _field(rng: np.random.Generator, cells: int) -> NDArray[np.float32]:
    """Return an ``(H, W)`` field of about unit variance that changes over ``W / cells`` pixels."""
    coarse = rng.standard_normal((cells // 2, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def inception_like(images: int, dim: int, sets: int = 2) -> list[NDArray[np.float64]]:
    """Return sets of ``(images, dim)`` features: rectified Gaussians mixed by a matrix whose rows decay.

    The first set stands for reals; the others are shifted, all by the same.
    """
    rng = np.random.default_rng(0)
    mixing = rng.standard_normal((dim, dim)) * np.geomspace(1, 0.01, dim)[:, None] / np.sqrt(dim)
    shifts = [0.0] + [0.02] * (sets - 1)
    return [np.maximum(rng.standard_normal((images, dim)) @ mixing + shift, 0) for shift in shifts]
