"""What is measured without having been asked for, how often, and what a row says of the images it is about."""

from pathlib import Path

import pytest
from annotation.scenes import facts as drn_facts
from annotation.scenes import network as drn_network
from evaluation.tools import pictures, saved_model
from scenery import written

from sbgan_bench.annotation.weights import save_segmenter
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.errors import DataError
from sbgan_bench.evaluation import Terms, contest_of_models, contest_of_sets, evaluate_sets
from sbgan_bench.evaluation.outline import outline
from sbgan_bench.image_sets import open_images
from sbgan_bench.protocol import Content, LayoutClasses
from sbgan_bench.results import Reals

IMAGES = frozenset({Content.IMAGES})


@pytest.mark.parametrize(("size", "measured"), [((32, 64), ["texture"]), ((28, 28), []), (None, ["texture"])])
def test_what_cannot_measure_a_size_is_left_out_unless_it_was_asked_for(
    size: tuple[int, int] | None, measured: list[str]
) -> None:
    assert [one.name for one in Terms().opened(None, IMAGES, size=size)] == measured
    assert [one.name for one in Terms(protocols=("texture",)).opened(None, IMAGES, size=size)] == ["texture"]


def test_the_folder_of_a_segmenter_is_offered_to_those_alone_that_take_it(tmp_path: Path) -> None:
    terms = Terms(judge=tmp_path / "segmenter")
    save_segmenter(terms.judge, drn_network(), drn_facts())
    classes = LayoutClasses(drn_facts().class_names)
    assert {one.name for one in terms.opened(classes, frozenset(Content))} == {"layout", "segmentation", "texture"}


def test_small_images_can_be_measured_by_nothing_that_is_here(tmp_path: Path) -> None:
    small = [written(pictures(4, seed, (16, 16)), tmp_path / str(seed)) for seed in (0, 1)]
    with pytest.raises(DataError, match="Nothing can be measured"):
        contest_of_sets(small[0], small[1:], Terms()).rows()


def test_rows_hold_the_hash_of_the_images_that_were_given(tmp_path: Path) -> None:
    real, ours = (written(pictures(count, count), tmp_path / str(count)) for count in (8, 5))
    rows = evaluate_sets(real, [ours], Terms(protocols=("texture",), metrics=("kernel-distance",)))
    hashes = {row.model: row.images_hash for row in rows}
    assert hashes == {"5": open_images(ours).fingerprint(), "real": ""}


def test_every_image_once_is_one_trial_of_a_model_too(tmp_path: Path) -> None:
    model = saved_model("constant", tmp_path / "model")
    dataset = open_dataset("toy-streets", {"train": 4, "selection": 4, "test": 12}, "test")
    terms = Terms(protocols=("texture",), num=4, reals=Reals.ALL)
    assert outline(contest_of_models([model], dataset, terms))["trials"] == 1
