"""Small frozen studies for tests."""

import secrets
from pathlib import Path

import numpy as np
from PIL import Image

from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.study import (
    Assumptions,
    CellIdentity,
    Exclusion,
    FrozenImage,
    FrozenStudy,
    ImageSecret,
    OwnerKey,
    Role,
    Scale,
    Timing,
)
from sbgan_bench.storage import write_json


def make_study(
    folder: Path,
    *,
    cells: int = 2,
    images_per_cell: int = 3,
    ratings_per_image: int = 2,
    per_rater: int = 60,
    practice: int = 1,
    gold: int = 0,
    repeats: int = 0,
    size: tuple[int, int] = (16, 32),
    timing: Timing | None = None,
    exclusion: Exclusion | None = None,
    seed: int = 0,
) -> StudyFolder:
    """Write the folder of a study of noise images and return it."""
    place = StudyFolder(folder)
    place.images.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    frozen: list[FrozenImage] = []
    hidden: dict[str, ImageSecret] = {}

    def add(role: Role, stratum: int, secret: ImageSecret) -> None:
        identifier = rng.bytes(12).hex()
        Image.fromarray(rng.integers(0, 256, (*size, 3), dtype=np.uint8)).save(place.image(identifier))
        frozen.append(
            FrozenImage(id=identifier, role=role, stratum=stratum, sha256=hash_file(place.image(identifier)))
        )
        hidden[identifier] = secret

    strata = rng.permutation(cells)
    for cell in range(cells):
        for member in range(images_per_cell):
            add(Role.MAIN, int(strata[cell]), ImageSecret(cell=cell, source=f"member {member}"))
    for member in range(practice):
        add(Role.PRACTICE, -1, ImageSecret(cell=None, source=f"practice {member}"))
    for member in range(gold):
        add(Role.GOLD, -1, ImageSecret(cell=None, source=f"gold {member}", low=1, high=1))
    study_hash = hash_json([image.to_json() for image in frozen])
    study = FrozenStudy(
        hash=study_hash, title="A test study", seed=seed, instructions="Look and judge.", consent="I agree.",
        scale=Scale(), timing=timing or Timing(minimum_ms=0), ratings_per_image=ratings_per_image,
        per_rater=per_rater, repeats_per_rater=repeats, height=size[0], width=size[1], images=tuple(frozen),
    )  # fmt: skip
    write_json(place.frozen, study.to_json())
    place.platform_key.write_bytes(secrets.token_bytes(32))
    place.platform_key.chmod(0o600)
    titles = [f"model-{'abcdefgh'[cell]}" for cell in range(cells)]
    key = OwnerKey(
        hash=study_hash,
        cells=tuple(CellIdentity(dataset="toy", model=title, title=title, resolution=f"{size[0]}x{size[1]}")
                    for title in titles),
        images=hidden, ratings_per_image=ratings_per_image, exclusion=exclusion or Exclusion(),
        assumptions=Assumptions(),
    )  # fmt: skip
    write_json(place.key, key.to_json())
    return place
