"""Long tables for tests."""

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd

from sbgan_bench.rating.analysis.long_table import COLUMNS
from sbgan_bench.rating.study import Assumptions, CellIdentity, Exclusion, ImageSecret, OwnerKey

_DEFAULTS = {
    "platform": "invited", "cell": -1, "dataset": "", "model": "", "purpose": "main", "position": 0, "score": 2,
    "response_ms": 2000, "simulated": False, "excluded": "",
}  # fmt: skip


def table_of(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return a long table; what a row leaves out is as of a careful rater's main rating."""
    filled = [{**_DEFAULTS, **row} for row in rows]
    return pd.DataFrame(filled, columns=list(COLUMNS)).astype(COLUMNS)


def key_of(
    exclusion: Exclusion | None = None, datasets: Iterable[str] = ("toy", "toy"), images: int = 200
) -> OwnerKey:
    """Return a key with a cell per dataset given: images "c0-0", "c0-1", ..., gold "bad" (1) and "good" (3 or 4)."""
    cells = tuple(
        CellIdentity(dataset=dataset, model=f"model-{number}", title=f"Model {number}", resolution="16x32")
        for number, dataset in enumerate(datasets)
    )
    hidden = {
        f"c{cell}-{image}": ImageSecret(cell=cell, source=str(image))
        for cell in range(len(cells))
        for image in range(images)
    }
    hidden |= {"bad": ImageSecret(cell=None, source="", low=1, high=1),
               "good": ImageSecret(cell=None, source="", low=3, high=4)}  # fmt: skip
    return OwnerKey(hash="0" * 64, cells=cells, images=hidden, ratings_per_image=3,
                    exclusion=exclusion or Exclusion(), assumptions=Assumptions())  # fmt: skip


def rated_table(
    key: OwnerKey, *, qualities: Iterable[float], images: int = 30, raters: int = 8, seed: int = 0
) -> pd.DataFrame:
    """Return main ratings of each cell: every rater scores every second image."""
    rng = np.random.default_rng(seed)
    leanings = rng.normal(0, 0.35, raters)
    rows = []
    for cell, quality in enumerate(qualities):
        for image in range(images):
            good = quality + rng.normal(0, 0.6)
            for rater in range(image % 2, raters, 2):
                score = int(np.clip(np.rint(good + leanings[rater] + rng.normal(0, 0.65)), 1, 4))
                rows.append({"rater": f"R{rater + 1:03d}", "image": f"c{cell}-{image}", "cell": cell, "score": score,
                             "dataset": key.cells[cell].dataset, "model": key.cells[cell].title})  # fmt: skip
    return table_of(rows)
