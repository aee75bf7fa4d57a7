"""Jobs and what they wait for: the work of a suite as data."""

import enum
from collections.abc import Mapping
from dataclasses import dataclass, field
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any

from sbgan_bench.hashing import SHORT, hash_json


class JobKind(enum.StrEnum):
    """What a job does; each is one function in ``sbgan_bench.suite.jobs``."""

    PREPARE = "prepare"  #: decode, crop and resize one split
    JUDGE = "judge"  #: train or adopt the segmenter that judges
    TRAIN = "train"  #: fit one model with one recipe and seed
    FOLLOW = "follow"  #: distances of the snapshots of a run to reals that no table uses
    SELECT = "select"  #: choose among the snapshots of a run
    RESETTLE = "resettle"  #: the same weights under other settings of sampling
    LOAD = "load"  #: adopt a model that was saved elsewhere
    FEATURES = "features"  #: sample, and turn images into features
    SCORE = "score"  #: metrics on features: result rows
    GAN_TRAIN = "gan-train"  #: segmenters trained on pairs, generated or real: what these are worth as training data
    COMPARE = "compare"  #: every model that answers a question against the best of them
    NEAREST = "nearest"  #: pictures of generated images beside the nearest training images
    GALLERY = "gallery"  #: pictures for people
    SUMMARY = "summary"  #: rows made of rows: over training seeds, and the bottleneck gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Job:
    """A pure function call: kind, configuration and inputs decide the output."""

    id: str  #: unique in the graph and readable, "train/sbgan/both/toy-streets/32x64/all/s0"
    kind: JobKind
    config: Mapping[str, Any]  #: plain JSON: everything that changes numbers and is not in an input
    inputs: Mapping[str, str] = field(default_factory=dict)  #: role -> id of the job whose output is read
    seconds: float | None = None  #: estimate, None if nobody measured
    tolerant: bool = False  #: runs with the inputs that succeeded when some failed
    outside: Path | None = None  #: a folder outside the run that is read; its content stands in ``config``
    variants: tuple[str, ...] = ()  #: labels of the variants that need it with settings of their own; for readers

    def key(self, contents: Mapping[str, str]) -> str:
        """Return the content address of this call.

        Args:
            contents: Content hash of every input, by role.
        """
        return hash_json({"kind": self.kind, "config": self.config, "inputs": dict(contents)})

    def folder(self, key: str) -> str:
        """Return the folder of a call, below the run folder."""
        return f"jobs/{self.id.replace('/', '-')}-{key[:SHORT]}"


def topological(jobs: Mapping[str, Job]) -> list[Job]:
    """Return the jobs so that each stands behind its inputs."""
    order = TopologicalSorter({job.id: set(job.inputs.values()) for job in jobs.values()})
    return [jobs[name] for name in order.static_order()]


def urgency(jobs: Mapping[str, Job]) -> dict[str, float]:
    """Return for every job the estimated seconds of the longest chain that begins with it; start the largest first."""
    remaining: dict[str, float] = {}
    longest_child = dict.fromkeys(jobs, 0.0)
    for job in reversed(topological(jobs)):
        remaining[job.id] = longest_child[job.id] + (1.0 if job.seconds is None else job.seconds)
        for parent in job.inputs.values():
            longest_child[parent] = max(longest_child[parent], remaining[job.id])
    return remaining
