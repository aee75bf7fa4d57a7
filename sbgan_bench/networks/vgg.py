"""VGG19's feature maps (Simonyan and Zisserman 2015) as SPADE's perceptual loss uses them."""

from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from sbgan_bench.errors import CorruptFileError, DataError
from sbgan_bench.hashing import hash_file
from sbgan_bench.weights import VGG19

#: Output channels of each convolution up to relu5_1; 0 is a max-pooling.
_PLAN = (64, 64, 0, 128, 128, 0, 256, 256, 256, 256, 0, 512, 512, 512, 512, 0, 512)
#: Indices, in torchvision's numbering, of relu1_1, relu2_1, relu3_1, relu4_1 and relu5_1.
_TAPS = (1, 6, 11, 20, 29)
#: Weights of the five maps in SPADE (and pix2pixHD).
VGG19_WEIGHTS = (1 / 32, 1 / 16, 1 / 8, 1 / 4, 1.0)
_REMEDY = f"Download it (sbgan-bench weights fetch vgg19), or switch the perceptual loss off. {VGG19.by_hand}"


class VGG19Features(nn.Module):
    """``(N, 3, H, W)`` in [-1, 1] to the maps after relu1_1, 2_1, 3_1, 4_1 and 5_1.

    As in SPADE, the image is not brought to ImageNet's mean and deviation. Keys are torchvision's ``features.*``.
    """

    def __init__(self) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        channels = 3
        for width in _PLAN:
            if width == 0:
                layers.append(nn.MaxPool2d(2))
            else:
                layers += [nn.Conv2d(channels, width, 3, padding=1), nn.ReLU()]
                channels = width
        self.features = nn.Sequential(*layers)

    def forward(self, images: Tensor) -> list[Tensor]:
        """Return the five feature maps."""
        maps = []
        x = images
        for index, layer in enumerate(self.features):
            x = layer(x)
            if index in _TAPS:
                maps.append(x)
        return maps


def vgg19_features(weights_file: Path, sha256: str | None = VGG19.sha256) -> VGG19Features:
    """Build the feature network from a local file of torchvision's vgg19 weights.

    Args:
        weights_file: ``.safetensors``, or a PyTorch state dict (read without running pickled code).
        sha256: First digits of the file's expected sha256, or None to accept any file (a converted one, say).

    Raises:
        DataError: The file is missing.
        CorruptFileError: It is not the published file, or does not hold these weights.
    """
    if not weights_file.is_file():
        raise DataError(f"VGG19 weights {weights_file} do not exist. {_REMEDY}")
    if sha256 is not None and not (found := hash_file(weights_file)).startswith(sha256):
        raise CorruptFileError(
            f"VGG19 weights {weights_file} have sha256 {found[:8]}…, not the published {sha256}…. {_REMEDY}"
        )
    network = VGG19Features()
    try:
        if weights_file.suffix == ".safetensors":
            state = load_file(weights_file)
        else:
            state = torch.load(weights_file, map_location="cpu", weights_only=True)
        network.load_state_dict({key: state[key] for key in network.state_dict()})
    except Exception as error:  # a file that is no pickle makes the unpickler raise whatever it stumbles over
        raise CorruptFileError(f"{weights_file} does not hold VGG19 weights: {error}. {_REMEDY}") from error
    return network.requires_grad_(False).eval()
