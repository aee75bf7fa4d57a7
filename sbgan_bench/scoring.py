"""Features into result rows: one row per trial, a summary, the floor, and the notes a reader must have beside them."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sbgan_bench.draws import Draws, Floor
from sbgan_bench.errors import BenchError
from sbgan_bench.metric import FEATURES, Features, Metric
from sbgan_bench.metrics.diversity import variety_notes
from sbgan_bench.metrics.memorisation import METRIC as MEMORISATION
from sbgan_bench.protocol import ProtocolInfo
from sbgan_bench.results import FLOOR, SMALL_SAMPLE, Origin, Reals, ResultRow, Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.splits import Scores

#: What notes begin with that keep a set from being the best of any column.
DISQUALIFYING = ("collapsed", "copied", "memorised")


@dataclass(frozen=True, slots=True, kw_only=True)
class Yardstick:
    """The reals of one protocol, and how they are drawn: what every generated set is held against."""

    info: ProtocolInfo
    draws: Draws
    pool: Features  #: ``(pool, dim)`` of the held-out reals
    train: Features | None = None  #: ``(images, dim)`` of the training images, for floors and memorisation

    def applies(self, metric: Metric) -> bool:
        """Whether the protocol has what a metric reads, and the training images are there if it needs them."""
        return metric.applies(self.info.places, train=self.train is not None)

    def floor(self, metric: Metric) -> Floor | None:
        """Return the floor of one metric; None where no reals are left over for it."""
        block = self.info.block(metric.reads)
        # Training images are no perfect model where the metric looks for copies of them.
        train = None if metric.uses_train else self.training(metric)
        return self.draws.floor(self._bound(metric), self.pool[:, block], train)

    def scores(self, metric: Metric, generated: Features, *, given_layouts: bool) -> Scores:
        """Score a generated set, see ``Draws.scores``; a value that is no finite number is a ``BenchError`` too."""
        block = self.info.block(metric.reads)
        return self.draws.scores(
            self._bound(metric), self.pool[:, block], generated[:, block], given_layouts=given_layouts
        )

    def generated(self, metric: Metric, features: Features, *, given_layouts: bool) -> list[Features]:
        """Return what a metric reads of a generated set, trial by trial."""
        return self.draws.generated(features[:, self.info.block(metric.reads)], given_layouts=given_layouts)

    def references(self, metric: Metric, *, given_layouts: bool) -> list[Features]:
        """Return what it reads of the reals that every trial is compared with; one trial where layouts were given."""
        return self.draws.references(self.pool[:, self.info.block(metric.reads)], 1 if given_layouts else None)

    def training(self, metric: Metric) -> Features | None:
        """Return what it reads of the training images; None where there are none."""
        return None if self.train is None else self.train[:, self.info.block(metric.reads)]

    def caution(self, metric: Metric, generated: Features, *, given_layouts: bool) -> str:
        """Return what a metric says against its values here; "" if nothing. The first trial stands for all."""
        block = self.info.block(metric.reads)
        if metric.uses_train:  # copies are looked for among all images at once
            return metric.caution(self.pool[:, block], generated[:, block], *self._third(metric))
        ours = self.generated(metric, generated, given_layouts=given_layouts)[0]
        return metric.caution(self.draws.references(self.pool[:, block], 1)[0], ours)

    def too_few(self, metric: Metric) -> str:
        """Return why a metric cannot be computed from so few images; "" if it can."""
        count = min(self.draws.num, len(self.pool))
        return "" if count >= metric.least else f"{metric.title} needs {metric.least} images or more, N is {count}"

    def notes(self, generated: Features) -> tuple[str, ...]:
        """Return what is wrong with a set by itself: collapse, duplicates, copies of reals or of training images."""
        if FEATURES not in self.info.places:
            return ()
        block = self.info.block(FEATURES)
        real, ours = self.pool[:, block], generated[:, block]
        notes = _found(variety_notes, real, ours)
        if self.train is not None:
            notes += _found(lambda *sets: (MEMORISATION.caution(*sets),), real, ours, self.train[:, block])
        return notes

    def _third(self, metric: Metric) -> tuple[Features, ...]:
        """Return what a metric takes beside the reals and the generated: the training images, or nothing."""
        train = self.training(metric) if metric.uses_train else None
        return () if train is None else (train,)

    def _bound(self, metric: Metric) -> Metric:
        """Return the metric as a checked function of two arrays, with the training images in their place."""
        third = self._third(metric)

        def compute(real: Features, generated: Features) -> float:
            value = metric.compute(real, generated, *third)
            if not math.isfinite(value):
                raise BenchError(f"{metric.title} gave {value}, which is no finite number; look at the images.")
            return value

        return replace(metric, compute=compute, uses_train=False)


def _found(look: Callable[..., tuple[str, ...]], *sets: Features) -> tuple[str, ...]:
    """Return what a look at sets finds, or why nothing can be said: reals that are all one image, and the like."""
    try:
        return look(*sets)
    except BenchError as error:
        return (str(error),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """One set of scenes to be scored by one protocol."""

    facts: Mapping[str, Any]  #: fields of ``ResultRow`` that all its rows share; ``notes`` among them
    features: Features  #: ``(trials × N, dim)``, or ``(N, dim)`` given real layouts
    seeds: range | None = None  #: sampling seeds of all its images, trial after trial; None where nothing was sampled

    @property
    def given_layouts(self) -> bool:
        """Whether it was painted from real layouts."""
        return self.facts.get("layout_source") == LayoutSource.REAL


def floor_rows(
    yardstick: Yardstick, metrics: Sequence[Metric], facts: Mapping[str, Any]
) -> tuple[list[ResultRow], dict[str, Floor]]:
    """Measure the floor of every metric that applies; return its rows, and the floors by name of the metric."""
    rows: list[ResultRow] = []
    floors = {}
    for metric in filter(yardstick.applies, metrics):
        drawn = yardstick.draws.words(len(yardstick.pool))
        told = {**facts, **_measured(yardstick, metric), "model": FLOOR, "origin": Origin.REAL, "real_pool": drawn,
                "num_generated": yardstick.draws.num}  # fmt: skip
        reason = yardstick.too_few(metric)
        if reason:
            rows.append(ResultRow(**told, status=Status.SKIPPED, reason=reason))
            continue
        try:
            floor = yardstick.floor(metric)
        except BenchError as error:
            rows.append(ResultRow(**told, status=Status.FAILED, reason=str(error)))
            continue
        if floor is None:
            rows.append(ResultRow(**told, status=Status.SKIPPED, reason="no reals are left over for a floor"))
            continue
        floors[metric.name] = floor
        rows += list(_rows({**told, "real_pool": f"{drawn}; against {floor.pool}"}, floor.scores, None))
    return rows, floors


def subject_rows(
    yardstick: Yardstick, metrics: Sequence[Metric], floors: Mapping[str, Floor], subject: Subject
) -> list[ResultRow]:
    """Measure every metric that applies to one set: a row per trial and a summary each, the floor beside them."""
    lacking = yardstick.notes(subject.features)
    rows: list[ResultRow] = []
    for metric in filter(yardstick.applies, metrics):
        told = {
            **subject.facts,
            **_measured(yardstick, metric),
            "real_pool": yardstick.draws.words(len(yardstick.pool), given_layouts=subject.given_layouts),
            "num_generated": len(subject.features) if yardstick.draws.reals is Reals.ALL else yardstick.draws.num,
            "notes": _told(*subject.facts.get("notes", ()), *lacking),
        }
        reason = yardstick.too_few(metric)
        if reason:
            rows.append(ResultRow(**told, status=Status.SKIPPED, reason=reason))
            continue
        try:
            rows += _scored(yardstick, metric, floors.get(metric.name), subject, told)
        except BenchError as error:
            rows.append(ResultRow(**told, status=Status.FAILED, reason=str(error)))
    return rows


def _scored(
    yardstick: Yardstick, metric: Metric, floor: Floor | None, subject: Subject, facts: Mapping[str, Any]
) -> list[ResultRow]:
    given, notes = subject.given_layouts, facts["notes"]
    scores = yardstick.scores(metric, subject.features, given_layouts=given)
    caution = yardstick.caution(metric, subject.features, given_layouts=given)
    wrong = next((note for note in notes if note.startswith(DISQUALIFYING)), "")
    told = {
        **facts,
        "unranked": caution or wrong or ("" if metric.ranks else f"{metric.title} does not rank models"),
        "notes": _told(*notes, caution, floor_note(metric, facts, scores, floor)),
    }
    return list(_rows(told, scores, subject.seeds, floor))


def _told(*notes: str) -> tuple[str, ...]:
    """Return every note once, without empty ones."""
    return tuple(dict.fromkeys(note for note in notes if note))


def floor_note(metric: Metric, facts: Mapping[str, Any], scores: Scores, floor: Floor | None) -> str:
    """Return the warning that a value is mostly the bias of a small N, with the floor's share of it; "" if it is not.

    It is due where the metric fits a covariance, and N is not above the dimension.
    """
    num, dim = min(facts["num_real"], facts["num_generated"]), facts["dim"]
    if not metric.fits_covariance or num > dim:
        return ""
    return small_sample_note(num, dim, facts["protocol"], scores.mean, None if floor is None else floor.scores.mean)


def small_sample_note(num: int, dim: int, protocol: str, value: float, floor: float | None) -> str:
    """Return the warning that goes with a value at N = ``num``; ``floor`` is that beside it, None without any."""
    words = f"{SMALL_SAMPLE}N = {num} is not above the {dim} dimensions of {protocol}"
    if floor is None:
        return f"{words}: part of this value is the bias of a small sample, and there are no reals for a floor"
    if value <= floor:
        return f"{words}: this value is not above the floor, {floor:.4g}"
    return f"{words}: the floor, {floor:.4g}, is {100 * floor / value:.0f} % of this value"


def _measured(yardstick: Yardstick, metric: Metric) -> dict[str, Any]:
    """Return what the rows of one metric and protocol say of both."""
    info, draws = yardstick.info, yardstick.draws
    return {
        "protocol": info.name,
        "weights_hash": info.weights_hash,
        "published": info.published,
        "dim": info.width(metric.reads),
        "metric": metric.name,
        "better": metric.better.value,
        "num_real": len(yardstick.pool) if draws.reals is Reals.ALL else draws.num,
        "reals": draws.reals,
        "split_seed": None if draws.reals is Reals.ALL else draws.seed,
    }


def _rows(
    facts: Mapping[str, Any], scores: Scores, seeds: range | None, floor: Floor | None = None
) -> Iterator[ResultRow]:
    """Yield a row per trial and the summary row; a caution of the draws joins the notes."""
    num, count = facts["num_generated"], len(scores.values)
    if scores.caution:
        facts = {**facts, "notes": (*facts.get("notes", ()), scores.caution)}
    pool = "" if floor is None else floor.pool
    for trial, value in enumerate(scores.values):
        beside = None if floor is None or trial >= len(floor.scores.values) else floor.scores.values[trial]
        yield ResultRow(
            **facts,
            trial=trial,
            value=value,
            trials=1,
            floor=beside,
            floor_pool=pool,
            sampling_seeds=_span(seeds, trial * num, (trial + 1) * num),
        )
    yield ResultRow(
        **facts,
        value=scores.mean,
        spread=scores.spread,
        low=scores.low,
        high=scores.high,
        trials=count,
        floor=None if floor is None else floor.scores.mean,
        floor_pool=pool,
        sampling_seeds=_span(seeds, 0, num * count),
    )


def _span(seeds: range | None, start: int, stop: int) -> str:
    return "" if seeds is None else f"{seeds[start]}..{seeds[stop - 1]}"
