"""What stands beside published results: where they come from, what was left out and why, and a hash of every file."""

from pathlib import Path

from pydantic import ValidationError

from sbgan_bench.config import Settings
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.storage import write_text

#: Name of the file in a published folder.
PUBLICATION = "publication.json"


class Dropped(Settings):
    """Something of the run that was not published."""

    what: str
    why: str


class Licence(Settings):
    """Under which terms the data behind the pictures stand."""

    dataset: str
    licence: str
    redistributable: bool
    words: str  #: for whoever uses the pictures


class Publication(Settings):
    """The record of one published run."""

    schema_version: int = 1
    name: str  #: of the folder
    published: str  #: ISO date
    suite: str
    results: str  #: sha256 of the run's own results.jsonl
    licences: tuple[Licence, ...]
    dropped: tuple[Dropped, ...]
    notes: tuple[str, ...] = ()  #: what else a reader must know
    files: dict[str, str]  #: sha256 by path in the folder, this file left out

    def same_content(self, other: "Publication") -> bool:
        """Whether two publications differ in their date at most."""
        return self.model_copy(update={"published": other.published}) == other

    def text(self) -> str:
        """Return what ``publication.json`` holds."""
        return self.model_dump_json(indent=2) + "\n"

    def write(self, folder: Path) -> None:
        """Write ``publication.json`` atomically."""
        write_text(folder / PUBLICATION, self.text())

    @classmethod
    def read(cls, folder: Path) -> "Publication":
        """Read ``publication.json``.

        Raises:
            CorruptFileError: There is none, or it is damaged.
        """
        path = folder / PUBLICATION
        try:
            return cls.model_validate_json(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError) as error:
            raise CorruptFileError(f"Cannot read {path} ({error}); publish the run again.") from error
        except ValidationError as error:
            raise CorruptFileError(f"{path} is damaged: {error.errors()[0]['msg']}. Publish the run again.") from error
