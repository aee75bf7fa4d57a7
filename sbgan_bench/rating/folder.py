"""The folder of a study: which file is for whom."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from sbgan_bench.errors import BenchError, ConfigError, CorruptFileError, DataError
from sbgan_bench.rating.study import FrozenStudy, OwnerKey

_Content = TypeVar("_Content")

#: Overrides where ratings are kept: an SQLAlchemy URL, ``postgresql+psycopg://...`` for many raters.
STORE_VARIABLE = "SBGAN_BENCH_RATINGS"


@dataclass(frozen=True, slots=True)
class StudyFolder:
    """Where things of one study lie.

    Below ``owner/`` is what raters must never learn; the rating process works with that folder taken away.
    """

    path: Path

    @property
    def frozen(self) -> Path:
        """The study as the rating process reads it."""
        return self.path / "study.json"

    @property
    def images(self) -> Path:
        """PNG files, named by opaque ids."""
        return self.path / "images"

    @property
    def platform_key(self) -> Path:
        """The secret that platform ids are hashed with; 32 random bytes, mode 0600."""
        return self.path / "platform.key"

    @property
    def owner(self) -> Path:
        """The owner's part."""
        return self.path / "owner"

    @property
    def key(self) -> Path:
        """Whose images they are."""
        return self.owner / "key.json"

    @property
    def spec(self) -> Path:
        """The study as its owner wrote it."""
        return self.owner / "study.toml"

    @property
    def default_store(self) -> str:
        """URL of the SQLite file beside the study."""
        return f"sqlite:///{(self.path / 'ratings.db').resolve()}"

    def image(self, identifier: str) -> Path:
        """Return the file of an image or anchor."""
        return self.images / f"{identifier}.png"

    def read(self) -> FrozenStudy:
        """Read the frozen study.

        Raises:
            ConfigError: The folder holds no study, or it cannot be read.
            CorruptFileError: The file is damaged.
        """
        missing = ConfigError(
            f"{self.path} holds no study (no study.json). Make one: sbgan-bench rate create STUDY.toml."
        )
        return _read(self.frozen, FrozenStudy.parse, missing, "nothing else says what raters are shown")

    def read_key(self) -> OwnerKey:
        """Read the owner's key.

        Raises:
            DataError: It is missing, or belongs to another study.
            ConfigError: It cannot be read.
            CorruptFileError: It is damaged.
        """
        missing = DataError(f"{self.key} is missing: only the study's owner can say whose images these are.")
        key = _read(self.key, OwnerKey.parse, missing, "nothing else says whose images these are")
        if key.hash != self.read().hash:
            raise DataError(
                f"{self.key} belongs to another study (hash {key.hash[:12]}); restore the one made with it."
            )
        return key


def unreadable(path: Path, error: OSError) -> ConfigError:
    """Return the error of a file that the system does not let us read; nothing is known to be wrong with it."""
    remedy = "run this as the user who owns it" if isinstance(error, PermissionError) else "nothing was changed"
    return ConfigError(f"{path} cannot be read: {(error.strerror or str(error)).lower()}; {remedy}.")


def _read(path: Path, parse: Callable[[Any, str], _Content], missing: BenchError, loss: str) -> _Content:
    """Read a file that cannot be made again: no fault of it ever asks to delete it."""
    try:
        text = path.read_bytes()
    except (FileNotFoundError, NotADirectoryError) as error:
        raise missing from error
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        return parse(json.loads(text), "content")
    except (ValueError, ConfigError) as error:
        raise CorruptFileError(f"{path} is damaged ({error}): restore it from your backup; {loss}.") from error
