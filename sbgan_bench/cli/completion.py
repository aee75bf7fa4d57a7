"""What the shell offers after a Tab: names of what is installed, found without importing any of it."""

from collections.abc import Callable
from typing import Any

import click

from sbgan_bench.plugins import PluginGroup, installed
from sbgan_bench.suite.files import bundled_suites

#: What click asks for as ``shell_complete``.
Completion = Callable[[click.Context, click.Parameter, str], list[Any]]


def names_of(group: PluginGroup) -> Completion:
    """Complete the names that are registered under a group."""
    return lambda context, parameter, typed: [name for name in installed(group) if name.startswith(typed)]


def complete_suites(context: click.Context, parameter: click.Parameter, typed: str) -> list[Any]:
    """Complete bundled suites, and files once a path is begun."""
    del context, parameter
    known: list[Any] = [name for name in bundled_suites() if name.startswith(typed)]
    return known or [click.shell_completion.CompletionItem(typed, type="file")]
