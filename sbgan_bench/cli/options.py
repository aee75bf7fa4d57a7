"""Options that several commands share, as decorators, and what they mean."""

import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from sbgan_bench.errors import ConfigError

Command = TypeVar("Command", bound=Callable[..., Any])

device_option = click.option(
    "--device", default="auto", show_default=True, help="cpu, cuda, mps, or auto for the best there is."
)

data_option = click.option(
    "--data",
    "data",
    multiple=True,
    metavar="[NAME=]FOLDER",
    help="Where a dataset lies. The name may be left out when only one dataset is in play.",
)

format_option = click.option(
    "--format",
    "output",
    type=click.Choice(["table", "json"]),
    default="table",
    show_default=True,
    help="How to print.",
)


def resolution_option(default: str | None, words: str) -> Callable[[Command], Command]:
    """Return the ``--resolution`` option with a default and its help."""
    return click.option("--resolution", default=default, metavar="HEIGHTxWIDTH", show_default=True, help=words)


def data_folders(values: Sequence[str], names: Sequence[str]) -> dict[str, Path]:
    """Turn ``--data`` values into folders by dataset name.

    Args:
        values: "FOLDER" or "NAME=FOLDER"; what stands before the first "=" is a name only if it is in play.
        names: The datasets in play.

    Raises:
        ConfigError: No such folder, a name that is not in play, or a bare folder when several datasets are.
    """
    folders = {}
    for value in values:
        prefix, sign, rest = value.partition("=")
        named = bool(sign) and prefix in names  # a folder's own name may hold "="
        name, folder = (prefix, rest) if named else (names[0], value)
        path = Path(folder).expanduser().resolve()
        there = ", ".join(names)
        if not path.is_dir():
            if sign and not named:
                raise ConfigError(
                    f"--data {value}: dataset {prefix!r} is not in play here (there is {there}), and {path} is not a "
                    "folder."
                )
            raise ConfigError(f"--data {value}: {path} is not a folder.")
        if not named and len(names) != 1:
            raise ConfigError(f"--data {value}: say for which dataset, as NAME=FOLDER; one of {there}.")
        folders[name] = path
    return folders


def echo_json(value: Any) -> None:
    """Print plain values as JSON."""
    click.echo(json.dumps(value, indent=2, ensure_ascii=False))


def echo_table(rows: Sequence[Mapping[str, Any]], columns: Mapping[str, str]) -> None:
    """Print rows as an aligned table.

    Args:
        rows: One mapping per line.
        columns: Key -> heading, in order.
    """
    cells = [list(columns.values()), *[[str(row.get(key, "")) for key in columns] for row in rows]]
    widths = [max(len(line[index]) for line in cells) for index in range(len(columns))]
    for number, line in enumerate(cells):
        click.echo("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())
        if number == 0:
            click.echo("  ".join("-" * width for width in widths))
