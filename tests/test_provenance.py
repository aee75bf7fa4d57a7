"""What a saved model says of itself: the dataset it knows and where its weights come from."""

import json

import pytest
import tiny_models
import torch

from sbgan_bench.model import Provenance, SourceFile, content_hash, load_model
from sbgan_bench.results import Origin

CPU = torch.device("cpu")
KNOWN = Provenance(
    origin=Origin.IMPORTED, dataset="tiny", fingerprint="f", class_names=("sky", "road"), steps=7,
    sources=(SourceFile(name="latest_net_G.pth", sha256="0" * 64),),
)  # fmt: skip


@pytest.fixture
def model():
    return tiny_models.build("constant")


def test_it_is_saved_and_loaded_with_the_weights(model, tmp_path):
    model.provenance = KNOWN
    model.save(tmp_path / "model")
    loaded = load_model(tmp_path / "model", CPU)
    assert loaded.provenance == KNOWN
    loaded.save(tmp_path / "again")
    assert content_hash(tmp_path / "again") == content_hash(tmp_path / "model")


def test_folders_from_before_it_still_load(model, tmp_path):
    model.save(tmp_path / "model")
    path = tmp_path / "model" / "model.json"
    header = json.loads(path.read_text())
    del header["provenance"]
    path.write_text(json.dumps(header))
    assert load_model(tmp_path / "model", CPU).provenance == Provenance()


def test_one_model_does_not_speak_for_another(model):
    model.provenance = KNOWN
    assert tiny_models.build("constant").provenance == Provenance()
