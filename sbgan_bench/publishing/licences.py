"""What may be passed on of a run, by the terms of its datasets, and the words that go with the rest."""

from sbgan_bench.manifest import DatasetRecord, GalleryRecord, Manifest
from sbgan_bench.publication import Licence
from sbgan_bench.results import FLOOR
from sbgan_bench.samples import LayoutSource

#: Datasets known to have terms of their own, whatever a run folder says of them.
_OWN_TERMS = frozenset({"camvid", "cityscapes-5k", "cityscapes-25k", "ade-indoor"})


def may_be_passed_on(record: DatasetRecord) -> bool:
    """Whether images and label maps of a dataset may be."""
    return record.redistributable and record.dataset not in _OWN_TERMS


def restricted(manifest: Manifest) -> frozenset[str]:
    """Return the datasets of a run that may not be passed on; one that the run does not describe may not either."""
    free = {record.dataset for record in manifest.datasets if may_be_passed_on(record)}
    bound = {record.dataset for record in manifest.datasets if not may_be_passed_on(record)}
    pictured = {record.dataset for record in manifest.galleries} | {record.dataset for record in manifest.nearest}
    named = pictured | {record.dataset for record in manifest.fits}
    return frozenset(bound | (named - free))


def kinds_to_keep(gallery: GalleryRecord, bound: frozenset[str]) -> tuple[str, ...]:
    """Return which tiles of a gallery may be passed on: "image", "layout".

    Of a ``bound`` dataset real ones may not, of any other none that the run itself marks so.
    """
    kinds = (("image", gallery.has_images), ("layout", gallery.has_layouts))
    there = tuple(kind for kind, has in kinds if has)
    if gallery.dataset not in bound:
        return there if gallery.redistributable else ()
    if gallery.model == FLOOR:
        return ()
    return tuple(kind for kind in there if kind == "image" or gallery.layout_source is not LayoutSource.REAL)


def licence_of(record: DatasetRecord) -> Licence:
    """Return the terms of a dataset with the words for whoever uses the pictures."""
    free = may_be_passed_on(record)
    words = (
        f"Images and layouts of {record.dataset} are here under {record.licence}."
        if free
        else f"Samples of models trained on {record.dataset} ({record.licence}): use them within that licence. "
        f"No image or label map of {record.dataset} is here."
    )
    return Licence(dataset=record.dataset, licence=record.licence, redistributable=free, words=words)
