"""The job that draws the generated images nearest to training images beside them."""

from sbgan_bench.hashing import hash_file
from sbgan_bench.metric import FEATURES
from sbgan_bench.metrics.memorisation import memorisation
from sbgan_bench.nearest import nearest_sheet
from sbgan_bench.pictures import write_png
from sbgan_bench.protocol import images_of
from sbgan_bench.samples import LayoutSource
from sbgan_bench.sources import generated_images, real_images
from sbgan_bench.suite.jobs.context import MODEL, JobContext, real_layouts
from sbgan_bench.suite.jobs.measuring import read_features, read_yardstick

#: The picture's name in the job's folder.
PICTURE = "nearest.png"


def draw_nearest(context: JobContext) -> str:
    """Look for the training images nearest to what a model drew, and draw the nearest pairs."""
    protocol = context.config["protocol"]
    yardstick = read_yardstick(context, protocol)
    assert yardstick.train is not None
    block = yardstick.info.block(FEATURES)
    generated = read_features(context.inputs["generated"], protocol)[:, block]
    found = memorisation(yardstick.pool[:, block], generated, yardstick.train[:, block])
    layouts = real_layouts(context) if context.config["layout_source"] == LayoutSource.REAL else None
    first = int(context.config["sampling_seed"])
    drawn = generated_images(context.model(), context.inputs["model"] / MODEL, layouts, first)
    train = real_images(context.table("train_table"))
    picture = nearest_sheet(
        found,
        lambda index: images_of(drawn.scenes(index, index + 1), protocol),
        lambda index: images_of(train.scenes(index, index + 1), protocol),
    )
    write_png(context.folder / PICTURE, picture)
    return hash_file(context.folder / PICTURE)
