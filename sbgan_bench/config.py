"""Configuration: TOML read into frozen, validated objects, built once and written beside each run."""

import difflib
import tomllib
from pathlib import Path
from typing import Any, Self, get_args

from pydantic import BaseModel, ConfigDict, ValidationError
from pydantic_core import ErrorDetails

from sbgan_bench.errors import ConfigError
from sbgan_bench.hashing import hash_json


def did_you_mean(word: str, known: list[str]) -> str:
    """Return " Did you mean 'x'?" for the nearest of ``known``, or an empty string."""
    near = difflib.get_close_matches(word, known, n=1)
    return f" Did you mean {near[0]!r}?" if near else ""


class Settings(BaseModel):
    """Base of every configuration object: frozen, typed, and unknown keys are errors."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True, allow_inf_nan=False)

    @classmethod
    def parse(cls, values: dict[str, Any], origin: str) -> Self:
        """Build from plain values.

        Args:
            values: Keys and values as TOML gives them.
            origin: Where they came from, named in the error ("suite demo.toml").

        Raises:
            ConfigError: One line per fault: key path, value, what is allowed.
        """
        try:
            return cls.model_validate(values)
        except ValidationError as error:
            faults = "; ".join(cls._explain(detail) for detail in _own_faults(error.errors()))
            raise ConfigError(f"{origin}: {faults}") from error

    @classmethod
    def _explain(cls, detail: ErrorDetails) -> str:
        where = ".".join(str(part) for part in detail["loc"]) or "(top level)"
        if detail["type"] == "extra_forbidden":
            known = cls._keys_beside(detail["loc"])
            guess = did_you_mean(str(detail["loc"][-1]), known)
            return f"unknown key {where!r}.{guess} Known keys: {', '.join(known)}"
        if detail["type"] == "missing":
            return f"key {where!r} is missing"
        return f"{where} = {detail['input']!r}: {detail['msg']}"

    @classmethod
    def _keys_beside(cls, location: tuple[int | str, ...]) -> list[str]:
        fields: type[Settings] = cls
        for part in location[:-1]:
            field = fields.model_fields.get(str(part))  # None for a place in a list or a key of a table
            inner = None if field is None else _settings_within(field.annotation)
            fields = inner or fields
        return sorted(fields.model_fields)

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON values; ``parse`` of them gives an equal object."""
        return self.model_dump(mode="json")

    def digest(self) -> str:
        """Return the sha256 of the values."""
        return hash_json(self.to_json())


def _settings_within(annotation: Any) -> type[Settings] | None:
    """Return the settings that an annotation holds: ``Entry`` for ``tuple[Entry, ...]``."""
    if isinstance(annotation, type) and issubclass(annotation, Settings):
        return annotation
    return next(filter(None, map(_settings_within, get_args(annotation))), None)


def _own_faults(details: list[ErrorDetails]) -> list[ErrorDetails]:
    """Leave out lists that are too short only because their items have faults."""
    places = [detail["loc"] for detail in details]
    return [
        detail
        for detail, place in zip(details, places, strict=True)
        if detail["type"] != "too_short" or not any(inner[: len(place)] == place != inner for inner in places)
    ]


def read_toml(path: Path) -> dict[str, Any]:
    """Read a TOML file.

    Raises:
        ConfigError: The file is missing, unreadable or not TOML (with the line).
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise ConfigError(f"No file {path}.") from error
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"Cannot read {path}: {error}.") from error
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{path} is not valid TOML: {error}.") from error
