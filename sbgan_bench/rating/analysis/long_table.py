"""The long table: one row per rating, with whose image it was and nothing of who the rater is."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from sbgan_bench.errors import DataError
from sbgan_bench.rating.analysis.exclusions import screen
from sbgan_bench.rating.store.records import Platform, Rating
from sbgan_bench.rating.study import FrozenStudy, OwnerKey

#: Column -> dtype.
COLUMNS = {
    "rater": "str",  #: "R001", numbered by lot
    "platform": "str",
    "image": "str",  #: opaque id
    "cell": "int64",  #: index into ``OwnerKey.cells``; -1 for practice and gold
    "dataset": "str",  #: "" where ``cell`` is -1
    "model": "str",  #: the cell's title
    "purpose": "str",
    "position": "int64",  #: order of the showing for this rater, from 0
    "score": "int64",  #: 1 to 4
    "response_ms": "int64",  #: 0 where the platform says nothing of single images
    "simulated": "bool",
    "excluded": "str",  #: the rules that exclude this rater, joined by ", "
}


def long_table(ratings: Iterable[Rating], key: OwnerKey, study: FrozenStudy) -> pd.DataFrame:
    """Join ratings with the owner's key.

    No time stamps, platform ids or hashes of them; raters are numbered by a lot drawn with the study's seed and rows
    are ordered by rater and position, so that neither tells who came when.

    Args:
        ratings: Everything the store holds.
        key: Whose images they are, and the exclusion rules.
        study: Its seed numbers the raters.

    Returns:
        The columns of ``COLUMNS``.

    Raises:
        DataError: A rating of an image that the study does not have.
    """
    ratings = list(ratings)
    names = _names([rating.rater for rating in ratings], study.seed)
    table = pd.DataFrame([_row(rating, names[rating.rater], key) for rating in ratings], columns=list(COLUMNS))
    table = table.astype(COLUMNS).sort_values(["rater", "position"], kind="stable", ignore_index=True)
    rules = {screening.rater: ", ".join(screening.rules) for screening in screen(table, key)}
    table["excluded"] = table["rater"].map(rules).astype("str")
    return table


def _names(raters: Sequence[int], seed: int) -> dict[int, str]:
    """Number raters in an order drawn by lot."""
    known = sorted(set(raters))
    order = np.random.default_rng([seed, len(known)]).permutation(len(known))
    width = max(3, len(str(len(known))))
    return {rater: f"R{place + 1:0{width}d}" for rater, place in zip(known, order, strict=True)}


def _row(rating: Rating, name: str, key: OwnerKey) -> dict[str, Any]:
    secret = key.images.get(rating.image)
    if secret is None:
        raise DataError(f"A rating of image {rating.image}, which this study does not have: wrong store or wrong key.")
    cell = None if secret.cell is None else key.cells[secret.cell]
    return {
        "rater": name,
        "platform": rating.platform.value,
        "image": rating.image,
        "cell": -1 if secret.cell is None else secret.cell,
        "dataset": "" if cell is None else cell.dataset,
        "model": "" if cell is None else cell.title,
        "purpose": rating.purpose.value,
        "position": rating.position,
        "score": rating.score,
        "response_ms": rating.response_ms,
        "simulated": rating.platform is Platform.SIMULATED,
        "excluded": "",
    }
