"""Options that say where jobs are carried out."""

from collections.abc import Sequence
from typing import Any

import click

from sbgan_bench.cli.completion import names_of
from sbgan_bench.cli.options import Command
from sbgan_bench.errors import ConfigError
from sbgan_bench.plugins import PluginGroup


def engine_options(command: Command) -> Command:
    """Add ``--engine``, ``--address`` and ``--slurm``."""
    options = [
        click.option(
            "--engine",
            default="local",
            show_default=True,
            shell_complete=names_of(PluginGroup.ENGINES),
            help="Where jobs are carried out: local, ray or slurm.",
        ),
        click.option("--address", help="Of a running Ray cluster. Default: one on this machine, for this run."),
        click.option("--slurm", multiple=True, metavar="KEY=VALUE", help="What to ask of Slurm; repeatable."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def engine_settings(*, jobs: int | None, threads: int, address: str | None, slurm: Sequence[str]) -> dict[str, Any]:
    """Return the settings given on the command line; those left out are not there.

    Raises:
        ConfigError: A value of ``--slurm`` that is not KEY=VALUE.
    """
    given = {"jobs": jobs, "threads": threads, "address": address}
    settings: dict[str, Any] = {name: value for name, value in given.items() if value is not None}
    for value in slurm:
        key, sign, rest = value.partition("=")
        if not sign:
            raise ConfigError(f"--slurm {value}: give KEY=VALUE, like partition=gpu.")
        settings[key] = rest
    return settings
