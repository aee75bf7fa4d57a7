"""Writing a frozen study: what raters may know into one part of its folder, whose images they are into the other."""

import hashlib
import hmac
import secrets
from collections.abc import Iterable
from dataclasses import dataclass, field

from sbgan_bench.hashing import hash_json
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.freezing.plan import Picture, Plan, Seen
from sbgan_bench.rating.freezing.png import encoded, write_dateless
from sbgan_bench.rating.study import FrozenAnchor, FrozenImage, FrozenStudy, ImageSecret, OwnerKey, Role
from sbgan_bench.storage import write_json

_DIGITS = 24

#: What a frozen study has in common with the owner's file.
_SHARED = (
    "title", "seed", "instructions", "consent", "contact", "completion_code", "scale", "timing", "ratings_per_image",
    "per_rater", "repeats_per_rater", "prolific",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Names:
    """Names that follow from pixels and a secret alone, so that no order and no cell can be read from them.

    The secret is a hash of the owner's whole file: HMAC (RFC 2104) under a key that raters do not know. The same study
    frozen again has the same names.
    """

    secret: bytes

    def image(self, digest: bytes) -> str:
        """Return the id of a picture."""
        return hmac.digest(self.secret, b"image" + digest, "sha256").hex()[:_DIGITS]

    def rank(self, identifiers: Iterable[str]) -> str:
        """Return what a cell's place among the others goes by."""
        return hmac.digest(self.secret, f"cell{sorted(identifiers)}".encode(), "sha256").hex()


@dataclass(slots=True)
class _Parts:
    """What was written so far."""

    main: dict[str, tuple[int, str]] = field(default_factory=dict)  #: id -> cell, sha256 of the file
    others: list[FrozenImage] = field(default_factory=list)
    anchors: list[FrozenAnchor] = field(default_factory=list)
    secrets: dict[str, ImageSecret] = field(default_factory=dict)

    def add(self, picture: Picture, identifier: str, sha256: str) -> None:
        """Note a picture that was written."""
        anchor, gold = picture.anchor, picture.gold
        if anchor is not None:
            self.anchors.append(FrozenAnchor(id=identifier, score=anchor.score, note=anchor.note, sha256=sha256))
            return
        if picture.role is Role.MAIN and picture.cell is not None:
            self.main[identifier] = (picture.cell, sha256)
        elif picture.role is not None:
            self.others.append(FrozenImage(id=identifier, role=picture.role, stratum=-1, sha256=sha256))
        self.secrets[identifier] = ImageSecret(
            cell=picture.cell,
            source=picture.source,
            low=None if gold is None else gold.low,
            high=None if gold is None else gold.high,
        )

    def images(self, names: _Names, cells: int) -> tuple[FrozenImage, ...]:
        """Return all images in order of id; cells get their numbers by a lot that hangs on their images."""
        inside = {cell: [one for one, (owner, _) in self.main.items() if owner == cell] for cell in range(cells)}
        order = sorted(range(cells), key=lambda cell: names.rank(inside[cell]))
        strata = {cell: number for number, cell in enumerate(order)}
        main = [
            FrozenImage(id=identifier, role=Role.MAIN, stratum=strata[cell], sha256=sha256)
            for identifier, (cell, sha256) in self.main.items()
        ]
        return tuple(sorted([*main, *self.others], key=lambda image: image.id))


def write_study(plan: Plan, folder: StudyFolder, pictures: Iterable[Picture]) -> FrozenStudy:
    """Write everything but the store into an empty folder.

    Args:
        plan: The study.
        folder: Where to.
        pictures: All pictures of the plan.

    Returns:
        What was frozen, with its hash: over the owner's values, the key and the files of all images.

    Raises:
        DataError: Two pictures are the same.
    """
    spec, parts, seen = plan.spec, _Parts(), Seen()
    names = _Names(bytes.fromhex(spec.digest()))
    folder.owner.mkdir(mode=0o700, parents=True)
    folder.images.mkdir()
    for picture in pictures:
        identifier = names.image(seen.add(picture))
        content = encoded(picture.pixels)
        write_dateless(folder.image(identifier), content)
        parts.add(picture, identifier, hashlib.sha256(content).hexdigest())
    images = parts.images(names, len(spec.cells))
    anchors = tuple(sorted(parts.anchors, key=lambda anchor: (anchor.score, anchor.id)))
    key = _key(plan, parts)
    digest = hash_json([spec.to_json(), key.to_json(), [one.to_json() for one in (*images, *anchors)]])
    shared = {name: getattr(spec, name) for name in _SHARED}
    study = FrozenStudy(hash=digest, height=plan.size[0], width=plan.size[1], images=images, anchors=anchors, **shared)
    write_json(folder.frozen, study.to_json())
    _write_secrets(folder, key.model_copy(update={"hash": digest}), plan.text)
    return study


def _key(plan: Plan, parts: _Parts) -> OwnerKey:
    """Return whose images they are, without the hash, which is over this too."""
    return OwnerKey(
        hash="",
        cells=tuple(chosen.images.identity for chosen in plan.cells),
        images=dict(sorted(parts.secrets.items())),
        ratings_per_image=plan.spec.ratings_per_image,
        exclusion=plan.spec.exclusion,
        assumptions=plan.spec.assumptions,
    )


def _write_secrets(folder: StudyFolder, key: OwnerKey, text: bytes) -> None:
    """Write what only the owner may read, and the secret that platform ids are hashed with."""
    write_json(folder.key, key.to_json())
    folder.spec.write_bytes(text)
    folder.platform_key.write_bytes(secrets.token_bytes(32))
    for path in (folder.key, folder.spec, folder.platform_key):
        path.chmod(0o600)
