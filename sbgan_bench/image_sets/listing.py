"""Which files of a folder or archive are the images, and which their layouts. What could be read two ways is refused.

Evaluation programs disagree about sub-folders (clean-fid descends into them, pytorch-fid and torch-fidelity do not)
and drop what they do not read without a word, so that one folder has several numbers of images. Here it has one, or
none.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from sbgan_bench.datasets.reading import IMAGE_SUFFIXES
from sbgan_bench.errors import DataError
from sbgan_bench.image_sets.containers import AbstractContainer

IMAGES, LAYOUTS = "images", "layouts"
#: The overview that ``sbgan-bench sample`` puts beside both, which is none of the images.
OVERVIEW = "sheet.png"

#: Images that are not read; passing over them would quietly make the set smaller.
_UNREAD = (".gif", ".apng", ".avif", ".heic", ".heif", ".jxl", ".jp2", ".ppm", ".pgm", ".pnm", ".tga", ".exr", ".hdr")
#: What images may also be kept in.
_PACKED = (".zip", ".npz")


@dataclass(frozen=True, slots=True)
class Listing:
    """Names of files, in order."""

    images: tuple[str, ...]
    layouts: tuple[str, ...] = ()  #: one per image, or none at all


def list_images(container: AbstractContainer) -> Listing:
    """Find the images of a container, and their layouts if it has ``images/`` and ``layouts/``.

    Raises:
        DataError: There are no images, it is not clear which are meant, some are of kinds that are not read, or images
            and layouts do not go by the same names.
    """
    base = _base(container)
    here, inside = _split(container, base)
    if not any(name.startswith(f"{base}{IMAGES}/") for name in inside):
        return Listing(_only(container, base, here, inside))
    here = [name for name in here if name != f"{base}{OVERVIEW}"]
    if here:
        raise DataError(
            f"{container.where(base)} holds images and a folder {IMAGES}/ as well ({here[0]}, for example); it is not "
            f"clear which are meant. Give {container.where(f'{base}{IMAGES}')}, or take the others out."
        )
    images = _only(container, f"{base}{IMAGES}/", *_split(container, f"{base}{IMAGES}/"))
    if not any(name.startswith(f"{base}{LAYOUTS}/") for name in container.names):
        return Listing(images)
    layouts = list_layouts(container, f"{base}{LAYOUTS}/")
    return Listing(images, _matched(container, base, images, layouts))


def list_layouts(container: AbstractContainer, base: str | None = None) -> tuple[str, ...]:
    """Find the label maps of a container: those of ``layouts/`` if it has such a folder, else all files.

    Raises:
        DataError: As for :func:`list_images`.
    """
    if base is None:
        base = _base(container)
        inside = f"{base}{LAYOUTS}/"
        base = inside if any(name.startswith(inside) for name in container.names) else base
    return _only(container, base, *_split(container, base), layouts=True)


def _base(container: AbstractContainer) -> str:
    """Return the folder that holds all images: archives, above all, often have one at their top."""
    names = [name for name in container.names if _suffix(name) in IMAGE_SUFFIXES]
    base = ""
    while names:
        tops = {name[len(base) :].partition("/")[0] if "/" in name[len(base) :] else "" for name in names}
        if len(tops) > 1 or tops & {"", IMAGES, LAYOUTS}:
            break
        base += f"{tops.pop()}/"
    return base


def _split(container: AbstractContainer, base: str) -> tuple[list[str], list[str]]:
    """Return the image files right in ``base``, and those in folders below it.

    Raises:
        DataError: There are images of kinds that are not read.
    """
    below = [name for name in container.names if name.startswith(base)]
    for name in below:
        if _suffix(name) in _UNREAD:
            raise DataError(
                f"{container.where(name)}: {_suffix(name)} files are not read, and the set would be smaller without; "
                "convert it to PNG or take it out."
            )
    found = [name for name in below if _suffix(name) in IMAGE_SUFFIXES]
    return [name for name in found if "/" not in name[len(base) :]], [n for n in found if "/" in n[len(base) :]]


def _only(
    container: AbstractContainer, base: str, here: Sequence[str], inside: Sequence[str], *, layouts: bool = False
) -> tuple[str, ...]:
    """Return the images of ``base``, which are all right in it or all in folders below it."""
    place = container.where(base).rstrip("/")
    if not here and not inside:
        packed = [name for name in container.names if _suffix(name) in _PACKED]
        hint = f" It holds {packed[0]}: give that file, if it is meant." if packed else ""
        raise DataError(f"No images in {place} (looked for {', '.join(sorted(IMAGE_SUFFIXES))}).{hint}")
    if here and inside:
        raise DataError(
            f"{place} holds {len(here)} images, and {len(inside)} more in folders ({inside[0]}, for example); some "
            "programs count them and others do not. Give a folder that holds either kind alone."
        )
    deeper = [name for name in inside if {IMAGES, LAYOUTS} & set(PurePosixPath(name[len(base) :]).parts[:-1])]
    if deeper and not layouts:
        raise DataError(
            f"{place} holds no {IMAGES}/ of its own, and such folders or {LAYOUTS}/ deeper down ({deeper[0]}, for "
            f"example); give the one folder that is meant."
        )
    return tuple(here or inside)


def _matched(
    container: AbstractContainer, base: str, images: Sequence[str], layouts: Sequence[str]
) -> tuple[str, ...]:
    """Return the layout of every image.

    Raises:
        DataError: An image without a layout, a layout without an image, or two of one stem.
    """
    stems = [_stem(name, f"{base}{IMAGES}/") for name in images]
    files = {_stem(name, f"{base}{LAYOUTS}/"): name for name in layouts}
    place = container.where(base).rstrip("/")
    alone = f"Mend that, or give {container.where(f'{base}{IMAGES}')} to measure images alone."
    if len(set(stems)) < len(stems) or len(files) < len(layouts):
        names = stems if len(set(stems)) < len(stems) else [_stem(name, f"{base}{LAYOUTS}/") for name in layouts]
        twice = next(stem for stem in names if names.count(stem) > 1)
        raise DataError(f"Two files in {place} have the stem {twice}, so that it is not clear which belong. {alone}")
    lonely = sorted(set(stems) ^ set(files))
    if lonely:
        raise DataError(
            f"{lonely[0]} in {place} has no {'layout' if lonely[0] in stems else 'image'} under its name; images and "
            f"layouts go by the same names. {alone}"
        )
    return tuple(files[stem] for stem in stems)


def _stem(name: str, base: str) -> str:
    return PurePosixPath(name[len(base) :]).with_suffix("").as_posix()


def _suffix(name: str) -> str:
    return PurePosixPath(name).suffix.lower()
