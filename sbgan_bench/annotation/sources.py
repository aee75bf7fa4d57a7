"""The images that are to be annotated: a folder, subfolders included."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.datasets.reading import IMAGE_SUFFIXES
from sbgan_bench.errors import DataError


@dataclass(frozen=True, slots=True)
class UnlabelledImages:
    """Images in order of name, by their stem relative to the folder ("town/0001")."""

    folder: Path
    files: dict[str, Path]

    @classmethod
    def open(cls, folder: Path) -> "UnlabelledImages":
        """List the images; hidden files and other kinds of files are passed over.

        Raises:
            DataError: No such folder, no images in it, or two of the same stem.
        """
        if not folder.is_dir():
            raise DataError(f"{folder} is not a folder; give the folder of the images that are to be annotated.")
        files: dict[str, Path] = {}
        for path in sorted(_images(folder)):
            stem = path.relative_to(folder).with_suffix("").as_posix()
            if stem in files:
                raise DataError(
                    f"{files[stem]} and {path.name} have the same stem, so that their label maps would have the same "
                    "name; rename or remove one."
                )
            files[stem] = path
        if not files:
            raise DataError(f"No images in {folder} (looked for {', '.join(IMAGE_SUFFIXES)}, in subfolders too).")
        return cls(folder, files)

    def __len__(self) -> int:
        return len(self.files)


def _images(folder: Path) -> Iterator[Path]:
    for path in folder.rglob("*"):
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in IMAGE_SUFFIXES and not hidden and path.is_file():
            yield path
