"""tf-compat and clean against torch-fidelity's and clean-fid's own code, and sbgan-legacy against the release's."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from cleanfid import fid
from cleanfid.inception_torchscript import InceptionV3W
from numpy.typing import NDArray
from random_weights import as_torchscript
from scenery import scenery, written
from torch import Tensor
from torch_fidelity import calculate_metrics
from torch_fidelity.utils import create_feature_extractor
from torchvision.models import Inception3

from sbgan_bench.errors import CorruptFileError
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.protocol import AbstractProtocol, Opening
from sbgan_bench.protocols.clean import CleanProtocol
from sbgan_bench.protocols.inception import CompatProtocol
from sbgan_bench.protocols.inception_networks import compat_inception, to_pool3
from sbgan_bench.protocols.legacy import LegacyProtocol
from sbgan_bench.samples import SampleBatch
from sbgan_bench.weights import ChosenWeights

CPU = torch.device("cpu")


def opened(kind: type[AbstractProtocol], weights: Path) -> AbstractProtocol:
    return kind.open(Opening(device=CPU, weights=weights, trusted=True))


def apart(ours: NDArray[np.float32], theirs: NDArray[np.float32]) -> float:
    """Distance of features relative to their size."""
    return float(np.linalg.norm(ours - theirs) / np.linalg.norm(theirs))


@pytest.fixture(scope="module")
def program_folder(inception_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with clean-fid's file, in which it finds the same random network."""
    layers = to_pool3(compat_inception(ChosenWeights(inception_file, "", published=False)))
    folder = tmp_path_factory.mktemp("torchscript")
    as_torchscript(layers, folder / "inception-2015-12-05.pt")
    return folder


@pytest.fixture
def clean_fid_network(program_folder: Path, recwarn: pytest.WarningsRecorder) -> Callable[[Tensor], Tensor]:
    network: Callable[[Tensor], Tensor] = InceptionV3W(str(program_folder), download=False)
    return network


@pytest.mark.parametrize("size", [(32, 64), (256, 512)])
def test_tf_compat_is_torch_fidelity(inception_file: Path, size: tuple[int, int]) -> None:
    images = scenery(3, *size)
    ours = opened(CompatProtocol, inception_file)
    features = ours.features(SampleBatch(images))
    extractor = create_feature_extractor(
        "inception-v3-compat", ["2048", "logits_unbiased"], cuda=False, verbose=False,
        feature_extractor_weights_path=inception_file,
    )  # fmt: skip
    with torch.no_grad():
        pool3, logits = extractor(torch.from_numpy(images))
    assert apart(features[:, ours.info.block("features")], pool3.numpy()) < 1e-5
    assert apart(features[:, ours.info.block("logits")], logits.numpy()) < 1e-5


@pytest.mark.parametrize("size", [(32, 64), (256, 512)])
def test_clean_is_clean_fid(
    inception_file: Path, program_folder: Path, clean_fid_network: Callable[[Tensor], Tensor],
    tmp_path: Path, size: tuple[int, int],
) -> None:  # fmt: skip
    images = scenery(3, *size)
    theirs = fid.get_folder_features(
        str(written(images, tmp_path / "images")), clean_fid_network, num_workers=0, device=CPU, verbose=False
    )
    for weights in (inception_file, program_folder / "inception-2015-12-05.pt"):
        assert apart(opened(CleanProtocol, weights).features(SampleBatch(images)), theirs) < 1e-5


def test_a_program_is_run_only_on_request_and_says_so(program_folder: Path, tmp_path: Path) -> None:
    program = program_folder / "inception-2015-12-05.pt"
    with pytest.raises(CorruptFileError, match=r"TorchScript program.*weights fetch inception.*--trust-weights"):
        CleanProtocol.open(Opening(device=CPU, weights=program))
    info = opened(CleanProtocol, program).info
    assert not info.published
    assert "TorchScript" in info.numerics
    with pytest.raises(CorruptFileError, match="TorchScript program"):
        opened(CompatProtocol, program)
    with pytest.warns(FutureWarning):
        torch.jit.save(torch.jit.script(torch.nn.Flatten(1)), tmp_path / "other.pt")
    with pytest.raises(CorruptFileError, match=r"other.pt is not clean-fid's"):
        opened(CleanProtocol, tmp_path / "other.pt")


def released_features(images: NDArray[np.uint8], weights: Path) -> NDArray[np.float32]:
    """pool3 as azadis/SB-GAN computes it on what its generator gives, written from its description."""
    network = Inception3(init_weights=False).eval()
    network.load_state_dict(torch.load(weights, weights_only=True), strict=False)
    caught: list[Tensor] = []
    network.avgpool.register_forward_hook(lambda layer, given, result: caught.append(result))
    generated = torch.from_numpy(images).double() / 255 * 2 - 1
    with torch.no_grad():
        network(2 * F.interpolate(generated.float(), size=(299, 299), mode="bilinear", align_corners=False) - 1)
    features: NDArray[np.float32] = caught[0].flatten(1).numpy()
    return features


def test_legacy_is_the_release(imagenet_file: Path) -> None:
    images = scenery(3, 64, 128)
    ours = opened(LegacyProtocol, imagenet_file).features(SampleBatch(images))
    assert apart(ours, released_features(images, imagenet_file)) < 1e-5


def test_the_three_are_three_protocols(inception_file: Path, imagenet_file: Path) -> None:
    """Resize and range move features by far more than rounding: their values never share a column."""
    images = scenery(3, 256, 512)
    compat, clean = (
        opened(kind, inception_file).features(SampleBatch(images))[:, :2048]
        for kind in (CompatProtocol, CleanProtocol)
    )
    legacy = opened(LegacyProtocol, imagenet_file).features(SampleBatch(images))
    assert apart(compat, clean) > 1e-4
    assert apart(compat, legacy) > 1e-2


@pytest.mark.slow
def test_distances_are_those_of_the_libraries(
    inception_file: Path, clean_fid_network: Callable[[Tensor], Tensor], tmp_path: Path
) -> None:
    """Below N = 2048 torch-fidelity's eigenvalues and clean-fid's square root err by up to about 1e-3."""
    sets = [scenery(40, 64, 128, seed) // (1 + seed) for seed in (0, 1)]
    folders = [str(written(images, tmp_path / str(index))) for index, images in enumerate(sets)]
    theirs = calculate_metrics(
        input1=folders[0], input2=folders[1], fid=True, cuda=False, verbose=False, save_cpu_ram=True, cache=False,
        feature_extractor_weights_path=inception_file,
    )  # fmt: skip
    ours = [opened(CompatProtocol, inception_file).features(SampleBatch(images))[:, :2048] for images in sets]
    assert frechet_distance(*ours) == pytest.approx(theirs["frechet_inception_distance"], rel=2e-3)
    clean = fid.compute_fid(
        *folders, num_workers=0, device=CPU, verbose=False, use_dataparallel=False,
        custom_feat_extractor=clean_fid_network,
    )  # fmt: skip
    ours = [opened(CleanProtocol, inception_file).features(SampleBatch(images)) for images in sets]
    assert frechet_distance(*ours) == pytest.approx(clean, rel=2e-3)
