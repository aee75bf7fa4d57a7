"""The job that draws the generated images nearest to training images beside them."""

from sbgan_bench.hashing import hash_file
from sbgan_bench.nearest import nearest_sheet
from sbgan_bench.pictures import write_png
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
    features = read_features(context.inputs["generated"], protocol)
    layouts = real_layouts(context) if context.config["layout_source"] == LayoutSource.REAL else None
    first = int(context.config["sampling_seed"])
    drawn = generated_images(context.model(), context.inputs["model"] / MODEL, layouts, first)
    train = real_images(context.table("train_table"))
    write_png(context.folder / PICTURE, nearest_sheet(yardstick, features, drawn, train))
    return hash_file(context.folder / PICTURE)
