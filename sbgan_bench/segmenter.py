"""A small segmentation network: the judge of the scene protocol, and the perceptual network of the image stage.

The two uses never share weights: each trains its own from a different seed and width.
"""

import itertools
import math
from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench import noise
from sbgan_bench.dataset import PairTable
from sbgan_bench.datasets.transforms import flip_pairs
from sbgan_bench.errors import BenchError, DataError, TrainingDivergedError
from sbgan_bench.networks.batch_norm import BatchNorm2d
from sbgan_bench.reporting import no_report
from sbgan_bench.training.schedule import data_order

#: Label that the loss passes over where the dataset itself ignores none (PyTorch's own default).
_NO_CLASS = -100


def _block(channels_in: int, channels_out: int, stride: int = 1) -> nn.Sequential:
    """3×3 convolution, batch normalisation, ReLU."""
    return nn.Sequential(
        nn.Conv2d(channels_in, channels_out, 3, stride, padding=1, bias=False),
        BatchNorm2d(channels_out),
        nn.ReLU(),
    )


class Segmenter(nn.Module):
    """A U-Net (Ronneberger et al. 2015) of four scales, narrow enough to train in seconds on a CPU.

    The encoder halves the resolution three times with ``width × (1, 2, 4, 6)`` channels; the decoder climbs back,
    joining the encoder's maps of the same scale. Height and width must be multiples of ``STRIDE``.

    Args:
        num_classes: Number of logits per pixel.
        width: Channels at full resolution.
    """

    STRIDE = 8  #: pixels of the input under one position of the coarsest map

    def __init__(self, num_classes: int, width: int = 16) -> None:
        super().__init__()
        self.num_classes = num_classes
        self.width = width
        widths = self.feature_channels
        self.stem = _block(3, widths[0])
        pairs = list(itertools.pairwise(widths))
        self.encoder = nn.ModuleList(nn.Sequential(_block(a, b, stride=2), _block(b, b)) for a, b in pairs)
        self.decoder = nn.ModuleList(_block(a + b, a) for a, b in reversed(pairs))
        self.head = nn.Conv2d(widths[0], num_classes, 1)
        self.initialise(0)

    @property
    def feature_channels(self) -> tuple[int, ...]:
        """Channels of the maps that ``features`` returns, finest first."""
        return self.width, 2 * self.width, 4 * self.width, 6 * self.width

    @torch.no_grad()
    def initialise(self, seed: int) -> None:
        """Set every weight as a function of ``seed`` alone: He et al. (2015) convolutions, plain normalisation."""
        for index, module in enumerate(self.modules()):
            if isinstance(module, nn.BatchNorm2d):
                module.reset_running_stats()
                nn.init.ones_(module.weight)
                nn.init.zeros_(module.bias)
            if isinstance(module, nn.Conv2d):
                draw = noise.generator("segmenter weights", seed, index)
                scale = math.sqrt(2 / module.weight[0].numel())
                values = draw.standard_normal(tuple(module.weight.shape), np.float32) * scale
                module.weight.copy_(torch.from_numpy(values))
                if module.bias is not None:
                    nn.init.zeros_(module.bias)

    def features(self, images: Tensor) -> list[Tensor]:
        """Return the encoder's maps, finest first.

        Args:
            images: ``(N, 3, H, W)`` float in [-1, 1]; H and W multiples of ``STRIDE``.

        Returns:
            Four maps ``(N, feature_channels[k], H / 2^k, W / 2^k)``, non-negative.

        Raises:
            BenchError: H or W is no multiple of ``STRIDE``.
        """
        height, width = images.shape[-2:]
        if height % self.STRIDE or width % self.STRIDE:
            raise BenchError(
                f"The segmenter halves images three times and cannot take {height}x{width}; "
                f"choose a height and a width that are multiples of {self.STRIDE}."
            )
        maps = [self.stem(images.contiguous(memory_format=torch.channels_last))]
        for stage in self.encoder:
            maps.append(stage(maps[-1]))
        return maps

    def logits(self, maps: list[Tensor]) -> Tensor:
        """Return ``(N, num_classes, H, W)`` logits from what ``features`` returned."""
        result = maps[-1]
        for stage, skip in zip(self.decoder, reversed(maps[:-1]), strict=True):
            enlarged = F.interpolate(result, scale_factor=2.0, mode="nearest")
            result = stage(torch.cat([enlarged, skip], dim=1))
        logits: Tensor = self.head(result)
        return logits

    def forward(self, images: Tensor) -> Tensor:
        """Return ``(N, num_classes, H, W)`` logits of images ``(N, 3, H, W)``, float in [-1, 1]."""
        return self.logits(self.features(images))


def train_segmenter(
    network: Segmenter,
    table: PairTable,
    *,
    images: int,
    batch_size: int,
    learning_rate: float,
    seed: int,
    device: torch.device,
    report: Callable[[int, int], None] = no_report,
) -> None:
    """Train in place and leave the network in evaluation mode on ``device``.

    Adam on the pixelwise cross-entropy, mirrored at random, with a learning rate that falls to zero along half a
    cosine. Order and mirroring are keyed by ``seed`` and the global sample index.

    Args:
        network: What to train, from the weights it has (see ``Segmenter.initialise``).
        table: The training pairs.
        images: Images to show in all, rounded up to whole batches.
        batch_size: Images per step.
        learning_rate: Adam's first learning rate.
        seed: Seed of order and mirroring.
        device: Where to train.
        report: Told the images shown so far and in all, after every step.

    Raises:
        DataError: The table is empty.
        TrainingDivergedError: The loss became NaN or infinite.
    """
    if not len(table):
        raise DataError(
            f"The {table.split.name} split of {table.info.name} is empty: nothing to train a segmenter on."
        )
    network.to(device=device, memory_format=torch.channels_last).train()  # type: ignore[call-overload]
    optimizer = torch.optim.Adam(network.parameters(), lr=learning_rate)
    steps = math.ceil(images / batch_size)
    ignored = _NO_CLASS if table.info.ignore_index is None else table.info.ignore_index
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = learning_rate * (1 + math.cos(math.pi * step / steps)) / 2
        pictures, layouts = _batch(table, seed, step * batch_size, batch_size, device)
        loss = F.cross_entropy(network(pictures), layouts, ignore_index=ignored)
        if not torch.isfinite(loss):
            raise TrainingDivergedError(
                f"The segmenter's cross-entropy became {loss.item()} at step {step + 1} of {steps}. "
                f"Try a learning rate below {learning_rate:g}, and check the data with 'sbgan-bench data check'."
            )
        optimizer.zero_grad(set_to_none=True)
        torch.autograd.backward(loss)
        optimizer.step()
        report(min((step + 1) * batch_size, images), images)
    network.eval()


def _batch(table: PairTable, seed: int, first: int, size: int, device: torch.device) -> tuple[Tensor, Tensor]:
    """Return the images ``(size, 3, H, W)`` and the layouts ``(size, H, W)`` of one step, as the network takes them.

    Every epoch shows every pair once in a new order; what is mirrored is keyed by the sample's place in the stream.
    """
    indices = data_order(seed, first, range(size), len(table), "segmenter order")
    flips = [noise.generator("segmenter mirror", seed, first + place).random() < 0.5 for place in range(size)]
    images = images_to_input(torch.from_numpy(np.array(table.images[indices])).to(device))
    layouts = torch.from_numpy(np.array(table.layouts[indices])).to(device).long()
    return flip_pairs(images, layouts, torch.tensor(flips, device=device))


def images_to_input(images: Tensor) -> Tensor:
    """Turn uint8 images ``(N, 3, H, W)`` into what the network takes: float32 in [-1, 1]."""
    return images.float() / 127.5 - 1
