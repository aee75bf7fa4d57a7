"""Cases are read whole or refused in words; inputs come from a parser that can do nothing but draw."""

import json

import numpy as np
import pytest
import torch
from recorded_case import OFFICIAL, gumbel, record, write

from sbgan_bench.errors import BenchError, CorruptFileError, DataError
from sbgan_bench.networks.drn import DRNArch, DRNSegmenter
from sbgan_bench.parity.case import Case, find_cases, read_case
from sbgan_bench.parity.checks import compare, compare_keys, relative_error
from sbgan_bench.parity.expressions import evaluate
from sbgan_bench.parity.family import family_of
from sbgan_bench.parity.filling import fill, filling

RS = np.random.RandomState


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("RandomState(1).standard_normal((2,512))", RS(1).standard_normal((2, 512))),
        ("np.random.RandomState(9).randn(3, 4)", RS(9).randn(3, 4)),
        ("numpy.random.RandomState(9).standard_normal(size=(3,))", RS(9).standard_normal(3)),
        ("G(z2), z2=RandomState(2).standard_normal((2,8))", RS(2).standard_normal((2, 8))),
        ("RandomState(4).uniform(-1,1,(2,3)) as float32", RS(4).uniform(-1, 1, (2, 3))),
        ("2*RandomState(4).random_sample((2,3))-1", 2 * RS(4).random_sample((2, 3)) - 1),
        (
            "RandomState(3).randint(0, 20, (2,1,4,4)) repeated 8x8",
            RS(3).randint(0, 20, (2, 1, 4, 4)).repeat(8, 2).repeat(8, 3),
        ),
        (
            "RandomState(3).randint(0, 5, (1,1,2,2)) repeated 4x2",
            RS(3).randint(0, 5, (1, 1, 2, 2)).repeat(4, 2).repeat(2, 3),
        ),
        ("label*3+1", np.array([4, 7])),
        ("label // 2", np.array([0, 1])),
    ],
)
def test_descriptions_of_inputs(text, expected):
    value = evaluate(text, {"label": np.array([1, 2])})
    assert value.dtype == expected.dtype
    np.testing.assert_array_equal(value, expected)


def test_a_softmax_sums_to_one_over_its_axis():
    p = evaluate("softmax over axis 1 of RandomState(5).standard_normal((2,7,8,16)) as float32")
    z = RS(5).standard_normal((2, 7, 8, 16))
    np.testing.assert_allclose(p.sum(axis=1), 1)
    np.testing.assert_allclose(np.log(p[:, 1] / p[:, 0]), z[:, 1] - z[:, 0])


@pytest.mark.parametrize(
    "text",
    [
        "", "z", "open('x')", "().__class__", "RandomState(1).seed(2)", "RandomState(1).standard_normal",
        "RandomState(1).standard_normal((2,", "RandomState(-1).randn(2)", "RandomState('a').randn(2)",
        "RandomState(1).randn(2).tofile('x')", "RandomState(open('x')).randn(2)", "[x for x in (1,)]",
        "default_rng(1).randn(2)", "RandomState(1).standard_normal((2,3), 'file')",
    ],
)  # fmt: skip
def test_anything_else_is_refused_and_quoted(text):
    with pytest.raises(DataError, match="is not understood") as caught:
        evaluate(text, {"label": np.array([1])})
    assert repr(text) in str(caught.value)


def test_weights_are_a_function_of_key_and_shape():
    first, second = filling("a.weight", (3, 4), False), filling("a.weight", (3, 4), False)
    np.testing.assert_array_equal(first, second)
    np.testing.assert_allclose(filling("a.weight", (3, 4), True), 2 * first)
    assert np.linalg.norm(filling("a.weight_u", (9,), False)) == pytest.approx(1)
    assert np.linalg.norm(filling("a.u0", (1, 9), False)) == pytest.approx(1)
    assert (filling("bn.running_var", (50,), False) >= 0.5).all()
    assert abs(filling("bn.running_mean", (500,), False)).max() < 0.5
    assert filling("bn.num_batches_tracked", (), False) == 0
    assert filling("blocks.3.1.gamma", (), False) == 0.5
    assert filling("linear.sv0", (1,), False) == 1
    assert abs(filling("bn.weight", (500,), False) - 1).mean() < 0.2
    with pytest.raises(DataError, match=r"no line for a\.strange"):
        filling("a.strange", (3,), False)


def test_filling_leaves_the_kernel_of_the_segmenter_alone():
    network = DRNSegmenter(DRNArch.D_22, 3)
    kernel = network.up.weight.clone()
    fill(network, equalized=False, kept=("up.weight",))
    assert torch.equal(network.up.weight, kernel)
    assert network.seg.bias.abs().max() < 1


def test_relative_error():
    reference = np.array([1.0, -4.0])
    assert relative_error(np.array([1.0, -3.0]), reference) == 0.25
    assert relative_error(reference, reference) == 0
    assert relative_error(np.zeros(2), np.zeros(2)) == 0
    assert relative_error(np.ones(2), np.zeros(2)) == float("inf")
    assert relative_error(7 * np.array([1.0, -3.0]), 7 * reference) == pytest.approx(0.25)


@pytest.mark.parametrize(
    ("got", "word"), [(np.ones(3), "shape 3, expected 2"), (np.ones((2, 1)), "2×1"), (np.array([1, np.nan]), "NaN")]
)
def test_what_cannot_be_compared_is_not_ok(got, word):
    check = compare("g", got, np.ones(2), 1e-4, "float32")
    assert not check.ok
    assert word in check.reason


def test_a_difference_of_the_tolerance_itself_is_too_large():
    assert not compare("g", np.array([1.25]), np.ones(1), 0.25, "float32").ok
    assert compare("g", np.array([1.25]), np.ones(1), 0.26, "float32").ok


def test_keys_are_compared_both_ways_and_the_first_differences_named():
    check = compare_keys("keys", {"a": (1, 2), "b": ()}, {"a": (1, 3), "c": (4,)})
    assert check.differences == ("c is missing", "b is too many", "a is 1×2, expected 1×3")
    many = compare_keys("keys", {}, {f"k{i}": (1,) for i in range(9)})
    assert "k4 is missing; and 4 more" in many.words
    assert not many.ok


def test_the_cases_of_a_folder(tmp_path):
    assert "drn_d_22" in find_cases(OFFICIAL)
    assert find_cases(OFFICIAL, ["drn_d_38"]) == ["drn_d_38"]
    with pytest.raises(DataError, match="Did you mean 'drn_d_22'"):
        find_cases(OFFICIAL, ["drn_d22"])
    with pytest.raises(DataError, match="holds no parity case"):
        find_cases(tmp_path)
    with pytest.raises(DataError, match="is not a folder"):
        find_cases(tmp_path / "absent")


def test_damaged_and_missing_files_are_named(tmp_path):
    write(tmp_path, "a", gumbel(), {"output": np.ones(4)})
    whole = (tmp_path / "a.npz").read_bytes()
    for content in (b"", b"no archive", whole[:-40], whole[:60] + b"\xff" * 20 + whole[80:]):
        (tmp_path / "a.npz").write_bytes(content)
        with pytest.raises(CorruptFileError, match=r"a\.npz is not a whole"):
            read_case(tmp_path, "a")
    (tmp_path / "a.npz").unlink()
    with pytest.raises(DataError, match=r"a\.npz"):
        read_case(tmp_path, "a")
    for text in ("{", "[1]", "\udcff"):
        (tmp_path / "a.json").write_bytes(text.encode("utf-8", "surrogateescape"))
        with pytest.raises(CorruptFileError, match=r"a\.json"):
            read_case(tmp_path, "a")
    (tmp_path / "a.json").unlink()
    with pytest.raises(DataError, match=r"a\.json"):
        read_case(tmp_path, "a")


def test_objects_in_a_file_are_not_unpickled(tmp_path):
    write(tmp_path, "a", gumbel(), {"output": np.array([{"x": 1}], dtype=object)})
    with pytest.raises(CorruptFileError, match="allow_pickle"):
        read_case(tmp_path, "a")


@pytest.mark.parametrize("facts", [{}, {"network": "pixel transformer"}, {"temperature": 1.0}])
def test_an_unknown_network_is_answered_with_the_known_ones(facts):
    with pytest.raises(BenchError, match=r"biggan .*drn .*gumbel .*progressive .*spade") as caught:
        family_of(Case("a", facts, {}))
    assert str(facts.get("network", "nothing says")) in str(caught.value)


@pytest.mark.parametrize("name", find_cases(OFFICIAL))
def test_every_official_case_has_one_family_and_is_read_to_the_last_key(name):
    case = read_case(OFFICIAL, name)
    family = family_of(case)(case)
    assert not set(family.facts.unread()) - set(family.networks())


def test_a_recorded_case_is_read_back(tmp_path):
    record(tmp_path, "g", gumbel(), {"exponential": np.full((3, 9, 4, 6), 0.5)})
    case = read_case(tmp_path, "g")
    assert set(case.arrays) == {"exponential", "output", "index", "grad_probs"}
    assert json.loads((tmp_path / "g.json").read_text())["temperature"] == 0.7
    assert case.array("exponential").dtype is torch.float32
    with pytest.raises(DataError, match="lacks the input gp_eps_4"):
        case.array("gp_eps_4")
