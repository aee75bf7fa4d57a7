"""How reals are drawn for the trials of a number, and what that is called in a row."""

from dataclasses import dataclass, replace
from typing import assert_never

from sbgan_bench.metric import Features, Metric
from sbgan_bench.results import Reals
from sbgan_bench.splits import (
    Partition,
    Scores,
    beside_whole,
    fixed_scores,
    floor_scores,
    held_out_floor,
    partition,
    plain_score,
    repeated_scores,
    single_score,
    whole,
)


@dataclass(frozen=True, slots=True)
class Floor:
    """What a perfect model would get: reals scored as if they were generated."""

    scores: Scores
    pool: str  #: which reals stood for the perfect model, in words


@dataclass(frozen=True, slots=True, kw_only=True)
class Draws:
    """Everything that decides which reals and which generated images meet in which trial."""

    num: int  #: N real against N generated images in each trial; with ``Reals.ALL`` the number of generated images
    seed: int  #: of the splits
    trials: int = 1
    reals: Reals = Reals.DISJOINT
    groups: tuple[str, ...] = ()  #: of the reals that must not be parted, one per real; empty if each stands alone
    what: str = "test reals"  #: what the pool is called

    def layout_donors(self, pool: int) -> Partition:
        """Return whose layouts are given, as ``other``: of reals apart from the reference where there are any."""
        match self.reals:
            case Reals.DISJOINT:
                return partition(pool, self.num, 0, self.seed, self.groups)
            case Reals.WHOLE:
                return whole(pool, self.num, self.seed)
            case Reals.ALL:
                return whole(pool, pool, self.seed)
            case _:
                assert_never(self.reals)

    def references(self, pool: Features, trials: int | None = None) -> list[Features]:
        """Return the reals that generated images are compared with, one ``(N, D)`` array per trial."""
        count = self.trials if trials is None else trials
        match self.reals:
            case Reals.DISJOINT:
                parts = [partition(len(pool), self.num, trial, self.seed, self.groups) for trial in range(count)]
                return [pool[part.reference] for part in parts]
            case Reals.WHOLE:
                return [pool[whole(len(pool), self.num, self.seed).reference]] * count
            case Reals.ALL:
                return [pool] * count
            case _:
                assert_never(self.reals)

    def generated(self, features: Features, *, given_layouts: bool) -> list[Features]:
        """Return the generated images of each trial: N rows after N rows, or all of them where there is one trial."""
        if given_layouts or self.reals is Reals.ALL:
            return [features]
        return [features[trial * self.num : (trial + 1) * self.num] for trial in range(self.trials)]

    def scores(self, metric: Metric, pool: Features, generated: Features, *, given_layouts: bool) -> Scores:
        """Score generated images.

        Args:
            metric: What to compute.
            pool: ``(pool, D)`` features of all reals.
            generated: ``(trials × N, D)`` features; ``(N, D)`` where real layouts were given.
            given_layouts: Whether the images were painted from real layouts, so that there is one draw and one value.

        Raises:
            BenchError: Too few reals or generated images; whatever the metric raises.
        """
        if self.reals is Reals.ALL:
            return plain_score(metric, pool, generated)
        if given_layouts:
            return single_score(metric, self.references(pool, 1)[0], generated)
        if self.reals is Reals.WHOLE:
            return fixed_scores(metric, self.references(pool, 1)[0], generated, trials=self.trials)
        return repeated_scores(
            metric, pool, generated, num=self.num, trials=self.trials, seed=self.seed, groups=self.groups
        )

    def floor(self, metric: Metric, pool: Features, train: Features | None = None) -> Floor | None:
        """Score reals against the references, as many as there are generated images; None where none are left over.

        They come from the same pool where it has N besides the reference, else from the training images.
        """
        if self.reals is not Reals.ALL and len(pool) >= 2 * self.num:
            return Floor(self._floor_of_others(metric, pool), f"N others of the same {len(pool)} {self.what}")
        if train is None or len(train) < self.num:
            return None
        trials = 1 if self.reals is Reals.ALL else self.trials
        scores = held_out_floor(metric, self.references(pool, trials), train, num=self.num, seed=self.seed)
        return Floor(scores, f"N of {len(train)} training images")

    def _floor_of_others(self, metric: Metric, pool: Features) -> Scores:
        """Score reals of the pool against the references of the same trials."""
        if self.reals is not Reals.WHOLE:
            return floor_scores(metric, pool, num=self.num, trials=self.trials, seed=self.seed, groups=self.groups)
        others, caution = beside_whole(len(pool), self.num, self.seed, self.groups)
        scores = held_out_floor(metric, self.references(pool), pool[others], num=self.num, seed=self.seed)
        return replace(scores, caution=caution)

    def words(self, pool: int, *, given_layouts: bool = False) -> str:
        """Say which reals the generated images of a row are compared with."""
        match self.reals:
            case Reals.ALL:
                return f"all {pool} {self.what}, once"
            case Reals.WHOLE:
                drawn = f"{self.num} of {pool} {self.what}, split seed {self.seed}"
                every = f"all {self.what}" if pool == self.num else drawn
                return f"the same N in every trial: {every}" + ("; layouts are their own" if given_layouts else "")
            case Reals.DISJOINT:
                draw = f"N drawn without replacement from {pool} {self.what}, split seed {self.seed}"
                if given_layouts:
                    draw += ", one draw; layouts from N others of the same pool"
                return draw + self._groups_words()
            case _:
                assert_never(self.reals)

    def _groups_words(self) -> str:
        return ", no group of near-copies on both sides where that can be" if self.groups else ""
