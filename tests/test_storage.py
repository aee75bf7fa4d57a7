import os
import pickle
import resource
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import torch
from safetensors import safe_open
from safetensors.torch import load_file

from sbgan_bench.errors import BenchError
from sbgan_bench.storage import ABANDONED, CannotWriteError, atomic_file, atomic_folder, write_text
from sbgan_bench.tensors import write_tensors


@contextmanager
def full_disk(left: int):
    """No file may grow beyond ``left`` bytes."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (left, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_failed_write_leaves_the_old_content_and_nothing_else(tmp_path):
    path = tmp_path / "text"
    write_text(path, "old")
    with full_disk(10), pytest.raises(CannotWriteError, match=r"^Cannot write .*/text: File too large\. Free some"):
        write_text(path, "new" * 10)
    with pytest.raises(ZeroDivisionError), atomic_file(path) as temporary:
        temporary.write_text(str(1 // 0))
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["text"]


def test_a_failed_folder_leaves_the_old_one_and_names_itself_not_its_temporary_name(tmp_path):
    path = tmp_path / "folder"
    with atomic_folder(path) as temporary:
        write_text(temporary / "a", "old")
    with (
        full_disk(10),
        pytest.raises(CannotWriteError, match=r"^Cannot write \S*/folder: File too large"),
        atomic_folder(path) as temporary,
    ):
        write_text(temporary / "a", "new" * 10)
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]
    assert (path / "a").read_text() == "old"
    with atomic_folder(path) as temporary:
        write_text(temporary / "b", "new")
    assert [entry.name for entry in path.iterdir()] == ["b"]
    assert [entry.name for entry in tmp_path.iterdir()] == ["folder"]


def test_a_refusal_is_one_line_for_users_and_survives_pickling(tmp_path):
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    with pytest.raises(BenchError) as caught, atomic_file(blocked / "below"):
        pass
    assert "\n" not in str(caught.value)
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)


def test_leftovers_of_killed_processes_go_and_those_of_living_ones_stay(tmp_path):
    names = [".a.x1.part", ".a.x2.part", ".a.b.x3.part", ".c.x4.part", ".a.old"]
    for name in names:
        (tmp_path / name).mkdir()
    long_ago = time.time() - ABANDONED - 10
    for name in names[1:]:
        os.utime(tmp_path / name, (long_ago, long_ago))
    (tmp_path / ".a.x5.part").write_text("")
    os.utime(tmp_path / ".a.x5.part", (long_ago, long_ago))
    write_text(tmp_path / "a", "")
    assert {entry.name for entry in tmp_path.iterdir()} == {"a", *names} - {".a.x2.part"}


TENSORS = {
    "half": torch.arange(6).half().reshape(2, 3),
    "strided": torch.arange(48.0).reshape(1, 2, 4, 6).to(memory_format=torch.channels_last),
    "scalar": torch.tensor(3),
    "learnt": torch.ones(3, requires_grad=True),
}


def test_tensors_come_back_as_they_were_whatever_their_layout(tmp_path):
    path = tmp_path / "deep" / "weights.safetensors"
    write_tensors(path, TENSORS, {"note": "é"})
    loaded = load_file(path)
    assert all(torch.equal(loaded[name], tensor) for name, tensor in TENSORS.items())
    assert {name: tensor.dtype for name, tensor in loaded.items()} == {n: t.dtype for n, t in TENSORS.items()}
    with safe_open(path, framework="pt") as file:
        assert file.metadata() == {"note": "é"}
    assert path.stat().st_mode & 0o777 == 0o644


def test_a_full_disk_keeps_the_old_tensors_and_says_so_in_one_line(tmp_path):
    path = tmp_path / "weights.safetensors"
    write_tensors(path, {"old": torch.zeros(2)})
    with full_disk(1000), pytest.raises(CannotWriteError, match=r"Cannot write .*weights\.safetensors: File too"):
        write_tensors(path, {"new": torch.zeros(1000)})
    assert list(load_file(path)) == ["old"]
    assert [entry.name for entry in Path(tmp_path).iterdir()] == ["weights.safetensors"]
