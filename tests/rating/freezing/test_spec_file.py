"""What is refused by the file, the folders and the sizes, each in one line."""

from pathlib import Path
from typing import Any

import image_trees
import pytest
from PIL import Image
from rating.owners import cell, spec_file

from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.rating.freezing import plan_study
from sbgan_bench.rating.freezing.spec_file import read_spec
from sbgan_bench.rating.study import StudySpec

ALPHA, BETA = cell("alpha", "a"), cell("beta", "b")

FAULTS: list[tuple[dict[str, Any], str]] = [
    ({"image_per_cell": 3}, "unknown key 'image_per_cell'. Did you mean 'images_per_cell'"),
    ({"cells": [{**ALPHA, "folder": "a"}]}, "unknown key 'cells.0.folder'"),
    ({"cells": [cell("alpha")]}, "noise / alpha does not say where its images come from"),
    ({"cells": [cell("alpha", "a", saved="m")]}, "noise / alpha has images and saved"),
    ({"cells": [cell("alpha", "a", data="b")]}, "has images and data"),
    ({"cells": [cell("real", saved="b")]}, "is no model that could be sampled"),
    ({"cells": [ALPHA, BETA, ALPHA]}, "noise / alpha stands there twice"),
    ({"cells": [cell("alpha", "nowhere")]}, r"noise / alpha: images = 'nowhere': .*nowhere does not exist"),
    ({"cells": [cell("alpha", "a", count=7), BETA]}, r"count = 7, but .*a has 6 images"),
    ({"images_per_cell": 20}, r"images_per_cell = 20, but .*a has 6 images; add some, or set count = 6"),
    ({"images_per_cell": 6}, "practice_images = 2, but the cells leave 0 images unused"),
    ({"title": "Alpha, at last"}, "title names 'alpha', a model of this study"),
    ({"consent": "I rate images of al-pha."}, "consent names 'alpha'"),
    ({"scale": {"question": "Is this BETA?"}}, r"scale\.question names 'beta'"),
    ({"anchors": [{"image": "x", "score": 1, "note": "by beta"}]}, r"anchors\.note names 'beta'"),
    ({"title": "alpha_vs_ours"}, "title names 'alpha'"),
    ({"instructions": "Some are ALPHAs, others betas."}, "instructions names 'alpha'"),
    ({"instructions": "Made by theAlphaModel."}, "instructions names 'alpha'"),
    ({"repeats_per_rater": 6}, "repeats_per_rater = 6 of per_rater = 6 images"),
    ({"practice": ["x.png"]}, r"practice: x\.png: there is no file"),
    ({"practice": ["large.png"]}, r"practice: large\.png is 20x50, which would be distorted at 8x16"),
    ({"practice": ["study.toml"]}, "is not an image that can be read"),
    ({"practice": ["once.png", "once.png"]}, r"one and the same picture: practice: once\.png; practice: once\.png"),
    ({"gold": [{"image": "once.png", "low": 3, "high": 2}]}, r"low \(3\) is above high \(2\)"),
    ({"practice": ["once.png"], "gold": [{"image": "once.png", "low": 1, "high": 2}]}, "one and the same picture"),
    ({"cells": [ALPHA, cell("wide", "c")]}, "noise / alpha is 8x16, noise / wide is 12x24. Add display"),
    (
        {"cells": [ALPHA, cell("tall", "d")], "display": "8x16"},
        "noise / tall is 8x12, which would be distorted at 8x16",
    ),
    (
        {"cells": [ALPHA, cell("wide", "c")], "display": "16x32", "enlarging": "nearest"},
        "noise / wide is 12x24: repeating pixels .* does not make 16x32 of it",
    ),
    ({"display": "0x16"}, 'display = \'0x16\': .*write "HxW", as "256x512"'),
    ({"seed": -1}, "seed = -1"),
]


@pytest.mark.parametrize(("changes", "message"), FAULTS, ids=lambda one: one if isinstance(one, str) else "")
def test_every_fault_is_one_line(tmp_path: Path, changes: dict[str, Any], message: str) -> None:
    image_trees.folder(tmp_path / "c", image_trees.pixels(6, (12, 24)))
    image_trees.folder(tmp_path / "d", image_trees.pixels(6, (8, 12)))
    Image.new("RGB", (50, 20)).save(tmp_path / "large.png")
    Image.new("RGB", (16, 8)).save(tmp_path / "once.png")
    with pytest.raises(BenchError, match=message) as raised:
        plan_study(spec_file(tmp_path, **changes))
    assert "\n" not in str(raised.value)


def test_no_file_and_no_toml(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match=r"No file .*absent\.toml"):
        read_spec(tmp_path / "absent.toml")
    (tmp_path / "bad.toml").write_text("title = ")
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_spec(tmp_path / "bad.toml")


def test_real_images_and_ordinary_words_name_no_model(tmp_path: Path) -> None:
    words = {"title": "Are they real?", "consent": "All alphabets, real or not."}
    assert read_spec(spec_file(tmp_path, **words, cells=[ALPHA, cell("real", "b")])).title == "Are they real?"


def test_a_name_of_two_letters_is_found_nowhere(tmp_path: Path) -> None:
    assert read_spec(spec_file(tmp_path, title="An image", cells=[cell("an", "a"), BETA])).title == "An image"


def test_false_switches_a_rule_off(tmp_path: Path) -> None:
    rules = dict.fromkeys(("gold_failures", "median_ms", "same_score", "repeat_difference"), False)
    spec = read_spec(spec_file(tmp_path, exclusion=rules))
    assert (spec.exclusion.gold_failures, spec.exclusion.median_ms, spec.exclusion.same_score) == (None, None, None)
    assert spec.exclusion.repeat_difference is None
    assert StudySpec.parse(spec.to_json(), "again") == spec
    with pytest.raises(ConfigError, match="same_score_from"):
        read_spec(spec_file(tmp_path, exclusion={"same_score_from": True}))


def test_the_owner_is_told_what_nothing_forbids(tmp_path: Path) -> None:
    told = " ".join(plan_study(spec_file(tmp_path)).advice)
    for rule in ("gold_failures = 1", "repeat_difference", "same_score"):
        assert f"{rule} excludes nobody" in told
    assert "no real images as controls for noise" in told
    rules = dict.fromkeys(("gold_failures", "median_ms", "same_score", "repeat_difference"), False)
    assert plan_study(spec_file(tmp_path, exclusion=rules, cells=[ALPHA, cell("real", "b")])).advice == ()
