"""A study of made-up images that cost what photographs cost."""

from pathlib import Path

import numpy as np
from PIL import Image

from sbgan_bench.hashing import hash_file, hash_json
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.study import FrozenImage, FrozenStudy, Role, Scale, Timing
from sbgan_bench.storage import write_json

#: Images to practise on, beside those that are rated.
_PRACTICE = 4


def write_study(folder: Path, images: int, ratings: int, size: tuple[int, int], seed: int) -> StudyFolder:
    """Write the folder of a study and return it.

    Args:
        folder: Where.
        images: To be rated, in four strata.
        ratings: Of each image, K.
        size: (height, width), multiples of 16.
        seed: Of the pictures.
    """
    place = StudyFolder(folder)
    place.images.mkdir(parents=True)
    rng = np.random.default_rng(seed)
    frozen = []
    for number in range(images + _PRACTICE):
        identifier = rng.bytes(12).hex()
        path = place.image(identifier)
        _picture(rng, size).save(path)
        role, stratum = (Role.MAIN, number % 4) if number < images else (Role.PRACTICE, -1)
        frozen.append(FrozenImage(id=identifier, role=role, stratum=stratum, sha256=hash_file(path)))
    study = FrozenStudy(
        hash=hash_json([image.to_json() for image in frozen]), title="Load", seed=seed, instructions="Look and judge.",
        consent="I agree.", scale=Scale(), timing=Timing(), ratings_per_image=ratings, per_rater=images,
        repeats_per_rater=5, height=size[0], width=size[1], images=tuple(frozen),
    )  # fmt: skip
    write_json(place.frozen, study.to_json())
    place.platform_key.write_bytes(rng.bytes(32))
    return place


def _picture(rng: np.random.Generator, size: tuple[int, int]) -> Image.Image:
    """Return soft colours with grain."""
    height, width = size
    coarse = rng.normal(110, 45, (3, height // 16, width // 16)).astype(np.float32)
    soft = [Image.fromarray(channel).resize((width, height), Image.Resampling.BICUBIC) for channel in coarse]
    pixels = np.stack([np.asarray(channel) for channel in soft], axis=2) + rng.normal(0, 4, (height, width, 3))
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))
