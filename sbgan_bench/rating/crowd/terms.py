"""What workers are offered, and what it costs."""

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal
from typing import Annotated, Any

from pydantic import Field, StringConstraints

from sbgan_bench.config import Settings

_CENT = Decimal("0.01")
#: Fees of Mechanical Turk (https://www.mturk.com/pricing): a fifth of the reward, at least a cent; another fifth for
#: HITs with ten or more assignments.
_FEE = Decimal("0.20")
_MANY_ASSIGNMENTS = 10

#: Ids of qualifications that Mechanical Turk keeps itself.
_PERCENT_APPROVED, _NUMBER_APPROVED, _LOCALE = "000000000000000000L0", "00000000000000000040", "00000000000000000071"


class Terms(Settings):
    """What a HIT offers and asks for."""

    title: Annotated[str, Field(min_length=1, max_length=128)]
    description: Annotated[str, Field(min_length=1, max_length=2000)]
    keywords: Annotated[str, Field(max_length=1000)] = "image, quality, rating, survey"
    reward: Annotated[Decimal, Field(gt=0, decimal_places=2)]  #: US dollars per assignment
    minutes: Annotated[int, Field(ge=1, le=60 * 24)] = 30  #: for one assignment
    days: Annotated[int, Field(ge=1, le=365)] = 7  #: that HITs can be found
    auto_approve_days: Annotated[int, Field(ge=1, le=30)] = 3  #: after these an assignment is paid unasked
    percent_approved: Annotated[int, Field(ge=0, le=100)] | None = None  #: of a worker's earlier assignments, at least
    number_approved: Annotated[int, Field(ge=0)] | None = None  #: earlier assignments, at least
    countries: tuple[Annotated[str, StringConstraints(pattern=r"^[A-Z]{2}$")], ...] = ()  #: of workers; none: all

    def hit_type(self) -> dict[str, Any]:
        """Return the arguments of CreateHITType."""
        return {
            "Title": self.title,
            "Description": self.description,
            "Keywords": self.keywords,
            "Reward": f"{self.reward:.2f}",
            "AssignmentDurationInSeconds": 60 * self.minutes,
            "AutoApprovalDelayInSeconds": 86_400 * self.auto_approve_days,
            "QualificationRequirements": self._qualifications(),
        }

    def _qualifications(self) -> list[dict[str, Any]]:
        least = {_PERCENT_APPROVED: self.percent_approved, _NUMBER_APPROVED: self.number_approved}
        asked: list[dict[str, Any]] = [
            {"QualificationTypeId": kind, "Comparator": "GreaterThanOrEqualTo", "IntegerValues": [value]}
            for kind, value in least.items()
            if value is not None
        ]
        if self.countries:
            places = [{"Country": country} for country in self.countries]
            asked.append({"QualificationTypeId": _LOCALE, "Comparator": "In", "LocaleValues": places})
        return [{**requirement, "ActionsGuarded": "DiscoverPreviewAndAccept"} for requirement in asked]


@dataclass(frozen=True, slots=True)
class Cost:
    """What a batch costs if every assignment is done and approved, in US dollars."""

    assignments: int
    reward: Decimal  #: of one assignment
    fee: Decimal  #: of one assignment, Mechanical Turk's

    @property
    def total(self) -> Decimal:
        """Rewards and fees, rounded up to cents."""
        return (self.assignments * (self.reward + self.fee)).quantize(_CENT, rounding=ROUND_UP)

    def __str__(self) -> str:
        """Return the sum with its parts."""
        each = f"${self.reward:.2f} reward + ${self.fee.normalize():f} fee"
        return f"{self.assignments} assignments x ({each}) = ${self.total}"


def cost(assignments: int, assignments_per_hit: int, reward: Decimal) -> Cost:
    """Return what assignments cost.

    Args:
        assignments: How many in all.
        assignments_per_hit: How many of one HIT, counting those that exist already.
        reward: US dollars for one.
    """
    rate = _FEE * (2 if assignments_per_hit >= _MANY_ASSIGNMENTS else 1)
    return Cost(assignments, reward, max(_CENT, reward * rate))
