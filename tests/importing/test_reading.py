"""Strangers' files are read, and nothing in them is run."""

import argparse
import contextlib
import os
import pickle
import struct
import subprocess
import sys
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.reading import Placeholder, read_checkpoint

both_formats = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


class Calls:
    """Pickles into a call of a function with arguments."""

    def __init__(self, function: Any, *arguments: Any) -> None:
        self.call = function, arguments

    def __reduce__(self) -> Any:
        return self.call


def touch(path: Path) -> str:
    return f"{sys.executable} -c \"open(r'{path}', 'w')\""


def traps(mark: Path) -> dict[str, Any]:
    """Objects that leave a file behind when an ordinary unpickler meets them."""
    code = f"open(r'{mark}', 'w').close()"
    return {
        "os.system": Calls(os.system, touch(mark)),
        "exec": Calls(exec, code),
        "eval": Calls(eval, f"open(r'{mark}', 'w').close()"),
        "open": Calls(open, str(mark), "w"),
        "subprocess": Calls(subprocess.check_output, touch(mark), -1, None, None, None, None, None, True, True),
        "nested": Calls(exec, Calls(str.format, "{}", Calls(eval, repr(code)))),
        "torch.load": Calls(torch.save, Calls(exec, code), str(mark)),
        "numpy load": Calls(np.save, str(mark), np.zeros(1)),
        "numpy savetxt": Calls(np.savetxt, str(mark), np.zeros(1)),
        "getattr": Calls(getattr(os, "system"), touch(mark)),  # noqa: B009
        "path": Calls(Path.touch, mark),
    }


@both_formats
@pytest.mark.parametrize("name", sorted(traps(Path("mark"))))
def test_no_trap_springs(tmp_path: Path, name: str, zipped: bool) -> None:
    mark, file = tmp_path / "mark", tmp_path / "trap.pth"
    content = {"blocks.0.weight": torch.ones(2), "config": traps(mark)[name]}
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    mark.unlink(missing_ok=True)
    try:
        read = read_checkpoint(file)
    except CheckpointError:
        read = {}
    assert not mark.exists()
    assert not mark.with_name("mark.npy").exists()
    if read:
        assert isinstance(read["config"], Placeholder)
        assert torch.equal(read["blocks.0.weight"], torch.ones(2))


def test_the_traps_would_spring_in_an_ordinary_unpickler(tmp_path: Path) -> None:
    mark = tmp_path / "mark"
    for name in ("os.system", "exec", "nested", "path"):
        pickle.loads(pickle.dumps(traps(mark)[name]))
        assert mark.exists(), name
        mark.unlink()


def rewritten(file: Path, program: bytes) -> None:
    """Put another pickle in a file of torch.save."""
    with zipfile.ZipFile(file) as archive:
        entries = {entry: archive.read(entry) for entry in archive.namelist()}
    with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:
        for entry, data in entries.items():
            archive.writestr(entry, program if entry.endswith("/data.pkl") else data)


@pytest.mark.parametrize(
    "program",
    [
        b"cos\nsystem\n(S'touch MARK'\ntR.",  # REDUCE
        b"(S'touch MARK'\nios\nsystem\n.",  # INST
        b"(cos\nsystem\nS'touch MARK'\no.",  # OBJ
        b"\x80\x02cos\nsystem\nU\x0atouch MARK\x85\x81.",  # NEWOBJ
        b"\x80\x04\x8c\x02os\x8c\x06system\x93\x8c\x0atouch MARK\x85R.",  # STACK_GLOBAL
        b"cbuiltins\ngetattr\n(cos\nsystem\nS'__call__'\ntR(S'touch MARK'\ntR.",  # a call of what a call returned
        b"ctorch._utils\n_rebuild_tensor_v2\n(Ncos\nsystem\n(S'touch MARK'\ntRNNtR.",  # through a known name
        b"ccollections\nOrderedDict\n)R}(S'__class__'\ncos\nsystem\nsb.",  # BUILD over an attribute
        b"cos\nsystem\n}(S'__call__'\nNs\x86b.",  # BUILD on what was named
        b"\x80\x02\x82\x01.",  # EXT1
        b"cposix\nsystem\n(S'touch MARK'\ntR.",
    ],
)
def test_no_opcode_reaches_a_function(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, program: bytes) -> None:
    monkeypatch.chdir(tmp_path)
    file = tmp_path / "trap.pth"
    torch.save({"a": torch.ones(1)}, file)
    rewritten(file, program)
    with contextlib.suppress(CheckpointError):
        read_checkpoint(file)
    assert not (tmp_path / "MARK").exists()


def test_nothing_is_changed_in_what_a_file_may_name(tmp_path: Path) -> None:
    file = tmp_path / "trap.pth"
    torch.save({"a": torch.ones(1)}, file)
    # (None, {"__defaults__": (1,)}) set on the function that rebuilds tensors, as BUILD does on any object
    rewritten(file, b"ctorch._utils\n_rebuild_tensor_v2\n(N}S'__defaults__'\n(I1\ntsS'planted'\nI1\nstb0cfoo\nbar\n.")
    before = torch._utils._rebuild_tensor_v2.__defaults__
    with contextlib.suppress(CheckpointError):
        read_checkpoint(file)
    assert torch._utils._rebuild_tensor_v2.__defaults__ == before
    assert "planted" not in vars(torch._utils._rebuild_tensor_v2)


@both_formats
def test_a_foreign_object_is_a_placeholder_and_the_rest_is_read(tmp_path: Path, zipped: bool) -> None:
    config = {"G_activation": nn.ReLU(inplace=True), "resolution": 128, "options": argparse.Namespace(a=1)}
    content = {
        "itr": 9, "best_FID": np.float64(9.5), "config": config,
        "half": torch.arange(4).half(), "view": torch.arange(12).view(3, 4).t()[1:],
        "one": nn.Parameter(torch.ones(2)),
    }  # fmt: skip
    file = tmp_path / "state_dict.pth"
    torch.save(content, file, _use_new_zipfile_serialization=zipped)
    read = read_checkpoint(file)
    assert (read["itr"], read["config"]["resolution"]) == (9, 128)
    assert isinstance(read["config"]["G_activation"], Placeholder)
    assert "ReLU" in repr(read["config"]["G_activation"])
    assert not isinstance(read["config"]["G_activation"], nn.Module)
    assert torch.equal(read["half"], torch.arange(4).half())
    assert torch.equal(read["view"], torch.arange(12).view(3, 4).t()[1:])
    assert torch.equal(read["one"], torch.ones(2))


@both_formats
def test_plain_checkpoints_come_as_they_are(tmp_path: Path, zipped: bool) -> None:
    state = nn.BatchNorm2d(3).state_dict()
    file = tmp_path / "a.pth"
    torch.save({"state_dict": state, "epoch": 3}, file, _use_new_zipfile_serialization=zipped)
    read = read_checkpoint(file)
    assert read["epoch"] == 3
    assert all(torch.equal(read["state_dict"][key], value) for key, value in state.items())


def test_safetensors_are_read(tmp_path: Path) -> None:
    save_file({"a": torch.ones(2)}, tmp_path / "a.safetensors")
    assert torch.equal(read_checkpoint(tmp_path / "a.safetensors")["a"], torch.ones(2))
    (tmp_path / "b.safetensors").write_bytes((tmp_path / "a.safetensors").read_bytes()[:-3])
    with pytest.raises(CheckpointError, match=r"b\.safetensors"):
        read_checkpoint(tmp_path / "b.safetensors")


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_a_bare_pickle_is_refused_with_the_reason(tmp_path: Path, protocol: int) -> None:
    (tmp_path / "opt.pkl").write_bytes(pickle.dumps(argparse.Namespace(name="label2coco"), protocol))
    with pytest.raises(CheckpointError, match=r"opt\.pkl.*bare pickle.*run"):
        read_checkpoint(tmp_path / "opt.pkl")


@both_formats
@pytest.mark.parametrize("share", [0.0, 0.1, 0.5, 0.9, 0.999])
def test_a_truncated_file_is_named(tmp_path: Path, zipped: bool, share: float) -> None:
    file = tmp_path / "latest_net_G.pth"
    torch.save(
        {f"layer{i}.weight": torch.randn(64, 64) for i in range(4)}, file, _use_new_zipfile_serialization=zipped
    )
    content = file.read_bytes()
    file.write_bytes(content[: int(len(content) * share)])
    with pytest.raises(CheckpointError, match=r"latest_net_G\.pth"):
        read_checkpoint(file)


def test_what_is_no_checkpoint_is_named(tmp_path: Path) -> None:
    cases = {
        "page.pth": b"<!DOCTYPE html><title>Not found</title>",
        "picture.pth": b"\x89PNG\r\n\x1a\n" + bytes(64),
        "empty.pth": b"",
        "noise.pth": struct.pack("<64I", *range(64)),
    }
    for name, content in cases.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(CheckpointError, match=name):
            read_checkpoint(tmp_path / name)
    with zipfile.ZipFile(tmp_path / "archive.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")
    with pytest.raises(CheckpointError, match="unpack"):
        read_checkpoint(tmp_path / "archive.pth")
    with pytest.raises(CheckpointError, match="No file"):
        read_checkpoint(tmp_path / "missing.pth")


def test_a_torchscript_program_is_refused_before_anything_loads_it(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "script.pt", "w") as archive:
        for name in ("data.pkl", "constants.pkl", "code/__torch__.py"):
            archive.writestr(f"script/{name}", b"")
    with pytest.raises(CheckpointError, match="TorchScript"):
        read_checkpoint(tmp_path / "script.pt")


def test_a_storage_too_small_for_its_tensor_is_refused(tmp_path: Path) -> None:
    """A view that reaches beyond the file's bytes must not show other memory."""
    file = tmp_path / "a.pth"
    torch.save({"a": torch.arange(4.0), "b": nn.ReLU()}, file)
    with zipfile.ZipFile(file) as archive:
        entry = next(name for name in archive.namelist() if name.endswith("/data.pkl"))
        program = archive.read(entry)
    assert b"K\x04\x85" in program  # the size (4,)
    rewritten(file, program.replace(b"K\x04\x85", b"K\xf0\x85"))
    with pytest.raises(CheckpointError, match=r"a\.pth"):
        read_checkpoint(file)
