"""The dinov2 protocol: features for FD-DINOv2 (Stein et al. 2023), as their dgm-eval computes them."""

import math
from collections.abc import Mapping
from typing import ClassVar, Self, final

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor, nn

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.numerics import batch_size, batches, exactly, stacked
from sbgan_bench.protocol import AbstractProtocol, Opening, ProtocolInfo, Weights, images_of
from sbgan_bench.samples import SampleBatch
from sbgan_bench.state_dicts import fitted, read_state_dict
from sbgan_bench.weights import DINOV2_VITL14, ChosenWeights, chosen_weights

_CPU = torch.device("cpu")
#: Height and width of what the network takes, and the ImageNet mean and deviation per channel.
_SIDE = 224
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
#: Channels per attention head of every DINOv2 network.
_HEAD_WIDTH = 64


@final
class DINOv2Protocol(AbstractProtocol):
    """The normalised class token of DINOv2's ViT-L/14 (Oquab et al. 2023) on 224×224 images.

    The network is timm's; its width and depth are read off the file, so a trusted file may hold ViT-S/14 or ViT-B/14
    of the family as well. Unlike timm, the official code brings the position embedding to 16×16 cells by bicubic
    interpolation without antialiasing, at a scale of (16 + 0.1) / 37: that is done here, as published numbers were
    made so.
    """

    name: ClassVar[str] = "dinov2"
    weights: ClassVar[Weights] = Weights.FILE
    file: ClassVar[str] = DINOV2_VITL14.name

    def __init__(self, chosen: ChosenWeights, device: torch.device) -> None:
        self._chosen = chosen
        self._device = device
        state = read_state_dict(chosen.path)
        self._network = _vision_transformer(state, chosen).to(device)
        self._dim = state["cls_token"].shape[-1]

    @classmethod
    def open(cls, opening: Opening) -> Self:
        """Make ready to extract with the file given, or with the one that was fetched.

        Raises:
            DataError: There is no file.
            CorruptFileError: It is not the published one and not trusted, or holds other weights.
            BenchError: timm is not installed.
        """
        return cls(chosen_weights(DINOV2_VITL14, opening.weights, trusted=opening.trusted), opening.device)

    @property
    def info(self) -> ProtocolInfo:
        """Name, hash, dimension and preprocessing."""
        return ProtocolInfo(
            name=self.name,
            weights_hash=self._chosen.sha256,
            dim=self._dim,
            input=(
                "uint8, Pillow bicubic to 224x224, antialiased and quantised to uint8 again, [0, 1], ImageNet mean "
                "and deviation"
            ),
            layers=f"DINOv2 vision transformer with patches of 14: normalised class token ({self._dim})",
            numerics="float32, TF32 off",
            published=self._chosen.published,
        )

    def features(self, scenes: SampleBatch) -> NDArray[np.float32]:
        """Turn images of any size into ``(N, dim)`` float32 features."""
        images = images_of(scenes, self.name)
        with exactly():
            rows = [
                self._network(_prepared(batch).to(self._device))
                for batch in batches(images, _CPU, batch_size(self._device))
            ]
        return stacked(rows, self._dim)


def _prepared(images: Tensor) -> Tensor:
    """Return what dgm-eval gives the network, unless told ``--clean_resize``: ``(n, 3, 224, 224)`` float32."""
    pictures = (Image.fromarray(image) for image in images.permute(0, 2, 3, 1).contiguous().numpy())
    resized = [np.asarray(picture.resize((_SIDE, _SIDE), Image.Resampling.BICUBIC)) for picture in pictures]
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (_MEAN, _STD))
    return (torch.from_numpy(np.stack(resized)).permute(0, 3, 1, 2) / 255 - mean) / std


def _vision_transformer(state: Mapping[str, Tensor], chosen: ChosenWeights) -> nn.Module:
    """Build timm's network from official tensors.

    Raises:
        CorruptFileError: They are another network's.
        BenchError: timm is not installed.
    """
    try:
        from timm.models.vision_transformer import VisionTransformer
    except ImportError as error:
        raise BenchError(
            "The dinov2 protocol needs timm, which is not installed: pip install 'sbgan-bench[dinov2]'"
        ) from error
    try:
        width, patch = state["cls_token"].shape[-1], state["patch_embed.proj.weight"].shape[-1]
        embedding = _interpolated(state["pos_embed"], _SIDE // patch)
        depth = 1 + max(int(name.split(".")[1]) for name in state if name.startswith("blocks."))
    except (KeyError, IndexError, ValueError, RuntimeError) as error:
        raise CorruptFileError(
            f"{chosen.path} holds no DINOv2 network ({type(error).__name__}: {error}); give {DINOV2_VITL14.file}."
        ) from error
    with torch.device("meta"):
        network: nn.Module = VisionTransformer(
            img_size=_SIDE, patch_size=patch, embed_dim=width, depth=depth, num_heads=max(1, width // _HEAD_WIDTH),
            init_values=1.0, num_classes=0,
        )  # fmt: skip
    used = {name: tensor for name, tensor in state.items() if name != "mask_token"} | {"pos_embed": embedding}
    network.load_state_dict(fitted(used, network, chosen.path), assign=True)
    return network.float().requires_grad_(False).eval()


def _interpolated(embedding: Tensor, cells: int) -> Tensor:
    """Bring position embeddings ``(1, 1 + n * n, width)`` to ``cells`` × ``cells``, as the official code does.

    facebookresearch/dinov2, ``DinoVisionTransformer.interpolate_pos_encoding``, with its offset of 0.1.
    """
    token, grid = embedding[:, :1].float(), embedding[:, 1:].float()
    side = math.isqrt(grid.shape[1])
    if side == cells:
        return torch.cat([token, grid], dim=1)
    maps = grid.reshape(1, side, side, -1).permute(0, 3, 1, 2)
    scale = (cells + 0.1) / math.sqrt(grid.shape[1])
    resized = F.interpolate(maps, scale_factor=(scale, scale), mode="bicubic")
    return torch.cat([token, resized.permute(0, 2, 3, 1).flatten(1, 2)], dim=1)
