"""Finding models, datasets, feature protocols, metrics, network families and checkpoint formats by entry point.

Names are listed without importing anything, so ``--help`` stays fast and one broken plug-in cannot break the rest.
"""

import enum
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from sbgan_bench.config import did_you_mean
from sbgan_bench.errors import BenchError, PluginImportError


class PluginGroup(enum.StrEnum):
    """The doors; each is the name of an entry-point group."""

    MODELS = "sbgan_bench.models"
    DATASETS = "sbgan_bench.datasets"
    PROTOCOLS = "sbgan_bench.protocols"
    METRICS = "sbgan_bench.metrics"
    NETWORKS = "sbgan_bench.networks"  #: families of networks that parity cases are run on
    FORMATS = "sbgan_bench.formats"  #: checkpoint formats that can be imported

    @property
    def noun(self) -> str:
        """What one member is called in messages: "model", "dataset", …."""
        return self.value.removeprefix("sbgan_bench.").removesuffix("s")


def installed(group: PluginGroup) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, in order of name; nothing is imported."""
    return dict(_scan(group))


@cache
def _scan(group: PluginGroup) -> dict[str, EntryPoint]:
    """Read the metadata of every installed package: tens of milliseconds, so once in a process."""
    return {point.name: point for point in sorted(entry_points(group=group.value), key=lambda point: point.name)}


def load_plugin(group: PluginGroup, name: str) -> Any:
    """Import one plug-in and return what its entry point names.

    Raises:
        BenchError: No such name.
        PluginImportError: Its import failed (with the reason).
    """
    points = installed(group)
    if name not in points:
        known = ", ".join(points) or "none"
        raise BenchError(f"No {group.noun} named {name!r}. Installed: {known}.{did_you_mean(name, list(points))}")
    try:
        return points[name].load()
    except Exception as error:  # whatever a foreign module raises at import
        raise PluginImportError(
            f"The {group.noun} {name!r} ({points[name].value}) cannot be imported: {type(error).__name__}: {error}. "
            "Mend or uninstall its package."
        ) from error
