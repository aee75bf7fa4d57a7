"""Opening whatever images were given as."""

import enum
from pathlib import Path

from sbgan_bench.dataset import resolution_text
from sbgan_bench.datasets.reading import IMAGE_SUFFIXES
from sbgan_bench.errors import DataError
from sbgan_bench.image_sets.containers import AbstractContainer, Archive, Folder
from sbgan_bench.image_sets.files import IMAGE, LAYOUT, Files
from sbgan_bench.image_sets.listing import list_images, list_layouts
from sbgan_bench.image_sets.members import array_names
from sbgan_bench.image_sets.pack import SAMPLES, Pack
from sbgan_bench.image_sets.sets import ImageSet, LayoutSet
from sbgan_bench.image_sets.stack import AbstractStack
from sbgan_bench.image_sets.statistics import COVARIANCE, MEAN

_WAYS = "a folder of images, a .zip of them, an .npz sample pack (arr_0), or an .npz with mu and sigma"
#: Why other files are not taken, by suffix.
_REFUSALS = {
    (".pkl", ".pickle", ".pt", ".pth"): "can run code when it is read; save mu and sigma by numpy.savez instead",
    (
        ".tar",
        ".gz",
        ".tgz",
        ".bz2",
        ".xz",
        ".7z",
        ".rar",
    ): "is an archive of another kind; make it a .zip, or unpack it",
    (".npy",): "is a bare array; save it by numpy.savez(path, images) with images (N, H, W, 3) uint8",
    IMAGE_SUFFIXES: "is a single picture; give the folder that holds it",
}


class Kind(enum.StrEnum):
    """What a set of images can be given as."""

    FOLDER = "folder"
    ARCHIVE = "zip archive"
    PACK = "sample pack"
    STATISTICS = "statistics"


def kind_of(path: Path) -> Kind:
    """Tell what a path holds; an ``.npz`` file with samples and statistics counts as samples.

    Raises:
        DataError: It does not exist, or is nothing of the kind.
    """
    if path.is_dir():
        return Kind.FOLDER
    if not path.exists():
        raise DataError(f"{path} does not exist; give {_WAYS}.")
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return Kind.ARCHIVE
    if suffix == ".npz":
        known = array_names(path)
        if SAMPLES in known:
            return Kind.PACK
        if MEAN in known or COVARIANCE in known:
            return Kind.STATISTICS
        raise DataError(f"{path} holds {', '.join(known) or 'no arrays'}; expected arr_0, or mu and sigma.")
    reason = next((words for suffixes, words in _REFUSALS.items() if suffix in suffixes), f"is none of {_WAYS}")
    raise DataError(f"{path} {reason}.")


def open_images(path: Path) -> ImageSet:
    """Open a folder, zip archive or sample pack of equally sized images.

    A folder, or archive, is read in order of name: its own images, or those of all folders in it if it has none of its
    own, or those of ``images/`` if there is such a folder; ``layouts/`` beside that holds their label maps, under the
    same names. Hidden files and other kinds of files are passed over.

    Raises:
        DataError: There are no images, it is not clear which are meant, or some cannot be used (each with the reason).
    """
    kind = kind_of(path)
    if kind is Kind.STATISTICS:
        raise DataError(f"{path} holds the statistics of images and no images: they serve the plain distance alone.")
    if kind is Kind.PACK:
        return ImageSet(path, Pack.at(path))
    container = _container(path, kind)
    listing = list_images(container)
    pictures = Files.survey(container, listing.images, IMAGE)
    if not listing.layouts:
        return ImageSet(path, pictures)
    maps = Files.survey(container, listing.layouts, LAYOUT)
    _check_factor(maps, pictures, container.where(listing.layouts[0]))
    return ImageSet(path, pictures, maps)


def open_layouts(path: Path) -> LayoutSet:
    """Open a folder or zip archive of equally sized label maps: those of ``layouts/`` if there is such a folder.

    Raises:
        DataError: There are none, or some cannot be used (each with the reason).
    """
    kind = kind_of(path)
    if kind not in (Kind.FOLDER, Kind.ARCHIVE):
        raise DataError(f"{path} is a {kind.value}; layouts are read from a folder or a .zip of label maps.")
    container = _container(path, kind)
    return LayoutSet(path, Files.survey(container, list_layouts(container), LAYOUT))


def _container(path: Path, kind: Kind) -> AbstractContainer:
    return Folder.at(path) if kind is Kind.FOLDER else Archive.at(path)


def _check_factor(maps: AbstractStack, pictures: AbstractStack, first: str) -> None:
    """Refuse layouts that are not the images' size after enlarging by a whole factor."""
    (height, width), size = maps.size, pictures.size
    factor = size[0] // height
    if (height * factor, width * factor) != size:
        raise DataError(
            f"{first} is {height}x{width}, which no whole factor enlarges to images of {resolution_text(size)}."
        )
