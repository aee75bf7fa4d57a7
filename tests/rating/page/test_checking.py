"""A study is served with the images that were frozen, or not at all."""

from pathlib import Path

import pytest
from rating.studies import make_study

from sbgan_bench.errors import DataError
from sbgan_bench.rating.page.checking import check_images
from sbgan_bench.rating.study import FrozenAnchor


def test_images_as_they_were_frozen_are_fine(tmp_path: Path) -> None:
    place = make_study(tmp_path / "study")
    check_images(place, place.read())


def test_missing_and_changed_ones_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    place = make_study(tmp_path / "study")
    study = place.read()
    anchor = FrozenAnchor(id="an-example", score=1, sha256="0" * 64)
    study = study.model_copy(update={"anchors": (anchor,)})
    missing, changed = study.images[1].id, study.images[4].id
    place.image(missing).unlink()
    place.image(changed).write_bytes(b"another")
    with pytest.raises(DataError, match=rf"3 of 8 images .*{missing}\.png; sbgan-bench rate create SPEC --out STUDY"):
        check_images(place, study)
