"""Versions of the packages whose code decides a number."""

from functools import cache
from importlib.metadata import EntryPoint, PackageNotFoundError, version

from sbgan_bench.plugins import PluginGroup, installed


def component_versions(*distributions: str) -> dict[str, str]:
    """Return the versions of the packages whose code decides a number."""
    names = dict.fromkeys(("sbgan-bench", "torch", "numpy", *distributions))
    return {name: _version(name) for name in names}


@cache
def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:  # a plug-in outside any distribution
        return "unknown"


def plugin_distribution(group: PluginGroup, name: str) -> str:
    """Return the name of the package that a plug-in came in; ours for one that is not registered."""
    point = installed(group).get(name)
    return "sbgan-bench" if point is None else _distribution(point)


@cache
def _distribution(point: EntryPoint) -> str:
    """Read the metadata of a package: a millisecond, of which plans ask a thousand times."""
    return point.dist.name if point.dist is not None else "sbgan-bench"
