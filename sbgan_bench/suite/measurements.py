"""Planning what is measured of the models of one column: features, scores, pictures, and the rows they fill."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sbgan_bench.gan_train import MEASURES, PROTOCOL, SETTINGS
from sbgan_bench.judge import JudgeSettings
from sbgan_bench.metric import FEATURES, Better
from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.results import FLOOR, Origin, Reals, ResultRow, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.suite.column import Column
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.measurable import metric_record, protocol_kind, readable, unseen
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
class Scored:
    """A subject that jobs measure."""

    subject: Subject
    kind: type[AbstractModel]
    score: str  #: job that leaves its rows
    features: str  #: job that leaves its features
    protocols: tuple[str, ...]


@dataclass(slots=True)
class Measurements:
    """Adds the jobs that measure, and their cells, to the plan of a column."""

    column: Column
    reals: dict[str, str] = field(default_factory=dict)  #: jobs that leave features: of the reals, of training images
    scored: list[Scored] = field(default_factory=list)  #: in the order in which they were planned

    def floor(self) -> None:
        """Plan the features of the reals, the floor and the pictures of the truth."""
        inputs = {"test": self.column.tables["test"]}
        floor = self._floor
        protocols = self.column.protocols
        reals = self._features(floor, inputs, protocols, f"{FLOOR}/{self.column.place}")
        self.reals = {"reals": reals}
        if self.column.wants_train:
            train = {"train": self.column.tables["train"]}
            self.reals |= {"train": self._features(floor, train, protocols, f"{FLOOR}/{self.column.place}/train")}
        self.without_protocols(floor, self.column.unsupported_protocols)
        if self.column.floor_reason:
            self.without_job(floor, Status.SKIPPED, self.column.floor_reason, protocols)
        else:
            self._score(floor, {**self.reals, "test": inputs["test"]}, protocols)
        self.gallery(Subject(entry=floor.entry, source=LayoutSource.REAL, origin=Origin.REAL), inputs)

    def model(self, subject: Subject, model: str, kind: type[AbstractModel]) -> None:
        """Plan features and scores of a model, for the protocols that have something to look at.

        Args:
            subject: What the rows are about.
            model: Job that leaves the model.
            kind: Its class.
        """
        unseen_by = {name: unseen(name, kind, subject.source) for name in self.column.protocols}
        reasons = {name: reason for name, reason in unseen_by.items() if reason}
        self.without_protocols(subject, {**reasons, **self.column.unsupported_protocols})
        protocols = [name for name in self.column.protocols if name not in reasons]
        if not protocols:
            return
        test = self.column.tables["test"]
        features = self._features(subject, {"model": model, "test": test}, protocols, self._cell(subject))
        inputs = {**self.reals, "test": test, "generated": features, "model": model}
        score = self._score(subject, inputs, protocols)
        self.scored.append(Scored(subject, kind, score, features, tuple(protocols)))
        self._nearest(subject, {**inputs, "train_table": self.column.tables["train"]}, protocols)
        if self.column.suite.evaluation.gan_train and subject.source is LayoutSource.GENERATED and kind.draws_images:
            self._gan_train(subject, {"model": model, "reference": self._gan_train(self._floor, {}, "")}, model)

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
            **self._draws(),
        }
        self.column.add(JobKind.GALLERY, self._cell(subject), config, inputs, subject.entry.variant)

    def without_job(self, subject: Subject, status: Status, reason: str, protocols: Sequence[str] = ()) -> None:
        """Note cells that no job will measure; ``protocols`` are all of the suite's unless given."""
        evaluation = self.column.suite.evaluation
        for protocol, metric in readable(protocols or evaluation.protocols, evaluation.metrics):
            named = {"protocol": protocol, "metric": metric, "better": metric_record(metric).better}
            self.column.plan.cells.append(Cell(ResultRow(**self._row(subject), **named, status=status, reason=reason)))

    def without_protocols(self, subject: Subject, reasons: Mapping[str, str]) -> None:
        """Note as skipped the cells of protocols that cannot measure a subject, by the reason of each."""
        for protocol, reason in reasons.items():
            self.without_job(subject, Status.SKIPPED, reason, (protocol,))

    def _features(self, subject: Subject, inputs: Mapping[str, str], protocols: Sequence[str], cell: str) -> str:
        evaluation = self.column.suite.evaluation
        trials = 1 if subject.source is LayoutSource.REAL else evaluation.trials
        config = {
            "protocols": list(protocols),
            "layout_source": subject.source,
            "count": 0 if subject.entry.model == FLOOR else evaluation.num_samples * trials,
            "num_samples": evaluation.num_samples,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            "component": self.column.component(PluginGroup.PROTOCOLS, protocols),
            **self.column.weights(protocols),
            **(self.choice_of_reals() if subject.source is LayoutSource.REAL else {}),
        }
        judge = self.column.judge if any(map(self.column.needs_judge, protocols)) else {}
        return self.column.add(JobKind.FEATURES, cell, config, {**inputs, **judge}, subject.entry.variant)

    def _score(self, subject: Subject, inputs: Mapping[str, str], protocols: Sequence[str]) -> str:
        evaluation = self.column.suite.evaluation
        row = self._row(subject)
        config = {
            "row": row,
            "metrics": list(evaluation.metrics),
            "protocols": list(protocols),
            "trials": evaluation.trials,
            "component": self.column.component(PluginGroup.METRICS, evaluation.metrics, "scipy"),
            **self._draws(),
        }
        job = self.column.add(JobKind.SCORE, self._cell(subject), config, inputs, subject.entry.variant)
        for protocol, metric in readable(protocols, evaluation.metrics):
            named = {"protocol": protocol, "metric": metric, "better": metric_record(metric).better}
            self.column.plan.cells.append(Cell(ResultRow(**row, **named), job))
        return job

    def _nearest(self, subject: Subject, inputs: Mapping[str, str], protocols: Sequence[str]) -> None:
        """Plan the picture of nearest training images, of the first seed, where a metric looks for copies."""
        column, evaluation = self.column, self.column.suite.evaluation
        seeing = [name for name in protocols if FEATURES in protocol_kind(name).blocks]
        wanted = any(metric_record(name).uses_train for name in evaluation.metrics)
        if not (wanted and seeing) or subject.seed not in (None, column.suite.grid.training_seeds[0]):
            return
        config = {
            "model": subject.entry.model,
            "recipe": subject.recipe,
            "layout_source": subject.source,
            "training_images": subject.images,
            "protocol": seeing[0],
            "trials": evaluation.trials,
            **self._draws(),
        }
        column.add(JobKind.NEAREST, self._cell(subject), config, inputs, subject.entry.variant)

    @property
    def _floor(self) -> Subject:
        """The reals themselves."""
        return Subject(entry=Entry(model=FLOOR), source=LayoutSource.NONE, origin=Origin.REAL)

    def _gan_train(self, subject: Subject, inputs: Mapping[str, str], model: str) -> str:
        """Plan segmenters trained on the pairs of a model, or on as many real ones where there is none."""
        column, evaluation = self.column, self.column.suite.evaluation
        config = {
            "row": self._row(subject),
            "pairs": evaluation.gan_train,
            "settings": JudgeSettings.parse({"images": SETTINGS.images, **column.suite.judge}, "[judge]").to_json(),
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            "component": column.component(PluginGroup.METRICS, ()),
        }
        tables = {"test": column.tables["test"], **({} if model else {"train": column.tables["train"]})}
        before = len(column.plan.jobs)
        job = column.add(JobKind.GAN_TRAIN, self._cell(subject), config, {**tables, **inputs}, subject.entry.variant)
        if len(column.plan.jobs) > before:
            known = {**self._row(subject), "protocol": PROTOCOL, "better": Better.HIGHER}
            column.plan.cells += [Cell(ResultRow(**known, metric=name), job) for name in MEASURES]
        return job

    def identity(self, subject: Subject) -> ResultRow:
        """Return a row that says what a subject is, before anything is measured."""
        return ResultRow(**self._row(subject), protocol="", metric="")

    def _draws(self) -> dict[str, Any]:
        """Return what jobs must know to draw reals and to sample."""
        evaluation = self.column.suite.evaluation
        return {
            "num_samples": evaluation.num_samples,
            "split_seed": evaluation.split_seed,
            "sampling_seed": evaluation.sampling_seed,
            **self.choice_of_reals(),
        }

    def choice_of_reals(self) -> dict[str, Any]:
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
