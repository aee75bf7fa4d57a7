"""The files of a publication: what was gathered, cut to the size of the shelf, with a true table of contents."""

import json
from collections.abc import Sequence
from dataclasses import dataclass

from sbgan_bench.comparing.correlation import CORRELATIONS
from sbgan_bench.comparing.rows import COMPARISONS
from sbgan_bench.config import Settings
from sbgan_bench.manifest import MANIFEST, RESULTS, GalleryRecord, Manifest
from sbgan_bench.publishing.gathering import MOST_PREVIEWS, MOST_TILES, Gathered
from sbgan_bench.publishing.opening import RATINGS, SUITE, OpenedRun
from sbgan_bench.publishing.publication import Dropped
from sbgan_bench.publishing.traces import without_places, without_places_in

#: Bytes of one published run, and of its pictures and curves, which are cut; rows are never.
MOST_OF_A_RUN, MOST_OF_PICTURES = 7_000_000, 2_500_000
#: Tiles of a gallery and previews of a training run, from the most that is shown to the least that is worth it.
_LADDER = ((MOST_TILES, MOST_PREVIEWS), (12, 3), (8, 3), (8, 1), (8, 0), (6, 0), (4, 0))


@dataclass(frozen=True, slots=True)
class Fitted:
    """What is written."""

    files: dict[str, bytes]  #: by path in the published folder
    dropped: tuple[Dropped, ...]
    faults: tuple[str, ...]

    @property
    def size(self) -> int:
        """Bytes of all files."""
        return _size(self.files)


def fit(run: OpenedRun, gathered: Gathered, most: int, most_pictures: int) -> Fitted:
    """Return the largest choice of pictures below ``most_pictures`` bytes, or the fewest; rows are all there.

    Args:
        run: As read.
        gathered: What may be published of it.
        most: Bytes of everything; more than that is a fault.
        most_pictures: Bytes of pictures and curves.
    """
    texts = _texts(run)
    for tiles, previews in _LADDER:
        pictures = _chosen(run, gathered, tiles, previews)
        if _size(pictures) <= most_pictures:
            break
    files = {**texts, **pictures}
    too_large = (
        f"{_size(files) / 1e6:.1f} MB with the fewest pictures, of at most {most / 1e6:.1f}; "
        f"the rows alone take {_size(texts) / 1e6:.1f} MB"
    )
    dropped = (*gathered.dropped, *_cut(run, tiles, previews))
    return Fitted(files, dropped, (too_large,) if _size(files) > most else ())


def _size(files: dict[str, bytes]) -> int:
    return sum(map(len, files.values()))


def _texts(run: OpenedRun) -> dict[str, bytes]:
    """Return the files of rows; those without rows are left out, as readers expect."""
    found = {
        f"{place}{name}": _lines(rows)
        for place, one in (("", run.measured), (f"{RATINGS}/", run.rated))
        for name, rows in ((RESULTS, one.results), (COMPARISONS, one.comparisons), (CORRELATIONS, one.correlations))
    }
    found |= {
        SUITE: (json.dumps(without_places_in(run.suite), indent=2, ensure_ascii=False) + "\n").encode(),
    }
    return {name: data for name, data in found.items() if data}


def _lines(rows: Sequence[Settings]) -> bytes:
    return "".join(row.model_dump_json() + "\n" for row in rows).encode()


def _chosen(run: OpenedRun, gathered: Gathered, tiles: int, previews: int) -> dict[str, bytes]:
    files = dict(gathered.files)
    for folder in gathered.tiles.values():
        for tile in folder[:tiles]:
            files |= tile
    for there in gathered.previews.values():
        files |= dict(there[-previews:] if previews else [])
    files[MANIFEST] = (_contents(run.manifest, gathered, files, tiles).model_dump_json(indent=2) + "\n").encode()
    return files


def _contents(manifest: Manifest, gathered: Gathered, files: dict[str, bytes], tiles: int) -> Manifest:
    """Return the table of contents of what is there."""
    return manifest.model_copy(
        update={
            "command": without_places(manifest.command),
            "datasets": tuple(
                one.model_copy(update={"sheet": one.sheet if one.sheet in files else ""}) for one in manifest.datasets
            ),
            "fits": tuple(one.model_copy(update={"folder": ""}) for one in manifest.fits),
            "galleries": tuple(_gallery(one, gathered, tiles) for one in manifest.galleries
                               if one.folder in gathered.kinds),
            "nearest": tuple(one for one in manifest.nearest if one.picture in files),
            "jobs": tuple(one.model_copy(update={"folder": ""}) for one in manifest.jobs),
        }
    )  # fmt: skip


def _gallery(record: GalleryRecord, gathered: Gathered, tiles: int) -> GalleryRecord:
    kinds = gathered.kinds[record.folder]
    update = {
        "count": min(record.count, tiles), "has_images": "image" in kinds, "has_layouts": "layout" in kinds,
        "redistributable": True,
    }  # fmt: skip
    return record.model_copy(update=update)


def _cut(run: OpenedRun, tiles: int, previews: int) -> list[Dropped]:
    cut = []
    if any(one.count > tiles for one in run.manifest.galleries):
        cut.append(Dropped(what=f"samples of every model beyond its first {tiles}", why="size; none was chosen"))
    if run.manifest.fits:
        kept = f"beyond the upper rows of {previews} of them" if previews else "of all models"
        cut.append(Dropped(what=f"previews of training {kept}", why="size"))
        cut.append(Dropped(what="most steps of the logged losses", why="size; evenly thinned"))
    return cut
