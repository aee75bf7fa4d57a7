"""The released networks' numbers: how a case is read, and the rule that fills a network's weights."""

import json
import math
import re
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

FOLDER = Path(__file__).parent / "parity" / "cases"


@dataclass(frozen=True)
class Case:
    name: str

    @cached_property
    def facts(self) -> dict[str, Any]:
        return json.loads((FOLDER / f"{self.name}.json").read_text())

    @cached_property
    def arrays(self) -> Mapping[str, np.ndarray]:
        return np.load(FOLDER / f"{self.name}.npz")

    def tensor(self, name: str) -> torch.Tensor:
        return torch.from_numpy(self.arrays[name])

    def prepare(self, network: torch.nn.Module, keys: str) -> None:
        """Check keys and shapes against the case's, then fill."""
        assert {k: list(v.shape) for k, v in network.state_dict().items()} == self.facts[keys]
        fill(network, equalized=self.facts.get("equalized", False))

    def check(self, name: str, value: torch.Tensor, *, tolerance: float = 1e-4) -> None:
        expected = self.arrays[name]
        got = value.detach().numpy()
        assert got.shape == expected.shape, name
        error = np.abs(got - expected).max() / np.abs(expected).max()
        assert error < tolerance, f"{name}: relative error {error:.2e}"


def normal(seed: int, *shape: int) -> torch.Tensor:
    return torch.from_numpy(np.random.RandomState(seed).standard_normal(shape).astype(np.float32))


def fill(network: torch.nn.Module, *, equalized: bool) -> None:
    state = {
        key: torch.from_numpy(np.asarray(_value(key, tuple(old.shape), equalized))).to(old.dtype)
        for key, old in network.state_dict().items()
    }
    network.load_state_dict(state)


def _value(key: str, shape: tuple[int, ...], equalized: bool) -> Any:
    rs = np.random.RandomState(zlib.crc32(key.encode()))
    last = key.rsplit(".", 1)[-1]
    if last == "num_batches_tracked":
        return 0
    if last == "gamma":
        return 0.5
    if last in {"running_var", "stored_var"}:
        return 0.5 + rs.random_sample(shape)
    if last in {"running_mean", "stored_mean"}:
        return 0.1 * rs.standard_normal(shape)
    if last == "sv0":
        return np.ones(shape)
    numbers = rs.standard_normal(shape)
    if re.fullmatch("weight_[uv]|u0", last):
        return numbers / np.linalg.norm(numbers)
    if last == "bias" and len(shape) == 1:
        return 0.1 * numbers
    if len(shape) >= 2:
        return numbers if equalized else numbers / math.sqrt(math.prod(shape[1:]))
    assert last in {"weight", "gain"}
    return 1 + 0.1 * numbers
