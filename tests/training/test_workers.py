"""Several processes with one global batch train what one process trains."""

import pytest
import shared_training
import tiny_models
import torch
from processes import together
from safetensors.torch import load_file

from sbgan_bench.training.run import TrainingRun
from sbgan_bench.workers import ALONE

#: All that train steps of their own.
TRAINED = [
    (name, recipe)
    for name, recipe in tiny_models.cases()
    if name in shared_training.LONGER and (name, recipe) not in {("sbgan", "none"), ("spade", "default")}
]


@pytest.mark.slow
@pytest.mark.parametrize(("name", "recipe"), TRAINED, ids=["-".join(case) for case in TRAINED])
def test_two_processes_follow_one(name, recipe, tmp_path):
    """In float64, over twenty steps and more, to a part in a million of each tensor's norm."""
    together(1, shared_training.fit, tmp_path / "one", name, recipe, tmp_path / "one", tmp_path / "one.safetensors")
    together(2, shared_training.fit, tmp_path / "two", name, recipe, tmp_path / "two", tmp_path / "two.safetensors")
    one, two = load_file(tmp_path / "one.safetensors"), load_file(tmp_path / "two.safetensors")
    assert one.keys() == two.keys()
    for key, expected in one.items():
        apart = (two[key].double() - expected.double()).norm() / expected.double().norm().clamp(min=1e-3)
        assert apart < 1e-6, f"{key}: {apart:.1e}"


@pytest.mark.slow
@pytest.mark.parametrize(("name", "recipe"), TRAINED, ids=["-".join(case) for case in TRAINED])
def test_gradients_of_two_processes_are_those_of_one(name, recipe, tmp_path):
    """In float32, of the first step of every optimizer, to 1e-4 of each tensor's norm.

    A tensor whose gradients cancel (a bias before a normalisation, say) holds little but rounding: no norm counts as
    less than a thousandth of the whole update's. Of the first steps only, since rounding now and then takes an
    activation of these tiny networks over the kink of a rectifier, in one process as in two.
    """
    for world, place in ((1, tmp_path / "one"), (2, tmp_path / "two")):
        together(world, shared_training.gradients, place, name, recipe, place, place.with_suffix(".safetensors"))
    one, two = load_file(tmp_path / "one.safetensors"), load_file(tmp_path / "two.safetensors")
    assert one.keys() == two.keys()
    for update in {key.split("/")[0] for key in one}:
        keys = [key for key in one if key.startswith(f"{update}/")]
        whole = torch.stack([one[key].norm() for key in keys]).norm()
        for key in keys:
            apart = (two[key] - one[key]).norm() / one[key].norm().clamp(min=1e-3 * whole.item())
            assert apart < 1e-4, f"{key}: {apart:.1e}"


def test_only_the_first_process_writes(tmp_path):
    together(2, shared_training.fit_apart, tmp_path, tmp_path)
    assert (tmp_path / "0" / "stats.jsonl").is_file()
    assert not (tmp_path / "1").exists()


def test_more_processes_than_images_are_an_error_and_no_hang(tmp_path):
    together(2, shared_training.share_too_little, tmp_path, tmp_path / "run")


def test_alone_is_the_default():
    assert TrainingRun(folder=None, seed=0).workers is ALONE
