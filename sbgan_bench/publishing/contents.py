"""The table of contents of a publication: what is there, and nothing else."""

from collections.abc import Collection, Mapping

from sbgan_bench.manifest import GalleryRecord, Manifest
from sbgan_bench.publishing.traces import without_places


def contents(manifest: Manifest, files: Collection[str], kinds: Mapping[str, tuple[str, ...]], tiles: int) -> Manifest:
    """Return a run's table of contents as it is true of what was kept.

    Args:
        manifest: Of the run.
        files: Paths that were kept.
        kinds: Tiles that were kept ("image", "layout"), by the folder of their gallery.
        tiles: Most tiles of a gallery.
    """
    update = {
        "command": without_places(manifest.command),
        "datasets": tuple(
            one.model_copy(update={"sheet": one.sheet if one.sheet in files else ""}) for one in manifest.datasets
        ),
        "fits": tuple(one.model_copy(update={"folder": ""}) for one in manifest.fits),
        "galleries": tuple(_cut(one, kinds[one.folder], tiles) for one in manifest.galleries if one.folder in kinds),
        "nearest": tuple(one for one in manifest.nearest if one.picture in files),
        "jobs": tuple(one.model_copy(update={"folder": ""}) for one in manifest.jobs),
    }
    return manifest.model_copy(update=update)


def _cut(record: GalleryRecord, kinds: tuple[str, ...], tiles: int) -> GalleryRecord:
    update = {
        "count": min(record.count, tiles), "has_images": "image" in kinds, "has_layouts": "layout" in kinds,
        "redistributable": True,
    }  # fmt: skip
    return record.model_copy(update=update)


def of_further_seeds(manifest: Manifest) -> frozenset[str]:
    """Return the folders of galleries that another one is like but for a lower training seed."""
    first: dict[tuple[object, ...], GalleryRecord] = {}
    for record in sorted(manifest.galleries, key=lambda record: record.training_seed or 0):
        told = record.model_copy(update={"training_seed": None, "folder": ""})
        first.setdefault(tuple(told.model_dump().values()), record)
    return frozenset(record.folder for record in manifest.galleries) - {record.folder for record in first.values()}
