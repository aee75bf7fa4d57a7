"""``sbgan-bench rate mturk export``."""

from pathlib import Path

import click

from sbgan_bench.cli.options import echo_json, format_option
from sbgan_bench.cli.rating.mturk.arguments import study_argument


@click.command()
@study_argument
@click.option("--out", required=True, type=click.Path(path_type=Path), help="Folder of the batch; must not exist.")
@click.option("--url-base", required=True, metavar="URL", help="Web folder where the images will lie, https://...")
@click.option(
    "--images-per-hit", default=10, show_default=True, type=click.IntRange(min=1), help="Images of one task, at most."
)
@click.option(
    "--gold-per-hit", type=click.IntRange(min=0), help="Gold images among them. Default: one, if the study has any."
)
@format_option
def export(study: Path, out: Path, url_base: str, images_per_hit: int, gold_per_hit: int | None, output: str) -> None:
    """Write a batch for Mechanical Turk: input CSV, HTML template, images, and how to upload them.

    Each task (HIT) shows several images of mixed cells, no image is in two tasks, and each task is done by as many
    workers as the study wants ratings per image. Nothing in the batch says whose images they are.

    \b
    Examples:
      sbgan-bench rate mturk export studies/first --out batch --url-base https://lab.example.org/first
      sbgan-bench rate mturk export studies/first --out single --url-base https://a.example.org --images-per-hit 1
    """
    from sbgan_bench.rating.crowd.exporting import export_batch
    from sbgan_bench.rating.folder import StudyFolder

    batch = export_batch(
        StudyFolder(study), out, url_base=url_base, images_per_hit=images_per_hit, gold_per_hit=gold_per_hit
    )
    facts = {
        "batch": str(out),
        "hits": len(batch.hits),
        "images_per_hit": batch.places,
        "assignments_per_hit": batch.ratings_per_image,
        "assignments": batch.assignments,
    }
    if output == "json":
        echo_json(facts)
        return
    click.echo(
        f"{out}: {facts['hits']} HITs of up to {batch.places} images, {batch.ratings_per_image} assignments each, "
        f"{batch.assignments} in all. {out / 'UPLOAD.txt'} says what to do with them."
    )
