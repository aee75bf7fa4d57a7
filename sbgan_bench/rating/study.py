"""What a study is: as its owner writes it (``study.toml``), and as it is frozen for raters and for the owner."""

import enum
import re
from typing import Annotated, Any, Literal

from pydantic import Field, StringConstraints, field_validator, model_validator

from sbgan_bench.config import Settings
from sbgan_bench.samples import LayoutSource

#: The scale of the paper's Table 3: 1 (terrible) to 4 (high quality).
SCORES = (1, 2, 3, 4)

Text = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1)]
Score = Annotated[int, Field(ge=1, le=4)]


class Role(enum.StrEnum):
    """What an image is for."""

    MAIN = "main"  #: it is rated for the table
    PRACTICE = "practice"  #: raters begin with these; their scores count for nothing
    GOLD = "gold"  #: its score is known, and shows who does not look


class Purpose(enum.StrEnum):
    """Why an image is shown to a rater."""

    PRACTICE = "practice"
    MAIN = "main"
    GOLD = "gold"
    REPEAT = "repeat"  #: a main image that this rater scored before: for self-consistency alone


class Enlarging(enum.StrEnum):
    """How images are brought to the display size, all of them alike, once, when the study is frozen."""

    LANCZOS = "lanczos"
    NEAREST = "nearest"


class Scale(Settings):
    """The words that raters read. The paper fixes those for 1 and 4 and leaves the others open."""

    question: Text = "How good is the quality of this image?"
    labels: tuple[Text, Text, Text, Text] = ("terrible", "poor", "good", "high quality")  #: of 1, 2, 3 and 4


class Cell(Settings):
    """One model on one dataset: an entry of Table 3.

    Exactly one of ``images``, ``saved`` and ``run`` says where its images come from, or for "real" ``data``.
    """

    dataset: Text
    model: Text  #: as registered or, for images made elsewhere, whatever the table shall call it; "real" for controls
    recipe: str = ""
    variant: str = ""
    images: str = ""  #: folder, .zip or .npz of images
    saved: str = ""  #: folder of a saved model, sampled anew
    run: str = ""  #: run folder that holds such a model
    layout_source: LayoutSource | None = None  #: None for what the model does alone
    data: str = ""  #: folder of the registered ``dataset``: its real layouts, or for the model "real" its test images
    count: int | None = Field(default=None, ge=1)  #: images of this cell; None for ``images_per_cell``


class Anchor(Settings):
    """An example beside the instructions, with the score it deserves."""

    image: Text
    score: Score
    note: str = ""


class Gold(Settings):
    """An image whose score is known beforehand."""

    image: Text
    low: Score
    high: Score

    @model_validator(mode="after")
    def _ordered(self) -> "Gold":
        if self.low > self.high:
            message = f"low ({self.low}) is above high ({self.high})"
            raise ValueError(message)
        return self


class Timing(Settings):
    """Time limits, kept by the server."""

    minimum_ms: int = Field(default=500, ge=0, le=60_000)  #: a score that comes sooner is refused, the image stays
    lease_minutes: float = Field(default=15.0, gt=0)  #: after this an unanswered image may go to somebody else


class Exclusion(Settings):
    """Rules by which raters are left out, fixed before anybody rates; None (in TOML: false) switches one off."""

    gold_failures: int | None = Field(default=1, ge=0)  #: more gold images than this scored outside their range
    median_ms: int | None = Field(default=700, ge=0)  #: the median time per image is shorter
    same_score: float | None = Field(default=0.95, gt=0, le=1)  #: one score makes up more than this share...
    same_score_from: int = Field(default=15, ge=2)  #: ...of at least so many ratings
    repeat_difference: float | None = Field(default=1.5, gt=0)  #: repeats differ by more on average...
    repeat_difference_from: int = Field(default=3, ge=1)  #: ...over at least so many of them

    @field_validator("gold_failures", "median_ms", "same_score", "repeat_difference", mode="before")
    @classmethod
    def _off(cls, value: Any) -> Any:
        return None if value is False else value


class Prolific(Settings):
    """Raters come with PROLIFIC_PID, STUDY_ID and SESSION_ID in the address; any other STUDY_ID is refused."""

    study_id: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{4,64}$")]


class Assumptions(Settings):
    """Standard deviations on the scale of scores that the expected width of intervals is computed with."""

    image: float = Field(default=0.60, ge=0)
    rater: float = Field(default=0.35, ge=0)
    residual: float = Field(default=0.65, ge=0)


class StudySpec(Settings):
    """A study as its owner writes it."""

    title: Text
    seed: int = Field(default=0, ge=0)  #: of the choice of images, ids and orders
    images_per_cell: int = Field(default=200, ge=1)
    ratings_per_image: int = Field(default=3, ge=1)  #: K; by different raters
    per_rater: int = Field(default=60, ge=1)  #: main images that one rater is asked for, at most
    repeats_per_rater: int = Field(default=5, ge=0)  #: how many of them come once more, later
    practice_images: int = Field(default=4, ge=0)  #: drawn from images that no cell uses, when ``practice`` names none
    display: str | None = None  #: "HxW"; None: as they are
    enlarging: Enlarging = Enlarging.LANCZOS
    instructions: Text = "You will see images one at a time. Judge how good each looks, by the scale below."
    consent: Text
    completion_code: Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9-]{0,40}$")] = ""  #: "" for one per rater
    contact: str = ""  #: whom raters can write to
    scale: Scale = Scale()
    timing: Timing = Timing()
    exclusion: Exclusion = Exclusion()
    assumptions: Assumptions = Assumptions()
    prolific: Prolific | None = None
    cells: tuple[Cell, ...] = Field(min_length=1)
    anchors: tuple[Anchor, ...] = ()
    practice: tuple[Text, ...] = ()  #: paths of images
    gold: tuple[Gold, ...] = ()

    @field_validator("display")
    @classmethod
    def _size(cls, value: str | None) -> str | None:
        if value is not None and not re.fullmatch(r"[1-9][0-9]*x[1-9][0-9]*", value):
            message = 'write "HxW", as "256x512"'
            raise ValueError(message)
        return value


class FrozenImage(Settings):
    """One image as raters may know it: nothing here says where it came from."""

    id: str  #: 24 hexadecimal digits, drawn by lot; the file is ``images/ID.png``
    role: Role
    stratum: int  #: number of its cell after a shuffle, so that raters see all cells evenly; -1 for other roles
    sha256: str  #: of the file


class FrozenAnchor(Settings):
    """An example beside the instructions; its file is ``images/ID.png``."""

    id: str
    score: Score
    note: str = ""
    sha256: str


class FrozenStudy(Settings):
    """What the rating process reads (``study.json``): everything but whose images they are."""

    schema_version: Literal[1] = 1
    hash: str  #: sha256 over the owner's file, the key and the images: the protocol of every row
    title: Text
    seed: int
    instructions: Text
    consent: Text
    contact: str = ""
    completion_code: str = ""
    scale: Scale
    timing: Timing
    ratings_per_image: int
    per_rater: int
    repeats_per_rater: int
    height: int  #: of every image, in pixels
    width: int
    prolific: Prolific | None = None
    images: tuple[FrozenImage, ...]
    anchors: tuple[FrozenAnchor, ...] = ()

    def of_role(self, role: Role) -> tuple[FrozenImage, ...]:
        """Return the images of one role, in file order."""
        return tuple(image for image in self.images if image.role is role)


class CellIdentity(Settings):
    """Which cell of the common schema an entry of Table 3 is."""

    dataset: str
    model: str
    title: str  #: as printed
    recipe: str = ""
    variant: str = ""
    preset: str = ""
    fingerprint: str = ""  #: of the dataset
    resolution: str  #: "HxW" of the images before they were brought to the display size
    layout_source: LayoutSource = LayoutSource.NONE
    training_seed: int | None = None
    training_images: int | None = None
    checkpoint_hash: str = ""
    images_hash: str = ""
    origin: str = "trained"  #: an ``Origin``


class ImageSecret(Settings):
    """Where one image came from; for the owner alone."""

    cell: int | None  #: index into ``OwnerKey.cells``; None for practice and gold
    source: str  #: "member 17" of a set, or "sampling seed 1000017"
    low: int | None = None  #: of gold
    high: int | None = None


class OwnerKey(Settings):
    """What the rating process never reads (``owner/key.json``)."""

    hash: str  #: of the study it belongs to
    cells: tuple[CellIdentity, ...]
    images: dict[str, ImageSecret]  #: by id
    ratings_per_image: int
    exclusion: Exclusion
    assumptions: Assumptions
