"""The long table: one row per rating, with whose image it was and nothing of who the rater is."""

import hmac
from collections.abc import Iterable, Sequence
from typing import Any

import pandas as pd

from sbgan_bench.errors import DataError
from sbgan_bench.rating.analysis.exclusions import screen
from sbgan_bench.rating.store.records import Platform, Rating
from sbgan_bench.rating.study import OwnerKey

#: Column -> dtype.
COLUMNS = {
    "rater": "str",  #: "R001", numbered in an order that only the holder of a secret can make
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


def long_table(ratings: Iterable[Rating], key: OwnerKey, secret: bytes) -> pd.DataFrame:
    """Join ratings with the owner's key.

    No time stamps, platform ids or hashes of them. Raters are numbered by rank of a keyed hash (HMAC-SHA256, RFC 2104)
    of their number in the store, and rows are ordered by rater and position: without the secret nobody can tell who
    came when. With the same secret two raters always keep their order; their numbers may shift when others join.

    Args:
        ratings: Everything the store holds.
        key: Whose images they are, and the exclusion rules.
        secret: What raters are numbered with; whoever has it can tell in which order they came.

    Returns:
        The columns of ``COLUMNS``.

    Raises:
        DataError: A rating of an image that the study does not have.
    """
    ratings = list(ratings)
    names = _names([rating.rater for rating in ratings], secret)
    table = pd.DataFrame([_row(rating, names[rating.rater], key) for rating in ratings], columns=list(COLUMNS))
    table = table.astype(COLUMNS).sort_values(["rater", "position"], kind="stable", ignore_index=True)
    rules = {screening.rater: ", ".join(screening.rules) for screening in screen(table, key)}
    table["excluded"] = table["rater"].map(rules).astype("str")
    return table


def _names(raters: Sequence[int], secret: bytes) -> dict[int, str]:
    """Number raters by rank of their keyed hashes."""

    def digest(rater: int) -> bytes:
        return hmac.digest(secret, b"sbgan-bench rating label\0%d" % rater, "sha256")

    known = sorted(set(raters), key=digest)
    width = max(3, len(str(len(known))))
    return {rater: f"R{place:0{width}d}" for place, rater in enumerate(known, start=1)}


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
