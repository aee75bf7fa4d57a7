"""Where the images that are measured come from: a split, a saved model, or a plain folder of files."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import PairTable, Resolution, resolution_text
from sbgan_bench.datasets.reading import IMAGE_SUFFIXES, read_image
from sbgan_bench.errors import DataError, UnsupportedError
from sbgan_bench.features import FeatureSource
from sbgan_bench.hashing import hash_arrays, hash_file, hash_json
from sbgan_bench.model import AbstractModel, content_hash

#: Image i of every model is sampled with this + i, unless somebody asks for other seeds.
FIRST_SAMPLING_SEED = 1_000_000


def real_images(table: PairTable) -> FeatureSource:
    """Return the real images of a split, in the table's order."""
    key = {
        "real": table.info.name,
        "fingerprint": table.fingerprint,
        "keys": hash_json(list(table.split.keys)),
        "resolution": list(table.resolution),
    }
    return FeatureSource(key=key, images=lambda start, stop: np.asarray(table.images[start:stop]))


def generated_images(
    model: AbstractModel, folder: Path, layouts: NDArray[np.uint8] | None, first_seed: int = FIRST_SAMPLING_SEED
) -> FeatureSource:
    """Return the images that a model generates, alone or given layouts.

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

    def images(start: int, stop: int) -> NDArray[np.uint8]:
        given = None if layouts is None else layouts[start:stop]
        batches = [batch.images for batch in model.sample(range(first_seed + start, first_seed + stop), given)]
        drawn = [batch for batch in batches if batch is not None]
        if not drawn:
            raise UnsupportedError(f"{model.title} draws layouts and no images; there is nothing to score.")
        return np.concatenate(drawn)

    return FeatureSource(key=key, images=images)


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
        return FeatureSource(key={"files": self.fingerprint()}, images=self.images)
