"""Files of random weights in the formats of published ones."""

import math
import warnings
from pathlib import Path

import torch
from torch import Tensor, nn
from torchvision.models.inception import Inception3

from sbgan_bench.protocols.inception_networks import LOGITS


def drawn(network: nn.Module, seed: int) -> dict[str, Tensor]:
    """Weights at which activations neither die nor explode, and batch norms do something."""
    generator = torch.Generator().manual_seed(seed)
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
    return state


def random_inception(path: Path, seed: int = 0) -> Path:
    """As ``weights-inception-2015-12-05-6726825d.pth``."""
    with torch.device("meta"):
        network = Inception3(num_classes=LOGITS, aux_logits=False, init_weights=False)
    torch.save(drawn(network, seed), path)
    return path


def random_imagenet_inception(path: Path, seed: int = 0) -> Path:
    """As ``inception_v3_google-0cc3c7bd.pth``, without counters of batches."""
    with torch.device("meta"):
        network = Inception3(init_weights=False)
    state = drawn(network, seed)
    torch.save({name: tensor for name, tensor in state.items() if "num_batches" not in name}, path)
    return path


def random_dinov2(path: Path, seed: int = 0, *, width: int = 128, depth: int = 2, cells: int = 37) -> Path:
    """As ``dinov2_vitl14_pretrain.pth``, but narrow and shallow."""
    shapes = {
        "cls_token": (1, 1, width), "pos_embed": (1, 1 + cells**2, width), "mask_token": (1, width),
        "patch_embed.proj.weight": (width, 3, 14, 14), "patch_embed.proj.bias": (width,),
        "norm.weight": (width,), "norm.bias": (width,),
    }  # fmt: skip
    for block in (f"blocks.{index}." for index in range(depth)):
        for part, rows, columns in (
            ("attn.qkv", 3 * width, width), ("attn.proj", width, width),
            ("mlp.fc1", 4 * width, width), ("mlp.fc2", width, 4 * width),
        ):  # fmt: skip
            shapes |= {f"{block}{part}.weight": (rows, columns), f"{block}{part}.bias": (rows,)}
        shapes |= {f"{block}{name}": (width,) for name in ("ls1.gamma", "ls2.gamma")}
        shapes |= {f"{block}{norm}.{name}": (width,) for norm in ("norm1", "norm2") for name in ("weight", "bias")}
    generator = torch.Generator().manual_seed(seed)
    state = {}
    for name, shape in shapes.items():
        values = torch.randn(shape, generator=generator)
        scale = 1 / math.sqrt(math.prod(shape[1:])) if name.endswith("weight") and len(shape) > 1 else 0.3
        state[name] = scale * values + (1 if "norm" in name and name.endswith("weight") else 0)
    torch.save(state, path)
    return path


class _WithLayers(nn.Module):
    """What clean-fid expects of its file: a part without resize, and one with."""

    def __init__(self, layers: nn.Module) -> None:
        super().__init__()
        self.layers = layers

    def forward(self, x: Tensor, return_features: bool = True) -> Tensor:
        assert return_features
        resized = nn.functional.interpolate(x, size=[299, 299], mode="bilinear", align_corners=False)
        return self.layers((resized - 128) / 128)


def as_torchscript(layers: nn.Module, path: Path) -> Path:
    """As ``inception-2015-12-05.pt``: a program around ``layers``, which end in ``(N, 2048)``."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        traced = torch.jit.trace(layers, torch.zeros(1, 3, 299, 299))
        torch.jit.save(torch.jit.script(_WithLayers(traced)), path)
    return path
