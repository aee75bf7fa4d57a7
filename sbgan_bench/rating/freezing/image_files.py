"""Cells whose images lie in a folder, archive or pack."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, final

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import resolution_text
from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.freezing.cell_images import AbstractCellImages
from sbgan_bench.rating.freezing.spec_file import name_of
from sbgan_bench.rating.freezing.titles import printed, title_of
from sbgan_bench.rating.study import Cell, CellIdentity
from sbgan_bench.results import FLOOR, Origin
from sbgan_bench.samples import LayoutSource

if TYPE_CHECKING:
    from sbgan_bench.image_sets import ImageSet


@final
class ImageFiles(AbstractCellImages):
    """Images that lie there."""

    sampled = False

    def __init__(self, cell: Cell, opened: "ImageSet") -> None:
        self._opened = opened
        self.name = name_of(cell)
        self.place = str(opened.path)
        self.size = opened.size
        self.available = len(opened)
        self.identity = CellIdentity(
            dataset=cell.dataset,
            model=cell.model,
            title=title_of(printed(cell.model), cell.recipe, cell.variant, cell.layout_source),
            recipe=cell.recipe,
            variant=cell.variant,
            resolution=resolution_text(opened.size),
            layout_source=cell.layout_source or LayoutSource.NONE,
            images_hash=opened.fingerprint(),
            origin=Origin.REAL if cell.model == FLOOR else Origin.IMPORTED,
        )

    @classmethod
    def open(cls, cell: Cell, base: Path) -> "ImageFiles":
        """Read the headers of all images.

        Args:
            cell: With ``images``.
            base: The folder that paths are relative to.

        Raises:
            ConfigError: There is no such file or folder.
            DataError: It holds no images, or some that cannot be used.
        """
        path = base / Path(cell.images).expanduser()
        if not path.exists():
            raise ConfigError(f"{name_of(cell)}: images = {cell.images!r}: {path} does not exist; mend the path.")
        from sbgan_bench.image_sets import open_images

        return cls(cell, open_images(path))

    def read(self, members: Sequence[int], device: str) -> Iterator[NDArray[np.uint8]]:
        """Yield images as they lie there."""
        del device
        for member in members:
            yield np.ascontiguousarray(self._opened.images(member, member + 1)[0].transpose(1, 2, 0))

    def source(self, member: int) -> str:
        """Return the number, and the name where there are names."""
        from sbgan_bench.image_sets.files import Files

        pictures = self._opened.pictures
        return f"member {member}" + (f": {pictures.names[member]}" if isinstance(pictures, Files) else "")
