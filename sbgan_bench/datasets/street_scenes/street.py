"""The plan of a street: its course, its cross-section, its junction."""

import enum
from dataclasses import dataclass

from sbgan_bench.datasets.street_scenes.camera import View
from sbgan_bench.datasets.street_scenes.dice import Dice


class Frontage(enum.Enum):
    """What lines one side of the street."""

    TOWN = enum.auto()  #: houses wall to wall
    SUBURB = enum.auto()  #: detached houses behind lawns and fences
    PARK = enum.auto()  #: a fence or hedge and trees
    FIELD = enum.auto()  #: open country


@dataclass(frozen=True, slots=True)
class Side:
    """One side, from the kerb outwards; widths in metres."""

    frontage: Frontage
    verge: float  #: grass between road and pavement, 0 for none
    pavement: float
    lawn: float  #: ground between pavement and frontage
    fenced: bool
    fence_height: float
    avenue: bool  #: trees in a row along the kerb
    parking: float  #: share of the kerb taken by parked cars
    level: float  #: typical height of a town row, 0 elsewhere


@dataclass(frozen=True, slots=True)
class Junction:
    """A street that crosses ours."""

    start: float  #: depth of its near kerb
    width: float
    zebra: bool
    lights: bool

    def covers(self, near: float, far: float, margin: float = 0.0) -> bool:
        """Whether the stretch from ``near`` to ``far`` touches the crossing street."""
        return far > self.start - margin and near < self.start + self.width + margin


@dataclass(frozen=True, slots=True)
class Street:
    """The street ahead."""

    view: View
    offset: float  #: x of the road's centre beside the camera
    slope: float  #: sideways metres per metre ahead
    bend: float  #: and per square metre
    half_width: float  #: of the road
    lanes: int  #: both directions together
    sides: tuple[Side, Side]  #: left, right
    junction: Junction | None
    traffic: float  #: 0 to 1
    people: float  #: 0 to 1
    autumn: float  #: 0 is summer
    tarmac: float  #: brightness of the road

    def centre(self, z: float) -> float:
        """Return x of the middle of the road at depth ``z``."""
        return self.offset + self.slope * z + self.bend * z * z

    def side(self, sign: int) -> Side:
        """Return the left (-1) or the right (1) side."""
        return self.sides[0] if sign < 0 else self.sides[1]

    def kerb(self, sign: int) -> float:
        """Return the lateral distance from the centre to the pavement's near edge."""
        return self.half_width + self.side(sign).verge

    def border(self, sign: int) -> float:
        """Return the lateral distance from the centre to the pavement's far edge."""
        return self.kerb(sign) + self.side(sign).pavement

    def free(self, near: float, far: float, margin: float = 0.0) -> bool:
        """Whether the stretch lies outside the junction."""
        return self.junction is None or not self.junction.covers(near, far, margin)


_PAIRS = (
    *[(Frontage.TOWN, Frontage.TOWN)] * 5,
    *[(Frontage.TOWN, Frontage.PARK)] * 3,
    *[(Frontage.TOWN, Frontage.SUBURB)] * 2,
    *[(Frontage.SUBURB, Frontage.SUBURB)] * 4,
    *[(Frontage.SUBURB, Frontage.PARK)] * 2,
    (Frontage.PARK, Frontage.PARK),
    *[(Frontage.FIELD, Frontage.FIELD)] * 1,
    *[(Frontage.FIELD, Frontage.SUBURB)] * 2,
)


def sample_street(dice: Dice) -> Street:
    """Draw a street and the camera's place on it."""
    left, right = dice.pick(_PAIRS)
    if dice.chance(0.5):
        left, right = right, left
    lanes = 4 if dice.chance(0.25) else 2
    half_width = dice.between(3.2, 4.6) if lanes == 2 else dice.between(6.2, 7.2)
    lane = half_width / 2 if lanes == 2 else half_width * dice.pick((0.25, 0.7))
    open_country = Frontage.FIELD in (left, right)
    return Street(
        view=View(dice.between(0.36, 0.5), dice.between(0.55, 0.8), dice.between(1.25, 1.8)),
        offset=-lane + dice.between(-0.4, 0.4),
        slope=dice.between(-0.15, 0.15),
        bend=dice.between(-1, 1) * dice.between(0, 0.0045),
        half_width=half_width,
        lanes=lanes,
        sides=(_sample_side(dice, left), _sample_side(dice, right)),
        junction=_sample_junction(dice) if dice.chance(0.15 if open_country else 0.4) else None,
        traffic=dice.between(0.1, 1.0),
        people=dice.between(0.2, 1.0),
        autumn=dice.between(0.4, 1.0) if dice.chance(0.22) else 0.0,
        tarmac=dice.between(0.28, 0.54),
    )


def _sample_side(dice: Dice, frontage: Frontage) -> Side:
    town, field = frontage is Frontage.TOWN, frontage is Frontage.FIELD
    verge = dice.between(1.2, 2.6) if dice.chance(0.15 if town else 0.6) else 0.0
    pavement = dice.between(2.2, 4.5) if town else dice.between(1.5, 2.6)
    return Side(
        frontage=frontage,
        verge=verge,
        pavement=0.4 if field and dice.chance(0.7) else pavement,
        lawn=0.0 if town else dice.between(3.0, 7.0),
        fenced=dice.chance(0.12 if town else 0.45 if field else 0.85),
        fence_height=dice.between(0.7, 0.9) if field else dice.between(0.9, 1.8),
        avenue=dice.chance(0.4),
        parking=dice.between(0.3, 0.9) if dice.chance(0.1 if field else 0.5) else 0.0,
        level=dice.between(6, 18) if town else 0.0,
    )


def _sample_junction(dice: Dice) -> Junction:
    return Junction(
        start=dice.between(9, 30),
        width=dice.between(6, 9),
        zebra=dice.chance(0.6),
        lights=dice.chance(0.6),
    )
