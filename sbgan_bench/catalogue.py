"""What is installed, for people: names first, summaries only on demand since they need imports."""

import inspect
from typing import Any

from sbgan_bench.config import read_toml
from sbgan_bench.errors import BenchError
from sbgan_bench.plugins import PluginGroup, installed, load_plugin


def catalogue(*, details: bool) -> list[dict[str, str]]:
    """Return one entry per installed thing: kind, name, package and, with ``details``, a one-line summary."""
    entries = []
    for group in PluginGroup:
        for name, point in installed(group).items():
            package = point.dist.name if point.dist is not None else "?"
            entry = {"kind": f"{group.noun}s", "name": name, "package": package}
            entries.append({**entry, "summary": _summary(group, name)} if details else entry)
    from sbgan_bench.suite.files import bundled_suites

    for name, path in bundled_suites().items():
        entry = {"kind": "suites", "name": name, "package": "sbgan-bench"}
        entries.append({**entry, "summary": read_toml(path).get("title", "")} if details else entry)
    return entries


def _summary(group: PluginGroup, name: str) -> str:
    from sbgan_bench.results import UNTRAINED

    try:
        plugin: Any = load_plugin(group, name)
    except BenchError as error:
        return str(error)
    if group is PluginGroup.METRICS:
        return f"{plugin.title} ({plugin.better.value} is better): {plugin.source}"
    if group is PluginGroup.ENGINES:
        return str(plugin.summary)
    words = (inspect.getdoc(plugin) or "").partition("\n")[0]
    if group is PluginGroup.MODELS:
        words += f" Recipes: {', '.join((*plugin.recipes, UNTRAINED))}."
    return words
