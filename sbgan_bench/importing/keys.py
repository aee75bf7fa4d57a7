"""Holding a foreign state dict against a network, and loading it."""

import re
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.format import Part

#: Differences shown at most.
SHOWN = 5


def load_part(network: nn.Module, part: Part) -> tuple[str, ...]:
    """Give a network the tensors of a part.

    Returns:
        Notes: what older files lack and was computed, and what was rounded.

    Raises:
        CheckpointError: Keys or shapes are others than the network's, or a weight is not finite.
    """
    expected = network.state_dict()
    tensors, notes = complete(part.tensors, expected)
    check_keys(part.place, tensors, expected)
    endless = [key for key, value in tensors.items() if value.is_floating_point() and not value.isfinite().all()]
    if endless:
        raise CheckpointError(
            f"{part.place} holds numbers that are infinite or NaN in {_listed(endless)}; take an earlier checkpoint, "
            "from before the training diverged."
        )
    rounded = {str(v.dtype).removeprefix("torch.") for k, v in tensors.items() if v.dtype != expected[k].dtype}
    if rounded:
        notes = (*notes, f"{part.source.path.name}: {', '.join(sorted(rounded))} numbers became float32")
    network.load_state_dict(tensors)
    return notes


def complete(found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Fill in what older versions of PyTorch did not write, where it follows from the rest.

    ``weight_v`` of a spectrally normalised layer becomes the normalised product of ``weight_u`` and the weight; where
    the file also holds the divided weight, as the oldest do, it is scaled so that the division comes out the same.
    ``num_batches_tracked`` becomes 0: nothing here reads it.

    Returns:
        The completed tensors, and notes on what was done.
    """
    tensors, notes = dict(found), []
    missing = [key for key in expected if key not in tensors]
    vectors = [key for key in missing if key.endswith("weight_v") and _has_rest(key, tensors)]
    for key in vectors:
        stem = key.removesuffix("_v")
        tensors[key] = _other_vector(tensors[f"{stem}_orig"], tensors[f"{stem}_u"], tensors.pop(stem, None))
    if vectors:
        notes.append(f"{len(vectors)} weight_v, which older PyTorch did not write, from weight_u and the weight")
    counters = [key for key in missing if key.endswith("num_batches_tracked")]
    tensors |= {key: torch.zeros_like(expected[key]) for key in counters}
    if counters:
        notes.append(f"{len(counters)} num_batches_tracked, which older PyTorch did not write, set to 0")
    return tensors, tuple(notes)


def _has_rest(key: str, tensors: Mapping[str, Tensor]) -> bool:
    weight, u = (tensors.get(f"{key.removesuffix('_v')}_{name}") for name in ("orig", "u"))
    return weight is not None and u is not None and weight.ndim > 1 and u.shape == weight.shape[:1]


def _other_vector(weight: Tensor, u: Tensor, divided: Tensor | None) -> Tensor:
    product = weight.flatten(1).float().t() @ u.float()
    length = product.norm()
    share = torch.ones(())
    if divided is not None and divided.shape == weight.shape:
        sigma = weight.float().norm() / divided.float().norm().clamp_min(1e-12)
        share = sigma / length.clamp_min(1e-12)
    return torch.mul(product / length.clamp_min(1e-12), share)


def check_keys(place: str, found: Mapping[str, Tensor], expected: Mapping[str, Tensor]) -> None:
    """Compare keys and shapes.

    Raises:
        CheckpointError: Names the file and the first keys that differ, with the shape found and the one expected.
    """
    faults = [
        *(
            f"{key} is {_shape(found[key])}, expected {_shape(tensor)}"
            for key, tensor in expected.items()
            if key in found and found[key].shape != tensor.shape
        ),
        *(f"{key} is missing, expected {_shape(tensor)}" for key, tensor in expected.items() if key not in found),
        *(f"{key} {_shape(tensor)} belongs to no layer" for key, tensor in found.items() if key not in expected),
    ]
    if faults:
        raise CheckpointError(
            f"{place} does not fit the network that most of its tensors describe: {_listed(faults)}. "
            "It was cut, or made by a changed version of the code: fetch it once more, or write those tensors as the "
            "official code does."
        )


def _shape(tensor: Tensor) -> str:
    return "×".join(map(str, tensor.shape)) or "a single number"


def _listed(items: Sequence[str]) -> str:
    more = f"; and {len(items) - SHOWN} more" if len(items) > SHOWN else ""
    return "; ".join(items[:SHOWN]) + more


def has(tensors: Mapping[str, Tensor], *patterns: str) -> bool:
    """Return whether every pattern begins some key: how formats tell their files, even ones with a tensor missing."""
    return all(any(re.match(pattern, key) for key in tensors) for pattern in patterns)


class Shapes:
    """The shapes of a part, asked for by key with an error that names the file."""

    def __init__(self, part: Part) -> None:
        self._part = part

    def __call__(self, key: str, dimensions: int) -> tuple[int, ...]:
        """Return the shape of a tensor.

        Raises:
            CheckpointError: It is missing or has another number of dimensions.
        """
        tensor = self._part.tensors.get(key)
        if tensor is None:
            raise CheckpointError(
                f"{self._part.place} lacks {key}, from which sizes are derived: the file was cut, or made by a "
                "changed version of the code."
            )
        if tensor.ndim != dimensions:
            raise CheckpointError(f"{self._part.place}: {key} is {_shape(tensor)}, expected {dimensions} dimensions.")
        return tuple(tensor.shape)

    def count(self, pattern: str) -> int:
        """Return how many different numbers stand in the group of ``pattern`` over all keys that begin with it."""
        matches = (re.match(pattern, key) for key in self._part.tensors)
        return len({match[1] for match in matches if match})
