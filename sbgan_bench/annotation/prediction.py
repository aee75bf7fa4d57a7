"""Label maps for images of any size."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor

from sbgan_bench.annotation.crops import shrunk
from sbgan_bench.annotation.training import normalised
from sbgan_bench.annotation.weights import SavedSegmenter
from sbgan_bench.networks.drn import STRIDE
from sbgan_bench.numerics import exactly

#: Scales of the authors' multi-scale testing.
MULTI_SCALE = (0.5, 0.75, 1.0, 1.25, 1.5, 1.75)


@dataclass(frozen=True, slots=True)
class Annotator:
    """A segmenter at work, one image at a time: what else is annotated cannot change a label map."""

    segmenter: SavedSegmenter
    device: torch.device = torch.device("cpu")
    #: Relative to the segmenter's ``input_scale``; log-probabilities of several are added up, as in ``segment.py``.
    scales: tuple[float, ...] = (1.0,)

    def label(self, image: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Return the class ids ``(H, W)`` of an image ``(H, W, 3)``, RGB, of any size."""
        with exactly():
            return self._scores(image, self.scales).argmax(dim=1)[0].to(torch.uint8).cpu().numpy()

    def _scores(self, image: NDArray[np.uint8], scales: Sequence[float]) -> Tensor:
        """Return ``(1, K, H, W)`` summed log-probabilities."""
        size = image.shape[:2]
        total = torch.zeros((), device=self.device)
        for scale in scales:
            seen = shrunk(image, scale * self.segmenter.facts.input_scale)
            scores = self._at_own_size(seen)
            if scores.shape[2:] != size:
                scores = F.interpolate(scores, size, mode="bilinear", align_corners=False)
            total = total + scores
        return total

    def _at_own_size(self, image: NDArray[np.uint8]) -> Tensor:
        """Pad below and to the right to what the network takes, and cut the result back."""
        height, width = image.shape[:2]
        padded = np.pad(image, ((0, -height % STRIDE), (0, -width % STRIDE), (0, 0)), "symmetric")
        batch = torch.from_numpy(np.ascontiguousarray(padded.transpose(2, 0, 1)))[None].to(self.device)
        network = self.segmenter.network.to(self.device)
        scores: Tensor = network(normalised(batch))
        return scores[:, :, :height, :width]
