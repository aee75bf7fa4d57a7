"""Sets of scenes held against the same reals on the same terms: features once, then rows and comparisons."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution
from sbgan_bench.draws import Draws
from sbgan_bench.errors import DataError
from sbgan_bench.evaluation.terms import Terms
from sbgan_bench.feature_cache import features_root
from sbgan_bench.features import FeatureSource, FeatureStore
from sbgan_bench.metric import Features, Metric
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.protocol import AbstractProtocol, Content, LayoutClasses
from sbgan_bench.results import FLOOR, Origin, ResultRow
from sbgan_bench.samples import FIRST_SAMPLING_SEED
from sbgan_bench.scoring import Subject, Yardstick, floor_rows, subject_rows
from sbgan_bench.versions import component_versions, plugin_distribution


@dataclass(frozen=True, slots=True, kw_only=True)
class RealScenes:
    """What is measured against, and what every row says of it."""

    facts: Mapping[str, Any]
    source: FeatureSource
    count: int
    size: Resolution  #: of every scene
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    classes: LayoutClasses | None = None
    what: str = "reals"  #: what the pool is called
    train: FeatureSource | None = None  #: the images that models were trained on
    train_count: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class GeneratedScenes:
    """One set of scenes to be scored, and what its rows say of it."""

    name: str  #: as printed
    facts: Mapping[str, Any]
    source: FeatureSource
    count: int  #: scenes that are measured
    total: int = 0  #: scenes that there are, measured or not; 0 where there is no end of them
    order: NDArray[np.intp] | None = None  #: which scene of the source comes first, second, …; None: as they lie
    given_layouts: bool = False  #: one value on the draw of trial 0, since real layouts were given
    sampled: bool = False  #: whether the scenes have sampling seeds
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contest:
    """Everything that is to be measured together; ``terms.num`` is set."""

    reals: RealScenes
    sets: Sequence[GeneratedScenes]
    terms: Terms
    _features: dict[str, dict[str, Features]] = field(default_factory=dict)  #: name of the set -> protocol -> features

    @property
    def draws(self) -> Draws:
        """How reals and trials are drawn."""
        terms = self.terms
        return Draws(
            num=terms.num or 0,
            trials=terms.trials,
            seed=terms.seed,
            reals=terms.reals,
            groups=self.reals.groups,
            what=self.reals.what,
        )

    @cached_property
    def protocols(self) -> list[AbstractProtocol]:
        """The open protocols that some set can be measured by.

        Raises:
            DataError: None can.
        """
        holds = frozenset[Content]().union(*(one.source.holds for one in self.sets)) & self.reals.source.holds
        opened = self.terms.opened(self.reals.classes, holds, size=self.reals.size)
        if not opened:
            raise DataError("Nothing can be measured with what is here; name a protocol with --protocol.")
        for protocol in opened:
            if not any(_can(protocol, one) for one in self.sets):
                needs = " and ".join(sorted(protocol.needs))
                raise DataError(f"Protocol {protocol.name!r} looks at {needs}, which none of the sets to score has.")
        return opened

    @cached_property
    def metrics(self) -> list[Metric]:
        """The metrics."""
        return self.terms.chosen_metrics(self.protocols, train=self.reals.train is not None)

    @cached_property
    def yardsticks(self) -> dict[str, Yardstick]:
        """The reals of every protocol."""
        reals, stage = self.reals, self.terms.stage
        pool = self._store.features(reals.source, self.protocols, reals.count, stage("reals"))
        train: Mapping[str, Features] = {}
        if reals.train is not None:
            train = self._store.features(reals.train, self.protocols, reals.train_count, stage("training images"))
        return {
            protocol.name: Yardstick(
                info=protocol.info, draws=self.draws, pool=pool[protocol.name], train=train.get(protocol.name)
            )
            for protocol in self.protocols
        }

    def features(self, one: GeneratedScenes) -> Mapping[str, Features]:
        """Return the features of one set by protocol, for the protocols that it can be measured by."""
        if one.name not in self._features:
            able = [protocol for protocol in self.protocols if _can(protocol, one)]
            arrays = self._store.features(one.source, able, one.count, self.terms.stage(one.name))
            ordered = slice(None) if one.order is None else one.order
            self._features[one.name] = {name: array[ordered] for name, array in arrays.items()}
        return self._features[one.name]

    def rows(self) -> list[ResultRow]:
        """Measure every set by every protocol and metric that apply, the floor first."""
        return [row for protocol in self.protocols for row in self._rows(protocol)]

    def facts(self, protocol: AbstractProtocol) -> dict[str, Any]:
        """Return what all rows of one protocol share."""
        return {
            "suite": "evaluate",
            **self.reals.facts,
            "versions": component_versions("scipy", plugin_distribution(PluginGroup.PROTOCOLS, protocol.name)),
            "threads": torch.get_num_threads(),
            "device": self.terms.device,
        }

    def _rows(self, protocol: AbstractProtocol) -> Iterator[ResultRow]:
        yardstick, facts = self.yardsticks[protocol.name], self.facts(protocol)
        told = {**facts, "model": FLOOR, "origin": Origin.REAL, "notes": self.reals.notes}
        rows, floors = floor_rows(yardstick, self.metrics, told)
        yield from rows
        for one in self.sets:
            array = self.features(one).get(protocol.name)
            if array is None:
                continue
            seeds = range(FIRST_SAMPLING_SEED, FIRST_SAMPLING_SEED + one.count) if one.sampled else None
            notes = (*self.reals.notes, *one.notes)
            subject = Subject(facts={**facts, **one.facts, "notes": notes}, features=array, seeds=seeds)
            yield from subject_rows(yardstick, self.metrics, floors, subject)

    @cached_property
    def _store(self) -> FeatureStore:
        return FeatureStore(features_root(), self.terms.device)


def _can(protocol: AbstractProtocol, one: GeneratedScenes) -> bool:
    """Whether a protocol says something of a set: it has what is looked at, and that is not the reals' own layouts."""
    own_layouts_alone = one.given_layouts and Content.IMAGES not in protocol.needs
    return protocol.needs <= one.source.holds and not own_layouts_alone
