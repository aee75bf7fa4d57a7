"""Where the scenes that are measured come from: a split, a saved model, or a plain folder of files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import PairTable, Resolution, resolution_text
from sbgan_bench.datasets.reading import IMAGE_SUFFIXES, read_image
from sbgan_bench.errors import DataError
from sbgan_bench.features import FeatureSource
from sbgan_bench.hashing import hash_arrays, hash_file, hash_json
from sbgan_bench.model import AbstractModel, content_hash
from sbgan_bench.protocol import Content
from sbgan_bench.samples import LayoutSource, SampleBatch

#: Image i of every model is sampled with this + i, unless somebody asks for other seeds.
FIRST_SAMPLING_SEED = 1_000_000


def real_images(table: PairTable) -> FeatureSource:
    """Return the real scenes of a split, in the table's order."""
    key = {
        "real": table.info.name,
        "fingerprint": table.fingerprint,
        "keys": hash_json(list(table.split.keys)),
        "resolution": list(table.resolution),
    }

    def scenes(start: int, stop: int) -> SampleBatch:
        return SampleBatch(np.asarray(table.images[start:stop]), np.asarray(table.layouts[start:stop]))

    return FeatureSource(key, scenes, frozenset(Content))


def generated_images(
    model: AbstractModel, folder: Path, layouts: NDArray[np.uint8] | None, first_seed: int = FIRST_SAMPLING_SEED
) -> FeatureSource:
    """Return the scenes that a model generates, alone or given layouts.

    Where it draws layouts of its own they are part of the scenes, and where it is given some, these are.

    Args:
        model: The model saved in ``folder``; one that draws images.
        folder: Its weights are part of the identity.
        layouts: ``(N, H, W)`` class ids to condition on, or None.
        first_seed: Image i has the sampling seed ``first_seed + i``.
    """
    key = {
        "model": content_hash(folder),
        "sampler": dict(model.sampler()),
        "sampling_seed": first_seed,
        "layouts": "" if layouts is None else hash_arrays([("layouts", layouts)]),
    }

    def scenes(start: int, stop: int) -> SampleBatch:
        given = None if layouts is None else layouts[start:stop]
        batches = list(model.sample(range(first_seed + start, first_seed + stop), given))
        own = _joined([batch.layouts for batch in batches])
        return SampleBatch(_joined([batch.images for batch in batches]), own if given is None else given)

    holds = {Content.IMAGES} if model.draws_images else set()
    if layouts is not None or LayoutSource.GENERATED in model.sources():
        holds |= {Content.LAYOUTS}
    return FeatureSource(key, scenes, frozenset(holds))


def _joined(parts: list[NDArray[np.uint8] | None]) -> NDArray[np.uint8] | None:
    present = [part for part in parts if part is not None]
    return np.concatenate(present) if present else None


@dataclass(frozen=True, slots=True)
class ImageFolder:
    """A folder of equally sized RGB images."""

    path: Path
    files: tuple[Path, ...]
    size: Resolution  #: (H, W)

    @classmethod
    def open(cls, path: Path) -> "ImageFolder":
        """List the images of a folder, or of ``images`` inside it if there is such a folder, in order of name.

        Raises:
            DataError: No such folder, no images in it, or the first is unreadable.
        """
        if not path.is_dir():
            raise DataError(f"{path} is not a folder.")
        if (path / "images").is_dir():
            path = path / "images"
        files = tuple(sorted(file for file in path.iterdir() if file.suffix.lower() in IMAGE_SUFFIXES))
        if not files:
            raise DataError(f"No images in {path} (looked for {', '.join(sorted(IMAGE_SUFFIXES))}).")
        height, width = read_image(files[0]).shape[:2]
        return cls(path, files, (height, width))

    def __len__(self) -> int:
        return len(self.files)

    def images(self, start: int, stop: int) -> NDArray[np.uint8]:
        """Read images ``start`` to ``stop`` as ``(N, 3, H, W)`` uint8.

        Raises:
            DataError: One is unreadable or of another size (both are named).
        """
        stack = []
        for file in self.files[start:stop]:
            image = read_image(file)
            if image.shape[:2] != self.size:
                raise DataError(
                    f"{file} is {resolution_text((image.shape[0], image.shape[1]))} but {self.files[0].name} is "
                    f"{resolution_text(self.size)}; bring all images to one size first."
                )
            stack.append(image.transpose(2, 0, 1))
        return np.stack(stack)

    def fingerprint(self) -> str:
        """Return the sha256 of the contents of all files, in order."""
        return hash_json([hash_file(file) for file in self.files])

    def source(self) -> FeatureSource:
        """Return the images for feature extraction, identified by their content."""
        return FeatureSource({"files": self.fingerprint()}, lambda start, stop: SampleBatch(self.images(start, stop)))
