"""Planning what is measured of the models of one column: features, scores, pictures, and the rows they fill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sbgan_bench.plugins import PluginGroup
from sbgan_bench.results import FLOOR, Origin, Reals, ResultRow, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.column import Column
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.models import entry_suite
from sbgan_bench.suite.plan import Cell, config_hash
from sbgan_bench.suite.spec import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """What a row is about: one model, made one way, with one source of layouts."""

    entry: Entry
    recipe: str = ""
    source: LayoutSource
    seed: int | None = None  #: training seed
    images: int | None = None  #: training images
    origin: Origin


@dataclass(frozen=True, slots=True)
class Measurements:
    """Adds the jobs that measure, and their cells, to the plan of a column."""

    column: Column

    def floor(self) -> str:
        """Plan the features of the reals, the floor and the pictures of the truth; return the job of the features."""
        inputs = {"test": self.column.tables["test"]}
        floor = Subject(entry=Entry(model=FLOOR), source=LayoutSource.NONE, origin=Origin.REAL)
        reals = self._features(floor, inputs)
        if self.column.floor_reason:
            self.without_job(floor, Status.SKIPPED, self.column.floor_reason)
        else:
            self._score(floor, {"reals": reals, "test": inputs["test"]})
        self.gallery(Subject(entry=floor.entry, source=LayoutSource.REAL, origin=Origin.REAL), inputs)
        return reals

    def model(self, subject: Subject, model: str, reals: str) -> None:
        """Plan features and scores of a model.

        Args:
            subject: What the rows are about.
            model: Job that leaves the model.
            reals: Job that leaves the features of the reals.
        """
        test = self.column.tables["test"]
        features = self._features(subject, {"model": model, "test": test})
        self._score(subject, {"reals": reals, "test": test, "generated": features, "model": model})

    def gallery(self, subject: Subject, inputs: Mapping[str, str]) -> None:
        """Plan the pictures of a model, or of the truth."""
        evaluation = self.column.suite.evaluation
        config = {
            "model": subject.entry.model,
            "recipe": subject.recipe,
            "layout_source": subject.source,
            "training_seed": subject.seed,
            "training_images": subject.images,
            "count": min(evaluation.gallery, evaluation.num_samples),
            "num_samples": evaluation.num_samples,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            **self._reals(),
        }
        self.column.add(JobKind.GALLERY, self._cell(subject), config, inputs, subject.entry.variant)

    def without_job(self, subject: Subject, status: Status, reason: str, protocols: Sequence[str] = ()) -> None:
        """Note cells that no job will measure; ``protocols`` are all of the suite's unless given."""
        evaluation = self.column.suite.evaluation
        for protocol in protocols or evaluation.protocols:
            for metric in evaluation.metrics:
                row = ResultRow(**self._row(subject), protocol=protocol, metric=metric, status=status, reason=reason)
                self.column.plan.cells.append(Cell(row))

    def _features(self, subject: Subject, inputs: Mapping[str, str]) -> str:
        evaluation = self.column.suite.evaluation
        trials = 1 if subject.source is LayoutSource.REAL else evaluation.trials
        config = {
            "protocols": list(self.column.protocols),
            "layout_source": subject.source,
            "count": 0 if subject.entry.model == FLOOR else evaluation.num_samples * trials,
            "num_samples": evaluation.num_samples,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            "component": self.column.component(PluginGroup.PROTOCOLS, self.column.protocols),
            **(self._reals() if subject.source is LayoutSource.REAL else {}),
        }
        inputs = {**inputs, **self.column.judge}
        return self.column.add(JobKind.FEATURES, self._cell(subject), config, inputs, subject.entry.variant)

    def _score(self, subject: Subject, inputs: Mapping[str, str]) -> None:
        evaluation = self.column.suite.evaluation
        row = self._row(subject)
        config = {
            "row": row,
            "metrics": list(evaluation.metrics),
            "protocols": list(self.column.protocols),
            "num_samples": evaluation.num_samples,
            "trials": evaluation.trials,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            "component": self.column.component(PluginGroup.METRICS, evaluation.metrics, "scipy"),
            **self._reals(),
        }
        job = self.column.add(JobKind.SCORE, self._cell(subject), config, inputs, subject.entry.variant)
        for protocol in self.column.protocols:
            for metric in evaluation.metrics:
                self.column.plan.cells.append(Cell(ResultRow(**row, protocol=protocol, metric=metric), job))
        for protocol, reason in self.column.unsupported_protocols.items():
            self.without_job(subject, Status.SKIPPED, reason, (protocol,))

    def _reals(self) -> dict[str, Any]:
        """Return what jobs must know of the choice of reals where it is not the usual one."""
        reals = self.column.suite.evaluation.reals
        return {} if reals is Reals.DISJOINT else {"reals": reals.value}

    def _cell(self, subject: Subject) -> str:
        if subject.entry.model == FLOOR:
            return f"{FLOOR}/{self.column.place}"
        variant = f"@{subject.entry.variant}" if subject.entry.variant else ""
        size = "all" if subject.images is None else f"n{subject.images}"
        seed = "saved" if subject.entry.saved else f"s{subject.seed}"
        name = f"{subject.entry.model}/{subject.recipe}{variant}"
        return f"{name}/{self.column.place}/{size}/{seed}/{subject.source}"

    def _row(self, subject: Subject) -> dict[str, Any]:
        suite, dataset = self.column.suite, self.column.dataset
        chosen = subject.origin is Origin.TRAINED and not subject.entry.saved
        return {
            "suite": suite.name,
            "model": subject.entry.model,
            "recipe": subject.recipe,
            "variant": subject.entry.variant,
            "preset": suite.preset.value,
            "dataset": dataset.info.name,
            "fingerprint": dataset.fingerprint(),
            "split": dataset.split_name,
            "resolution": self.column.resolution_text,
            "layout_source": subject.source.value,
            "training_seed": subject.seed,
            "training_images": subject.images,
            "num_real": suite.evaluation.num_samples,
            "num_generated": suite.evaluation.num_samples,
            "reals": suite.evaluation.reals.value,
            "selection": suite.evaluation.selection.value if chosen else "",
            "origin": subject.origin.value,
            "config_hash": config_hash(entry_suite(suite, subject.entry)),
        }
