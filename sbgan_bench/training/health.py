"""Collapse: a generator whose scenes have become (nearly) one scene."""

import itertools
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from sbgan_bench.dataset import PairTable
from sbgan_bench.samples import SampleBatch
from sbgan_bench.training.records import read_stats

#: Diversity under which a run counts as collapsed. Real scenes have 1 by definition; a single scene repeated has 0.
#: A generator that keeps the mean scene and varies only its details stays under 0.2.
COLLAPSED_BELOW = 0.2
#: Scenes are compared on a grid of this size: what is where, not its texture.
GRID = (4, 8)
#: Real scenes that stand for all.
REFERENCE = 64


def diversity(generated: SampleBatch, data: PairTable) -> float:
    """Return how different the generated scenes are from each other, as a share of how different real ones are.

    Mean Euclidean distance over all pairs, images (and, separately, class frequencies of layouts) averaged over the
    cells of a coarse grid. Where a batch holds both images and layouts the smaller share counts.
    """
    chosen = np.linspace(0, len(data) - 1, min(REFERENCE, len(data))).round().astype(np.intp)
    shares = []
    if generated.images is not None:
        shares.append(_share(_coarse_images(generated.images), _coarse_images(data.images[chosen])))
    if generated.layouts is not None:
        classes = data.info.num_classes
        real = _coarse_layouts(data.layouts[chosen], classes)
        shares.append(_share(_coarse_layouts(generated.layouts, classes), real))
    return min(shares)


def collapsed(folder: Path) -> str:
    """Return when and how the run in ``folder`` collapsed, in words; "" if it is healthy or has recovered."""
    verdict = ""
    for line in read_stats(folder):
        if line.get("event") == "collapsed":
            verdict = (
                f"collapsed at step {line['step']} ({line['images']} images): diversity {line['diversity']:.2f} of "
                f"the real scenes' (under {COLLAPSED_BELOW}), at best {line['best']:.2f} before"
            )
        elif line.get("event") == "recovered":
            verdict = ""
    return verdict


def _share(generated: torch.Tensor, real: torch.Tensor) -> float:
    reference = _mean_distance(real)
    return _mean_distance(generated) / reference if reference > 0 else 1.0


def _mean_distance(scenes: torch.Tensor) -> float:
    pairs = list(itertools.combinations(range(len(scenes)), 2))
    if not pairs:
        return 0.0
    first, second = torch.tensor(pairs).unbind(1)
    return float((scenes[first] - scenes[second]).norm(dim=1).mean())


def _coarse_images(images: NDArray[np.uint8]) -> torch.Tensor:
    return F.adaptive_avg_pool2d(torch.from_numpy(np.array(images)).float() / 255, GRID).flatten(1)


def _coarse_layouts(layouts: NDArray[np.uint8], classes: int) -> torch.Tensor:
    one_hot = F.one_hot(torch.from_numpy(np.array(layouts)).long().clamp(max=classes - 1), classes)
    return F.adaptive_avg_pool2d(one_hot.permute(0, 3, 1, 2).float(), GRID).flatten(1)
