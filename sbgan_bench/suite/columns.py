"""Planning everything of one dataset at one resolution: what stands in one column of a table."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sbgan_bench.dataset import AbstractDataset, Resolution
from sbgan_bench.errors import ConfigError, PluginImportError
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.judge import JudgeSettings, bundled_judge, check_judge
from sbgan_bench.model import UNTRAINED, AbstractModel, SceneSpec
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Weights
from sbgan_bench.results import FLOOR, Origin, ResultRow, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.estimates import estimated_seconds
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.models import (
    check_recipe,
    entry_suite,
    first_recipe,
    model_kind,
    model_settings,
    training_digest,
)
from sbgan_bench.suite.plan import SPLITS, Cell, Plan, Sources, config_hash, skip_column
from sbgan_bench.suite.spec import Entry, Selection, Suite, parse_resolution
from sbgan_bench.versions import component_versions, plugin_distribution

#: Scenes that checkpoints are chosen by are sampled this far from those that are scored.
SELECTION_SEEDS = 1_000_000_000


@dataclass
class Column:
    """Plans everything of one dataset at one resolution."""

    suite_plan: Plan
    dataset: AbstractDataset
    resolution_text: str
    sources: Sources
    tables: dict[str, str] = field(default_factory=dict)  #: split -> job id
    judge: dict[str, str] = field(default_factory=dict)  #: {"judge": job id}, or empty if no protocol needs one

    @property
    def suite(self) -> Suite:
        """The suite that is planned."""
        return self.suite_plan.suite

    @property
    def place(self) -> str:
        """Dataset and size, as in the ids of jobs."""
        return f"{self.dataset.info.name}/{self.resolution_text}"

    @cached_property
    def unsupported_protocols(self) -> dict[str, str]:
        """Protocols of the suite that cannot measure this size, with the reason."""
        kinds = {name: load_plugin(PluginGroup.PROTOCOLS, name) for name in self.suite.evaluation.protocols}
        reasons = {name: kind.unsupported(self.resolution) for name, kind in kinds.items()}
        return {name: reason for name, reason in reasons.items() if reason}

    @property
    def protocols(self) -> list[str]:
        """Protocols of the suite that can measure this size."""
        return [name for name in self.suite.evaluation.protocols if name not in self.unsupported_protocols]

    @property
    def resolution(self) -> Resolution:
        """(H, W) in pixels."""
        return parse_resolution(self.resolution_text)

    def plan(self) -> None:
        """Add the jobs and cells of this column to the plan."""
        reason = self.dataset.unsupported(self.resolution)
        if not reason and not self.protocols:
            reason = "; ".join(self.unsupported_protocols.values())
        if reason:
            skip_column(self.suite_plan, self.dataset.info.name, self.resolution_text, reason)
            return
        self._check_sample_count()
        for split in SPLITS:
            self.tables[split] = self._prepare(split)
        self._plan_judge()
        reals = self._features(FLOOR, {}, LayoutSource.NONE, {"test": self.tables["test"]}, count=0)
        floor = Entry(model=FLOOR)
        self._score(reals, reals, self._template(floor, "", LayoutSource.NONE, None, None, Origin.REAL))
        self._gallery(floor, "", LayoutSource.REAL, {"test": self.tables["test"]}, None, None)
        for entry in self.suite.entries:
            for recipe in entry.recipes:
                for images in self.suite.grid.training_images or (None,):
                    for seed in self.suite.grid.training_seeds:
                        self._plan_model(entry, recipe, seed, images, reals)

    def _check_sample_count(self) -> None:
        wanted, pool = self.suite.evaluation.num_samples, len(self.dataset.splits()["test"].keys)
        if pool < 2 * wanted:
            raise ConfigError(
                f"suite {self.suite.name}: num_samples = {wanted} needs {2 * wanted} held-out reals (N as reference, "
                f"N apart for the floor and for real layouts), and the test split of {self.dataset.info.name!r} "
                f"({self.dataset.split_name}) has {pool}. Pass --num-samples {pool // 2} or fewer."
            )

    def _add(
        self, kind: JobKind, name: str, config: Mapping[str, Any], inputs: Mapping[str, str], variant: str = ""
    ) -> str:
        identity = f"{kind}/{name}"
        numerics = {
            "dataset": self.dataset.info.name,
            "resolution": list(self.resolution),
            "versions": component_versions(),
            "threads": self.suite.execution.threads,
        }
        job = Job(
            id=identity,
            kind=kind,
            config={**config, **numerics},
            inputs=inputs,
            seconds=estimated_seconds(self.suite.estimate, identity, variant),
            variants=(variant,) if variant else (),
        )
        return self.suite_plan.add(job)

    def _prepare(self, split: str) -> str:
        config = {
            "fingerprint": self.dataset.fingerprint(),
            "split": split,
            "split_name": self.dataset.split_name,
            "keys": hash_json(list(self.dataset.splits()[split].keys)),
            "component": component_versions(plugin_distribution(PluginGroup.DATASETS, self.dataset.info.name)),
        }
        return self._add(JobKind.PREPARE, f"{self.place}/{split}", config, {})

    def _plan_judge(self) -> None:
        protocols = [*self.protocols]
        if self.suite.evaluation.selection is Selection.BEST:
            protocols.append(self.suite.evaluation.selection_protocol)
        kinds: list[type[AbstractProtocol]] = [load_plugin(PluginGroup.PROTOCOLS, name) for name in protocols]
        if not any(kind.weights is Weights.JUDGE for kind in kinds):
            return
        ready = self.sources.judge or bundled_judge(self.dataset.info.name, self.resolution)
        settings = JudgeSettings.parse(self.suite.judge, f"suite {self.suite.name}, [judge]")
        if ready is not None:
            check_judge(ready, self.dataset.info)
            config: dict[str, Any] = {"file": hash_file(ready)}
            inputs = {}
        else:
            config = {"settings": settings.to_json()}
            inputs = {"train": self.tables["train"], "selection": self.tables["selection"]}
        self.judge = {"judge": self._add(JobKind.JUDGE, self.place, config, inputs)}

    def _plan_model(self, entry: Entry, recipe: str, seed: int, images: int | None, reals: str) -> None:
        available = len(self.dataset.splits()["train"].keys)
        try:
            kind = model_kind(entry.model)
        except PluginImportError as error:
            source = entry.layout_sources[0] if entry.layout_sources else LayoutSource.NONE
            template = self._template(entry, recipe, source, seed, images or available, Origin.TRAINED)
            self._without_job(template, Status.FAILED, str(error))
            return
        check_recipe(self.suite, kind, recipe)
        spec = SceneSpec(self.dataset.info.num_classes, self.resolution)
        settings = model_settings(entry_suite(self.suite, entry), entry.model)
        reason = kind.unsupported(settings, spec)
        if not reason and images is not None and images > available:
            reason = f"{images} training images asked for, the train split has {available}"
        sources = entry.layout_sources or tuple(sorted(kind.layout_sources))
        model = "" if reason else self._train(entry, entry.model, recipe, seed, images)
        for source in sources:
            origin = Origin.UNTRAINED if recipe == UNTRAINED else Origin.TRAINED
            template = self._template(entry, recipe, source, seed, images or available, origin)
            refusal = reason or _unscorable(kind, source)
            if refusal:
                self._without_job(template, Status.SKIPPED, refusal)
                continue
            inputs = {"model": model, "test": self.tables["test"]}
            features = self._features(entry.model, template, source, inputs, count=self._sample_count(source))
            self._score(features, reals, template, model)
            if seed == self.suite.grid.training_seeds[0]:
                self._gallery(entry, recipe, source, inputs, seed, images)

    def _sample_count(self, source: LayoutSource) -> int:
        evaluation = self.suite.evaluation
        return evaluation.num_samples * (1 if source is LayoutSource.REAL else evaluation.trials)

    def _train(self, entry: Entry, name: str, recipe: str, seed: int, images: int | None) -> str:
        kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
        starts = {} if recipe == UNTRAINED else kind.recipes[recipe].starts_from
        inputs = {
            f"start:{role}": self._train(entry, start, first_recipe(start), seed, images)
            for role, start in starts.items()
        }
        own = entry_suite(self.suite, entry)
        digest = training_digest(own, name, recipe)
        shared = digest == training_digest(self.suite, name, recipe)
        config = {
            "model": name,
            "recipe": recipe,
            "settings": model_settings(own, name).to_json(),
            "seed": seed,
            "training_images": images,
            "snapshots": self.suite.evaluation.snapshots,
            "precision": self.suite.execution.precision,
            "component": component_versions(plugin_distribution(PluginGroup.MODELS, name)),
        }
        size = "all" if images is None else f"n{images}"
        cell = f"{name}/{recipe}{'' if shared else f'@{digest[:6]}'}/{self.place}/{size}/s{seed}"
        variant = "" if shared else entry.variant
        trained = self._add(JobKind.TRAIN, cell, config, {"train": self.tables["train"], **inputs}, variant)
        if self.suite.evaluation.selection is not Selection.BEST or recipe == UNTRAINED or not kind.draws_images:
            return trained
        evaluation = self.suite.evaluation
        choice = {
            "protocol": evaluation.selection_protocol,
            "samples": evaluation.selection_samples,
            "snapshots": evaluation.snapshots,
            "sampling_seed": evaluation.sampling_seed + SELECTION_SEEDS,
            "component": component_versions(plugin_distribution(PluginGroup.PROTOCOLS, evaluation.selection_protocol)),
        }
        inputs = {"model": trained, "selection": self.tables["selection"], **self.judge}
        return self._add(JobKind.SELECT, cell, choice, inputs, variant)

    def _features(
        self, name: str, template: Mapping[str, Any], source: LayoutSource, inputs: Mapping[str, str], *, count: int
    ) -> str:
        evaluation = self.suite.evaluation
        config = {
            "protocols": list(self.protocols),
            "layout_source": source,
            "count": count,
            "num_samples": evaluation.num_samples,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            "component": self._component(PluginGroup.PROTOCOLS, self.protocols),
        }
        cell = self._cell_name(name, template, source)
        return self._add(JobKind.FEATURES, cell, config, {**inputs, **self.judge}, template.get("variant", ""))

    def _component(self, group: PluginGroup, names: Sequence[str], *others: str) -> dict[str, str]:
        return component_versions(*others, *(plugin_distribution(group, name) for name in names))

    def _cell_name(self, name: str, template: Mapping[str, Any], source: LayoutSource) -> str:
        if name == FLOOR:
            return f"{name}/{self.place}"
        size = f"n{template['training_images']}"
        recipe = f"{template['recipe']}@{template['variant']}" if template["variant"] else template["recipe"]
        return f"{name}/{recipe}/{self.place}/{size}/s{template['training_seed']}/{source}"

    def _score(self, features: str, reals: str, template: dict[str, Any], model: str = "") -> None:
        evaluation = self.suite.evaluation
        source = template["layout_source"]
        config = {
            "row": template,
            "metrics": list(evaluation.metrics),
            "protocols": list(self.protocols),
            "num_samples": evaluation.num_samples,
            "trials": evaluation.trials,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            "component": self._component(PluginGroup.METRICS, evaluation.metrics, "scipy"),
        }
        inputs = {"reals": reals, "test": self.tables["test"]}
        if model:
            inputs |= {"generated": features, "model": model}
        cell = self._cell_name(template["model"], template, source)
        job = self._add(JobKind.SCORE, cell, config, inputs, template["variant"])
        for protocol in self.protocols:
            for metric in evaluation.metrics:
                self.suite_plan.cells.append(Cell(ResultRow(**template, protocol=protocol, metric=metric), job))
        for protocol, reason in self.unsupported_protocols.items():
            self._without_job(template, Status.SKIPPED, reason, (protocol,))

    def _gallery(
        self, entry: Entry, recipe: str, source: LayoutSource, inputs: Mapping[str, str], seed: int | None,
        images: int | None,
    ) -> None:  # fmt: skip
        evaluation = self.suite.evaluation
        available = len(self.dataset.splits()["train"].keys)
        config = {
            "model": entry.model,
            "recipe": recipe,
            "layout_source": source,
            "training_seed": seed,
            "training_images": None if entry.model == FLOOR else images or available,
            "count": min(evaluation.gallery, evaluation.num_samples),
            "num_samples": evaluation.num_samples,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
        }
        template = {"recipe": recipe, "variant": entry.variant, "training_images": images or available}
        cell = self._cell_name(entry.model, {**template, "training_seed": seed}, source)
        self._add(JobKind.GALLERY, cell, config, inputs, entry.variant)

    def _template(
        self, entry: Entry, recipe: str, source: LayoutSource, seed: int | None, images: int | None, origin: Origin
    ) -> dict[str, Any]:
        return {
            "suite": self.suite.name,
            "model": entry.model,
            "recipe": recipe,
            "variant": entry.variant,
            "preset": self.suite.preset.value,
            "dataset": self.dataset.info.name,
            "fingerprint": self.dataset.fingerprint(),
            "split": self.dataset.split_name,
            "resolution": self.resolution_text,
            "layout_source": source.value,
            "training_seed": seed,
            "training_images": images,
            "num_real": self.suite.evaluation.num_samples,
            "num_generated": self.suite.evaluation.num_samples,
            "selection": "" if origin is not Origin.TRAINED else self.suite.evaluation.selection.value,
            "origin": origin.value,
            "config_hash": config_hash(entry_suite(self.suite, entry)),
        }

    def _without_job(
        self, template: Mapping[str, Any], status: Status, reason: str, protocols: Sequence[str] = ()
    ) -> None:
        for protocol in protocols or self.suite.evaluation.protocols:
            for metric in self.suite.evaluation.metrics:
                row = ResultRow(**template, protocol=protocol, metric=metric, status=status, reason=reason)
                self.suite_plan.cells.append(Cell(row))


def _unscorable(kind: type[AbstractModel], source: LayoutSource) -> str:
    """Return why a trained model has no images of this layout source to score; "" if it has."""
    if source not in kind.layout_sources:
        able = ", ".join(sorted(kind.layout_sources))
        return f"{kind.title} has no samples with layout source {source.value!r} (it has: {able})"
    return "" if kind.draws_images else f"{kind.title} draws layouts and no images; there is nothing to score"
