"""A case can be recorded with trained weights: a checkpoint instead of the fill rule."""

import json

import numpy as np
import pytest
import torch
from recorded_case import drn, record, write

from sbgan_bench.networks.drn import DRNArch, DRNSegmenter, initialise
from sbgan_bench.parity.running import check_case


@pytest.fixture
def folder(tmp_path):
    """What a user records: inputs and outputs of the official code with the checkpoint; keys need not be listed."""
    network = DRNSegmenter(DRNArch.D_22, 5).eval()
    initialise(network, 3)
    record(tmp_path, "case", drn())
    facts = json.loads((tmp_path / "case.json").read_text())
    del facts["keys"]
    with torch.no_grad():
        x = torch.from_numpy(np.random.RandomState(16).standard_normal((1, 3, 32, 48)).astype(np.float32))
        outputs = {"scores": network.scores(x).numpy(), "log_probs": network(x)[..., ::2, ::2].numpy()}
    write(tmp_path, "case", {**facts, "weights": {"keys": "model_best.pth#state_dict"}}, outputs)
    keys = {f"module.{key}": tensor for key, tensor in network.state_dict().items()}
    torch.save({"epoch": 3, "arch": "drn_d_22", "state_dict": keys}, tmp_path / "model_best.pth")
    return tmp_path


def test_the_checkpoint_reproduces_what_was_recorded_with_it(folder):
    result = check_case(folder, "case")
    assert result.ok, result
    assert len(result.outputs) == 2


def test_another_checkpoint_does_not(folder):
    content = torch.load(folder / "model_best.pth", weights_only=True)
    content["state_dict"]["module.base.3.0.conv1.weight"] *= 1.01
    torch.save(content, folder / "model_best.pth")
    result = check_case(folder, "case")
    assert not result.ok
    assert not result.fault


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("absent.pth", "absent.pth"),
        ("model_best.pth", "FILE#KEY"),
        ("model_best.pth#ema", "no state dict under 'ema'"),
    ],
)
def test_what_cannot_be_loaded_is_named(folder, reference, words):
    facts = json.loads((folder / "case.json").read_text())
    (folder / "case.json").write_text(json.dumps({**facts, "weights": {"keys": reference}}))
    assert words in check_case(folder, "case").fault


def test_keys_that_differ_are_named(folder):
    content = torch.load(folder / "model_best.pth", weights_only=True)
    del content["state_dict"]["module.seg.bias"]
    torch.save(content, folder / "model_best.pth")
    assert "seg.bias is missing" in check_case(folder, "case").fault
