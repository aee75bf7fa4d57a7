"""What a design promises before anybody rates: ratings, raters, widths of intervals, differences that show.

A score is mean + image + rater + residual, with independent effects whose standard deviations the owner assumes. For I
images of a cell with K ratings each, n = I K in all, of which rater j gives m_j, the mean has the variance ::

    V = s_image² / I  +  s_rater² Σ_j (m_j / n)²  +  s_residual² / n

(the crossed two-way random model: Searle, Casella and McCulloch, Variance Components, 1992, chapters 4 and 5; for
ratings Brennan, Generalizability Theory, 2001, chapter 3). Once rated, V is estimated by mean squares,
V = (MS_image + MS_rater - MS_residual) / n, so that the 95 % interval is ± t √V with the degrees of freedom of
Satterthwaite (Biometrics Bulletin 2, 1946), here computed from the mean squares that the assumptions lead to expect.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from sbgan_bench.rating.study import Assumptions, StudySpec

#: Of intervals and tests, and of the chance to find a difference.
LEVEL, POWER = 0.95, 0.80
#: Guesses, for the estimate of a rater's time alone.
SECONDS_PER_IMAGE, SECONDS_TO_READ = 4.0, 90.0


@dataclass(frozen=True, slots=True)
class CellExpectation:
    """One entry of Table 3."""

    images: int
    ratings: int
    half_width: float | None  #: of the 95 % interval of its mean; None where there can be no interval


@dataclass(frozen=True, slots=True)
class Expectation:
    """What a study asks for, and what it promises."""

    images: int  #: that are rated
    ratings: int  #: of them
    raters: int  #: that it takes if each gives all that is asked
    showings_per_rater: int  #: images that one rater sees at most; practice, gold and repeats included
    minutes_per_rater: float  #: a guess
    cells: tuple[CellExpectation, ...]  #: in the study's order
    pairs: int  #: of cells within a dataset, in the one with most
    difference: float | None  #: smallest between two cells that one test finds with 80 % power; None: no pair
    difference_holm: float | None  #: likewise if all these pairs are tested and corrected by Holm's method


@dataclass(frozen=True, slots=True)
class Design:
    """How the ratings of one cell are spread."""

    images: int  #: I
    per_image: int  #: K
    raters: int  #: J, who see the cell
    concentration: float  #: Σ_j (m_j / n)²; 1 / J where all rate equally many

    @property
    def ratings(self) -> int:
        """All ratings of the cell, n."""
        return self.images * self.per_image

    def variance(self, assumed: Assumptions) -> float:
        """Return V, the variance of the mean, in scores squared."""
        return (
            assumed.image**2 / self.images + assumed.rater**2 * self.concentration + assumed.residual**2 / self.ratings
        )

    def freedom(self, assumed: Assumptions) -> float:
        """Return Satterthwaite's degrees of freedom of the estimated V; 0 where V cannot be estimated."""
        residual = self.ratings - self.images - self.raters + 1
        if min(self.images, self.raters) < 2:
            return 0.0
        if residual < 1:  # one rating per image: images are nested in raters, whose means are all that there is
            return self.raters - 1.0
        noise = assumed.residual**2 / self.ratings
        parts = (
            (assumed.image**2 / self.images + noise, self.images - 1),
            (assumed.rater**2 * self.concentration + noise, self.raters - 1),
            (noise, residual),
        )
        return _satterthwaite(self.variance(assumed), parts)

    def half_width(self, assumed: Assumptions) -> float | None:
        """Return the half-width of the 95 % interval of the mean, in scores; None where there can be none."""
        freedom = self.freedom(assumed)
        if freedom <= 0:
            return None
        return float(stats.t.ppf((1 + LEVEL) / 2, freedom)) * math.sqrt(self.variance(assumed))


def expect(spec: StudySpec, counts: Sequence[int]) -> Expectation:
    """Compute what a study asks for and promises.

    Ratings are taken to be dealt out evenly: every rater sees all cells in proportion to their images, and gives all
    that is asked but for the last one, who gives the rest.

    Args:
        spec: The study.
        counts: Number of images of each cell.
    """
    images, per_image = sum(counts), spec.ratings_per_image
    ratings, asked = images * per_image, min(spec.per_rater, images)
    raters = math.ceil(ratings / asked)
    loads = [asked] * (raters - 1) + [ratings - asked * (raters - 1)]
    concentration = sum((load / ratings) ** 2 for load in loads)
    designs = [
        Design(count, per_image, min(raters, count * per_image), max(concentration, 1 / (count * per_image)))
        for count in counts
    ]
    practice = len(spec.practice) or spec.practice_images
    showings = practice + asked + len(spec.gold) + min(spec.repeats_per_rater, asked)
    assumed = spec.assumptions
    by_dataset: dict[str, list[Design]] = {}
    for cell, design in zip(spec.cells, designs, strict=True):
        by_dataset.setdefault(cell.dataset, []).append(design)
    pairs = max(math.comb(len(group), 2) for group in by_dataset.values())
    return Expectation(
        images=images,
        ratings=ratings,
        raters=raters,
        showings_per_rater=showings,
        minutes_per_rater=(SECONDS_TO_READ + SECONDS_PER_IMAGE * showings) / 60,
        cells=tuple(CellExpectation(one.images, one.ratings, one.half_width(assumed)) for one in designs),
        pairs=pairs,
        difference=_difference(by_dataset, assumed, 1 - LEVEL),
        difference_holm=_difference(by_dataset, assumed, (1 - LEVEL) / max(pairs, 1)),
    )


def smallest_difference(
    one: Design, other: Design, assumed: Assumptions, alpha: float = 1 - LEVEL, power: float = POWER
) -> float | None:
    """Return the difference of two cells' means that a two-sided t-test finds with a given power.

    The same raters rate both in the same proportion, so that their effects cancel; of the variance of the difference
    the images' part and the residual one remain. The difference is (t of the level + t of the power) standard errors,
    as in Lachin, Controlled Clinical Trials 2, 1981, with Satterthwaite's degrees of freedom.

    Args:
        one: A cell.
        other: Another one of the same dataset.
        assumed: Standard deviations, in scores.
        alpha: Level of the test. Holm's method (1979) tests the clearest of k pairs at 5 % / k.
        power: Chance to find it.

    Returns:
        Scores; None where no test can be made.
    """
    if min(one.images, other.images) < 2:
        return None
    without = assumed.model_copy(update={"rater": 0.0})
    parts = [(cell.variance(without), cell.images - 1) for cell in (one, other)]
    variance = sum(part for part, _ in parts)
    if variance == 0:
        return 0.0
    freedom = _satterthwaite(variance, parts)
    return float(stats.t.ppf(1 - alpha / 2, freedom) + stats.t.ppf(power, freedom)) * math.sqrt(variance)


def _difference(by_dataset: Mapping[str, Sequence[Design]], assumed: Assumptions, alpha: float) -> float | None:
    """Return the smallest difference for the pair of cells that it is hardest to tell apart."""
    found = []
    for group in by_dataset.values():
        if len(group) > 1:
            one, other = sorted(group, key=lambda design: design.images)[:2]
            found.append(smallest_difference(one, other, assumed, alpha))
    known = [value for value in found if value is not None]
    return max(known) if known and len(known) == len(found) else None


def _satterthwaite(variance: float, parts: Sequence[tuple[float, float]]) -> float:
    """Return the degrees of freedom of a sum of independent mean squares; infinity where nothing varies.

    Args:
        variance: The sum.
        parts: Each term, and its degrees of freedom.
    """
    spread = sum(term**2 / freedom for term, freedom in parts)
    return variance**2 / spread if spread else math.inf
