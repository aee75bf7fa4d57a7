"""The job that keeps pictures for people: tiles of what a model draws."""

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.hashing import hash_json
from sbgan_bench.pictures import colour_layouts, write_png
from sbgan_bench.samples import LayoutSource, SampleBatch
from sbgan_bench.storage import write_json
from sbgan_bench.suite.jobs.context import JobContext, real_layouts


def draw_gallery(context: JobContext) -> str:
    """Write tiles ``0000.image.png`` and ``0000.layout.png``, and ``gallery.json`` saying what they are."""
    config = context.config
    count = int(config["count"])
    test = context.table("test")
    batch = _truth(context, count) if "model" not in context.inputs else _drawn(context, count)
    _tiles(context, "image", batch.images)
    if batch.layouts is not None:
        _tiles(context, "layout", colour_layouts(batch.layouts, test.info.palette))
    record = {
        "count": count,
        "has_images": batch.images is not None,
        "has_layouts": batch.layouts is not None,
        "redistributable": test.info.redistributable or config["layout_source"] != LayoutSource.REAL,
    }
    write_json(context.folder / "gallery.json", record)
    return hash_json({"config": {**config}, **record})


def _truth(context: JobContext, count: int) -> SampleBatch:
    """The real images behind the real layouts, in the order models are given them."""
    test = context.table("test")
    chosen = context.real_partition().other[:count]
    return SampleBatch(np.asarray(test.images[chosen]), np.asarray(test.layouts[chosen]))


def _drawn(context: JobContext, count: int) -> SampleBatch:
    given = real_layouts(context)[:count] if context.config["layout_source"] == LayoutSource.REAL else None
    batches = list(context.model().sample(context.sampling_seeds(0, count), given))
    images = [batch.images for batch in batches if batch.images is not None]
    layouts = [batch.layouts for batch in batches if batch.layouts is not None]
    return SampleBatch(
        np.concatenate(images) if images else None,
        np.concatenate(layouts) if layouts else given,
    )


def _tiles(context: JobContext, what: str, pictures: NDArray[np.uint8] | None) -> None:
    if pictures is None:
        return
    for index, picture in enumerate(pictures):
        write_png(context.folder / f"{index:04d}.{what}.png", picture.transpose(1, 2, 0))
