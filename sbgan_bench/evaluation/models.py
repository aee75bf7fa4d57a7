"""Saved models against the test split of a dataset."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch

from sbgan_bench.dataset import AbstractDataset, PairTable, Resolution, resolution_text
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.draws import Draws
from sbgan_bench.errors import DataError
from sbgan_bench.evaluation.checks import LEAST, check_generated, check_reals
from sbgan_bench.evaluation.contest import Contest, GeneratedScenes, RealScenes
from sbgan_bench.evaluation.terms import Terms
from sbgan_bench.foreign import check_classes, origin_notes
from sbgan_bench.judge import bundled_judge, check_judge
from sbgan_bench.model import AbstractModel, content_hash, load_model
from sbgan_bench.protocol import LayoutClasses
from sbgan_bench.results import Origin, Reals, ResultRow
from sbgan_bench.samples import LayoutSource
from sbgan_bench.sources import generated_images, real_images
from sbgan_bench.splits import Partition


def evaluate_model(folder: Path, dataset: AbstractDataset, terms: Terms) -> list[ResultRow]:
    """Score a saved model against the test split of a dataset, in every way that the model can be sampled.

    Alone or with layouts of its own it is scored by repeated splits; given real layouts once, since what it draws is
    then no matter of chance: with the layouts of N reals disjoint from the N reference reals.

    Args:
        folder: A saved model (with ``model.json``).
        dataset: An open dataset; its test split is prepared at the model's resolution.
        terms: How to measure. Without a judge, the one that ships for this dataset and size is taken, if any.

    Returns:
        Rows of trials and summaries, for each layout source and for the floor.

    Raises:
        DataError: The dataset has no pairs of this size, other classes, or too few pairs; the model is a folder of
            samples with too few of them; or it draws nothing that the protocols look at.
        CorruptFileError: The model is missing or damaged.
    """
    return contest_of_models([folder], dataset, terms).rows()


@dataclass(frozen=True, slots=True)
class _Loaded:
    folder: Path
    model: AbstractModel
    name: str


def contest_of_models(
    folders: Sequence[Path], dataset: AbstractDataset, terms: Terms, *, with_train: bool = False
) -> Contest:
    """Hold saved models against the test split of a dataset; see ``evaluate_model``.

    Args:
        folders: Saved models.
        dataset: An open dataset.
        terms: How to measure.
        with_train: Whether the training images are looked at even if no metric asks for them.

    Raises:
        DataError: As there, or the models draw scenes of different sizes.
    """
    loaded = _load(folders, terms)
    size = _common_size(loaded)
    for one in loaded:
        _check_fit(one.model, dataset, size)
    if terms.judge is not None and terms.judge.is_file():
        check_judge(terms.judge, dataset.info)
    table = prepare(dataset, "test", size, cache_root(), terms.stage("decode test"))
    counts = [len(scenes) for one in loaded if (scenes := one.model.scenes()) is not None]
    pool = len(table) if terms.reals is not Reals.DISJOINT else len(table) // 2
    num = terms.num or max(LEAST, min(pool, *counts, len(table)))
    if terms.reals is Reals.DISJOINT:
        check_reals(num, f"the test split of {dataset.info.name}", len(table))
    for one in loaded:
        scenes = one.model.scenes()
        if scenes is not None:
            check_generated(num, one.folder, len(scenes))
    trials = 1 if terms.reals is Reals.ALL else min([terms.trials, *(count // num for count in counts)])
    terms = replace(terms, num=num, trials=trials, judge=terms.judge or bundled_judge(dataset.info.name, size))
    sets = [
        _drawn(one, source, table, terms, origin_notes(one.model, dataset, table.fingerprint))
        for one in loaded
        for source in sorted(one.model.sources())
    ]
    lacks_floor = terms.reals is not Reals.DISJOINT and len(table) < 2 * num
    wanted = with_train or lacks_floor or terms.uses_train
    train = prepare(dataset, "train", size, cache_root(), terms.stage("decode train")) if wanted else None
    return Contest(reals=_reals(dataset, table, train), sets=sets, terms=terms)


def _load(folders: Sequence[Path], terms: Terms) -> list[_Loaded]:
    models = [load_model(folder, torch.device(terms.device)) for folder in folders]
    names = [model.name for model in models]
    if len(set(names)) < len(names):  # two of a kind are told apart by their folders
        names = [f"{model.name}: {folder}" for model, folder in zip(models, folders, strict=True)]
    return [_Loaded(*one) for one in zip(folders, models, names, strict=True)]


def _common_size(loaded: Sequence[_Loaded]) -> Resolution:
    first = loaded[0].model.spec.resolution
    for one in loaded:
        if one.model.spec.resolution != first:
            raise DataError(
                f"{loaded[0].folder} draws {resolution_text(first)}, {one.folder} "
                f"{resolution_text(one.model.spec.resolution)}: images of two sizes are not compared."
            )
    return first


def _reals(dataset: AbstractDataset, table: PairTable, train: PairTable | None) -> RealScenes:
    info = dataset.info
    return RealScenes(
        facts={
            "dataset": info.name,
            "fingerprint": table.fingerprint,
            "split": dataset.split_name,
            "resolution": resolution_text(table.resolution),
        },
        source=real_images(table),
        count=len(table),
        size=table.resolution,
        groups=table.split.groups,
        notes=(table.split.caution,) if table.split.caution else (),
        classes=LayoutClasses(info.class_names, info.ignore_index),
        what="test reals",
        train=None if train is None else real_images(train),
        train_count=0 if train is None else len(train),
    )


def _drawn(
    one: _Loaded, source: LayoutSource, table: PairTable, terms: Terms, told: tuple[str, ...]
) -> GeneratedScenes:
    model, num = one.model, terms.num or 0
    sampler = model.sampler()
    facts = {
        "model": one.name,
        "origin": model.provenance.origin or Origin.IMPORTED,  # unknown in folders of older versions
        "layout_source": source,
        "layout_draw": sampler.get("layout_draw", "") if source is LayoutSource.GENERATED else "",
        "ema": sampler.get("ema", ""),
        "perceptual": sampler.get("perceptual", ""),
        "checkpoint_hash": content_hash(one.folder),
        "checkpoint_step": model.provenance.steps,
        "parameters": model.parameters(),
    }
    name = one.name if source is LayoutSource.NONE else f"{one.name}, {source} layouts"
    if source is not LayoutSource.REAL:
        count = num if terms.reals is Reals.ALL else num * terms.trials
        images = generated_images(model, one.folder, None)
        return GeneratedScenes(name=name, facts=facts, source=images, count=count, sampled=True, notes=told)
    part = _layout_draw(table, terms)
    notes = (*told, part.caution) if part.caution else told
    if terms.reals is not Reals.DISJOINT:
        notes = (*notes, "layouts are those of the reference reals")
    return GeneratedScenes(
        name=name,
        facts=facts,
        source=generated_images(model, one.folder, np.asarray(table.layouts[part.other])),
        count=len(part.other),
        given_layouts=True,
        sampled=True,
        notes=notes,
    )


def _layout_draw(table: PairTable, terms: Terms) -> Partition:
    """Return whose layouts are given."""
    draws = Draws(num=terms.num or 0, seed=terms.seed, reals=terms.reals, groups=table.split.groups)
    return draws.layout_donors(len(table))


def _check_fit(model: AbstractModel, dataset: AbstractDataset, size: Resolution) -> None:
    refusal = dataset.unsupported(size)
    if refusal:
        raise DataError(f"{model.title} draws {resolution_text(size)}: {refusal}")
    check_classes(model, dataset)
