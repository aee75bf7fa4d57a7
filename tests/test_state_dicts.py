"""Weights from strangers: nothing in a file is run, and what does not fit is named."""

import pickle
from pathlib import Path

import pytest
import torch
from malice import KINDS, malicious_file
from safetensors.torch import save_file
from torch import nn

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.state_dicts import fitted, is_torchscript, read_state_dict


@pytest.mark.parametrize("kind", KINDS)
def test_pickled_code_never_runs(tmp_path: Path, kind: str) -> None:
    path, mark = malicious_file(tmp_path, kind)
    with pytest.raises(CorruptFileError, match=rf"{path.name} cannot be read as a plain state dict"):
        read_state_dict(path)
    assert not mark.exists()
    if kind == "bare":  # an ordinary reader falls for it
        pickle.loads(path.read_bytes())
    else:
        torch.load(path, weights_only=False)
    assert mark.exists()


@pytest.mark.parametrize("legacy", [False, True])
def test_tensors_come_back_as_written(tmp_path: Path, legacy: bool) -> None:
    state = {"a": torch.randn(2, 3), "b": torch.tensor(4)}
    torch.save(state, tmp_path / "a.pth", _use_new_zipfile_serialization=not legacy)
    save_file(state, tmp_path / "a.safetensors")
    for path in (tmp_path / "a.pth", tmp_path / "a.safetensors"):
        found = read_state_dict(path)
        assert found.keys() == state.keys()
        assert all(torch.equal(found[name], tensor) for name, tensor in state.items())


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04", b"<html>Please log in</html>", bytes(1000)])
def test_what_is_no_file_of_tensors_is_refused(tmp_path: Path, content: bytes) -> None:
    for name in ("a.pth", "a.safetensors"):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CorruptFileError, match="cannot be read as a plain state dict"):
            read_state_dict(tmp_path / name)


@pytest.mark.parametrize("content", [[1, 2], {"a": 1.0}, torch.zeros(2), {"state_dict": {"a": torch.zeros(2)}}])
def test_tables_of_something_else_are_refused(tmp_path: Path, content: object) -> None:
    torch.save(content, tmp_path / "a.pth")
    with pytest.raises(CorruptFileError, match="something else than named tensors"):
        read_state_dict(tmp_path / "a.pth")


def test_programs_are_told_from_tables(tmp_path: Path) -> None:
    with pytest.warns(FutureWarning):
        torch.jit.save(torch.jit.script(nn.ReLU()), tmp_path / "program.pt")
    torch.save({}, tmp_path / "table.pt")
    assert is_torchscript(tmp_path / "program.pt")
    assert not is_torchscript(tmp_path / "table.pt")
    with pytest.raises(CorruptFileError, match="TorchScript program"):
        read_state_dict(tmp_path / "program.pt")


def test_a_tensor_that_does_not_fit_is_named_with_both_shapes() -> None:
    network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4))
    state = network.state_dict()
    origin = Path("given.pth")
    assert fitted(state, network, origin).keys() == state.keys()
    counters = {name: tensor for name, tensor in state.items() if "num_batches" not in name}
    network.load_state_dict(fitted(counters, network, origin))
    with pytest.raises(CorruptFileError, match=r"given.pth.*0.weight is \[4, 3, 5, 5\] instead of \[4, 3, 3, 3\]\."):
        fitted({**state, "0.weight": torch.zeros(4, 3, 5, 5)}, network, origin)
    with pytest.raises(CorruptFileError, match=r"0.bias is missing; 7.bias is unknown\."):
        fitted({name.replace("0.bias", "7.bias"): tensor for name, tensor in state.items()}, network, origin)
    with pytest.raises(CorruptFileError, match=r"and 3 more\."):
        fitted({}, network, origin)
