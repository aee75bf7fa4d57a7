"""Scoring images outside of suites: a plain folder against a folder, or a saved model against a dataset."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sbgan_bench.dataset import AbstractDataset, PairTable, Resolution, resolution_text
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.errors import BenchError, DataError, UnsupportedError
from sbgan_bench.features import FeatureSource, FeatureStore
from sbgan_bench.foreign import check_classes, origin_notes
from sbgan_bench.judge import bundled_judge, check_judge
from sbgan_bench.metric import Features, Metric
from sbgan_bench.metrics.diversity import collapse_note
from sbgan_bench.model import AbstractModel, content_hash, load_model
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Opening, Weights
from sbgan_bench.results import FLOOR, Origin, ResultRow
from sbgan_bench.samples import LayoutSource
from sbgan_bench.scoring import score_rows
from sbgan_bench.sources import FIRST_SAMPLING_SEED, ImageFolder, generated_images, real_images
from sbgan_bench.splits import Scores, floor_scores, partition, repeated_scores, single_score
from sbgan_bench.versions import component_versions, plugin_distribution

#: What is reported.
METRICS = ("frechet-distance", "diversity")
#: The least N for which there is a covariance.
_LEAST = 2

Report = Callable[[int, int], None]


def _silent(done: int, total: int) -> None:
    del done, total


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """How something is to be measured."""

    protocols: Sequence[str] = ()  #: registered names; empty: texture, and scene where there is a judge
    judge: Path | None = None  #: the judge file that ``scene`` needs
    num: int | None = None  #: N real against N generated; None: the most that leaves N reals for the floor
    trials: int = 5  #: repetitions, each with N generated images of its own
    seed: int = 0  #: which reals are drawn
    device: str = "cpu"  #: where networks run
    report: Report = field(default=_silent)  #: told the images done and in all, one set of images after another


@dataclass(frozen=True, slots=True, kw_only=True)
class _Reals:
    """What is measured against, and what every row says of it."""

    facts: Mapping[str, Any]
    source: FeatureSource
    count: int
    groups: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Generated:
    """One set of images to be scored, and what its rows say of it."""

    facts: Mapping[str, Any]
    source: FeatureSource
    single: bool = False  #: one value on the draw of trial 0, since real layouts were given
    sampled: bool = False  #: whether the images have sampling seeds
    notes: tuple[str, ...] = ()


def evaluate_folders(real: Path, generated: Path, terms: Terms) -> list[ResultRow]:
    """Score a folder of generated images against one of real images of the same size, with the floor of the reals.

    Returns:
        Rows of trials and summaries, for the generated images and for the floor; fewer trials than asked for if the
        folder has fewer than ``trials × N`` images.

    Raises:
        DataError: Unreadable images, mixed sizes, or fewer images than asked for.
    """
    reals, samples = ImageFolder.open(real), ImageFolder.open(generated)
    if reals.size != samples.size:
        raise DataError(
            f"Images in {real} are {resolution_text(reals.size)}, in {generated} {resolution_text(samples.size)}; "
            "a distance between sizes means nothing. Bring both to one size first."
        )
    num = terms.num or max(_LEAST, min(len(reals) // 2, len(samples)))
    _check_generated(num, generated, len(samples))
    _check_reals(num, str(real), len(reals))
    facts = {
        "dataset": real.resolve().name,
        "fingerprint": reals.fingerprint(),
        "split": "folder",
        "resolution": resolution_text(reals.size),
    }
    terms = replace(terms, num=num, trials=min(terms.trials, len(samples) // num))
    ours = _Generated(facts={"model": _folder_name(generated), "origin": Origin.IMPORTED}, source=samples.source())
    return _measure(_Reals(facts=facts, source=reals.source(), count=len(reals)), [ours], terms)


def evaluate_model(folder: Path, dataset: AbstractDataset, terms: Terms) -> list[ResultRow]:
    """Score a saved model against the test split of a dataset, in every way that the model can be sampled.

    Alone or with layouts of its own it is scored by repeated splits; given real layouts once, since what it draws is
    then no matter of chance: with the layouts of N reals disjoint from the N reference reals.

    Args:
        folder: A saved model (with ``model.json``).
        dataset: An open dataset; its test split is prepared at the model's resolution.
        terms: How to measure. Without a judge, ``scene`` takes the one that ships for this dataset and size, if any.

    Returns:
        Rows of trials and summaries, for each layout source and for the floor.

    Raises:
        DataError: The dataset has no pairs of this size, other classes, or too few pairs; or the model is a folder of
            samples with too few of them.
        CorruptFileError: The model is missing or damaged.
        UnsupportedError: The model draws no images.
    """
    model = load_model(folder, torch.device(terms.device))
    size = model.spec.resolution
    _check_fit(model, dataset, size)
    if terms.judge is not None:
        check_judge(terms.judge, dataset.info)
    judge = terms.judge or bundled_judge(dataset.info.name, size)
    table = prepare(dataset, "test", size, cache_root(), terms.report)
    scenes = model.scenes()
    num = terms.num or max(_LEAST, min(len(table) // 2, len(table) if scenes is None else len(scenes)))
    _check_reals(num, f"the test split of {dataset.info.name}", len(table))
    facts = {
        "dataset": dataset.info.name,
        "fingerprint": table.fingerprint,
        "split": dataset.split_name,
        "resolution": resolution_text(size),
    }
    reals = _Reals(
        facts=facts,
        source=real_images(table),
        count=len(table),
        groups=table.split.groups,
        notes=(table.split.caution,) if table.split.caution else (),
    )
    terms = replace(terms, num=num, judge=judge)
    if scenes is not None:
        _check_generated(num, folder, len(scenes))
        terms = replace(terms, trials=min(terms.trials, len(scenes) // num))
    told = origin_notes(model, dataset, table.fingerprint)
    sets = [_drawn(model, folder, source, table, terms, told) for source in sorted(model.sources())]
    return _measure(reals, sets, terms)


def _drawn(
    model: AbstractModel, folder: Path, source: LayoutSource, table: PairTable, terms: Terms, told: tuple[str, ...]
) -> _Generated:
    sampler = model.sampler()
    facts = {
        "model": model.name,
        "origin": model.provenance.origin or Origin.IMPORTED,  # unknown in folders of older versions
        "layout_source": source,
        "layout_draw": sampler.get("layout_draw", "") if source is LayoutSource.GENERATED else "",
        "ema": sampler.get("ema", ""),
        "perceptual": sampler.get("perceptual", ""),
        "checkpoint_hash": content_hash(folder),
        "checkpoint_step": model.provenance.steps,
        "parameters": model.parameters(),
    }
    if source is not LayoutSource.REAL:
        return _Generated(facts=facts, source=generated_images(model, folder, None), sampled=True, notes=told)
    part = partition(len(table), terms.num or 0, 0, terms.seed, table.split.groups)
    images = generated_images(model, folder, np.asarray(table.layouts[part.other]))
    notes = (*told, part.caution) if part.caution else told
    return _Generated(facts=facts, source=images, single=True, sampled=True, notes=notes)


def _measure(reals: _Reals, sets: Sequence[_Generated], terms: Terms) -> list[ResultRow]:
    num = terms.num or 0
    store = FeatureStore(cache_root() / "features")
    opened = [_open(name, terms) for name in terms.protocols or _default_protocols(terms)]
    real_features = store.features(reals.source, opened, reals.count, terms.report)
    rows: list[ResultRow] = []
    for part in (None, *sets):
        count = 0 if part is None else num * (1 if part.single else terms.trials)
        features = None if part is None else store.features(part.source, opened, count, terms.report)
        for protocol in opened:
            theirs = real_features[protocol.name]
            ours = None if features is None else features[protocol.name]
            for name in METRICS:
                metric: Metric = load_plugin(PluginGroup.METRICS, name)
                scores = _scores(metric, theirs, ours, reals, part, terms)
                facts = {**_facts(reals, protocol, metric, terms), **_own_facts(reals, part)}
                if ours is not None:
                    facts["notes"] = (*facts["notes"], *filter(None, [collapse_note(theirs, ours)]))
                seeds = None
                if part is not None and part.sampled:
                    seeds = range(FIRST_SAMPLING_SEED, FIRST_SAMPLING_SEED + count)
                rows += score_rows(facts, scores, seeds)
    return rows


def _scores(
    metric: Metric, theirs: Features, ours: Features | None, reals: _Reals, part: _Generated | None, terms: Terms
) -> Scores:
    num = terms.num or 0
    split: Any = {"num": num, "seed": terms.seed, "trials": terms.trials, "groups": reals.groups}
    if part is None or ours is None:
        return floor_scores(metric, theirs, **split)
    if part.single:
        reference = partition(reals.count, num, 0, terms.seed, reals.groups).reference
        return single_score(metric, theirs[reference], ours)
    return repeated_scores(metric, theirs, ours, **split)


def _facts(reals: _Reals, protocol: AbstractProtocol, metric: Metric, terms: Terms) -> dict[str, Any]:
    """Return what the rows of one protocol and metric share, whatever was scored."""
    return {
        "suite": "evaluate",
        **reals.facts,
        "protocol": protocol.name,
        "weights_hash": protocol.info.weights_hash,
        "dim": protocol.info.dim,
        "metric": metric.name,
        "better": metric.better.value,
        "num_real": terms.num,
        "num_generated": terms.num,
        "real_pool": f"N drawn without replacement from {reals.count} reals, split seed {terms.seed}",
        "versions": component_versions("scipy", plugin_distribution(PluginGroup.PROTOCOLS, protocol.name)),
        "threads": torch.get_num_threads(),
        "device": terms.device,
    }


def _own_facts(reals: _Reals, part: _Generated | None) -> dict[str, Any]:
    """Return what the rows of one set of images say of it; None is the floor."""
    if part is None:
        return {"model": FLOOR, "origin": Origin.REAL, "notes": reals.notes}
    return {**part.facts, "notes": (*reals.notes, *part.notes)}


def _default_protocols(terms: Terms) -> tuple[str, ...]:
    return ("texture", "scene") if terms.judge is not None else ("texture",)


def _open(name: str, terms: Terms) -> AbstractProtocol:
    kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, name)
    if kind.weights is Weights.JUDGE and terms.judge is None:
        raise BenchError(f"Protocol {name!r} needs a judge: pass --judge FILE (a run keeps its own in jobs/judge-*).")
    weights = terms.judge if kind.weights is Weights.JUDGE else None
    return kind.open(Opening(device=torch.device(terms.device), weights=weights))


def _check_reals(num: int, where: str, count: int) -> None:
    """Refuse an N that the reals do not allow, naming what there is and what to do."""
    if count < 2 * num:
        fewer = f"Pass --num {count // 2} or fewer, or provide more." if count >= 2 * _LEAST else "Provide more."
        raise DataError(
            f"Found {count} real images in {where}; N = {num} needs {2 * num}: N as reference and N apart for the "
            f"floor. {fewer}"
        )


def _check_generated(num: int, folder: Path, count: int) -> None:
    """Likewise for generated images."""
    if count < num:
        fewer = f"pass --num {count} or generate more." if count >= _LEAST else "generate more."
        raise DataError(f"Found {count} images in {folder}; N = {num} needs as many: {fewer}")


def _check_fit(model: AbstractModel, dataset: AbstractDataset, size: Resolution) -> None:
    if not model.draws_images:
        raise UnsupportedError(f"{model.title} draws layouts and no images, so there is nothing to score.")
    refusal = dataset.unsupported(size)
    if refusal:
        raise DataError(f"{model.title} draws {resolution_text(size)}: {refusal}")
    check_classes(model, dataset)


def _folder_name(folder: Path) -> str:
    """Return what a folder is called in rows: its name, with its parent's where it would pass for the floor."""
    path = folder.resolve()
    return f"{path.parent.name}/{path.name}" if path.name == FLOOR else path.name
