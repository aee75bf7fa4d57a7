"""Writing ``folder`` datasets: the description, and files that are already somewhere else."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sbgan_bench.datasets.folder import DESCRIPTION, FolderDescription
from sbgan_bench.storage import write_text, writing


def write_description(root: Path, description: FolderDescription) -> None:
    """Write ``dataset.toml``; reading it gives an equal description.

    Raises:
        CannotWriteError: The folder is read-only or the disk is full.
    """
    values = description.to_json()
    tables = {name: values.pop(name) for name in ("splits", "groups")}
    lines = _lines({key: value for key, value in values.items() if value is not None})
    for name, table in tables.items():
        if table:
            lines += ["", f"[{name}]", *_lines(table)]
    write_text(root / DESCRIPTION, "\n".join(lines) + "\n")


def link(source: Path, target: Path) -> None:
    """Make ``target`` a symbolic link to ``source``, whatever it was before.

    Args:
        source: Absolute, or relative to the folder of ``target``.
        target: Its folder is made if need be.

    Raises:
        CannotWriteError: The folder is read-only, or the system knows no links.
    """
    with writing(target):
        if target.is_symlink() and target.readlink() == source:
            return
        target.parent.mkdir(parents=True, exist_ok=True)
        target.unlink(missing_ok=True)
        target.symlink_to(source)


def _lines(table: Mapping[str, Any]) -> list[str]:
    """Return TOML: its strings, numbers, switches and lists are written as in JSON."""
    return [f"{_key(name)} = {json.dumps(value, ensure_ascii=False)}" for name, value in table.items()]


def _key(name: str) -> str:
    return name if name.isascii() and name.replace("_", "a").isalnum() else json.dumps(name, ensure_ascii=False)
