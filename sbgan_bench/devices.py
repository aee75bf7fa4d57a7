"""Where networks run."""

import torch

from sbgan_bench.errors import BenchError


def choose_device(wanted: str) -> str:
    """Return "cuda", "mps" or "cpu": the wanted one, or for "auto" the best there is.

    Raises:
        BenchError: The wanted device is not on this machine.
    """
    present = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if wanted == "auto":
        return next(name for name, here in present.items() if here)
    if not present.get(wanted.split(":")[0], False):
        there = ", ".join(name for name, here in present.items() if here)
        raise BenchError(f"Device {wanted!r} is not available here; there is: {there}.")
    return wanted


def device_kind(device: str) -> str:
    """Return what computes: "cpu", "mps", or the name of the GPU: two kinds of them differ in the last digits."""
    return torch.cuda.get_device_name(device) if torch.device(device).type == "cuda" else torch.device(device).type
