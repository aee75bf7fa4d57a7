"""Everything of a run that may be published, as small as it can be, before its size is fitted to the shelf."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from sbgan_bench.manifest import FitRecord, GalleryRecord, NearestRecord
from sbgan_bench.places import size_of
from sbgan_bench.publication import Dropped
from sbgan_bench.publishing.licences import kinds_to_keep, restricted
from sbgan_bench.publishing.opening import OpenedRun
from sbgan_bench.publishing.thinning import encoded, evenly, thinned_stats, top_of_preview
from sbgan_bench.report.run_folder import read_picture
from sbgan_bench.samples import LayoutSource

#: Tiles of a gallery, and previews of a training run, that are kept at most.
MOST_TILES, MOST_PREVIEWS = 16, 3
#: Names of folders as suites make them, and of previews as trainings do: the number of images shown.
_PLAIN, _PREVIEW = re.compile(r"[\w.,@+= -]+(?:/[\w.,@+= -]+)*"), re.compile(r"[0-9]+\.png")


@dataclass(slots=True)
class Gathered:
    """Encoded files by what they belong to; keys of files are paths in the published folder."""

    files: dict[str, bytes] = field(default_factory=dict)  #: contact sheets, nearest neighbours, curves
    tiles: dict[str, list[dict[str, bytes]]] = field(default_factory=dict)  #: by gallery folder, tile by tile
    kinds: dict[str, tuple[str, ...]] = field(default_factory=dict)  #: tiles kept, by gallery folder
    previews: dict[str, list[tuple[str, bytes]]] = field(default_factory=dict)  #: by the stats of the training
    cut_previews: bool = False  #: whether some are left out, or only their upper rows kept
    thinned: bool = False  #: whether logged steps are left out
    dropped: list[Dropped] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)


def gather(run: OpenedRun) -> Gathered:
    """Read and re-encode what may be published; what cannot be read becomes a fault."""
    made = Gathered()
    bound = restricted(run.manifest)
    _drop_what_never_is(made)
    for name in sorted(bound):
        licence = next((one.licence for one in run.manifest.datasets if one.dataset == name), "terms unknown")
        made.dropped.append(
            Dropped(what=f"real images and label maps of {name}, and pictures with them", why=f"{licence}")
        )
    pictured = (*run.manifest.galleries, *run.manifest.nearest)
    for name in sorted({one.dataset for one in pictured if not one.redistributable} - bound):
        made.dropped.append(
            Dropped(what=f"some pictures of {name}", why="marked in the run as not to be redistributed")
        )
    for record in run.manifest.datasets:
        if record.dataset not in bound and record.sheet:
            _add_picture(run, made, record.sheet)
    for gallery in run.manifest.galleries:
        _add_gallery(run, made, gallery, kinds_to_keep(gallery, bound))
    for nearest in run.manifest.nearest:
        if _may_show(nearest, bound):
            _add_picture(run, made, nearest.picture)
    for fit in run.manifest.fits:
        _add_training(run, made, fit, with_previews=fit.dataset not in bound or _sees_no_layouts(run, fit))
    return made


def _drop_what_never_is(made: Gathered) -> None:
    made.dropped.append(Dropped(what="trained weights, checkpoints and optimiser states", why="size"))
    made.dropped.append(Dropped(what="features, judges, logs for TensorBoard", why="size; the run makes them again"))
    made.dropped.append(Dropped(what="folders named in the command and the suite", why="they are of one machine"))


def _may_show(record: NearestRecord, bound: frozenset[str]) -> bool:
    return record.dataset not in bound and record.redistributable


def _sees_no_layouts(run: OpenedRun, fit: FitRecord) -> bool:
    """Whether the previews of a training show nothing real: the model is never given layouts of the dataset."""
    sources = {one.layout_source for one in run.manifest.galleries if one.model == fit.model}
    return bool(sources) and LayoutSource.REAL not in sources


def _plain(made: Gathered, relative: str) -> bool:
    """Whether a path of the run can be one of the published folder; a fault if it cannot."""
    parts = PurePosixPath(relative).parts
    fine = _PLAIN.fullmatch(relative) is not None and ".." not in parts and not any(p.startswith(".") for p in parts)
    if not fine:
        made.faults.append(f"{relative[:80]!r} in run.json is no plain path inside the folder")
    return fine


def _read(run: OpenedRun, relative: str) -> bytes | None:
    path = run.folder.file(relative)
    picture = read_picture(path) if path is not None else None
    return None if picture is None else encoded(picture)


def _add_picture(run: OpenedRun, made: Gathered, relative: str) -> None:
    if not _plain(made, relative):
        return
    data = _read(run, relative)
    if data is None:
        made.faults.append(f"{relative} is missing, no image, or leads out of the folder")
    else:
        made.files[relative] = data


def _add_gallery(run: OpenedRun, made: Gathered, gallery: GalleryRecord, kinds: tuple[str, ...]) -> None:
    if not kinds or not _plain(made, gallery.folder):
        return
    count = min(gallery.count, MOST_TILES)
    names = [[f"{gallery.folder}/{index:04d}.{kind}.png" for kind in kinds] for index in range(count)]
    read = {name: _read(run, name) for tile in names for name in tile}
    missing = [name for name, data in read.items() if data is None]
    if missing:
        made.faults.append(
            f"{missing[0]} is missing, no image, or leads out of the folder"
            + (f"; so are {len(missing) - 1} more there" if len(missing) > 1 else "")
        )
    made.kinds[gallery.folder] = kinds
    made.tiles[gallery.folder] = [{name: data for name in tile if (data := read[name])} for tile in names]


def _add_training(run: OpenedRun, made: Gathered, fit: FitRecord, *, with_previews: bool) -> None:
    if not fit.stats or not _plain(made, fit.stats):
        return
    path = run.folder.file(fit.stats)
    if path is None:
        made.faults.append(f"{fit.stats} is missing, or leads out of the folder")
        return
    thin = thinned_stats(path.read_text(encoding="utf-8", errors="replace"))
    made.files[fit.stats] = thin.text.encode()
    made.thinned |= thin.fewer
    if with_previews:
        made.previews[fit.stats] = list(_previews(run, made, fit, path.parent / "previews"))


def _previews(run: OpenedRun, made: Gathered, fit: FitRecord, folder: Path) -> Iterator[tuple[str, bytes]]:
    there = sorted(path.name for path in folder.glob("*.png") if _PREVIEW.fullmatch(path.name))
    height, _ = size_of(fit.resolution) or (0, 0)
    for index in evenly(len(there), MOST_PREVIEWS):
        relative = str(PurePosixPath(fit.stats).parent / "previews" / there[index])
        path = run.folder.file(relative)
        picture = read_picture(path) if path is not None and height else None
        if picture is not None:  # previews are extras: one that cannot be read is left out
            top = top_of_preview(picture, height)
            made.cut_previews |= len(top) < len(picture) or len(there) > MOST_PREVIEWS
            yield relative, encoded(top)
