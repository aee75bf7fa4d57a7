"""Files that do something when an ordinary reader of pickles opens them."""

import os
import pickle
from pathlib import Path

import torch

#: Ways to write one: PyTorch's format of today, that of before 1.6, and a pickle alone.
KINDS = ("zip", "legacy", "bare")


class _Malice:
    """Makes a folder when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, tuple[str]]:
        return os.mkdir, (str(self.mark),)


def malicious_file(folder: Path, kind: str) -> tuple[Path, Path]:
    """Write a file among whose tensors is one that is none; return it, and what exists once its code has run."""
    path, mark = folder / f"{kind}.pth", folder / "mark"
    content = {"cls_token": torch.zeros(1), "more": _Malice(mark)}
    if kind == "bare":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=kind == "zip")
    return path, mark
