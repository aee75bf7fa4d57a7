"""The sbgan-legacy protocol: features as the released SB-GAN code computes them, faults included."""

from typing import ClassVar, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sbgan_bench.numerics import NUMERICS, batch_size, batches, exactly, stacked
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.protocols.inception_networks import (
    FOLDED,
    POOL3,
    SIDE,
    imagenet_inception,
    made_fast,
    to_pool3,
)
from sbgan_bench.samples import SampleBatch
from sbgan_bench.segmenter import images_to_input
from sbgan_bench.weights import INCEPTION_IMAGENET, ChosenWeights, chosen_weights


@final
class LegacyProtocol(AbstractProtocol):
    """pool3 of torchvision's InceptionV3, on images that are rescaled once too often.

    The release (azadis/SB-GAN, ``SBGAN/modules/inception.py``) is pytorch-fid of 2018: it takes torchvision's layers
    one by one, so torchvision's own ``transform_input`` is never applied, and computes 2x - 1 on images that are in
    [-1, 1] already. That is reproduced here. What its evaluation loop does besides is not: see ``info``.
    """

    name: ClassVar[str] = "sbgan-legacy"
    weights: ClassVar[Weights] = Weights.FILE
    file: ClassVar[str] = INCEPTION_IMAGENET.name

    def __init__(self, chosen: ChosenWeights, device: torch.device) -> None:
        self._chosen = chosen
        self._device = device
        self._network = made_fast(to_pool3(imagenet_inception(chosen)), device)

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract with the file given, or with the one that was fetched.

        Raises:
            DataError: There is no file.
            CorruptFileError: It is not the published one and not trusted, or holds other weights.
        """
        return cls(chosen_weights(INCEPTION_IMAGENET, opening.weights, trusted=opening.trusted), opening.device)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, preprocessing, and what of the release is left out."""
        return ProtocolInfo(
            name=self.name,
            weights_hash=self._chosen.sha256,
            dim=POOL3,
            input=(
                "uint8 to [-1, 1], bilinear to 299x299 (align_corners=False) without antialiasing, then 2x - 1 once "
                "more: [-3, 1]. Unlike the release, images are quantised to uint8 and each is read once, none is "
                "mirrored or cropped at random, and layouts are class ids, not soft probabilities"
            ),
            layers="torchvision's ImageNet InceptionV3 without transform_input: pool3 (2048)",
            numerics=f"{NUMERICS}, {FOLDED}",
            published=self._chosen.published,
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn images of any size into ``(N, 2048)`` float32 features."""
        images = images_of(scenes, self.name)
        with exactly():
            rows = [
                self._network(_rescaled(batch)) for batch in batches(images, self._device, batch_size(self._device))
            ]
        return stacked(rows, POOL3)


def _rescaled(images: Tensor) -> Tensor:
    """Return what the release gives its network: ``(N, 3, 299, 299)`` in [-3, 1]."""
    resized = F.interpolate(images_to_input(images), (SIDE, SIDE), mode="bilinear", align_corners=False)
    return 2 * resized - 1
