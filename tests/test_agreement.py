"""Folders of pictures in, numbers out: ``evaluate --reals all`` against torch-fidelity and clean-fid, same weights."""

import math
from pathlib import Path

import pytest
import torch
from cleanfid import fid
from cleanfid.inception_torchscript import InceptionV3W
from evaluation.tools import run, scores
from random_weights import as_torchscript, random_inception
from scenery import scenery, written
from torch_fidelity import calculate_metrics

from sbgan_bench.protocols.inception_networks import compat_inception, to_pool3
from sbgan_bench.weights import ChosenWeights

#: Images on either side: not as many, for whatever is divided by the wrong one shows.
REAL, GENERATED = 16, 12
#: Draws of subsets that the libraries' kernel distances are averaged over.
SUBSETS = 2000


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_inception(tmp_path_factory.mktemp("weights") / "random.pth")


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    root = tmp_path_factory.mktemp("pictures")
    sets = {
        "real": scenery(REAL, 64, 96, 0),
        "generated": scenery(GENERATED, 64, 96, 1) // 2 + 40,
        "as-many": scenery(GENERATED, 64, 96, 2),
    }
    return {name: written(images, root / name) for name, images in sets.items()}


@pytest.fixture(autouse=True)
def _own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path_factory.getbasetemp() / "agreement"))


def measured(
    protocol: str, weights: Path, folders: dict[str, Path], *words: str, real: str = "real"
) -> dict[str, float]:
    """What the command says of ``generated``, by metric."""
    result = run(
        "evaluate", "--real", folders[real], "--generated", folders["generated"], "--reals", "all",
        "--protocol", protocol, "--weights", weights, "--trust-weights", "--format", "json", *words,
    )  # fmt: skip
    return {metric: value for (_, metric), value in scores(result, "generated").items()}


def test_torch_fidelity_prints_the_same(weights: Path, folders: dict[str, Path]) -> None:
    """Its kernel distance needs subsets of one size, whose mean is that of all rows; it says its own spread."""
    ours = measured("tf-compat", weights, folders)
    theirs = calculate_metrics(
        input1=str(folders["generated"]), input2=str(folders["real"]), fid=True, kid=True, isc=True, prc=True,
        kid_subsets=SUBSETS, kid_subset_size=GENERATED, isc_splits=1, feature_layer_prc="2048",
        feature_extractor="inception-v3-compat", feature_extractor_weights_path=str(weights),
        cuda=False, cache=False, save_cpu_ram=True, verbose=False,
    )  # fmt: skip
    # Eigenvalues of a singular product err by about 1e-3 of the traces.
    assert ours["frechet-distance"] == pytest.approx(theirs["frechet_inception_distance"], rel=1e-3)
    error = theirs["kernel_inception_distance_std"] / math.sqrt(SUBSETS)
    assert abs(ours["kernel-distance"] - theirs["kernel_inception_distance_mean"]) < 4 * error
    assert error < 0.01 * abs(ours["kernel-distance"])
    assert ours["inception-score"] == pytest.approx(theirs["inception_score_mean"], rel=1e-6)
    assert (ours["precision"], ours["recall"]) == pytest.approx((theirs["precision"], theirs["recall"]), abs=1e-7)


@pytest.mark.slow
def test_torch_fidelity_agrees_on_the_kernel_distance_of_all_rows(weights: Path, folders: dict[str, Path]) -> None:
    ours = measured("tf-compat", weights, folders, "--metric", "kernel-distance", real="as-many")
    theirs = calculate_metrics(
        input1=str(folders["generated"]), input2=str(folders["as-many"]), kid=True, kid_subsets=1,
        kid_subset_size=GENERATED, feature_extractor_weights_path=str(weights),
        cuda=False, cache=False, save_cpu_ram=True, verbose=False,
    )  # fmt: skip
    assert ours["kernel-distance"] == pytest.approx(theirs["kernel_inception_distance_mean"], rel=1e-4)  # float32 sums


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore::FutureWarning", "ignore::scipy.linalg.LinAlgWarning")
def test_clean_fid_prints_the_same(
    weights: Path, folders: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    layers = to_pool3(compat_inception(ChosenWeights(weights, "", published=False)))
    as_torchscript(layers, tmp_path / "inception-2015-12-05.pt")
    network = InceptionV3W(str(tmp_path), download=False)
    monkeypatch.setattr(fid, "build_feature_extractor", lambda *rest, **named: network)
    plain = {
        "num_workers": 0, "device": torch.device("cpu"), "verbose": False, "use_dataparallel": False,
    }  # fmt: skip
    pair = str(folders["real"]), str(folders["generated"])
    ours = measured("clean", weights, folders)
    theirs = fid.compute_fid(*pair, custom_feat_extractor=network, **plain)
    assert ours["frechet-distance"] == pytest.approx(theirs, rel=1e-3)
    ours = measured("clean", weights, folders, real="as-many")
    theirs = fid.compute_kid(str(folders["as-many"]), pair[1], **plain)
    assert ours["kernel-distance"] == pytest.approx(theirs, rel=1e-4)
