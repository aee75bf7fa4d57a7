from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import vgg19

from sbgan_bench.errors import CorruptFileError, DataError
from sbgan_bench.networks.vgg import VGG19Features, vgg19_features


def test_a_missing_file_comes_with_a_remedy():
    with pytest.raises(DataError, match=r"absent.pth.*Download"):
        vgg19_features(Path("absent.pth"))


def test_an_unpublished_file_is_refused(tmp_path):
    path = tmp_path / "vgg.pth"
    path.write_bytes(b"something else")
    with pytest.raises(CorruptFileError, match="dcbb9e9d"):
        vgg19_features(path)
    with pytest.raises(CorruptFileError, match="does not hold"):
        vgg19_features(path, sha256=None)


def test_keys_and_shapes_are_torchvisions():
    with torch.device("meta"):
        theirs = {k: v.shape for k, v in vgg19().state_dict().items() if k.startswith("features.")}
        ours = {k: v.shape for k, v in VGG19Features().state_dict().items()}
    assert ours == {k: theirs[k] for k in ours}
    assert "features.28.weight" in ours


def test_a_converted_file_gives_the_five_maps(tmp_path):
    path = tmp_path / "vgg.safetensors"
    save_file(VGG19Features().state_dict(), path)
    network = vgg19_features(path, sha256=None)
    maps = network(torch.zeros(1, 3, 32, 64))
    assert [m.shape[1:] for m in maps] == [(64, 32, 64), (128, 16, 32), (256, 8, 16), (512, 4, 8), (512, 2, 4)]
    assert all((m >= 0).all() for m in maps)
    assert not any(p.requires_grad for p in network.parameters())
