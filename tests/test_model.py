import json

import pytest
import tiny_models
import torch

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.model import content_hash, load_model

CPU = torch.device("cpu")


@pytest.fixture
def saved(tmp_path):
    tiny_models.build("progan-reference").save(tmp_path / "model")
    return tmp_path / "model"


def damaged(change):
    """A header with one thing changed."""

    def apply(text):
        header = json.loads(text)
        change(header)
        return json.dumps(header)

    return apply


@pytest.mark.parametrize(
    "damage",
    [
        lambda text: "",
        lambda text: text[: len(text) // 2],
        lambda text: "{}",
        lambda text: "[]",
        lambda text: "null",
        damaged(lambda header: header.pop("weights")),
        damaged(lambda header: header.update(resolution=[16])),
        damaged(lambda header: header.update(resolution=[17, 31])),
        damaged(lambda header: header.update(num_classes="many")),
        damaged(lambda header: header.update(num_classes=-1)),
        damaged(lambda header: header["settings"].update(latent_dim="wide")),
        damaged(lambda header: header["settings"].update(latent_dim=9)),
        damaged(lambda header: header["weights"].clear()),
        damaged(lambda header: header["weights"].update(generator=3)),
    ],
)
def test_a_damaged_header_is_named_in_one_line(saved, damage):
    path = saved / "model.json"
    path.write_text(damage(path.read_text()))
    with pytest.raises(CorruptFileError, match=r"model\.json|generator\.safetensors") as caught:
        load_model(saved, CPU)
    assert str(saved) in str(caught.value)
    assert "elete" in str(caught.value)


def test_a_missing_header_or_network_is_named(saved):
    (saved / "discriminator.safetensors").unlink()
    with pytest.raises(CorruptFileError, match=r"discriminator\.safetensors is missing"):
        load_model(saved, CPU)
    (saved / "model.json").unlink()
    with pytest.raises(CorruptFileError, match=r"model\.json is missing"):
        load_model(saved, CPU)


def test_loading_and_saving_again_gives_the_same_content(saved, tmp_path):
    load_model(saved, CPU).save(tmp_path / "again")
    assert content_hash(saved) == content_hash(tmp_path / "again")
