"""``sbgan-bench import``."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.completion import names_of
from sbgan_bench.cli.options import data_folders, data_option, echo_json, echo_table, format_option, resolution_option
from sbgan_bench.errors import ConfigError
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.presets import Preset


@click.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FILE...")
@click.option("--as", "name", required=True, metavar="NAME", help="What to call it: the run folder is runs/NAME.")
@click.option("--model", help="What to make of the files, where they could be several things.")
@click.option(
    "--dataset",
    shell_complete=names_of(PluginGroup.DATASETS),
    help="Hold it against this dataset, and note its classes.",
)
@data_option
@resolution_option(None, "Size of the images, where no tensor tells (SPADE).")
@click.option(
    "--set",
    "settings",
    multiple=True,
    metavar="KEY=VALUE",
    help="A setting of the model that no tensor tells: image.upsampling=more. Repeatable.",
)
@click.option(
    "--preset",
    type=click.Choice([preset.value for preset in Preset]),
    default=Preset.RELEASED.value,
    show_default=True,
    help="Whose choices, where tensors leave them open.",
)
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Run folder. Default: runs/NAME.")
@click.option("--dry-run", is_flag=True, help="Only say what was found; write nothing.")
@format_option
def importing(
    files: tuple[Path, ...],
    name: str,
    model: str | None,
    dataset: str | None,
    data: tuple[str, ...],
    resolution: str | None,
    settings: tuple[str, ...],
    preset: str,
    out: Path | None,
    dry_run: bool,
    output: str,
) -> None:
    """Turn checkpoints that others trained into a run folder that samples and evaluates like a trained one.

    FILEs of one model are given together: SB-GAN's layout checkpoint and SPADE's net_G (net_D, net_D2) make an SB-GAN.
    A folder of images made elsewhere becomes a model too. No code in a file is run.

    \b
    Examples:
      sbgan-bench import 298900.pth latest_net_G.pth --as released --resolution 256x512 --set image.upsampling=more
      sbgan-bench import G_ema.pth state_dict.pth --as biggan
      sbgan-bench import drn_d_22_cityscapes.pth --as segmenter --dry-run
      sbgan-bench import samples/ --as theirs
    """
    folder = out or Path("runs") / _plain_name(name)
    folders = data_folders(data, _in_play(dataset, data))

    from sbgan_bench.importing.combine import import_files
    from sbgan_bench.importing.format import Request
    from sbgan_bench.importing.writing import refuse_existing, write_import

    opened = None
    if dataset is not None:
        from sbgan_bench.datasets.opening import open_dataset

        opened = open_dataset(dataset, {"root": folders[dataset]} if folders else {}, "command line")
    if not dry_run:
        refuse_existing(folder)
    request = Request(
        resolution=_size(resolution),
        preset=Preset(preset),
        settings=parse_settings(settings),
        dataset=opened,
    )
    imported = import_files(files, request, model)
    written = None if dry_run else write_import(folder, imported)
    _report(imported, written, output)


def _plain_name(name: str) -> str:
    if not name or Path(name).name != name or name.startswith("."):
        raise ConfigError(f"--as {name}: the name of a folder under runs/ is wanted; a path goes with --out.")
    return name


def _in_play(dataset: str | None, data: Sequence[str]) -> list[str]:
    if data and dataset is None:
        raise ConfigError("--data without --dataset: say which dataset lies there.")
    return [] if dataset is None else [dataset]


def _size(text: str | None) -> tuple[int, int] | None:
    from sbgan_bench.suite.spec import parse_resolution

    try:
        return None if text is None else parse_resolution(text)
    except ValueError as error:
        raise ConfigError(f"--resolution: {error}.") from error


def parse_settings(values: Sequence[str]) -> dict[str, Any]:
    """Turn "image.upsampling=more" into nested settings; a value is read as TOML, else as text.

    Raises:
        ConfigError: No "=", or a key that is a table and a value at once.
    """
    import tomllib

    nested: dict[str, Any] = {}
    for item in values:
        path, sign, text = item.partition("=")
        if not sign or not path:
            raise ConfigError(f"--set {item}: KEY=VALUE is wanted, image.upsampling=more, say.")
        try:
            value = tomllib.loads(f"value = {text}")["value"]
        except tomllib.TOMLDecodeError:
            value = text
        table, *keys = nested, *path.split(".")
        for key in keys[:-1]:
            table = table.setdefault(key, {})
            if not isinstance(table, dict):
                raise ConfigError(f"--set {item}: {key!r} was given a value already.")
        table[keys[-1]] = value
    return nested


def _report(imported: Any, written: Path | None, output: str) -> None:
    design, provenance = imported.design, imported.provenance
    if output == "json":
        echo_json(
            {
                "makes": imported.makes,
                "formats": list(imported.formats),
                "sources": [source.to_json() for source in provenance.sources],
                "found": [finding.to_json() for finding in design.found],
                "notes": list(design.notes),
                "model": None if written is None else str(written),
            }
        )
        return
    for title, source in zip(imported.formats, provenance.sources, strict=True):
        click.echo(f"{source.name}: {title}, sha256 {source.sha256[:12]}")
    click.echo(f"Together: {design.title} ({imported.makes})\n")
    echo_table([finding.to_json() for finding in design.found], {"what": "what", "value": "found", "how": "from"})
    for note in design.notes:
        click.echo(f"Note: {note}.")
    if written is None:
        click.echo("\nNothing was written (--dry-run).")
        return
    click.echo(f"\nImported: {written}{_next_step(imported.makes, written)}")


def _next_step(makes: str, written: Path) -> str:
    from sbgan_bench.plugins import installed

    if makes not in installed(PluginGroup.MODELS):
        return f"\nLabel images with it: sbgan-bench annotate run {written} --images photos/ --out labelled"
    return f"\nDraw with it: sbgan-bench sample {written} --out samples"
