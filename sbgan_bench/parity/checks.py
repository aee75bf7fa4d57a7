"""What comes out of a case: how far each output lies from the released network's, and which keys differ."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

#: Largest relative difference that passes, unless a family says otherwise.
TOLERANCE = 1e-4
#: Differing keys shown at most.
SHOWN = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class OutputCheck:
    """One output of one case."""

    output: str  #: name of the reference array
    error: float | None  #: max |difference| / max |reference|; None where there is none to take
    tolerance: float  #: the error must be below it
    arithmetic: str  #: "float32" or "float64"
    reason: str = ""  #: why there is no error: wrong shape, no such output, not finite

    @property
    def ok(self) -> bool:
        """Whether it is the released output."""
        return self.error is not None and self.error < self.tolerance


@dataclass(frozen=True, slots=True, kw_only=True)
class KeysCheck:
    """The state-dict keys and shapes of one network of a case."""

    network: str  #: field of the case that lists them: "generator_keys"
    count: int  #: keys listed
    differences: tuple[str, ...]  #: in words

    @property
    def ok(self) -> bool:
        """Whether all are there, none is too many, and the shapes are equal."""
        return not self.differences

    @property
    def words(self) -> str:
        """Say what differs, the first few."""
        more = f"; and {len(self.differences) - SHOWN} more" if len(self.differences) > SHOWN else ""
        return "keys or shapes differ: " + "; ".join(self.differences[:SHOWN]) + more if self.differences else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CaseResult:
    """Everything checked of one case."""

    case: str
    family: str = ""  #: of networks; "" if none was recognised
    keys: tuple[KeysCheck, ...] = ()
    outputs: tuple[OutputCheck, ...] = ()
    fault: str = ""  #: why it could not be run, or run to its end
    notes: tuple[str, ...] = ()  #: what a reader of a failure should know
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether the network is the released one."""
        return not self.fault and all(c.ok for c in self.keys) and all(c.ok for c in self.outputs)

    @property
    def worst(self) -> OutputCheck | None:
        """The output nearest to, or farthest over, its tolerance."""
        measured = [check for check in self.outputs if check.error is not None]
        return max(measured, key=lambda check: (check.error or 0.0) / check.tolerance, default=None)

    def to_json(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "case": self.case,
            "family": self.family,
            "ok": self.ok,
            "fault": self.fault,
            "notes": list(self.notes),
            "seconds": round(self.seconds, 2),
            "keys": [
                {"network": c.network, "count": c.count, "ok": c.ok, "differences": list(c.differences)}
                for c in self.keys
            ],
            "outputs": [
                {
                    "output": c.output,
                    "error": c.error,
                    "tolerance": c.tolerance,
                    "arithmetic": c.arithmetic,
                    "ok": c.ok,
                    "reason": c.reason,
                }
                for c in self.outputs
            ],
        }


def compare(output: str, got: NDArray[Any], reference: NDArray[Any], tolerance: float, arithmetic: str) -> OutputCheck:
    """Compare an output with its reference."""
    check = OutputCheck(output=output, error=None, tolerance=tolerance, arithmetic=arithmetic)
    if got.shape != reference.shape:
        return replace(check, reason=f"shape {_shape(got.shape)}, expected {_shape(reference.shape)}")
    if not np.isfinite(got).all():
        return replace(check, reason="holds infinite numbers or NaN")
    return replace(check, error=relative_error(got, reference))


def relative_error(got: NDArray[Any], reference: NDArray[Any]) -> float:
    """Return max |got - reference| / max |reference|: 0 for equal arrays, infinite where only the reference is 0."""
    if not reference.size:
        return 0.0
    difference = float(np.abs(got.astype(np.float64) - reference).max())
    largest = float(np.abs(reference).max())
    if difference == 0:
        return 0.0
    return difference / largest if largest else float("inf")


def compare_keys(network: str, found: Mapping[str, Sequence[int]], expected: Mapping[str, Sequence[int]]) -> KeysCheck:
    """Compare keys and shapes with those of a case; ``network`` is the field that lists them."""
    differences = [
        *(f"{key} is missing" for key in expected if key not in found),
        *(f"{key} is too many" for key in found if key not in expected),
        *(
            f"{key} is {_shape(found[key])}, expected {_shape(shape)}"
            for key, shape in expected.items()
            if key in found and tuple(found[key]) != tuple(shape)
        ),
    ]
    return KeysCheck(network=network, count=len(expected), differences=tuple(differences))


def _shape(shape: Sequence[int]) -> str:
    return "×".join(map(str, shape)) or "a single number"
