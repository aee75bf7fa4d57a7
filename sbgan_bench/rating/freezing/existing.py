"""What stands where a study is to be frozen, and whether it may be touched."""

import shutil
from dataclasses import dataclass

from sbgan_bench.config import read_toml
from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.hashing import hash_file
from sbgan_bench.rating.folder import StudyFolder, unreadable
from sbgan_bench.rating.store.opening import open_store
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenStudy, StudySpec
from sbgan_bench.storage import atomic_file


@dataclass(frozen=True, slots=True)
class Existing:
    """A study that was frozen before."""

    folder: StudyFolder
    study: FrozenStudy
    url: str  #: of its store

    @classmethod
    def at(cls, folder: StudyFolder, url: str) -> "Existing | None":
        """Look what is there; None if nothing is.

        Raises:
            ConfigError: Something else than a study is, or what is there cannot be read.
        """
        path = folder.path
        try:
            if not path.exists() or (path.is_dir() and not any(path.iterdir())):
                return None
            if not folder.frozen.is_file():
                raise ConfigError(f"{path} is there already and holds no study; choose another --out.")
        except OSError as error:
            raise unreadable(path, error) from error
        return cls(folder, folder.read(), url)

    def check(self, spec: StudySpec, *, replace: bool) -> None:
        """Refuse, before any work, a study that would change this one where that may not be.

        Raises:
            ConfigError: There are ratings, or nobody said to replace.
        """
        if not self._was(spec):
            self.check_replaceable(replace=replace)

    def check_replaceable(self, *, replace: bool) -> None:
        """Refuse to replace what has ratings, or what nobody said to replace.

        Raises:
            ConfigError: As said; with the number of ratings.
        """
        store = self._open()
        try:
            self._refuse_ratings(store)
        finally:
            store.dispose()
        if not replace:
            raise ConfigError(
                f"{self.folder.path} holds another study (hash {self.study.hash[:12]}) that nobody rated yet. Add "
                "--replace to freeze this one in its place, which ends the links handed out so far; or choose another "
                "--out."
            )

    def give_way(self) -> None:
        """Close the study for good, so that nobody rates what is being taken away.

        Raises:
            ConfigError: Somebody rated meanwhile; it is open again.
        """
        store = self._open()
        try:
            store.close_study()
            try:
                self._refuse_ratings(store)
            except ConfigError:
                store.reopen_study()
                raise
        finally:
            store.dispose()

    def restore(self, again: StudyFolder) -> int:
        """Put back image files that are missing or damaged, from the same study frozen again; return how many."""
        damaged = 0
        files = {image.id: image.sha256 for image in self.study.images}
        files |= {anchor.id: anchor.sha256 for anchor in self.study.anchors}
        for identifier, sha256 in files.items():
            path = self.folder.image(identifier)
            if not path.is_file() or hash_file(path) != sha256:
                with atomic_file(path) as temporary:
                    shutil.copy2(again.image(identifier), temporary)
                damaged += 1
        return damaged

    def _was(self, spec: StudySpec) -> bool:
        """Whether it was made from the same values.

        Raises:
            ConfigError: Its owner's file cannot be read, which says nothing about what is in it.
        """
        try:
            return StudySpec.parse(read_toml(self.folder.spec), "study") == spec
        except BenchError as error:
            if isinstance(error.__cause__, PermissionError):
                raise unreadable(self.folder.spec, error.__cause__) from error
            return False

    def _open(self) -> RatingStore:
        try:
            return open_store(self.url, self.study)
        except ConfigError as error:
            raise ConfigError(
                f"Whether {self.folder.path} has ratings cannot be seen: {error} Name its store by --store, or choose "
                "another --out."
            ) from error

    def _refuse_ratings(self, store: RatingStore) -> None:
        count = len(store.ratings())
        if count:
            raise ConfigError(
                f"{self.folder.path} has {count} ratings: a study does not change once it is rated, and nothing was "
                "touched. Freeze the changed one elsewhere: --out ANOTHER-FOLDER."
            )
