"""One column of the tables: one dataset at one resolution, and the jobs that everything in it shares."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import AbstractDataset, Resolution
from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.judge import JudgeSettings, bundled_judge, check_judge
from sbgan_bench.plugins import PluginGroup
from sbgan_bench.protocol import Weights
from sbgan_bench.results import Reals
from sbgan_bench.suite.absent import AbsentDataset
from sbgan_bench.suite.estimates import estimated_seconds
from sbgan_bench.suite.graph import Job, JobKind
from sbgan_bench.suite.measurable import metric_record, protocol_kind, protocol_weights
from sbgan_bench.suite.plan import SPLITS, Plan, Sources
from sbgan_bench.suite.spec import Suite, parse_resolution
from sbgan_bench.versions import component_versions, plugin_distribution
from sbgan_bench.weights import ChosenWeights


@dataclass
class Column:
    """A dataset at a resolution, as the planners of models and measurements see it."""

    plan: Plan
    suite: Suite  #: as this column sees it
    dataset: AbstractDataset
    resolution_text: str
    sources: Sources
    tables: dict[str, str] = field(default_factory=dict)  #: split -> job id
    judge: dict[str, str] = field(default_factory=dict)  #: {"judge": job id}, or empty if no protocol needs one

    @property
    def name(self) -> str:
        """Name of the dataset."""
        return self.dataset.info.name

    @property
    def place(self) -> str:
        """Dataset and size, as in the ids of jobs."""
        return f"{self.name}/{self.resolution_text}"

    @property
    def resolution(self) -> Resolution:
        """(H, W) in pixels."""
        return parse_resolution(self.resolution_text)

    @cached_property
    def unsupported_protocols(self) -> dict[str, str]:
        """Protocols of the suite that cannot measure this size, with the reason."""
        reasons = {name: self._refusal(name) for name in self.suite.evaluation.protocols}
        return {name: reason for name, reason in reasons.items() if reason}

    def _refusal(self, protocol: str) -> str:
        reason = protocol_kind(protocol).unsupported(self.resolution)
        if reason:
            return reason
        try:
            self._weights(protocol)
        except BenchError as error:
            return str(error)
        return ""

    def weights(self, protocols: Sequence[str]) -> dict[str, dict[str, str]]:
        """Return what jobs must know of the files of weights, empty where there are none."""
        chosen = {name: self._weights(name) for name in protocols}
        hashes = {name: one.sha256 for name, one in chosen.items() if one is not None}
        return {"weights": hashes} if hashes else {}

    def needs_judge(self, protocol: str) -> bool:
        """Whether a protocol looks through the judge of this column."""
        return protocol_kind(protocol).weights is Weights.JUDGE and protocol not in self.sources.weights

    def _weights(self, protocol: str) -> ChosenWeights | None:
        return protocol_weights(protocol, self.sources.weights, trusted=self.sources.trusted)

    @property
    def protocols(self) -> list[str]:
        """Protocols of the suite that can measure this size."""
        return [name for name in self.suite.evaluation.protocols if name not in self.unsupported_protocols]

    @cached_property
    def training_images(self) -> int | None:
        """Size of the train split; None while the data is absent."""
        return None if self.imagined else len(self.dataset.splits()["train"].keys)

    @cached_property
    def test_images(self) -> int | None:
        """Size of the test split; None while the data is absent."""
        return None if self.imagined else len(self.dataset.splits()["test"].keys)

    @property
    def imagined(self) -> bool:
        """Whether the data is absent, so that the jobs are only to be described."""
        return isinstance(self.dataset, AbsentDataset)

    @property
    def reason(self) -> str:
        """Why there is nothing at this size; "" if there is something."""
        reason = self.dataset.unsupported(self.resolution)
        return reason or ("" if self.protocols else "; ".join(self.unsupported_protocols.values()))

    @property
    def floor_reason(self) -> str:
        """Why no floor can be measured; "" if it can."""
        num, pool = self.suite.evaluation.num_samples, self.test_images
        if pool is None or pool >= 2 * num or self.floor_from_train:
            return ""
        return f"{pool} held-out reals leave no N = {num} others beside the reference; they are all compared with"

    @property
    def floor_from_train(self) -> bool:
        """Whether reals of the train split must stand for a perfect model, since the test split has none to spare."""
        num, pool, train = self.suite.evaluation.num_samples, self.test_images, self.training_images
        return pool is not None and train is not None and pool < 2 * num <= 2 * train

    @property
    def wants_train(self) -> bool:
        """Whether the training images are measured too."""
        return self.floor_from_train or any(metric_record(name).uses_train for name in self.suite.evaluation.metrics)

    def prepare(self) -> None:
        """Add what comes before every model: the splits and the judge.

        Raises:
            ConfigError: N is larger than the held-out reals allow, or a setting of the judge is wrong.
        """
        self._check_sample_count()
        for split in SPLITS:
            self.tables[split] = self._prepare(split)
        self._plan_judge()

    def add(
        self,
        kind: JobKind,
        name: str,
        config: Mapping[str, Any],
        inputs: Mapping[str, str],
        variant: str = "",
        outside: Path | None = None,
        *,
        tolerant: bool = False,
    ) -> str:
        """Add a job of this column to the plan and return its id.

        Args:
            kind: What it does.
            name: What follows the kind in its id.
            config: What changes numbers, beside the dataset, the size, versions and threads.
            inputs: Role -> job.
            variant: Label of the variant that needs it with settings of its own.
            outside: A folder outside the run that it reads.
            tolerant: Whether it makes do with the inputs that succeeded.
        """
        identity = f"{kind}/{name}"
        numerics = {
            "dataset": self.name,
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
            outside=outside,
            tolerant=tolerant,
            variants=(variant,) if variant else (),
        )
        return self.plan.add(job)

    def component(self, group: PluginGroup, names: Sequence[str], *others: str) -> dict[str, str]:
        """Return the versions of the packages that plug-ins came in, and of others."""
        return component_versions(*others, *(plugin_distribution(group, name) for name in names))

    def _check_sample_count(self) -> None:
        evaluation, pool = self.suite.evaluation, self.test_images
        wanted = evaluation.num_samples
        if pool is None:
            return
        if evaluation.reals is Reals.WHOLE and pool < wanted:
            raise ConfigError(
                f"suite {self.suite.name}: num_samples = {wanted}, and the test split of {self.name!r} "
                f"({self.dataset.split_name}) has {pool} reals. Pass --num-samples {pool} or fewer."
            )
        if evaluation.reals is Reals.DISJOINT and pool < 2 * wanted:
            raise ConfigError(
                f"suite {self.suite.name}: num_samples = {wanted} needs {2 * wanted} held-out reals (N as reference, "
                f"N apart for the floor and for real layouts), and the test split of {self.name!r} "
                f"({self.dataset.split_name}) has {pool}. Pass --num-samples {pool // 2} or fewer."
            )

    def _prepare(self, split: str) -> str:
        config = {
            "fingerprint": self.dataset.fingerprint(),
            "split": split,
            "split_name": self.dataset.split_name,
            "keys": hash_json(list(self.dataset.splits()[split].keys)),
            "component": self.component(PluginGroup.DATASETS, [self.name]),
        }
        return self.add(JobKind.PREPARE, f"{self.place}/{split}", config, {})

    def _plan_judge(self) -> None:
        protocols = [*self.protocols]
        if self.suite.evaluation.follows_snapshots:
            protocols.append(self.suite.evaluation.selection_protocol)
        if not any(self.needs_judge(name) for name in protocols):
            return
        ready = self.sources.judge or bundled_judge(self.name, self.resolution)
        settings = JudgeSettings.parse(self.suite.judge, f"suite {self.suite.name}, [judge]")
        if ready is not None and not self.imagined:
            check_judge(ready, self.dataset.info)
            config: dict[str, Any] = {"file": hash_file(ready)}
            inputs = {}
        else:
            config = {"settings": settings.to_json()}
            inputs = {"train": self.tables["train"], "selection": self.tables["selection"]}
        self.judge = {"judge": self.add(JobKind.JUDGE, self.place, config, inputs)}
