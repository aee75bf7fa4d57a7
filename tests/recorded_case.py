"""Parity cases recorded from the networks here, in any configuration: to see what a wrong network does to them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sbgan_bench.parity.case import Case
from sbgan_bench.parity.family import family_of
from sbgan_bench.parity.filling import fill

OFFICIAL = Path(__file__).parent / "parity" / "cases"


class Everything(dict[str, Any]):
    """Arrays of a case of which every output is wanted; only inputs are really there."""

    def __contains__(self, name: object) -> bool:
        return super().__contains__(name) or not str(name).endswith("_positions")


def record(folder: Path, name: str, facts: Mapping[str, Any], inputs: Mapping[str, Any] | None = None) -> Path:
    """Write a case: keys and outputs are those of the networks as they are now."""
    stored = {key: np.asarray(value, np.float32) for key, value in (inputs or {}).items()}
    family = family_of(Case(name, facts, {}))(Case(name, facts, Everything(stored), torch.float64))
    networks = family.networks()
    for network in networks.values():
        fill(network, equalized=bool(facts.get("equalized", False)), kept=family.kept)
        network.double()
    keys = {field: {k: list(v.shape) for k, v in n.state_dict().items()} for field, n in networks.items()}
    outputs = {key: tensor.detach().numpy() for key, tensor in family.outputs(networks)}
    as_stored = {k: v.astype(np.int64 if k.endswith("_positions") else np.float32) for k, v in outputs.items()}
    write(folder, name, {**facts, **keys}, {**stored, **as_stored})
    return folder


def write(folder: Path, name: str, facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(json.dumps(facts))
    np.savez(folder / f"{name}.npz", **arrays)


def progressive(
    max_dim: int = 8, *, rgb: bool = False, classes: int = 5, aspect: int = 2, **level: Any
) -> dict[str, Any]:
    real = "G(z2), z2=RandomState(12).standard_normal((2,512))"
    heights = [4 * 2**i for i in range(max_dim.bit_length() - 2)]
    return {
        "network": "progressive",
        "config": {"max_dim": max_dim, "rgb": rgb, "num_semantics": classes, "aspect_ratio": aspect},
        "equalized": True,
        "z": "RandomState(11).standard_normal((2,512))",
        "cases": {str(h): {"output_stride": 1, "alpha": 0.7, "real": real, **level} for h in heights},
    }


def penalties(max_dim: int = 8) -> dict[str, Any]:
    return {f"gp_eps_{4 * 2**i}": [0.25, 0.8] for i in range(max_dim.bit_length() - 2)}


def spade(variant: str, size: tuple[int, int] = (32, 64), upsampling: str = "normal", **config: Any) -> dict[str, Any]:
    height, width = size
    config = {
        "crop_size": width, "aspect_ratio": width / height, "height": height, "num_upsampling_layers": upsampling,
        "instance_edge_channel": False, "dontcare_channel": False, "label_nc": 6, "ngf": 2, "ndf": 4, "num_D": 2,
        "n_layers_D": 4 if variant == "NVlabs" else 3, "lambda_feat": 10.0, **config,
    }  # fmt: skip
    labels = config["label_nc"] + int(config["dontcare_channel"])
    return {
        "network": "spade",
        "variant": variant,
        "config": config,
        "label": f"RandomState(13).randint(0, {labels}, (2,1,{height // 8},{width // 8})) repeated 8x8",
        "instance": "label*3+1",
        "image": f"RandomState(14).uniform(-1,1,(2,3,{height},{width})) as float32",
        "output_stride": 1,
        "grad_stride": 2,
    }


def biggan(resolution: int = 64, **config: Any) -> dict[str, Any]:
    config = {
        "G_ch": 4, "D_ch": 8, "dim_z": 33, "resolution": resolution, "n_classes": 3, "G_attn": "16", "D_attn": "8",
        "G_shared": True, "shared_dim": 8, "hier": True, "SN_eps": 1e-6, **config,
    }  # fmt: skip
    slots = {64: 5, 128: 6, 256: 7}[resolution]
    latent = config["dim_z"] // slots * slots if config["hier"] else config["dim_z"]
    return {
        "network": "biggan",
        "config": config,
        "effective_dim_z": latent,
        "z": f"RandomState(15).standard_normal((2,{latent}))",
        "y": [0, config["n_classes"] - 1],
        "output_stride": 2,
    }


def drn(arch: str = "drn_d_22", classes: int = 5, size: tuple[int, int] = (32, 48)) -> dict[str, Any]:
    return {
        "network": "drn segmenter",
        "config": {"arch": arch, "classes": classes},
        "input": f"RandomState(16).standard_normal((1,3,{size[0]},{size[1]}))",
        "up_weight": "fixed bilinear 16x16, not filled by the rule",
        "output_stride": 2,
        "mode": "eval",
    }


def gumbel(temperature: float = 0.7) -> dict[str, Any]:
    return {
        "temperature": temperature,
        "probs": "softmax over axis 1 of RandomState(17).standard_normal((3,9,4,6)) as float32",
        "upstream_gradient": "RandomState(18).standard_normal((3,9,4,6)) as float32",
        "exponential": "the Exp(1) draws E used; gumbel = -log(E+1e-10)",
    }


def exponential() -> dict[str, Any]:
    return {"exponential": np.random.default_rng(0).standard_exponential((3, 9, 4, 6), np.float32)}
