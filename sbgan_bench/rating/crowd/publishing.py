"""Creating the HITs of a batch, each of them once however often the work is cut off."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sbgan_bench.errors import ConfigError
from sbgan_bench.hashing import hash_json
from sbgan_bench.rating.crowd.batch import Batch, BatchFolder
from sbgan_bench.rating.crowd.dealing import Hit
from sbgan_bench.rating.crowd.marketplace import Marketplace, MTurkError, annotation, study_hits, told, turk_code
from sbgan_bench.rating.crowd.template import fill_template
from sbgan_bench.rating.crowd.terms import Terms
from sbgan_bench.rating.study import FrozenStudy
from sbgan_bench.storage import read_json, write_json

#: Bytes that Mechanical Turk allows a question.
_LARGEST = 65_535
_QUESTION = (
    '<HTMLQuestion xmlns="http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2011-11-11/'
    'HTMLQuestion.xsd"><HTMLContent><![CDATA[{}]]></HTMLContent><FrameHeight>0</FrameHeight></HTMLQuestion>'
)


@dataclass(frozen=True, slots=True)
class _Planned:
    """A HIT that shall exist."""

    token: str  #: the same at every attempt
    question: str


@dataclass(frozen=True, slots=True)
class Publication:
    """What exists, and what is still to be created."""

    batch: Batch
    existing: dict[str, str]  #: token -> HITId
    missing: tuple[_Planned, ...]

    @property
    def assignments(self) -> int:
        """Assignments of the HITs that are missing."""
        return len(self.missing) * self.batch.ratings_per_image


def plan_publication(client: Any, folder: BatchFolder, study: FrozenStudy, marketplace: Marketplace) -> Publication:
    """Say which HITs of a batch are missing.

    A HIT exists if the marketplace lists it or if the batch's own record has it: Mechanical Turk forgets request
    tokens after 24 hours, and HITs that were deleted.

    Raises:
        ConfigError: The template does not fit, is too large, or another batch of this study is out.
        MTurkError: The marketplace cannot be asked.
    """
    batch = folder.read(study)
    template = folder.template.read_text(encoding="utf-8")
    planned = [
        _Planned(token, _question(fill_template(template, batch.row(hit)))) for token, hit in hit_tokens(batch).items()
    ]
    listed = {token: str(hit["HITId"]) for token, hit in study_hits(client, study).items()}
    strangers = set(listed) - {hit.token for hit in planned}
    if strangers:
        raise ConfigError(
            f"{len(strangers)} HITs of another batch of this study exist on the {marketplace} marketplace: images "
            "would be rated, and paid, twice. Publish that batch again to complete it, or delete its HITs."
        )
    existing = _recorded(folder, marketplace) | listed
    return Publication(batch, existing, tuple(hit for hit in planned if hit.token not in existing))


def publish(
    client: Any,
    folder: BatchFolder,
    study: FrozenStudy,
    marketplace: Marketplace,
    terms: Terms,
    publication: Publication,
) -> Iterator[str]:
    """Create the HITs that are missing, remember each as soon as it exists, and yield the group it is found in.

    Args:
        client: Of ``connect``.
        folder: The batch.
        study: Whose batch.
        marketplace: Where.
        terms: What workers are offered.
        publication: From ``plan_publication``.

    Raises:
        MTurkError: It refused, or cannot be reached; doing it again creates what is missing and nothing twice.
    """
    with told("create the HIT type"):
        kind = client.create_hit_type(**terms.hit_type())["HITTypeId"]
    existing = dict(publication.existing)
    for planned in publication.missing:
        hit = _create(client, study, planned, kind, publication.batch.ratings_per_image, terms)
        existing[planned.token] = hit["HITId"]
        write_json(folder.published(marketplace), existing)
        yield str(hit.get("HITGroupId", ""))


def _create(client: Any, study: FrozenStudy, planned: _Planned, kind: str, ratings: int, terms: Terms) -> Any:
    """Create a HIT, or find the one that an earlier attempt created without hearing of it."""
    with told("create a HIT"):
        try:
            created = client.create_hit_with_hit_type(
                HITTypeId=kind,
                MaxAssignments=ratings,
                LifetimeInSeconds=86_400 * terms.days,
                Question=planned.question,
                RequesterAnnotation=annotation(study, planned.token),
                UniqueRequestToken=planned.token,
            )
        except client.exceptions.RequestError as error:
            if "hitalreadyexists" not in turk_code(error).lower():
                raise
        else:
            return created["HIT"]
    found = study_hits(client, study).get(planned.token)
    if found is None:
        raise MTurkError("Mechanical Turk says that a HIT exists but does not list it yet; try again in a minute.")
    return found


def hit_tokens(batch: Batch) -> dict[str, Hit]:
    """Return the HITs of a batch by their tokens: 64 hexadecimal digits that follow from the study and the images."""
    fixed = {"study": batch.study, "assignments": batch.ratings_per_image}
    return {hash_json(fixed | {"images": hit}): hit for hit in batch.hits}


def _question(html: str) -> str:
    """Return the question of a HIT.

    Raises:
        ConfigError: It is larger than allowed.
    """
    question = _QUESTION.format(html.replace("]]>", "]]]]><![CDATA[>"))
    size = len(question.encode("utf-8"))
    if size > _LARGEST:
        raise ConfigError(
            f"The page of a HIT has {size} bytes and {_LARGEST} are allowed: export with fewer --images-per-hit, "
            "or shorten the consent."
        )
    return question


def _recorded(folder: BatchFolder, marketplace: Marketplace) -> dict[str, str]:
    path = folder.published(marketplace)
    return {str(token): str(hit) for token, hit in read_json(path).items()} if path.is_file() else {}
