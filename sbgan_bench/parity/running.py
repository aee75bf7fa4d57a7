"""Running cases: build, check keys, fill, compute, compare."""

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import torch
from torch import nn

from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.parity.case import Case, read_case
from sbgan_bench.parity.checks import CaseResult, KeysCheck, OutputCheck, compare, compare_keys
from sbgan_bench.parity.family import AbstractFamily, family_of
from sbgan_bench.parity.filling import fill
from sbgan_bench.parity.loading import load_weights


def check_case(folder: Path, name: str) -> CaseResult:
    """Read and run one case of a folder. Whatever is wrong with it, or goes wrong, stands in the result."""
    started = time.perf_counter()
    try:
        result = check(read_case(folder, name))
    except BenchError as error:
        result = CaseResult(case=name, fault=str(error))
    return replace(result, seconds=time.perf_counter() - started)


def check(case: Case) -> CaseResult:
    """Run one case; faults stand in the result.

    Outputs are computed in float32. If one misses its tolerance, all are computed once more in float64, and the better
    of both counts: then the difference is the recorded network's rounding alone, of which a float32 score near zero
    mostly consists. A wrong network is wrong in both.
    """
    result = _guarded(case, torch.float32)
    if result.fault or not all(check.ok for check in result.keys) or all(check.ok for check in result.outputs):
        return result
    again = _guarded(case, torch.float64)
    if again.fault:
        return result
    return replace(result, outputs=tuple(map(_better, result.outputs, again.outputs)))


def _guarded(case: Case, dtype: torch.dtype) -> CaseResult:
    kind = ""
    try:
        family = family_of(case)
        kind = family.name
        return _run(case, family, dtype)
    except BenchError as error:
        return CaseResult(case=case.name, family=kind, fault=str(error))
    except Exception as error:  # a network that cannot digest the inputs of a case raises whatever it stumbles over
        return CaseResult(case=case.name, family=kind, fault=f"{type(error).__name__}: {error}")


def _run(case: Case, kind: type[AbstractFamily], dtype: torch.dtype) -> CaseResult:
    family = kind(replace(case, dtype=dtype))
    networks = family.networks()
    loaded = family.facts.weights
    listed = {field: network for field, network in networks.items() if field in case.facts or field not in loaded}
    keys = tuple(_check_keys(case, field, network) for field, network in listed.items())
    notes = tuple(f"{case.origin}: {key} was not read" for key in family.facts.unread() if key not in networks)
    outputs: tuple[OutputCheck, ...] = ()
    if all(check.ok for check in keys):
        for field, network in networks.items():
            if field in loaded:
                load_weights(network, case.folder, loaded[field])
            else:
                fill(network, equalized=family.facts.equalized, kept=family.kept)
            network.to(dtype)
        outputs = _compare_all(family, networks)
    return CaseResult(case=case.name, family=family.name, keys=keys, outputs=outputs, notes=notes)


def _check_keys(case: Case, field: str, network: nn.Module) -> KeysCheck:
    expected = case.facts.get(field)
    if not isinstance(expected, dict):
        raise DataError(f"{case.origin} lacks {field}: the state-dict keys of a network, with their shapes.")
    return compare_keys(field, {key: tuple(tensor.shape) for key, tensor in network.state_dict().items()}, expected)


def _compare_all(family: AbstractFamily, networks: Mapping[str, nn.Module]) -> tuple[OutputCheck, ...]:
    case = family.case
    expected = [name for name in case.arrays if not name.startswith(family.inputs)]
    if not expected:
        raise DataError(f"{case.name}.npz holds no output to compare with. Fetch it once more.")
    checks: dict[str, OutputCheck] = {}
    for name, tensor in family.outputs(networks):
        if name in expected:
            arithmetic = _words(tensor.dtype if tensor.is_floating_point() else case.dtype)
            got = tensor.detach().numpy()
            found = compare(name, got, case.arrays[name], family.tolerance(name), arithmetic)
            checks[name] = _better(checks[name], found) if name in checks else found
    missing = "nothing here computes such an output"
    return tuple(
        checks.get(name)
        or OutputCheck(
            output=name, error=None, tolerance=family.tolerance(name), arithmetic=_words(case.dtype), reason=missing
        )
        for name in expected
    )


def _words(dtype: torch.dtype) -> str:
    return str(dtype).removeprefix("torch.")


def _better(one: OutputCheck, other: OutputCheck) -> OutputCheck:
    if one.ok or other.error is None:
        return one
    return other if one.error is None or other.error < one.error else one
