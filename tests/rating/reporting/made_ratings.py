"""Ratings that nobody gave, for studies made by ``make_study``."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
from rating.studies import make_study

from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.records import Platform, Rating
from sbgan_bench.rating.study import CellIdentity, Purpose, Role
from sbgan_bench.samples import LayoutSource
from sbgan_bench.storage import write_json

#: The day that the first rating came.
FIRST = datetime(2026, 11, 3, 9, 30, 17, tzinfo=UTC)


def paper_cells() -> tuple[CellIdentity, ...]:
    """Real images and three models on cityscapes-25k; two of them on cityscapes-5k, where the paper has no BigGAN."""
    common = {"resolution": "128x256", "training_seed": 0}
    cells = []
    for dataset in ("cityscapes-25k", "cityscapes-5k"):
        cells.append(CellIdentity(dataset=dataset, model="real", title="Real", resolution="128x256", origin="real"))
        cells.append(CellIdentity(dataset=dataset, model="progan-reference", title="ProGAN", **common))
        if dataset == "cityscapes-25k":
            cells.append(CellIdentity(dataset=dataset, model="biggan", title="BigGAN", **common))
        cells.append(CellIdentity(dataset=dataset, model="sbgan", recipe="both", title="SB-GAN, both",
                                  layout_source=LayoutSource.GENERATED, **common))  # fmt: skip
    return tuple(cells)


def study_of(folder: Path, cells: Sequence[CellIdentity], **options: object) -> StudyFolder:
    """Make a study whose cells are these."""
    place = make_study(folder, cells=len(cells), **options)  # type: ignore[arg-type]
    key = place.read_key().model_copy(update={"cells": tuple(cells)})
    write_json(place.key, key.to_json())
    return place


def rate(
    place: StudyFolder,
    means: Sequence[float],
    *,
    raters: int = 12,
    careless: int = 0,
    platform: Platform = Platform.INVITED,
    share: float = 1.0,
    seed: int = 0,
) -> list[Rating]:
    """Let made-up raters score a study, K ratings per image, spread evenly over raters.

    Args:
        place: The study.
        means: Of every cell, before images, raters and chance are added.
        raters: How many look.
        careless: How many more score everything 1 within a blink.
        platform: Of all of them.
        share: Of the main images that get any ratings.
        seed: Of everything.
    """
    study, key = place.read(), place.read_key()
    rng = np.random.default_rng(seed)
    apart = max(1, (raters + careless) // study.ratings_per_image)
    leaning = rng.normal(0, 0.35, raters)
    images = [image for image in study.of_role(Role.MAIN) if rng.random() < share]
    shown: dict[int, list[tuple[str, Purpose, int]]] = {rater: [] for rater in range(raters + careless)}
    for number, image in enumerate(images):
        cell = key.images[image.id].cell
        assert cell is not None
        quality = means[cell] + rng.normal(0, 0.6)
        for k in range(study.ratings_per_image):
            rater = (number + k * apart) % (raters + careless)
            score = 1 if rater >= raters else int(np.clip(round(quality + leaning[rater] + rng.normal(0, 0.6)), 1, 4))
            shown[rater].append((image.id, Purpose.MAIN, score))
    for practice in study.of_role(Role.PRACTICE):
        for trials in shown.values():
            trials.insert(0, (practice.id, Purpose.PRACTICE, 2))
    for rater, trials in shown.items():
        for identifier, _, score in [one for one in trials if one[1] is Purpose.MAIN][: study.repeats_per_rater]:
            again = 1 if rater >= raters else int(np.clip(score + rng.integers(-1, 2), 1, 4))
            trials.append((identifier, Purpose.REPEAT, again))
        for gold in study.of_role(Role.GOLD):
            trials.append((gold.id, Purpose.GOLD, 1 if rater < raters else 4))
    return [
        Rating(
            rater=rater + 1, platform=platform, image=identifier, purpose=purpose, position=position, score=score,
            response_ms=int(rng.lognormal(8.0, 0.5)) if rater < raters else int(rng.integers(200, 500)),
            received=FIRST + timedelta(hours=7 * rater, seconds=5 * position),
        )
        for rater, trials in shown.items()
        for position, (identifier, purpose, score) in enumerate(trials)
    ]  # fmt: skip
