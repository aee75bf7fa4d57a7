"""The terms on which something is measured outside of suites: protocols, weights, metrics, draws."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from sbgan_bench.config import did_you_mean
from sbgan_bench.dataset import Resolution
from sbgan_bench.errors import BenchError, ConfigError, CorruptFileError
from sbgan_bench.metric import Metric
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Content, LayoutClasses, Opening, Weights
from sbgan_bench.reporting import no_report
from sbgan_bench.results import Reals
from sbgan_bench.weights import known_weights, present_weights

#: Told (what is worked on, parts done, parts in all).
Report = Callable[[str, int, int], None]

#: Measured unless somebody asks for others: what needs no weights, then standard FID where its weights are here.
_ALWAYS = ("texture",)
_STANDARD = "tf-compat"
#: Take the file of a judge alone, and no folder of another segmenter.
_BY_FILE = ("scene",)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How something is to be measured."""

    protocols: Sequence[str] = ()  #: registered names; empty: all that can be measured with what is here
    metrics: Sequence[str] = ()  #: registered names; empty: all that apply
    judge: Path | None = None  #: a segmenter of the dataset's scenes, for ``scene`` and ``segmentation``
    weights: Mapping[str, Path] = field(default_factory=dict)  #: protocol -> file; others are looked for as usual
    trusted: bool = False  #: whether files of weights other than the published ones are accepted, and marked
    num: int | None = None  #: N real against N generated; None: the most that leaves N reals for the floor
    trials: int = 5  #: repetitions, each with N generated images of its own
    seed: int = 0  #: which reals are drawn
    reals: Reals = Reals.DISJOINT
    device: str = "cpu"  #: where networks run
    report: Report = field(default=no_report)

    def stage(self, name: str) -> Callable[[int, int], None]:
        """Return whom to tell how far one stage of the work is."""
        return lambda done, total: self.report(name, done, total)

    @property
    def uses_train(self) -> bool:
        """Whether a metric was asked for that looks at the training images."""
        return any(load_plugin(PluginGroup.METRICS, name).uses_train for name in self.metrics)

    @property
    def looks_at_layouts_alone(self) -> bool:
        """Whether protocols were asked for, and none of them looks at images."""
        kinds = [load_plugin(PluginGroup.PROTOCOLS, name) for name in self.protocols]
        return bool(kinds) and not any(Content.IMAGES in kind.needs for kind in kinds)

    def opened(
        self,
        classes: LayoutClasses | None,
        holds: frozenset[Content],
        names: Sequence[str] = (),
        size: Resolution | None = None,
    ) -> list[AbstractProtocol]:
        """Open the protocols.

        Args:
            classes: Of the layouts; None where nobody knows them.
            holds: What every scene has.
            names: Which; empty for those of the terms.
            size: Of the scenes; protocols that nobody asked for are left out where they cannot measure it.

        Raises:
            BenchError: No such protocol, or one lacks what it needs.
        """
        self._check_weights()
        there = holds if classes is not None else holds - {Content.LAYOUTS}
        usual = (name for name in installed(PluginGroup.PROTOCOLS) if self._usual(name, there, size))
        names = names or self.protocols or list(usual)
        return [self._open(name, classes) for name in dict.fromkeys(names)]

    def chosen_metrics(self, protocols: Sequence[AbstractProtocol], *, train: bool) -> list[Metric]:
        """Load the metrics.

        Args:
            protocols: What they read.
            train: Whether features of the training images are at hand.

        Raises:
            ConfigError: One that was asked for can be read from none of the protocols.
        """
        metrics: list[Metric] = [
            load_plugin(PluginGroup.METRICS, name) for name in self.metrics or installed(PluginGroup.METRICS)
        ]
        if not self.metrics:
            return sorted(metrics, key=lambda metric: (not metric.fits_covariance, not metric.ranks))
        blocks = frozenset().union(*(protocol.blocks for protocol in protocols))
        for metric in metrics:
            if metric.reads not in blocks:
                names = ", ".join(protocol.name for protocol in protocols)
                raise ConfigError(f"Metric {metric.name!r} reads {metric.reads}, which none of {names} gives: add "
                                  f"--protocol {' or '.join(_giving(metric.reads)) or '…'}.")  # fmt: skip
            if metric.uses_train and not train:
                raise ConfigError(f"Metric {metric.name!r} needs the training images: pass --train.")
        return metrics

    def _check_weights(self) -> None:
        known = list(installed(PluginGroup.PROTOCOLS))
        for name in self.weights:
            if name not in known:
                raise ConfigError(f"--weights {name}=…: no protocol of this name.{did_you_mean(name, known)}")
            if self.protocols and name not in self.protocols:
                raise ConfigError(f"--weights {name}=… has no effect without --protocol {name}.")

    def _usual(self, name: str, holds: frozenset[Content], size: Resolution | None) -> bool:
        """Whether a protocol is measured without having been asked for."""
        if name in self.weights:
            return True
        kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, name)
        if name in _ALWAYS:
            return Content.IMAGES in holds and not (size and kind.unsupported(size))
        if not kind.needs <= holds:
            return False
        match kind.weights:
            case Weights.NONE:
                return True
            case Weights.JUDGE:
                return self.judge is not None and not (name in _BY_FILE and self.judge.is_dir())
            case _:
                return name == _STANDARD and _is_here(kind.file)

    def _open(self, name: str, classes: LayoutClasses | None) -> AbstractProtocol:
        kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, name)
        weights = self.weights.get(name) or (self.judge if kind.weights is Weights.JUDGE else None)
        if kind.weights is Weights.JUDGE and weights is None:
            raise BenchError(
                f"Protocol {name!r} needs a judge: pass --judge FILE (a run keeps its own in jobs/judge-*)."
            )
        return kind.open(
            Opening(device=torch.device(self.device), weights=weights, trusted=self.trusted, classes=classes)
        )


def _is_here(file: str) -> bool:
    try:
        return present_weights(known_weights(file)) is not None
    except CorruptFileError:
        return False


def _giving(block: str) -> list[str]:
    """Return the protocols that have a block of features."""
    kinds = {name: load_plugin(PluginGroup.PROTOCOLS, name) for name in installed(PluginGroup.PROTOCOLS)}
    return [name for name, kind in kinds.items() if block in kind.blocks]
