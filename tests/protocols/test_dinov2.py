"""dinov2 against the official network written out, and dgm-eval's preprocessing."""

import math
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from PIL import Image
from random_weights import random_dinov2
from scenery import scenery
from torch import Tensor
from torchvision import transforms

from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.dinov2 import DINOv2Protocol
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")


def opened(weights: Path) -> DINOv2Protocol:
    return DINOv2Protocol.open(Opening(device=CPU, weights=weights, trusted=True))


def class_tokens(x: Tensor, w: dict[str, Tensor]) -> Tensor:
    """facebookresearch/dinov2 on ``(N, 3, 224, 224)``, in functions."""
    width = w["cls_token"].shape[-1]
    patches = F.conv2d(x, w["patch_embed.proj.weight"], w["patch_embed.proj.bias"], stride=14).flatten(2).mT
    side = math.isqrt(w["pos_embed"].shape[1] - 1)
    grid = w["pos_embed"][:, 1:].reshape(1, side, side, width).permute(0, 3, 1, 2)
    if side != 16:
        grid = F.interpolate(grid, scale_factor=((16 + 0.1) / side,) * 2, mode="bicubic")
    tokens = torch.cat([w["cls_token"].expand(len(x), -1, -1), patches], 1)
    tokens = tokens + torch.cat([w["pos_embed"][:, :1], grid.flatten(2).mT], 1)
    for index in range(sum(name.endswith("ls1.gamma") for name in w)):
        b = {name.removeprefix(f"blocks.{index}."): tensor for name, tensor in w.items()}
        normed = F.layer_norm(tokens, (width,), b["norm1.weight"], b["norm1.bias"], 1e-6)
        qkv = F.linear(normed, b["attn.qkv.weight"], b["attn.qkv.bias"])
        q, k, v = qkv.reshape(len(x), -1, 3, width // 64, 64).permute(2, 0, 3, 1, 4)
        mixed = ((q @ k.mT / 8).softmax(-1) @ v).transpose(1, 2).flatten(2)
        tokens = tokens + b["ls1.gamma"] * F.linear(mixed, b["attn.proj.weight"], b["attn.proj.bias"])
        normed = F.layer_norm(tokens, (width,), b["norm2.weight"], b["norm2.bias"], 1e-6)
        hidden = F.gelu(F.linear(normed, b["mlp.fc1.weight"], b["mlp.fc1.bias"]))
        tokens = tokens + b["ls2.gamma"] * F.linear(hidden, b["mlp.fc2.weight"], b["mlp.fc2.bias"])
    return F.layer_norm(tokens, (width,), w["norm.weight"], w["norm.bias"], 1e-6)[:, 0]


@pytest.mark.parametrize("cells", [37, 16])
def test_it_is_the_official_network_on_dgm_evals_images(tmp_path: Path, cells: int) -> None:
    weights = random_dinov2(tmp_path / "random.pth", cells=cells)
    images = scenery(3, 100, 200)
    prepare = transforms.Compose([
        transforms.Resize((224, 224), transforms.InterpolationMode.BICUBIC),
        transforms.ToTensor(),
        transforms.Normalize(np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])),
    ])  # fmt: skip
    prepared = torch.stack([prepare(Image.fromarray(image.transpose(1, 2, 0))) for image in images]).float()
    theirs = class_tokens(prepared, torch.load(weights, weights_only=True)).numpy()
    ours = opened(weights).features(SampleBatch(images))
    assert np.linalg.norm(ours - theirs) < 1e-5 * np.linalg.norm(theirs)


def test_files_of_other_networks_are_refused(dinov2_file: Path, inception_file: Path, tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match=r"random.pth holds no DINOv2 network.*dinov2_vitl14_pretrain.pth"):
        opened(inception_file)
    state = torch.load(dinov2_file, weights_only=True)
    torch.save({**state, "register_tokens": torch.zeros(1, 4, 128)}, tmp_path / "registers.pth")
    with pytest.raises(CorruptFileError, match="register_tokens is unknown"):
        opened(tmp_path / "registers.pth")


def test_without_timm_the_error_is_the_command(dinov2_file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "timm.models.vision_transformer", None)
    with pytest.raises(BenchError, match=r"pip install 'sbgan-bench\[dinov2\]'"):
        opened(dinov2_file)
