"""The folder of a study: which file is for whom."""

from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.rating.study import FrozenStudy, OwnerKey
from sbgan_bench.storage import read_json

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
            ConfigError: The folder holds no study.
            CorruptFileError: The file is damaged.
        """
        if not self.frozen.is_file():
            raise ConfigError(
                f"{self.path} holds no study (no study.json). Make one: sbgan-bench rate create STUDY.toml."
            )
        return FrozenStudy.parse(read_json(self.frozen), str(self.frozen))

    def read_key(self) -> OwnerKey:
        """Read the owner's key.

        Raises:
            DataError: It is missing, or belongs to another study.
        """
        if not self.key.is_file():
            raise DataError(f"{self.key} is missing: only the study's owner can say whose images these are.")
        key = OwnerKey.parse(read_json(self.key), str(self.key))
        if key.hash != self.read().hash:
            raise DataError(
                f"{self.key} belongs to another study (hash {key.hash[:12]}); restore the one made with it."
            )
        return key
