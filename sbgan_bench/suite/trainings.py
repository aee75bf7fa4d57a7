"""Planning how the models of one column come about: trained, chosen, resettled, or loaded."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sbgan_bench.hashing import hash_json
from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import UNTRAINED
from sbgan_bench.suite.column import Column
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.models import (
    entry_suite,
    first_recipe,
    model_kind,
    model_settings,
    training_digest,
    training_settings,
)
from sbgan_bench.suite.saved import SavedModel
from sbgan_bench.suite.spec import Entry, Selection, Suite
from sbgan_bench.versions import component_versions, plugin_distribution

#: Scenes that checkpoints are chosen by are sampled this far from those that are scored.
SELECTION_SEEDS = 1_000_000_000
#: Digits of the hash that tells trainings with settings of their own apart.
_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Trainings:
    """The jobs of one column that leave a model, each added once however many entries need it."""

    column: Column

    def trained(self, entry: Entry, recipe: str, seed: int, images: int | None) -> str:
        """Plan a model of the suite and everything before it; return the job that leaves it.

        Args:
            entry: Whose settings.
            recipe: How it is trained.
            seed: Training seed.
            images: Size of the training set; None for all.
        """
        one = _Training(self.column, entry, entry_suite(self.column.suite, entry), seed, images)
        return one.resettled(entry.model, recipe, one.chosen(entry.model, recipe))

    def loaded(self, entry: Entry, saved: SavedModel) -> str:
        """Plan the adoption of a model that was saved elsewhere; return the job that leaves it."""
        config = {
            "model": entry.model,
            "content": saved.content,
            "component": component_versions(plugin_distribution(PluginGroup.MODELS, entry.model)),
        }
        cell = f"{entry.model}@{saved.content[:_DIGITS]}/{self.column.place}"
        return self.column.add(JobKind.LOAD, cell, config, {}, entry.variant, outside=saved.folder)


@dataclass(frozen=True, slots=True)
class _Training:
    """One seed and size of the training set, under the settings of one entry."""

    column: Column
    entry: Entry
    own: Suite  #: as the entry sees it
    seed: int
    images: int | None

    def chosen(self, name: str, recipe: str) -> str:
        """Plan a training, and the choice among its snapshots where the suite wants the best."""
        kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
        suite, tables = self.column.suite, self.column.tables
        starts = {} if recipe == UNTRAINED else kind.recipes[recipe].starts_from
        inputs = {f"start:{role}": self.chosen(start, first_recipe(start)) for role, start in starts.items()}
        config = {
            "model": name,
            "recipe": recipe,
            "settings": training_settings(suite, self.own, name),
            "seed": self.seed,
            "training_images": self.images,
            "snapshots": suite.evaluation.snapshots,
            "precision": suite.execution.precision,
            "component": component_versions(plugin_distribution(PluginGroup.MODELS, name)),
        }
        mark = self._mark(name, recipe)
        variant = self.entry.variant if mark else ""
        cell = self._cell(name, recipe, mark)
        trained = self.column.add(JobKind.TRAIN, cell, config, {"train": tables["train"], **inputs}, variant)
        if recipe == UNTRAINED or not kind.draws_images:
            return trained
        inputs = {"model": trained}
        if suite.evaluation.follows_snapshots:
            seen = {"selection": tables["selection"], **self.column.judge}
            inputs["distances"] = self.column.add(JobKind.FOLLOW, cell, self._choice(), {**inputs, **seen}, variant)
        if suite.evaluation.selection is not Selection.BEST:
            return trained
        return self.column.add(JobKind.SELECT, cell, self._choice(), inputs, variant)

    def _choice(self) -> Mapping[str, Any]:
        evaluation = self.column.suite.evaluation
        return {
            "protocol": evaluation.selection_protocol,
            "samples": evaluation.selection_samples,
            "snapshots": evaluation.snapshots,
            "sampling_seed": evaluation.sampling_seed + SELECTION_SEEDS,
            "component": component_versions(plugin_distribution(PluginGroup.PROTOCOLS, evaluation.selection_protocol)),
            **self.column.weights([evaluation.selection_protocol]),
        }

    def resettled(self, name: str, recipe: str, trained: str) -> str:
        """Plan the same weights under the entry's settings of sampling, where they are not those of training."""
        if not model_kind(name).sampling_settings:
            return trained
        settings = model_settings(self.own, name).to_json()
        if settings == training_settings(self.column.suite, self.own, name):
            return trained
        config = {"settings": settings, "component": component_versions()}
        cell = self._cell(name, recipe, f"@{hash_json([trained, settings])[:_DIGITS]}")
        return self.column.add(JobKind.RESETTLE, cell, config, {"model": trained}, self.entry.variant)

    def _mark(self, name: str, recipe: str) -> str:
        """Return what tells this training from that of the suite's own settings; "" if they are equal."""
        suite = self.column.suite
        if self.own is suite:
            return ""
        digest = training_digest(suite, self.own, name, recipe)
        return "" if digest == training_digest(suite, suite, name, recipe) else f"@{digest[:_DIGITS]}"

    def _cell(self, name: str, recipe: str, mark: str) -> str:
        size = "all" if self.images is None else f"n{self.images}"
        return f"{name}/{recipe}{mark}/{self.column.place}/{size}/s{self.seed}"
