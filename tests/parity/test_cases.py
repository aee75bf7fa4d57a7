"""The networks reproduce every recorded case of the released ones."""

from dataclasses import replace
from functools import partial

import pytest
from recorded_case import OFFICIAL

from sbgan_bench.parity.case import find_cases, read_case
from sbgan_bench.parity.checks import CaseResult
from sbgan_bench.parity.family import family_of
from sbgan_bench.parity.running import check

slow = partial(pytest.param, marks=pytest.mark.slow)
NAMES = find_cases(OFFICIAL)
HEAVY = ("progan", "spade")


def words(result: CaseResult) -> str:
    failures = [
        *([result.fault] if result.fault else []),
        *(f"{k.network}: {k.words}" for k in result.keys if not k.ok),
        *(f"{o.output}: {o.error} {o.reason}" for o in result.outputs if not o.ok),
    ]
    return "; ".join(failures)


@pytest.mark.parametrize("name", [slow(name) if name.startswith(HEAVY) else name for name in NAMES])
def test_a_case_is_reproduced(name):
    result = check(read_case(OFFICIAL, name))
    assert result.ok, words(result)
    assert len(result.outputs) >= 2


@pytest.mark.parametrize("name", [name for name in NAMES if name.startswith("progan")])
def test_the_lowest_levels_are_reproduced(name):
    case = read_case(OFFICIAL, name)
    levels = {key: case.facts["cases"][key] for key in ("4", "8")}
    arrays = {key: value for key, value in case.arrays.items() if key.rpartition("_")[2] in levels}
    result = check(replace(case, facts={**case.facts, "cases": levels}, arrays=arrays))
    assert result.ok, words(result)
    assert len(result.outputs) == 8


@pytest.mark.parametrize("name", [name for name in NAMES if "k19_ngf16" in name])
def test_what_needs_no_gradient_is_reproduced(name):
    case = read_case(OFFICIAL, name)
    arrays = {key: value for key, value in case.arrays.items() if not key.startswith("grad_")}
    result = check(replace(case, arrays=arrays))
    assert result.ok, words(result)
    assert {check.arithmetic for check in result.outputs} == {"float32"}


@pytest.mark.parametrize(("variant", "tolerance"), [("fork", 1e-5), ("nv", 1e-5)])
def test_the_discriminator_of_spade_has_the_stricter_tolerance(variant, tolerance):
    case = read_case(OFFICIAL, f"spade_{variant}_128x128_more_k19_ngf16")
    family = family_of(case)(case)
    assert {family.tolerance(name) for name in case.arrays if name.startswith("d_")} == {tolerance}
    assert {family.tolerance(name) for name in case.arrays if not name.startswith("d_")} == {1e-4}
