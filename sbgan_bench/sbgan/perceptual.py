"""The network behind the image stage's perceptual loss."""

import enum
import time
from collections.abc import Callable
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from sbgan_bench.dataset import PairTable
from sbgan_bench.errors import BenchError
from sbgan_bench.hashing import hash_file
from sbgan_bench.losses import PerceptualLoss
from sbgan_bench.networks.vgg import vgg19_features
from sbgan_bench.noise import generator
from sbgan_bench.results import Origin
from sbgan_bench.segmenter import Segmenter, train_segmenter
from sbgan_bench.storage import read_json, write_json
from sbgan_bench.tensors import write_tensors
from sbgan_bench.training.run import Progress, TrainingRun
from sbgan_bench.weights import VGG19, WeightsFile, check_weights

#: Weights of the four maps of the segmenter. The fine ones hold colours and edges, the coarse ones what is where.
SEGMENTER_WEIGHTS = (1.0, 1.0, 1.0, 1.0)


class Perceptual(enum.StrEnum):
    """Which network's feature maps are compared."""

    NONE = "none"  #: no perceptual loss
    SEGMENTER = "segmenter"  #: a small segmenter trained first, on the same training pairs; needs no download
    VGG19 = "vgg19"  #: torchvision's ImageNet weights from a local file (the paper, SPADE)
    VGG19_IF_PRESENT = (
        "vgg19-if-present"  #: becomes one of "vgg19" and "none" when settings are read, and is said in rows
    )


class SegmenterFeatures(nn.Module):
    """A segmenter seen as a feature network."""

    def __init__(self, segmenter: Segmenter) -> None:
        super().__init__()
        self.segmenter = segmenter

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the encoder's maps of ``(N, 3, H, W)`` images in [-1, 1]."""
        return self.segmenter.features(images)


def segmenter_loss(segmenter: Segmenter, weight: float) -> PerceptualLoss:
    """Compare the segmenter's encoder maps."""
    return PerceptualLoss(SegmenterFeatures(segmenter), SEGMENTER_WEIGHTS, weight)


def vgg19_loss(weights: Path, weight: float, device: torch.device, record: WeightsFile = VGG19) -> PerceptualLoss:
    """Compare VGG19's maps, as SPADE does.

    Raises:
        DataError: There is no such file.
        CorruptFileError: It is not the one of ``record``.
    """
    return PerceptualLoss(vgg19_features(weights, record.sha256).to(device), weight=weight)


def vgg19_file(given: str, record: WeightsFile = VGG19) -> Path:
    """Return the file that a setting names; "" stands for where ``weights fetch`` puts it."""
    return Path(given).expanduser() if given else record.in_folder()


def without_vgg19(given: str, record: WeightsFile = VGG19) -> str:
    """Return why VGG19 cannot be used, for readers of a table; "" if its verified file is here."""
    path = vgg19_file(given, record)
    if not path.is_file():
        where = f"there is no file {given}" if given else "its weights are not on this machine"
        return f"perceptual = 'vgg19' cannot be: {where}; run `sbgan-bench weights fetch {record.name}`"
    try:
        check_weights(path, record)
    except BenchError as error:
        return f"perceptual = 'vgg19' cannot be: {error}"
    return ""


def settled(choice: Perceptual, given: str, record: WeightsFile = VGG19) -> Perceptual:
    """Turn "vgg19-if-present" into "vgg19" where the file is present, and into "none" where there is none.

    Raises:
        CorruptFileError: There is a file, and it is not the published one: that is no absence.
    """
    if choice is not Perceptual.VGG19_IF_PRESENT:
        return choice
    path = vgg19_file(given, record)
    if not path.exists():
        return Perceptual.NONE
    check_weights(path, record)
    return Perceptual.VGG19


def perceptual_words(choice: Perceptual, weight: float, origin: Origin | None) -> str:
    """Return what weights were trained with, for rows: "vgg19 dcbb9e9d", "segmenter", "none"; "" if nobody knows."""
    if origin not in (Origin.TRAINED, None):
        return ""
    if choice is Perceptual.NONE or not weight:
        return Perceptual.NONE.value
    return f"{choice.value} {VGG19.sha256[:8]}" if choice is Perceptual.VGG19 else choice.value


def prepare_segmenter(
    network: Segmenter,
    data: PairTable,
    run: TrainingRun,
    *,
    images: int,
    batch_size: int,
    learning_rate: float,
    total: int,
) -> None:
    """Train the perceptual segmenter, or read what an earlier attempt at the same run left.

    The seed is derived from the run's for this purpose, and the width is a setting of the image stage: the judge of
    the scene protocol has neither.
    """
    weights, digest = run.folder / "perceptual.safetensors", run.folder / "perceptual.json"
    left = weights.is_file() and digest.is_file() and read_json(digest) == {"sha256": hash_file(weights)}
    if run.workers.writes and not left:
        train_segmenter(
            network,
            data,
            images=images,
            batch_size=batch_size,
            learning_rate=learning_rate,
            seed=int(generator("perceptual segmenter", run.seed).integers(2**31)),
            device=run.device,
            report=_once_a_second(run, total),
        )
        write_tensors(weights, network.state_dict())
        write_json(digest, {"sha256": hash_file(weights)})
    run.workers.wait()  # one process trains it, and all read what it left
    network.load_state_dict(load_file(weights))
    network.to(run.device).eval()


def _once_a_second(run: TrainingRun, total: int) -> Callable[[int, int], None]:
    last = 0.0

    def report(done: int, of: int) -> None:
        nonlocal last
        if time.monotonic() - last > 1:
            last = time.monotonic()
            run.report(Progress(0, total, f"perceptual segmenter {done}/{of}", {}))

    return report
