"""``sbgan-bench sample``."""

from pathlib import Path

import click

from sbgan_bench.cli.options import device_option


@click.command()
@click.argument("folder", metavar="MODEL", type=click.Path(path_type=Path, file_okay=False))
@click.option("--count", type=click.IntRange(min=1), default=16, show_default=True, help="Number of scenes.")
@click.option("--seed", type=click.IntRange(min=0), help="Scene i has seed SEED + i. Default: the first there is.")
@click.option(
    "--layouts",
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="Folder of label-map PNGs to render, for models that need them (SPADE) or take them (SB-GAN).",
)
@device_option
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), required=True, help="Folder to write to.")
def sample(folder: Path, count: int, seed: int | None, layouts: Path | None, device: str, out: Path) -> None:
    """Draw scenes with a trained model: a folder with model.json in it, as 'train' and 'run' leave them.

    Writes images/, layouts/ (class ids) and sheet.png.

    \b
    Example:
      sbgan-bench sample runs/my-sbgan/model --count 64 --out samples
    """
    from sbgan_bench.devices import choose_device
    from sbgan_bench.drawing import draw_scenes

    written = draw_scenes(folder, out, count=count, seed=seed, layouts=layouts, device=choose_device(device))
    short = f" (not {count}: {layouts} holds no more layouts)" if written < count else ""
    click.echo(f"{written} scenes in {out}{short}; overview: {out / 'sheet.png'}")
