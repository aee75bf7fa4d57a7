"""A checkpoint file as it was found, and the state dicts in it."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

from sbgan_bench.errors import CheckpointError
from sbgan_bench.hashing import hash_file
from sbgan_bench.importing.reading import read_checkpoint

#: What ``DataParallel`` puts before every key.
PREFIX = "module."


@dataclass(frozen=True, slots=True)
class Source:
    """One file: where it lies, what it is, and what it holds."""

    path: Path
    sha256: str
    content: Any  #: as ``read_checkpoint`` returns it

    @classmethod
    def read(cls, path: Path) -> "Source":
        """Read a file without running code of it.

        Raises:
            CheckpointError: It is missing, damaged, or no checkpoint.
        """
        content = read_checkpoint(path)
        return cls(path, hash_file(path), content)

    def tensors(self, name: str = "") -> dict[str, Tensor]:
        """Return a state dict of the file, without the prefix of ``DataParallel``.

        Args:
            name: Key that the state dict lies under; "" for the file's own. A safetensors file, which has no room for
                dictionaries in dictionaries, may hold ``name.key`` for every key.

        Returns:
            Tensors by key; empty if there is no such state dict or it holds anything but tensors.
        """
        values = self.content
        if name and isinstance(values, Mapping):
            values = values.get(name, {k[len(name) + 1 :]: v for k, v in _text_items(values, f"{name}.")})
        if not isinstance(values, Mapping):
            return {}
        found = dict(_text_items(values))
        if len(found) != len(values) or not all(isinstance(value, Tensor) for value in found.values()):
            return {}
        if found and all(key.startswith(PREFIX) for key in found):
            found = {key.removeprefix(PREFIX): value for key, value in found.items()}
        return found

    def value(self, name: str) -> Any:
        """Return a plain value of the file's dictionary, None if there is none."""
        return self.content.get(name) if isinstance(self.content, Mapping) else None

    def number(self, name: str) -> int | None:
        """Return a whole number of the file's dictionary, None if there is none."""
        value = self.value(name)
        if isinstance(value, Tensor) and value.numel() == 1:
            value = value.item()
        if isinstance(value, float) and value.is_integer():
            value = int(value)
        return value if isinstance(value, int) and not isinstance(value, bool) else None

    def decisive_number(self, name: str) -> int | None:
        """Return a whole number that sizes depend on, None if there is none.

        Raises:
            CheckpointError: There is something under this name that is no whole number.
        """
        number = self.number(name)
        if number is None and self.value(name) is not None:
            raise CheckpointError(
                f"{self.path}: {name} is {self.value(name)!r}, expected a whole number; save it as one."
            )
        return number


def _text_items(values: Mapping[Any, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    return ((key, value) for key, value in values.items() if isinstance(key, str) and key.startswith(prefix))
