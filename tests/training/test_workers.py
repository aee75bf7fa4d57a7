"""Several processes with one global batch train what one process trains."""

import pytest
import shared_training
import tiny_models
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


def test_only_the_first_process_writes(tmp_path):
    together(2, shared_training.fit_apart, tmp_path, tmp_path)
    assert (tmp_path / "0" / "stats.jsonl").is_file()
    assert not (tmp_path / "1").exists()


def test_more_processes_than_images_are_an_error_and_no_hang(tmp_path):
    together(2, shared_training.share_too_little, tmp_path, tmp_path / "run")


def test_alone_is_the_default():
    assert TrainingRun(folder=None, seed=0).workers is ALONE
