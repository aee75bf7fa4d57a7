"""The options of commands that measure, shared by ``evaluate`` and ``compare``."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

import click

from sbgan_bench.cli.completion import names_of
from sbgan_bench.errors import ConfigError
from sbgan_bench.plugins import PluginGroup, check_names, load_plugin

Command = TypeVar("Command", bound=Callable[..., Any])
#: Told (stage, done, in all).
Show = Callable[[str, int, int], None]
#: Seconds that a stage may take before a log hears of it.
QUIET = 20.0


class ImagePath(click.Path):
    """A path to a set of images: a folder or a file."""

    def __init__(self) -> None:
        super().__init__(path_type=Path)


weights_option = click.option(
    "--weights",
    multiple=True,
    metavar="[PROTOCOL=]FILE",
    help="File of published weights, by default where 'weights fetch' put it; or, for one protocol, what it looks "
    "through in place of the judge: segmentation=FOLDER of another segmenter.",
)
trust_option = click.option(
    "--trust-weights",
    is_flag=True,
    help="Accept files of weights other than the published ones. Rows are marked, and nothing is called FID.",
)

_OPTIONS = (
    click.option(
        "--protocol",
        "protocols",
        multiple=True,
        shell_complete=names_of(PluginGroup.PROTOCOLS),
        help="How images become features; repeatable. See 'list protocols'. Default: what can be measured here.",
    ),
    click.option(
        "--metric",
        "metrics",
        multiple=True,
        shell_complete=names_of(PluginGroup.METRICS),
        help="See 'list metrics'; repeatable. Default: all that apply; of 'compare' Fréchet and kernel distance.",
    ),
    weights_option,
    trust_option,
    click.option(
        "--judge",
        type=click.Path(path_type=Path, exists=True),
        help="Judge file, or folder of a segmenter, for scene and segmentation. Default with --dataset: the one that "
        "ships for the dataset and size, if any.",
    ),
    click.option(
        "--reals",
        type=click.Choice(["disjoint", "whole", "all"]),
        default="disjoint",
        show_default=True,
        help="disjoint: N drawn anew in every trial, N others for the floor. whole: the same N in every trial. "
        "all: every image against every image, once, as other tools do.",
    ),
    click.option(
        "--num", type=click.IntRange(min=2), help="N real against N generated. Default: the most there can be."
    ),
    click.option("--trials", type=click.IntRange(min=1), default=5, show_default=True, help="Repetitions, at most."),
    click.option("--seed", type=click.IntRange(min=0), default=0, show_default=True, help="Which reals are drawn."),
)


def measuring_options(command: Command) -> Command:
    """Add the options that decide how something is measured."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def weights_files(values: Sequence[str], protocols: Sequence[str]) -> dict[str, Path]:
    """Turn ``--weights`` values into files by protocol.

    A bare file is for every protocol asked for that takes published weights, or for tf-compat where none was.

    Raises:
        ConfigError: No such file.
    """
    from sbgan_bench.protocol import Weights

    files: dict[str, Path] = {}
    for value in values:
        prefix, sign, rest = value.partition("=")
        named = bool(sign) and not Path(value).exists()
        name, file = (prefix, Path(rest)) if named else ("", Path(value))
        if not file.exists():
            raise ConfigError(f"--weights {value}: {file} does not exist.")
        asked = [one for one in protocols if load_plugin(PluginGroup.PROTOCOLS, one).weights is Weights.FILE]
        files |= dict.fromkeys([name] if named else asked or list(protocols) or ["tf-compat"], file)
    return files


def terms_of(
    *,
    protocols: tuple[str, ...],
    metrics: tuple[str, ...],
    weights: tuple[str, ...],
    trust_weights: bool,
    judge: Path | None,
    reals: str,
    num: int | None,
    trials: int,
    seed: int,
    device: str,
    show: Show,
) -> Any:
    """Return the ``Terms`` that the options say."""
    from sbgan_bench.devices import choose_device

    for group, names in ((PluginGroup.PROTOCOLS, protocols), (PluginGroup.METRICS, metrics)):
        check_names(group, names)

    from sbgan_bench.evaluation import Terms
    from sbgan_bench.results import Reals

    return Terms(
        protocols=protocols,
        metrics=metrics,
        judge=judge,
        weights=weights_files(weights, protocols),
        trusted=trust_weights,
        num=num,
        trials=trials,
        seed=seed,
        reals=Reals(reals),
        device=choose_device(device),
        report=show,
    )
