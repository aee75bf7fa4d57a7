"""Label maps of unlabelled Cityscapes images, made by a segmenter: ``sbgan-bench annotate run`` writes them."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import BaseModel, ValidationError

from sbgan_bench.dataset import Pair, Problem
from sbgan_bench.datasets.cityscapes_files import (
    IMAGES,
    CityPairs,
    Part,
    besides,
    check_folders,
    copies,
    extra_pairs,
    odd_sizes,
)
from sbgan_bench.datasets.cityscapes_labels import RAW_UNLABELLED, Channels, classes_of, train_ids_by_name
from sbgan_bench.datasets.pair_files import PairFiles
from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.errors import DataError

MANIFEST = "manifest.json"
#: Where pseudo-labels are looked for, beside leftImg8bit/, if no folder is given.
USUAL_FOLDER = "pseudo_labels"


class _Measured(BaseModel):
    mean_iou: float | None = None


class LabelManifest(BaseModel):
    """What is needed of ``manifest.json``; it says more."""

    weights_sha256: str
    class_names: tuple[str, ...]  #: one per id in the label maps
    arch: str = "a segmenter"
    evaluation: _Measured | None = None

    @classmethod
    def read(cls, folder: Path) -> "LabelManifest":
        """Read the manifest of a folder.

        Raises:
            DataError: There is none, or it does not say what the labels are and whose.
        """
        path = folder / MANIFEST
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise DataError(
                f"{path} cannot be read ({error.strerror}). It says which ids the label maps have: make them by "
                "`sbgan-bench annotate run`, which writes it."
            ) from error
        except ValidationError as error:
            where = ".".join(map(str, error.errors()[0]["loc"])) or "all of it"
            raise DataError(
                f"{path} is damaged or not by `sbgan-bench annotate run` ({where}: {error.errors()[0]['msg']}); "
                "annotate again."
            ) from error

    def describe(self) -> str:
        """Return who made the labels, and how good it is, in words."""
        score = None if self.evaluation is None else self.evaluation.mean_iou
        worth = "not measured" if score is None else f"mean IoU {score:.3f} on labels held out"
        return f"{self.arch} {self.weights_sha256[:12]}, {worth}"


@dataclass(frozen=True, slots=True)
class ExtraFiles:
    """Images of ``train_extra`` with pseudo-labels, read into train ids and cropped."""

    listing: CityPairs
    files: PairFiles
    manifest: LabelManifest
    train_ids: tuple[int, ...]  #: by id in the label maps, then that of raw 255

    @classmethod
    def open(cls, root: Path, folder: Path) -> "ExtraFiles":
        """List the images and label maps.

        Args:
            root: Folder with leftImg8bit/train_extra/.
            folder: What ``annotate run`` was told as ``--out``.

        Raises:
            DataError: There are no extra images or no pseudo-labels; says which command makes them.
        """
        check_folders(root, (f"{IMAGES}/{Part.EXTRA}",))
        if not (folder / "labels").is_dir():
            raise DataError(_how_to_annotate(root, folder))
        manifest = LabelManifest.read(folder)
        unknown = classes_of(Channels.TRAIN_IDS).channel_of[-1]
        train_ids = (*train_ids_by_name(manifest.class_names, str(folder / MANIFEST)), unknown)
        listing = extra_pairs(root, _of_extra_images(folder / "labels"))
        ids = LabelIds(len(manifest.class_names), RAW_UNLABELLED, f"{folder / MANIFEST} names no more; annotate again")
        files = PairFiles(root, listing.pairs, ids, listing.faults, labels_root=folder / "labels")
        return cls(listing, files, manifest, train_ids)

    def keys(self) -> tuple[str, ...]:
        """Return the keys of all pairs."""
        return tuple(self.listing.pairs)

    def read(self, key: str) -> Pair:
        """Read one pair: train ids, and of both image and label map the part that the release uses."""
        pair = self.files.read(key)
        return crop_extra(Pair(pair.image, np.array(self.train_ids, np.uint8)[pair.layout]))

    def problems(self) -> list[Problem]:
        """Read every file and return all faults."""
        root, pairs = self.files.root, self.files.pairs
        return besides(self.files.problems(), (*odd_sizes(root, pairs), *copies(root, pairs)))

    def quick_problems(self) -> list[Problem]:
        """Return the faults that show without decoding."""
        return besides(self.files.quick_problems(), odd_sizes(self.files.root, self.files.pairs))

    def identity(self) -> Mapping[str, object]:
        """Return, as plain JSON, what decides the labels besides the files."""
        return {"weights": self.manifest.weights_sha256, "train_ids": list(self.train_ids)}


def crop_extra(pair: Pair) -> Pair:
    """Cut a pair to the part of extra images that the release uses: above the bonnet, without the margins.

    Of 2048 x 1024: x from 256, y from 0, 1536 wide and 768 high (SB-GAN's loader); of other sizes the same shares.

    Args:
        pair: Image ``(H, W, 3)`` and layout ``(H, W)``.
    """
    height, width = pair.layout.shape
    rows, columns = slice(0, height * 3 // 4), slice(width // 8, width // 8 + width * 3 // 4)
    return Pair(np.ascontiguousarray(pair.image[rows, columns]), np.ascontiguousarray(pair.layout[rows, columns]))


def _of_extra_images(labels: Path) -> Path:
    """Return the folder of cities: one deeper if all of leftImg8bit/ was annotated."""
    deeper = labels / Part.EXTRA
    return deeper if deeper.is_dir() else labels


def _how_to_annotate(root: Path, folder: Path) -> str:
    return (
        f"{folder} holds no labels/: the {Part.EXTRA} images have no fine annotations, and need those of a segmenter. "
        f"Train one (`sbgan-bench annotate train cityscapes-5k --data {root} --recipe drn_d_105 --out SEGMENTER`), "
        f"then `sbgan-bench annotate run SEGMENTER --images {root / IMAGES / Part.EXTRA} --images-as none "
        f"--out {folder}`."
    )
