"""The clean protocol: what clean-fid measures, with clean-fid's own resize (Parmar et al. 2022)."""

import warnings
from pathlib import Path
from typing import ClassVar, Self, final

import numpy as np
import torch
from cleanfid.resize import build_resizer
from numpy.typing import NDArray
from torch import Tensor, nn

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.numerics import NUMERICS, batch_size, batches, exactly, stacked
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.protocols.inception_networks import (
    FOLDED,
    POOL3,
    compat_inception,
    made_fast,
    to_pool3,
)
from sbgan_bench.samples import SampleBatch
from sbgan_bench.state_dicts import is_torchscript
from sbgan_bench.weights import INCEPTION, ChosenWeights, chosen_weights

_CPU = torch.device("cpu")
_RESIZE = build_resizer("clean")


@final
class CleanProtocol(AbstractProtocol):
    """pool3 of the InceptionV3 of 2015 on images resized by clean-fid.

    The network is torch-fidelity's port, read from a plain state dict. clean-fid's own file of it is a TorchScript
    program, and is run only where the user vouches for it.
    """

    name: ClassVar[str] = "clean"
    weights: ClassVar[Weights] = Weights.FILE
    file: ClassVar[str] = INCEPTION.name

    def __init__(self, chosen: ChosenWeights, device: torch.device) -> None:
        self._chosen = chosen
        self._device = device
        self._program = is_torchscript(chosen.path)
        if self._program:
            self._network = _program(chosen.path, device)
        else:
            self._network = made_fast(to_pool3(compat_inception(chosen)), device)

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract with the file given, or with the one that was fetched.

        Raises:
            DataError: There is no file.
            CorruptFileError: It is not the published one and not trusted, or holds other weights.
        """
        given = opening.weights
        if given is not None and not opening.trusted and given.is_file() and is_torchscript(given):
            raise CorruptFileError(
                f"{given} is a TorchScript program, as clean-fid's own file is: to use it is to run the code inside. "
                f"Give the same network as a plain state dict (sbgan-bench weights fetch {INCEPTION.name}), or "
                "vouch for the program with --trust-weights: rows measured with it are marked."
            )
        return cls(chosen_weights(INCEPTION, given, trusted=opening.trusted), opening.device)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension and preprocessing."""
        return ProtocolInfo(
            name=self.name,
            weights_hash=self._chosen.sha256,
            dim=POOL3,
            input=(
                "uint8, Pillow bicubic to 299x299 per channel in float, antialiased, clipped to 0-255 and not "
                "quantised again, (x - 128) / 128"
            ),
            layers="InceptionV3 of 2015: pool3 (2048)",
            numerics="float32, TF32 off, as TorchScript" if self._program else f"{NUMERICS}, {FOLDED}",
            published=self._chosen.published,
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn images of any size into ``(N, 2048)`` float32 features."""
        images = images_of(scenes, self.name)
        with exactly():
            rows = [
                self._network(_resized(batch).to(self._device)).flatten(1)
                for batch in batches(images, _CPU, batch_size(self._device))
            ]
        return stacked(rows, POOL3)


def _resized(images: Tensor) -> Tensor:
    """Return what clean-fid gives its network: ``(n, 3, 299, 299)`` float32 in [-1, 1), channels last."""
    pixels = np.stack([_RESIZE(image) for image in images.permute(0, 2, 3, 1).numpy()])
    return (torch.from_numpy(pixels).permute(0, 3, 1, 2) - 128) / 128


def _program(path: Path, device: torch.device) -> nn.Module:
    """Load a trusted TorchScript file as clean-fid does: the part without its own resize.

    Raises:
        CorruptFileError: It is damaged, or another program.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # that TorchScript itself is going out of use
            program: nn.Module = torch.jit.load(path, map_location=device)  # type: ignore[no-untyped-call]
        return dict(program.eval().named_children())["layers"]
    except (KeyError, RuntimeError, ValueError) as error:
        raise CorruptFileError(
            f"{path} is not clean-fid's inception-2015-12-05.pt: it cannot be loaded, or has no part named 'layers' "
            f"({type(error).__name__}: {str(error).splitlines()[0]})."
        ) from error
