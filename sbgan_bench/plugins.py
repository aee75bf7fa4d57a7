"""Finding models, datasets, feature protocols, metrics, network families, checkpoint formats and engines.

Names are listed without importing anything, so ``--help`` stays fast and one broken plug-in cannot break the rest.
"""

import enum
from collections.abc import Iterable
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
    ENGINES = "sbgan_bench.engines"  #: where the jobs of a suite are carried out

    @property
    def noun(self) -> str:
        """What one member is called in messages: "model", "dataset", …."""
        return self.value.removeprefix("sbgan_bench.").removesuffix("s")


#: What people call things that have another name here.
_HINTS = {
    (PluginGroup.METRICS, "fid"): " FID is frechet-distance by protocol tf-compat (or clean).",
    (PluginGroup.METRICS, "kid"): " KID is kernel-distance by protocol tf-compat (or clean).",
    (PluginGroup.METRICS, "is"): " The Inception Score is inception-score by protocol tf-compat.",
    (PluginGroup.METRICS, "miou"): " mIoU is mean-iou by protocol segmentation.",
    (PluginGroup.PROTOCOLS, "inception"): " Standard FID's is tf-compat.",
    (PluginGroup.PROTOCOLS, "fid"): " Standard FID is metric frechet-distance by protocol tf-compat.",
}


def installed(group: PluginGroup) -> dict[str, EntryPoint]:
    """Return the entry points of a group by name, in order of name; nothing is imported."""
    return dict(_scan(group))


@cache
def _scan(group: PluginGroup) -> dict[str, EntryPoint]:
    """Read the metadata of every installed package: tens of milliseconds, so once in a process."""
    return {point.name: point for point in sorted(entry_points(group=group.value), key=lambda point: point.name)}


def check_names(group: PluginGroup, names: Iterable[str]) -> None:
    """Refuse a name that nobody registered, without importing anything.

    Raises:
        BenchError: Names it, what there is, and what may have been meant.
    """
    known = list(installed(group))
    for name in names:
        if name not in known:
            hint = _HINTS.get((group, name.lower())) or did_you_mean(name, known)
            raise BenchError(f"No {group.noun} named {name!r}. Installed: {', '.join(known) or 'none'}.{hint}")


def load_plugin(group: PluginGroup, name: str) -> Any:
    """Import one plug-in and return what its entry point names.

    Raises:
        BenchError: No such name.
        PluginImportError: Its import failed (with the reason).
    """
    check_names(group, [name])
    points = installed(group)
    try:
        return points[name].load()
    except Exception as error:  # whatever a foreign module raises at import
        raise PluginImportError(
            f"The {group.noun} {name!r} ({points[name].value}) cannot be imported: {type(error).__name__}: {error}. "
            "Mend or uninstall its package."
        ) from error
