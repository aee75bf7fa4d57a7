"""From the long table to everything that is reported."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from sbgan_bench.rating.analysis.agreement import agreement, score_counts
from sbgan_bench.rating.analysis.bootstrap import RESAMPLES, bootstrap_interval
from sbgan_bench.rating.analysis.cell import CellRatings
from sbgan_bench.rating.analysis.components import components_of
from sbgan_bench.rating.analysis.consistency import consistency
from sbgan_bench.rating.analysis.exclusions import apply_rules
from sbgan_bench.rating.analysis.findings import Agreement, Analysis, CellFinding, Findings, PairFinding
from sbgan_bench.rating.analysis.intervals import mean_interval, naive_interval
from sbgan_bench.rating.analysis.pairwise import NamedCell, compare_cells
from sbgan_bench.rating.analysis.power import likeness, power
from sbgan_bench.rating.study import SCORES, FrozenStudy, OwnerKey, Purpose


def analyse(table: pd.DataFrame, key: OwnerKey, study: FrozenStudy, *, resamples: int = RESAMPLES) -> Analysis:
    """Analyse a study, with its exclusions and without.

    Args:
        table: The long table.
        key: Its cells and exclusion rules.
        study: Its hash, title and the seed of the bootstraps.
        resamples: Of each bootstrap.
    """
    exclusions = apply_rules(table, key)
    everyone = find(table, key, study.seed, resamples)
    kept = table[~table["rater"].isin(exclusions.excluded)]
    return Analysis(
        study=study.hash,
        title=study.title,
        simulated=bool(table["simulated"].any()),
        exclusions=exclusions,
        kept=find(kept, key, study.seed, resamples) if exclusions.excluded else everyone,
        everyone=everyone,
    )


def find(table: pd.DataFrame, key: OwnerKey, seed: int, resamples: int = RESAMPLES) -> Findings:
    """Compute everything from the ratings of some raters.

    Args:
        table: Their rows of the long table.
        key: Its cells.
        seed: Of the bootstraps.
        resamples: Of each of them.
    """
    main = table[table["purpose"] == Purpose.MAIN.value]
    rows = [main[main["cell"] == cell] for cell in range(len(key.cells))]
    ratings = [_ratings(part) for part in rows]
    cells = tuple(_cell(cell, key, rows[cell], ratings[cell], seed, resamples) for cell in range(len(rows)))
    datasets = tuple(dict.fromkeys(cell.dataset for cell in key.cells))
    pairs = {dataset: _pairs(dataset, key, ratings) for dataset in datasets}
    alike = {dataset: likeness(pairs[dataset], cells) for dataset in datasets}
    return Findings(
        n_raters=int(main["rater"].nunique()),
        n_ratings=len(main),
        cells=cells,
        pairs=tuple(pair for dataset in datasets for pair in pairs[dataset]),
        agreement=_agreement(main, seed, resamples),
        agreement_by_dataset={
            dataset: _agreement(main[main["dataset"] == dataset], seed, resamples) for dataset in datasets
        },
        consistency=consistency(table),
        power=tuple(
            power(cell, identity.dataset, identity.title, ratings[cell], alike[identity.dataset])
            for cell, identity in enumerate(key.cells)
        ),
    )


def _ratings(rows: pd.DataFrame) -> CellRatings | None:
    return (
        CellRatings.of(rows["score"].to_numpy(), rows["image"].to_numpy(), rows["rater"].to_numpy())
        if len(rows)
        else None
    )


def _cell(
    cell: int, key: OwnerKey, rows: pd.DataFrame, ratings: CellRatings | None, seed: int, resamples: int
) -> CellFinding:
    counts = rows["score"].value_counts()
    one, two, three, four = (int(counts.get(score, 0)) for score in SCORES)
    unrated = CellFinding(
        cell=cell, dataset=key.cells[cell].dataset, model=key.cells[cell].title, mean=None, low=None, high=None,
        n_images=rows["image"].nunique(), n_ratings=len(rows), n_raters=rows["rater"].nunique(),
        counts=(one, two, three, four), components=None, interval=None, bootstrap=None, naive=None,
        agreement=_agreement(rows, seed, resamples), note="not rated",
    )  # fmt: skip
    if ratings is None:
        return unrated
    interval = mean_interval(ratings)
    return replace(
        unrated,
        mean=interval.estimate,
        low=interval.low,
        high=interval.high,
        components=components_of(ratings),
        interval=interval,
        bootstrap=bootstrap_interval(ratings, _draws(seed), resamples),
        naive=naive_interval(ratings),
        note=interval.note,
    )


def _pairs(dataset: str, key: OwnerKey, ratings: Sequence[CellRatings | None]) -> tuple[PairFinding, ...]:
    rated = [
        NamedCell(cell, identity.title, found)
        for cell, (identity, found) in enumerate(zip(key.cells, ratings, strict=True))
        if identity.dataset == dataset and found is not None
    ]
    return compare_cells(dataset, rated)


def _agreement(rows: pd.DataFrame, seed: int, resamples: int) -> Agreement:
    return agreement(score_counts(rows), _draws(seed), resamples)


def _draws(seed: int) -> np.random.Generator:
    """Return a bootstrap's draws: the same for the same seed, whatever else is computed."""
    return np.random.default_rng(seed)
