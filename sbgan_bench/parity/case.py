"""A parity case: the configuration of a network, and what the released one makes of given inputs."""

import io
import json
import zipfile
import zlib
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from torch import Tensor

from sbgan_bench.config import Settings, did_you_mean
from sbgan_bench.errors import CorruptFileError, DataError
from sbgan_bench.parity.expressions import evaluate


class CaseSettings(Settings, extra="allow"):
    """What a family of networks reads of a case; keys that it does not know are kept and change nothing."""

    def unread(self) -> tuple[str, ...]:
        """Return the keys that nothing here reads, those of inner settings included."""
        inner = [value for value in self.__dict__.values() if isinstance(value, CaseSettings)]
        return (*(self.model_extra or {}), *(key for settings in inner for key in settings.unread()))


class CaseFacts(CaseSettings):
    """The top level of a case."""

    network: str = ""  #: in words
    order: str = ""  #: of operations, in words, for readers
    equalized: bool = False  #: whether weights are filled with unit variance
    #: Checkpoints instead of the fill rule, by the field that lists a network's keys.
    weights: dict[str, str] = Field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Case:
    """One case, read into memory."""

    name: str  #: of its files, without the ending
    facts: Mapping[str, Any]  #: the .json file
    arrays: Mapping[str, NDArray[Any]]  #: the .npz file: reference outputs, and some inputs
    dtype: torch.dtype = torch.float32  #: in which inputs are handed out and networks compute
    folder: Path = Path()  #: where it lies

    @property
    def origin(self) -> str:
        """What a message about its configuration begins with."""
        return f"{self.name}.json"

    def array(self, name: str) -> Tensor:
        """Return an input that the case stores.

        Raises:
            DataError: It does not.
        """
        if name not in self.arrays:
            raise DataError(f"{self.name}.npz lacks the input {name}; it holds {', '.join(sorted(self.arrays))}.")
        return self._tensor(self.arrays[name])

    def draw(self, text: str, **names: Any) -> Tensor:
        """Return the input that ``text`` describes: whole numbers as int64, others rounded to float32, in ``dtype``.

        Raises:
            DataError: The description is not understood.
        """
        return self._tensor(np.asarray(evaluate(text, names)))

    def _tensor(self, value: NDArray[Any]) -> Tensor:
        if np.issubdtype(value.dtype, np.integer):
            return torch.from_numpy(value.astype(np.int64))
        return torch.from_numpy(value.astype(np.float32)).to(self.dtype)


def find_cases(folder: Path, chosen: Collection[str] = ()) -> list[str]:
    """Return the names of the cases in a folder, of ``chosen`` ones only if there are any.

    Raises:
        DataError: No such folder, no case in it, or no case of a chosen name.
    """
    if not folder.is_dir():
        raise DataError(f"{folder} is not a folder. Give one with parity cases: a .json and a .npz file for each.")
    names = sorted({path.stem for path in folder.iterdir() if path.suffix in (".json", ".npz")})
    if not names:
        raise DataError(f"{folder} holds no parity case: no .json and no .npz file. docs/parity.md describes them.")
    for name in chosen:
        if name not in names:
            raise DataError(f"No case {name!r} in {folder}.{did_you_mean(name, names)} There is {', '.join(names)}.")
    return [name for name in names if not chosen or name in chosen]


def read_case(folder: Path, name: str) -> Case:
    """Read a case.

    Raises:
        DataError: One of its two files is missing or cannot be read.
        CorruptFileError: One of them is damaged.
    """
    return Case(name, _facts(folder / f"{name}.json"), _arrays(folder / f"{name}.npz"), folder=folder)


def _facts(path: Path) -> Mapping[str, Any]:
    try:
        facts = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. A case is a .json and a .npz file.") from error
    except ValueError as error:  # not JSON, or not UTF-8
        raise CorruptFileError(f"{path} is not valid JSON: {error}. Fetch it once more.") from error
    if not isinstance(facts, dict):
        raise CorruptFileError(f"{path} does not hold an object, but a {type(facts).__name__}. Fetch it once more.")
    return facts


def _arrays(path: Path) -> Mapping[str, NDArray[Any]]:
    try:
        content = io.BytesIO(path.read_bytes())
    except OSError as error:
        raise DataError(f"Cannot read {path}: {error.strerror}. A case is a .json and a .npz file.") from error
    try:
        with np.load(content, allow_pickle=False) as stored:
            if not isinstance(stored, np.lib.npyio.NpzFile):
                raise ValueError("one bare array")
            return {name: stored[name] for name in stored.files}
    except (ValueError, EOFError, KeyError, NotImplementedError, zipfile.BadZipFile, zlib.error) as error:
        raise CorruptFileError(f"{path} is not a whole .npz file: {error}. Fetch it once more.") from error
