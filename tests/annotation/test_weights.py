import json
import shutil

import pytest
import torch
from annotation.scenes import facts, network

from sbgan_bench.annotation.confusion import Confusion
from sbgan_bench.annotation.pretrained import load_pretrained
from sbgan_bench.annotation.weights import FACTS, WEIGHTS, load_segmenter, save_segmenter
from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.hashing import hash_file
from sbgan_bench.networks.drn import DRNArch


@pytest.fixture
def copy(segmenter, tmp_path):
    return shutil.copytree(segmenter, tmp_path / "segmenter")


def edit(folder, **changes):
    values = json.loads((folder / FACTS).read_text())
    (folder / FACTS).write_text(json.dumps({**values, **changes}))


def test_what_was_saved_is_loaded(tmp_path):
    evaluation = Confusion.empty(3).evaluation(("red", "green", "blue"), "x", "test")
    written = save_segmenter(tmp_path, network(seed=5), facts(evaluation=evaluation, training={"recipe": {"a": 1}}))
    loaded = load_segmenter(tmp_path)
    assert loaded.facts == written
    assert written.weights_sha256 == hash_file(tmp_path / WEIGHTS)
    assert not loaded.network.training
    expected = network(seed=5).state_dict()
    assert all(torch.equal(tensor, expected[key]) for key, tensor in loaded.network.state_dict().items())


def test_an_empty_folder_says_how_to_make_a_segmenter(tmp_path):
    with pytest.raises(ConfigError, match=r"no drn.json.*annotate train.*import"):
        load_segmenter(tmp_path)


def test_damage_is_noticed(copy):
    content = bytearray((copy / WEIGHTS).read_bytes())
    content[-1] ^= 1
    (copy / WEIGHTS).write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"drn\.safetensors"):
        load_segmenter(copy)


def test_another_format_and_other_sizes_are_refused(copy):
    edit(copy, arch="drn_d_38")
    with pytest.raises(ConfigError, match=r"does not fit the network: base\.3\.2\.conv1\.weight is missing.*more"):
        load_segmenter(copy)
    edit(copy, format=9)
    with pytest.raises(ConfigError, match="format 9"):
        load_segmenter(copy)
    edit(copy, format=1, num_classes=4)
    with pytest.raises(ConfigError, match="class_names has 3 entries for 4 classes"):
        load_segmenter(copy)


def test_a_description_of_another_network_is_not_saved(tmp_path):
    with pytest.raises(ConfigError, match="drn_d_22 with 2 classes, its description says drn_d_22 with 3"):
        save_segmenter(tmp_path, network(2), facts())
    with pytest.raises(ValueError, match="ignore_index 2 is also a class"):
        facts(ignore_index=2)


def imagenet(made, prefix=""):
    """Return weights under the keys of the published ImageNet files, as old as they are."""
    state = {
        f"{prefix}{key.replace('base.', 'layer', 1)}": tensor
        for key, tensor in made.state_dict().items()
        if key.startswith("base.") and not key.endswith("num_batches_tracked")
    }
    return {**state, f"{prefix}fc.weight": torch.zeros(1000, 512, 1, 1), f"{prefix}fc.bias": torch.zeros(1000)}


@pytest.mark.parametrize("kind", ["imagenet", "checkpoint", "segmenter"])
def test_published_weights_fill_all_but_the_head(tmp_path, kind):
    made, head = network(seed=1), network(seed=2)
    contents = {
        "imagenet": imagenet(made),
        "checkpoint": {"epoch": 3, "arch": "drn_d_22", "state_dict": imagenet(made, "module."), "best_prec1": 0.5},
        "segmenter": network(classes=19, seed=1).state_dict(),
    }
    torch.save(contents[kind], tmp_path / "drn.pth")
    expected = {key: tensor.clone() for key, tensor in head.state_dict().items()}
    assert load_pretrained(head, tmp_path / "drn.pth") == hash_file(tmp_path / "drn.pth")
    for key, tensor in head.state_dict().items():
        origin = made.state_dict() if key.startswith("base.") else expected
        assert torch.equal(tensor, origin[key]), key


def test_other_weights_are_refused_by_their_first_keys(tmp_path):
    state = imagenet(network())
    del state["layer1.0.weight"]
    state["layer9.0.weight"] = torch.zeros(1)
    torch.save(state, tmp_path / "drn.pth")
    with pytest.raises(ConfigError, match=r"base\.1\.0\.weight is missing; base\.9\.0\.weight is unknown"):
        load_pretrained(network(), tmp_path / "drn.pth")


def test_what_is_no_table_of_weights_is_refused_and_nothing_is_run(tmp_path):
    file = tmp_path / "drn.pth"
    with pytest.raises(ConfigError, match="no such file"):
        load_pretrained(network(), file)
    file.write_bytes(b"no weights")
    with pytest.raises(ConfigError, match="cannot be read as PyTorch weights"):
        load_pretrained(network(), file)
    torch.save([1, 2], file)
    with pytest.raises(ConfigError, match="no table of weights"):
        load_pretrained(network(), file)
    torch.save({"a": DRNArch.D_22}, file)  # a foreign class, which an unpickler would have to import
    with pytest.raises(ConfigError, match="cannot be read as PyTorch weights"):
        load_pretrained(network(), file)
