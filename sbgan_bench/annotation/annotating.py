"""Running a segmenter over a folder of images: interrupted at any moment, the same call goes on where it stopped."""

import enum
import shutil
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.annotation.label_maps import Origin, read_origin, write_label_map
from sbgan_bench.annotation.manifest import MANIFEST, AnnotationManifest, begin_manifest
from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.sources import UnlabelledImages
from sbgan_bench.annotation.weights import SegmenterFacts
from sbgan_bench.datasets.folder import DESCRIPTION, FolderDescription
from sbgan_bench.datasets.folder_writing import link, write_description
from sbgan_bench.datasets.reading import FileFaultError, read_image
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.hashing import hash_file
from sbgan_bench.reporting import no_report
from sbgan_bench.storage import atomic_file


class ImagesAs(enum.StrEnum):
    """How the images get into the folder beside their label maps."""

    LINK = "link"  #: symbolic links
    COPY = "copy"  #: copies
    NONE = "none"  #: not at all: label maps and manifest alone


@dataclass(frozen=True, slots=True)
class Annotated:
    """How a call ended."""

    written: int  #: label maps made now
    kept: int  #: label maps that an earlier call had made
    faults: Mapping[str, str]  #: images that could not be read, by relative name, with the reason


def annotate_images(
    annotator: Annotator,
    images: UnlabelledImages,
    out: Path,
    images_as: ImagesAs = ImagesAs.LINK,
    report: Callable[[int, int], None] = no_report,
) -> Annotated:
    """Write ``labels/<stem>.png`` for every image, ``manifest.json``, and what makes it a ``folder`` dataset.

    An image whose label map was made from the same bytes by the same weights is passed over. One that cannot be read
    is noted in the manifest, and the others go on. Memory does not grow with the number of images.

    Args:
        annotator: The segmenter.
        images: What to annotate.
        out: Empty, or begun by an earlier call with the same weights.
        images_as: Links or copies of the images under ``images/``.
        report: Told the images done so far and in all.

    Raises:
        ConfigError: The folder holds label maps of other weights or scales.
        DataError: The folder holds label maps of unknown origin, or of images that are not there any more.
        CannotWriteError: The folder is read-only or the disk is full.
    """
    facts = annotator.segmenter.facts
    manifest = begin_manifest(facts, annotator.scales, len(images))
    _check_folder(out, manifest, images)
    manifest.write(out)
    if images_as is not ImagesAs.NONE and not (out / DESCRIPTION).exists():
        write_description(out, _description(facts))
    written = kept = 0
    faults: dict[str, str] = {}
    for done, task in enumerate(_read_ahead(images, out, manifest.method_sha256), start=1):
        try:
            task.check()
            if task.image is None:
                kept += 1
            else:
                write_label_map(task.target, annotator.label(task.image), facts.palette, task.origin)
                written += 1
            _provide(task, out / "images" / task.source.relative_to(images.folder), images_as)
        except FileFaultError as error:
            faults[task.source.relative_to(images.folder).as_posix()] = error.reason
        report(done, len(images))
    done = written + kept
    manifest.model_copy(update={"annotated": done, "complete": done == len(images), "faults": faults}).write(out)
    return Annotated(written, kept, faults)


@dataclass(frozen=True, slots=True)
class _Task:
    source: Path
    target: Path
    origin: Origin
    image: NDArray[np.uint8] | None  #: None: the label map is there already
    fault: FileFaultError | None = None

    def check(self) -> None:
        if self.fault is not None:
            raise self.fault


def _read_ahead(images: UnlabelledImages, out: Path, method: str) -> Iterator[_Task]:
    """Yield what is to be done, image by image, reading the next one meanwhile."""
    with ThreadPoolExecutor(1) as pool:
        coming: Future[_Task] | None = None
        for stem, source in images.files.items():
            following = pool.submit(_task, source, out / "labels" / f"{stem}.png", method)
            if coming is not None:
                yield coming.result()
            coming = following
        if coming is not None:
            yield coming.result()


def _task(source: Path, target: Path, method: str) -> _Task:
    try:
        origin = Origin(hash_file(source), method)
        image = None if read_origin(target) == origin else read_image(source)
    except FileFaultError as error:
        return _Task(source, target, Origin("", method), None, error)
    except OSError as error:
        fault = FileFaultError(source, f"cannot be read ({error.strerror or error}); mend or remove it")
        return _Task(source, target, Origin("", method), None, fault)
    return _Task(source, target, origin, image)


def _check_folder(out: Path, manifest: AnnotationManifest, images: UnlabelledImages) -> None:
    """Refuse to mix label maps of two methods, or of two sets of images, in one folder."""
    if out.resolve().is_relative_to(images.folder.resolve()):
        raise DataError(
            f"{out} lies inside {images.folder}, so that label maps would be taken for images; choose another --out."
        )
    found = AnnotationManifest.read(out)
    there = sorted(path.relative_to(out / "labels") for path in (out / "labels").rglob("*.png"))
    if found is None:
        if there:
            raise DataError(
                f"{out / 'labels'} holds {len(there)} label maps and {out} no {MANIFEST} that says where they are "
                "from; choose another --out."
            )
        if any((out / "images").rglob("*.*")) and (out / "images").resolve() != images.folder.resolve():
            raise DataError(f"{out / 'images'} holds files that are not from {images.folder}; choose another --out.")
        return
    if found.method_sha256 != manifest.method_sha256:
        raise ConfigError(
            f"{out} holds label maps by the weights {found.weights_sha256[:12]} ({found.source}) at scales "
            f"{list(found.scales)}; these are {manifest.weights_sha256[:12]} ({manifest.source}) at "
            f"{list(manifest.scales)}. Two kinds must not mix: choose another --out."
        )
    strange = [path for path in there if path.with_suffix("").as_posix() not in images.files]
    if strange:
        raise DataError(
            f"{out / 'labels' / strange[0]} belongs to no image in {images.folder} (nor do {len(strange) - 1} "
            "others); choose another --out, or give the folder that it was made from."
        )


def _description(facts: SegmenterFacts) -> FolderDescription:
    return FolderDescription(
        class_names=facts.class_names,
        palette=facts.palette,
        ignore_id=facts.ignore_index,
        licence=f"images: not stated; labels: predicted by {facts.arch} ({facts.source})",
    )


def _provide(task: _Task, target: Path, images_as: ImagesAs) -> None:
    """Put the image beside its label map, unless it lies there already; never in the place of another file."""
    if images_as is ImagesAs.NONE:
        return
    linked = target.is_symlink()
    if target.exists() and not linked and hash_file(target) == task.origin.image:
        return
    if target.exists() and not linked and images_as is ImagesAs.LINK:
        raise DataError(f"{target} is another file than {task.source}; choose another --out, or remove it.")
    if images_as is ImagesAs.LINK:
        link(task.source.resolve(), target)
        return
    target.unlink(missing_ok=True)
    with atomic_file(target) as temporary:
        shutil.copyfile(task.source, temporary)
