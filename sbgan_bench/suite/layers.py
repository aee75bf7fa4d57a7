"""Plain values of a suite laid over each other: a file over the suite it extends, the command line over both."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from sbgan_bench.config import read_toml
from sbgan_bench.errors import ConfigError
from sbgan_bench.suite.files import bundled_suites


def extended(path: Path) -> dict[str, Any]:
    """Read a suite over the bundled one that its ``extends`` names, if any.

    Raises:
        ConfigError: The file cannot be read, or there is no such bundled suite.
    """
    values = read_toml(path)
    base = values.pop("extends", None)
    if base is None:
        return values
    bundled = bundled_suites()
    if base not in bundled:
        known = ", ".join(bundled)
        raise ConfigError(f"suite {path.name}: extends = {base!r} is not a bundled suite ({known}).")
    below = extended(bundled[base])
    return merged({**below, "grid": _other_way_out(below.get("grid", {}), values.get("grid", {}))}, values)


def merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return ``below`` with the values of ``above`` over it, table by table; lists are replaced whole."""
    result = dict(below)
    for key, value in above.items():
        beneath = below.get(key)
        result[key] = merged(beneath, value) if isinstance(beneath, dict) and isinstance(value, dict) else value
    return result


def overridden(values: Mapping[str, Any], overrides: Mapping[str, Any]) -> dict[str, Any]:
    """Return a suite's values with those of the command line over them.

    A grid given by columns stays one: of a dataset it lists, its own sizes are kept, unless others are asked for.
    """
    listed = values.get("grid", {}).get("columns", ())
    wanted = dict(overrides.get("grid", {}))
    if listed and (wanted.get("datasets") or wanted.get("resolutions")):
        wanted["columns"] = narrowed(listed, wanted.pop("datasets", ()), wanted.pop("resolutions", ()))
    return merged(values, {**overrides, "grid": wanted})


def narrowed(columns: Sequence[str], datasets: Sequence[str], resolutions: Sequence[str]) -> list[str]:
    """Return the columns of some datasets and sizes.

    Args:
        columns: "DATASET/HEIGHTxWIDTH" each.
        datasets: Those wanted; empty for all that are listed. One that is not listed gets every size that is.
        resolutions: Those wanted; empty for all. Where nothing listed has one of them, it is used all the same.
    """
    places = [tuple(column.partition("/")[::2]) for column in columns]
    kept = []
    for dataset in datasets or dict.fromkeys(name for name, _ in places):
        own = [size for name, size in places if name == dataset] or list(dict.fromkeys(size for _, size in places))
        fitting = [size for size in own if size in resolutions]
        asked = fitting if fitting or not datasets else list(resolutions)
        kept += [f"{dataset}/{size}" for size in (asked if resolutions else own)]
    return kept or [f"{name}/{size}" for name in dict.fromkeys(name for name, _ in places) for size in resolutions]


def _other_way_out(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    """Return a grid without what ``above`` says in the other of the two ways."""
    gone = {"datasets", "resolutions"} if above.get("columns") else set()
    gone |= {"columns"} if above.get("datasets") or above.get("resolutions") else set()
    return {key: value for key, value in below.items() if key not in gone}
