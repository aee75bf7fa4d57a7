"""What an analysis finds: plain frozen records, which reports render and nothing else computes.

Everything is on the scale of scores (1 to 4). Where a number cannot be known it is None, and a sentence beside it says
why; a note that stands beside a number says what its reader must know.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Components:
    """Variance components of the ratings of a cell: score = mean + image + rater + residual.

    Scores squared. The three estimates are unbiased before they are cut off at 0.
    """

    image: float | None  #: of images; >= 0. None where no image has two ratings: then the residual holds it as well
    rater: float | None  #: of raters; >= 0. None where no rater has two ratings: likewise
    residual: float  #: of everything else, the image-by-rater interaction included; >= 0
    untruncated: tuple[float, float, float]  #: the same three, which chance can make negative


@dataclass(frozen=True, slots=True)
class Interval:
    """A mean, or a difference of means, with its 95 % interval."""

    estimate: float
    low: float | None  #: None where no interval can be known
    high: float | None  #: for a mean not quite as far away as ``low``: intervals bend where the scale ends
    half_width: float | None  #: (high - low) / 2
    standard_error: float | None
    freedom: float | None  #: degrees of freedom of t; None for a bootstrap
    note: str = ""  #: why there is none, or what to know about it


@dataclass(frozen=True, slots=True)
class Agreement:
    """Krippendorff's ordinal alpha: 1 for raters who agree, 0 for scores given by chance."""

    alpha: float | None
    low: float | None  #: 95 % interval: expanded percentile bootstrap over images
    high: float | None
    n_images: int  #: with at least two ratings, which alone count
    n_ratings: int  #: of those images
    reason: str = ""  #: why alpha is None


@dataclass(frozen=True, slots=True)
class CellFinding:
    """One entry of Table 3."""

    cell: int  #: index into ``OwnerKey.cells``
    dataset: str
    model: str  #: the cell's title
    mean: float | None  #: over ratings; None for a cell that nobody rated
    low: float | None  #: of ``interval``
    high: float | None
    n_images: int
    n_ratings: int
    n_raters: int
    counts: tuple[int, int, int, int]  #: ratings of 1, 2, 3 and 4
    components: Components | None
    interval: Interval | None  #: by variance components: the one to print; None as ``mean``
    bootstrap: Interval | None  #: crossed over raters and images: conservative, a check
    naive: Interval | None  #: as if all ratings were independent: too narrow, for comparison only
    agreement: Agreement
    note: str = ""  #: why there is no mean or no interval, or what to know about them


@dataclass(frozen=True, slots=True)
class PairFinding:
    """Two cells of one dataset compared."""

    dataset: str
    first: int  #: cell
    second: int
    model_first: str
    model_second: str
    difference: float  #: mean of the first less mean of the second
    low: float | None  #: 95 % interval, not adjusted for the number of pairs
    high: float | None
    standard_error: float | None
    freedom: float | None
    t: float | None
    p: float | None  #: two-sided
    p_holm: float | None  #: adjusted for all pairs of the dataset
    rejected: bool  #: p_holm <= 0.05
    shared_raters: int  #: who rated both cells
    note: str = ""  #: why there is no test, or what to know about it
    rater_covariance: float | None = None  #: of a rater's leanings in the two cells; None where none is known


@dataclass(frozen=True, slots=True)
class Consistency:
    """How raters score an image that they scored before."""

    n_pairs: int
    n_raters: int
    exact: float | None  #: share of pairs with the same score
    mean_difference: float | None  #: mean absolute difference
    weighted_kappa: float | None  #: quadratic weights (Cohen 1968)
    reason: str = ""  #: why a number is None


@dataclass(frozen=True, slots=True)
class RaterScreening:
    """One rater against the exclusion rules. A figure is None where the rule cannot judge this rater."""

    rater: str  #: "R001"
    n_ratings: int  #: of main images
    gold_shown: int
    gold_failures: int | None  #: None: was shown no gold image
    median_ms: float | None  #: over main, gold and repeated images; None: the platform gives no times
    same_score: float | None  #: share of the most frequent score (practice aside); None: too few of them
    n_repeats: int
    repeat_difference: float | None  #: mean absolute difference on repeats; None: too few of them
    rules: tuple[str, ...]  #: names of the rules that exclude this rater; empty for one who stays


@dataclass(frozen=True, slots=True)
class RuleFinding:
    """One exclusion rule and whom it caught."""

    name: str  #: field of ``Exclusion``
    words: str  #: the rule in a sentence, with its limits
    active: bool
    excluded: tuple[str, ...]  #: raters


@dataclass(frozen=True, slots=True)
class Exclusions:
    """The rules, fixed beforehand, and what they did."""

    rules: tuple[RuleFinding, ...]
    raters: tuple[RaterScreening, ...]  #: everybody, in order of name

    @property
    def excluded(self) -> tuple[str, ...]:
        """Return the raters whom at least one rule excludes."""
        return tuple(screening.rater for screening in self.raters if screening.rules)


@dataclass(frozen=True, slots=True)
class Plan:
    """A design of one cell and how sharp it would be."""

    n_images: int
    ratings_per_image: float
    n_raters: int
    half_width: float  #: expected, of the 95 % interval of the mean
    smallest_difference: float  #: that two such cells show with 80 % power


@dataclass(frozen=True, slots=True)
class Power:
    """What this cell could tell, and what would make it sharper."""

    cell: int
    dataset: str
    model: str
    now: Plan | None  #: the design as it was; None where components are not known
    others: tuple[Plan, ...]  #: twice the images; the ratings per image; the raters; images and raters; if possible
    halved: Plan | None  #: the smallest with half the half-width, grown in images and raters alike; None as ``now``
    same_raters_limit: float | None  #: half-width that remains with these raters however many images they see
    words: str  #: the same in sentences


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is computed from one set of raters."""

    n_raters: int  #: with at least one main rating
    n_ratings: int  #: of main images
    cells: tuple[CellFinding, ...]  #: in the order of ``OwnerKey.cells``, unrated ones included
    pairs: tuple[PairFinding, ...]
    agreement: Agreement  #: over all cells
    agreement_by_dataset: dict[str, Agreement]
    consistency: Consistency
    power: tuple[Power, ...]  #: as ``cells``


@dataclass(frozen=True, slots=True)
class Analysis:
    """Results of a study, with and without its exclusions."""

    study: str  #: hash
    title: str
    simulated: bool  #: at least one rater was made up: nothing of this may be published
    exclusions: Exclusions
    kept: Findings  #: without the excluded raters: the result
    everyone: Findings  #: with them: shows what the exclusions did
