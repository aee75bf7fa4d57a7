import dataclasses
import pickle
from pathlib import Path

import pytest
import tiny_models
import torch

from sbgan_bench.errors import ConfigError, CorruptFileError, DataError
from sbgan_bench.hashing import hash_file
from sbgan_bench.model import Provenance, SceneSpec
from sbgan_bench.networks.vgg import VGG19Features
from sbgan_bench.results import Origin
from sbgan_bench.sbgan import perceptual
from sbgan_bench.sbgan.image_stage import ImageStage
from sbgan_bench.sbgan.image_training import ImageStageSettings
from sbgan_bench.sbgan.perceptual import Perceptual, perceptual_words, settled, vgg19_loss, without_vgg19
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.weights import VGG19, WeightsFile

SMALL = {"base_width": 2, "hidden": 4, "discriminator_width": 4, "upsampling": "normal"}
SPEC = SceneSpec(num_classes=3, resolution=(32, 64))


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory, monkeypatch):
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.mktemp("cache")))


def record_of(path: Path) -> WeightsFile:
    return dataclasses.replace(VGG19, file=path.name, sha256=hash_file(path)[:8], size=path.stat().st_size)


@pytest.fixture(scope="module")
def drawn(tmp_path_factory) -> tuple[Path, WeightsFile]:
    """Random weights in the format of the published file, and their own record."""
    path = tmp_path_factory.mktemp("vgg") / "vgg19-random.pth"
    torch.manual_seed(0)
    torch.save(VGG19Features().state_dict(), path)
    return path, record_of(path)


def settings(**values) -> ImageStageSettings:
    return ImageStageSettings.parse({**SMALL, **values}, "test")


def test_a_verified_file_serves_the_loss_and_another_does_not(drawn):
    path, record = drawn
    loss = vgg19_loss(path, 10.0, torch.device("cpu"), record)
    images = torch.rand(1, 3, 32, 64) * 2 - 1
    assert loss(images, images) == 0
    assert loss(images, -images) > 0
    with pytest.raises(CorruptFileError, match="dcbb9e9d"):
        vgg19_loss(path, 10.0, torch.device("cpu"))


def test_a_file_that_would_run_code_is_refused_even_under_its_own_record(tmp_path):
    class Trap:
        def __reduce__(self):
            return (Path.touch, (tmp_path / "sprung",))

    path = tmp_path / "trap.pth"
    path.write_bytes(pickle.dumps({"features.0.weight": Trap()}))
    with pytest.raises(CorruptFileError, match="does not hold"):
        vgg19_loss(path, 10.0, torch.device("cpu"), record_of(path))
    assert not (tmp_path / "sprung").exists()


def test_if_present_is_settled_by_the_file_alone(drawn, tmp_path):
    path, record = drawn
    choice = Perceptual.VGG19_IF_PRESENT
    assert settled(choice, str(path), record) is Perceptual.VGG19
    assert settled(choice, str(tmp_path / "absent.pth"), record) is Perceptual.NONE
    with pytest.raises(CorruptFileError, match=r"not used as vgg19|cut short"):
        settled(choice, str(path))
    for other in (Perceptual.NONE, Perceptual.SEGMENTER, Perceptual.VGG19):
        assert settled(other, str(tmp_path / "absent.pth"), record) is other


def test_settings_never_hold_a_choice_that_is_still_open(drawn, monkeypatch):
    assert settings(perceptual="vgg19-if-present").perceptual is Perceptual.NONE
    path, record = drawn
    monkeypatch.setattr(perceptual.settled, "__defaults__", (record,))
    found = settings(perceptual="vgg19-if-present", vgg19_weights=str(path))
    assert found.perceptual is Perceptual.VGG19
    assert ImageStageSettings.parse(found.to_json(), "again") == found


def test_a_wrong_file_is_an_error_and_no_absence(tmp_path):
    path = tmp_path / VGG19.file
    path.write_bytes(b"not these")
    with pytest.raises(ConfigError, match="cut short or another file"):
        settings(perceptual="vgg19-if-present", vgg19_weights=str(path))


def test_without_the_file_vgg19_is_refused_with_the_remedy_but_what_it_trained_can_be_loaded(tmp_path):
    wanted = settings(perceptual="vgg19")
    reason = ImageStage.unsupported(wanted, SPEC)
    assert "weights fetch vgg19" in reason
    assert reason == without_vgg19("")
    model = ImageStage.build(wanted, SPEC, seed=0)
    model.provenance = Provenance(origin=Origin.TRAINED)
    model.save(tmp_path / "model")
    loaded = ImageStage.load(tmp_path / "model", torch.device("cpu"))
    assert loaded.sampler()["perceptual"] == "vgg19 dcbb9e9d"
    with pytest.raises(DataError, match="weights fetch vgg19"):
        model.fit("default", tiny_models.table(), TrainingRun(folder=tmp_path / "run", seed=0, previews=1), {})


def test_the_default_place_is_where_fetch_puts_the_file():
    assert perceptual.vgg19_file("") == VGG19.in_folder()


@pytest.mark.parametrize(
    ("choice", "weight", "origin", "words"),
    [
        (Perceptual.VGG19, 10.0, Origin.TRAINED, "vgg19 dcbb9e9d"),
        (Perceptual.SEGMENTER, 10.0, Origin.TRAINED, "segmenter"),
        (Perceptual.SEGMENTER, 0.0, Origin.TRAINED, "none"),
        (Perceptual.NONE, 10.0, None, "none"),
        (Perceptual.SEGMENTER, 10.0, Origin.UNTRAINED, ""),
        (Perceptual.NONE, 10.0, Origin.IMPORTED, ""),
    ],
)
def test_rows_say_what_was_trained_against(choice, weight, origin, words):
    assert perceptual_words(choice, weight, origin) == words
