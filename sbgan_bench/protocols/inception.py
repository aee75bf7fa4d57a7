"""The tf-compat protocol: what torch-fidelity measures, by torch-fidelity's own code."""

from typing import ClassVar, Self, final

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench.metric import FEATURES
from sbgan_bench.numerics import NUMERICS, batch_size, batches, exactly, stacked
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.protocols.inception_networks import FOLDED, LOGITS, POOL3, compat_inception, made_fast
from sbgan_bench.samples import SampleBatch
from sbgan_bench.weights import INCEPTION, ChosenWeights, chosen_weights


@final
class CompatProtocol(AbstractProtocol):
    """The InceptionV3 of Heusel et al. (2017) as ported by torch-fidelity (Obukhov et al. 2020): pool3 and logits."""

    name: ClassVar[str] = "tf-compat"
    weights: ClassVar[Weights] = Weights.FILE
    blocks: ClassVar[frozenset[str]] = frozenset({FEATURES, "logits"})
    file: ClassVar[str] = INCEPTION.name

    def __init__(self, chosen: ChosenWeights, device: torch.device) -> None:
        self._chosen = chosen
        self._device = device
        self._network = made_fast(compat_inception(chosen), device)

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract with the file given, or with the one that was fetched.

        Raises:
            DataError: There is no file.
            CorruptFileError: It is not the published one and not trusted, or holds other weights.
        """
        return cls(chosen_weights(INCEPTION, opening.weights, trusted=opening.trusted), opening.device)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, blocks and preprocessing."""
        return ProtocolInfo(
            name=self.name,
            weights_hash=self._chosen.sha256,
            dim=POOL3 + LOGITS,
            input="uint8 to float32, TensorFlow 1 bilinear to 299x299 without antialiasing, (x - 128) / 128",
            layers="InceptionV3 of 2015: pool3 (2048); logits without their bias (1008)",
            numerics=f"{NUMERICS}, {FOLDED}",
            published=self._chosen.published,
            blocks={FEATURES: (0, POOL3), "logits": (POOL3, POOL3 + LOGITS)},
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn images of any size into ``(N, 3056)`` float32 features."""
        images = images_of(scenes, self.name)
        with exactly():
            rows = [
                torch.cat(self._network(batch), dim=1)
                for batch in batches(images, self._device, batch_size(self._device))
            ]
        return stacked(rows, POOL3 + LOGITS)
