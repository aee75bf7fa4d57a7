"""How sharp a cell is, and what would make it sharper, from its estimated components.

With x times the images, y times the ratings per image and z times the raters, the variance of the mean becomes
s_a² w_a/x + s_b² w_b/z + s_e² w_e/(x y), where w are today's weights (``CellRatings.weights``). Degrees of freedom are
Satterthwaite's of the mean squares behind it. The smallest difference that two such cells, rated by the same people,
show with 80 % power is (t of 97.5 % + t of 80 %) standard errors (Lachin 1981, Controlled Clinical Trials 2, 93-113),
before any correction for several pairs.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from sbgan_bench.rating.analysis.cell import CellRatings, Floats
from sbgan_bench.rating.analysis.components import untruncated_components
from sbgan_bench.rating.analysis.findings import CellFinding, PairFinding, Plan, Power
from sbgan_bench.rating.analysis.intervals import quantile

POWER = 0.80


@dataclass(frozen=True, slots=True)
class Outlook:
    """A cell's components and design, from which others are computed."""

    cell: CellRatings
    components: Floats  #: (3,) >= 0
    likeness: float  #: correlation of a rater's leanings in two cells, 0 to 1

    def plan(self, images: float = 1, per_image: float = 1, raters: float = 1) -> Plan:
        """Return the design with so many times the images, the ratings per image and the raters."""
        n_images, n_raters = math.ceil(images * self.cell.n_images), math.ceil(raters * self.cell.n_raters)
        ratings = images * per_image * len(self.cell)
        image, rater, residual = self.cell.weights * self.components / (images, raters, images * per_image)
        free = n_images - 1, n_raters - 1, max(ratings - n_images - n_raters + 1, 1.0)
        mean = (image + residual, free[0]), (rater + residual, free[1]), (residual, free[2])
        width = quantile(_satterthwaite(image + rater + residual, mean)) * math.sqrt(image + rater + residual)
        apart = 2 * (1 - self.likeness) * rater
        variance = 2 * (image + residual) + apart
        freedom = _satterthwaite(variance, ((image + residual, free[0]),) * 2 + ((apart, free[1]),))
        difference = (quantile(freedom) + float(stdtrit(freedom, POWER))) * math.sqrt(variance)
        return Plan(n_images, per_image * len(self.cell) / self.cell.n_images, n_raters, width, difference)

    def halved(self) -> Plan:
        """Return the smallest design with half the width, of those that grow in images and raters alike.

        Four times of everything is always enough, since variances fall as 1/4 and quantiles of t fall as well.
        """
        target = self.plan().half_width / 2
        factors = (size / self.cell.n_images for size in range(self.cell.n_images, 4 * self.cell.n_images + 1))
        plans = (self.plan(factor, 1, factor) for factor in factors)
        return next(plan for plan in plans if plan.half_width <= target * (1 + 1e-9))

    def limit(self) -> float:
        """Return the half-width that remains with these raters, however many images they see."""
        variance = float(self.cell.weights[1] * self.components[1])
        return quantile(self.cell.n_raters - 1) * math.sqrt(variance)


def power(cell: int, dataset: str, model: str, ratings: CellRatings | None, likeness: float) -> Power:
    """Say what a cell can tell and what would make it sharper.

    Args:
        cell: Its index.
        dataset: Of the cell.
        model: Its title.
        ratings: None where nobody rated it.
        likeness: Correlation of a rater's leanings in two cells of the dataset, 0 to 1; 0 where it is not known.
    """
    components = None if ratings is None else untruncated_components(ratings)
    if ratings is None or components is None or np.ptp(ratings.scores) == 0:
        return Power(cell, dataset, model, None, (), None, None, "No components are known: nothing to foretell from.")
    outlook = Outlook(ratings, np.maximum(components, 0.0), likeness)
    now, halved, limit = outlook.plan(), outlook.halved(), outlook.limit()
    growths = [(2, 1, 1), (1, 2, 1), (1, 1, 2), (2, 1, 2)]
    others = [outlook.plan(*growth) for growth in growths]
    possible = tuple(plan for plan in others if plan.ratings_per_image <= plan.n_raters)
    return Power(cell, dataset, model, now, possible, halved, limit, _words(now, halved, limit))


def likeness(pairs: Sequence[PairFinding], cells: Sequence[CellFinding]) -> float:
    """Return the correlation of a rater's leanings in two cells, pooled over pairs of cells; within 0 and 1.

    Args:
        pairs: Of one dataset.
        cells: All cells, by index.
    """
    variances = {cell.cell: cell.components.rater or 0.0 for cell in cells if cell.components is not None}
    known = [pair for pair in pairs if pair.rater_covariance is not None]
    covariance = sum(pair.rater_covariance or 0.0 for pair in known)
    most = sum(math.sqrt(variances[pair.first] * variances[pair.second]) for pair in known)
    return min(1.0, max(0.0, covariance / most)) if most > 0 else 0.0


def _words(now: Plan, halved: Plan, limit: float) -> str:
    return (
        f"{now.n_images} images, {now.ratings_per_image:.3g} ratings per image, {now.n_raters} raters: "
        f"± {now.half_width:.2f}, and two such cells show a difference of {now.smallest_difference:.2f} with "
        f"{100 * POWER:.0f} % power. Half that width takes {halved.n_images} images and {halved.n_raters} raters. "
        f"With the same raters, no number of images goes below ± {limit:.2f}."
    )


def _satterthwaite(variance: float, parts: tuple[tuple[float, float], ...]) -> float:
    """Return the degrees of freedom of a sum of independent mean squares, given each with its own."""
    spread = sum(part**2 / freedom for part, freedom in parts)
    return max(1.0, variance**2 / spread) if spread else math.inf
