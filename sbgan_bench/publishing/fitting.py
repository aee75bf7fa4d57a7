"""The files of a publication: what was gathered, cut to the size of the shelf, with a true table of contents."""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from sbgan_bench.comparing.correlation import CORRELATIONS
from sbgan_bench.comparing.rows import COMPARISONS
from sbgan_bench.config import Settings
from sbgan_bench.manifest import MANIFEST, RESULTS, GalleryRecord, Manifest
from sbgan_bench.publishing.gathering import MOST_PREVIEWS, MOST_TILES, Gathered
from sbgan_bench.publishing.opening import SUITE, OpenedRun
from sbgan_bench.publishing.publication import Dropped
from sbgan_bench.publishing.traces import without_places, without_places_in

#: Bytes of one published run.
MOST_OF_A_RUN = 4_000_000
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
        return sum(map(len, self.files.values()))


def fit(run: OpenedRun, gathered: Gathered, most: int) -> Fitted:
    """Return the largest choice of pictures with which a run stays below ``most`` bytes."""
    texts = _texts(run)
    for tiles, previews in _LADDER:
        files = {**texts, **_chosen(run, gathered, tiles, previews)}
        if sum(map(len, files.values())) <= most:
            return Fitted(files, (*gathered.dropped, *_cut(run, tiles, previews)), ())
    size = sum(map(len, files.values()))
    fault = (
        f"{size / 1e6:.1f} MB with the fewest pictures, of at most {most / 1e6:.1f}; "
        f"the rows alone take {len(texts[RESULTS]) / 1e6:.1f} MB"
    )
    return Fitted(files, tuple(gathered.dropped), (fault,))


def _texts(run: OpenedRun) -> dict[str, bytes]:
    """Return the files of rows; those without rows are left out, as readers expect."""
    found = {
        RESULTS: _lines(run.rows),
        COMPARISONS: _lines(run.comparisons),
        CORRELATIONS: _lines(run.correlations),
        SUITE: (json.dumps(without_places_in(run.suite), indent=2, ensure_ascii=False) + "\n").encode(),
    }
    return {name: data for name, data in found.items() if data}


def _lines(rows: Iterable[Settings]) -> bytes:
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
    return cut
