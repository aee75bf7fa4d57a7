"""Every official file: our network written as the official code writes it, imported, sampled, compared bit for bit."""

from pathlib import Path
from typing import Any

import numpy as np
import official_files as official
import pytest
import torch
from safetensors.torch import save_file
from torch import nn

from sbgan_baselines import biggan_networks
from sbgan_baselines.biggan_networks import Architecture, BigGANDiscriminator, BigGANGenerator, Conditioning
from sbgan_bench.annotation.weights import load_segmenter
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.combine import import_files
from sbgan_bench.importing.format import Request
from sbgan_bench.importing.writing import write_import
from sbgan_bench.model import AbstractModel, load_model
from sbgan_bench.networks import drn
from sbgan_bench.networks.discriminators import DiscriminatorVariant
from sbgan_bench.networks.labels import one_hot_layouts
from sbgan_bench.networks.progressive import Head
from sbgan_bench.noise import NoiseSource
from sbgan_bench.results import Origin
from sbgan_bench.sampling import to_images, to_layouts
from sbgan_bench.sbgan.layouts import enlarge_layouts

CPU = torch.device("cpu")
SEEDS = range(5)
NOISE = NoiseSource.for_seeds(SEEDS, CPU)
CLASSES = 4
SIZE = (32, 64)
SAID = {"image": {"upsampling": "normal"}}
both_formats = pytest.mark.parametrize("zipped", [True, False], ids=["zip", "legacy"])


def imported(folder: Path, contents: dict[str, Any], *, zipped: bool = True, **said: Any) -> AbstractModel:
    files = official.write(folder / "files", contents, zipped=zipped)
    written = write_import(folder / "run", import_files(files, Request(**said)))
    return load_model(written, CPU)


def drawn(model: AbstractModel, layouts: Any = None) -> tuple[Any, Any]:
    (batch,) = model.sample(SEEDS, layouts)
    return batch.images, batch.layouts


def layouts(count: int = 5) -> Any:
    return np.random.default_rng(0).integers(0, CLASSES, (count, *SIZE)).astype(np.uint8)


def painted(painter: nn.Module, given: Any) -> Any:
    images = to_images(painter(one_hot_layouts(torch.from_numpy(given).long(), CLASSES)))
    assert images.std() > 20  # a picture, not a grey that any weights would give
    return images


def same(network: nn.Module, other: nn.Module) -> bool:
    mine, theirs = network.state_dict(), other.state_dict()
    return mine.keys() == theirs.keys() and all(torch.equal(mine[key], theirs[key]) for key in mine)


@both_formats
@pytest.mark.parametrize("parallel", [True, False])
@torch.no_grad()
def test_sbgan_layouts(tmp_path: Path, zipped: bool, parallel: bool) -> None:
    generator, discriminator = official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4))
    content = official.progressive_content(generator, discriminator, parallel=parallel, n_semantics=CLASSES, dim=16)
    model = imported(tmp_path, {"298900.pth": content}, zipped=zipped)
    expected = to_layouts(generator(NOISE.normal("z", 8), 2))
    assert (drawn(model)[1] == expected).all()
    assert same(model.networks()["discriminator"], discriminator)
    assert (model.provenance.origin, model.provenance.steps) == (Origin.IMPORTED, 298900)
    assert [source.name for source in model.provenance.sources] == ["298900.pth"]


@pytest.mark.parametrize(("dim", "level"), [(4, 0), (8, 1), (16, 2), (32, 3)])
@torch.no_grad()
def test_dim_chooses_the_level(tmp_path: Path, dim: int, level: int) -> None:
    generator, discriminator = official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4, 4))
    content = official.progressive_content(generator, discriminator, n_semantics=CLASSES, dim=dim)
    model = imported(tmp_path, {"298900.pth": content})
    drawing = drawn(model)[1]
    assert drawing.shape[1:] == (dim, 2 * dim)
    assert (drawing == to_layouts(generator(NOISE.normal("z", 8), level))).all()
    judged = torch.randn(3, CLASSES, dim, 2 * dim, generator=torch.Generator().manual_seed(0))
    judge = model.networks()["discriminator"]
    assert torch.equal(judge(judged, level), discriminator(judged, level))


@pytest.mark.parametrize(
    ("facts", "message"),
    [
        ({"dim": 12}, "says dim = 12.*levels of 4, 8, 16"),
        ({"dim": 64}, "says dim = 64"),
        ({"dim": "16"}, "dim is '16', expected a whole number"),
        ({"dim": np.int64(16)}, "dim is <numpy.*expected a whole number"),
        ({"dim": 16, "n_semantics": 9}, "says n_semantics = 9 and has 4 channels"),
    ],
)
def test_a_dictionary_that_contradicts_its_tensors_is_refused(
    tmp_path: Path, facts: dict[str, Any], message: str
) -> None:
    content = official.progressive_content(*official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4)), **facts)
    with pytest.raises(CheckpointError, match=message):
        import_files(official.write(tmp_path, {"1.pth": content}), Request())


@torch.no_grad()
def test_layouts_smaller_than_the_images_are_enlarged(tmp_path: Path) -> None:
    generator, discriminator = official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4))
    painter = official.spade_generator(CLASSES, SIZE)
    contents = {
        "298900.pth": official.progressive_content(generator, discriminator, n_semantics=CLASSES, dim=16),
        "latest_net_G.pth": painter.state_dict(),
    }
    model = imported(tmp_path, contents, resolution=SIZE, settings=SAID)
    assert model.name == "sbgan"
    images, small = drawn(model)
    probabilities = generator(NOISE.normal("z", 8), 2)
    hard = one_hot_layouts(probabilities.argmax(1), CLASSES)
    assert (small == to_layouts(probabilities)).all()
    assert (images == to_images(painter(enlarge_layouts(hard, SIZE)))).all()


@both_formats
@torch.no_grad()
def test_sbgan_from_all_its_files(tmp_path: Path, zipped: bool) -> None:
    generator, discriminator = official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4, 4))
    painter = official.spade_generator(CLASSES, SIZE)
    judge = official.patch_discriminator(CLASSES + 3, DiscriminatorVariant.SBGAN)
    d2 = official.patch_discriminator(3, DiscriminatorVariant.SBGAN, width=2)
    contents = {
        "4000_net_D2.pth": d2.state_dict(),
        "71_net_D.pth": judge.state_dict(),
        "71_net_G.pth": official.in_parallel(painter),
        "298900.pth": official.progressive_content(generator, discriminator, n_semantics=CLASSES, dim=32),
    }
    model = imported(tmp_path, contents, zipped=zipped, resolution=SIZE, settings=SAID)
    given = layouts()
    assert (
        drawn(model, given)[0] == to_images(painter(one_hot_layouts(torch.from_numpy(given).long(), CLASSES)))
    ).all()
    assert (drawn(model)[1] == to_layouts(generator(NOISE.normal("z", 8), 3))).all()
    assert same(model.networks()["image_discriminator"], judge)
    assert same(model.networks()["d2"], d2)
    assert len(model.provenance.sources) == 4


@both_formats
@pytest.mark.parametrize("variant", list(DiscriminatorVariant))
@torch.no_grad()
def test_spade(tmp_path: Path, zipped: bool, variant: DiscriminatorVariant) -> None:
    painter = official.spade_generator(CLASSES, SIZE)
    judge = official.patch_discriminator(CLASSES + 3, variant)
    contents = {"latest_net_G.pth": painter.state_dict(), "latest_net_D.pth": judge.state_dict()}
    model = imported(tmp_path, contents, zipped=zipped, resolution=SIZE, settings=SAID)
    assert model.name == "spade"
    given = layouts()
    assert (
        drawn(model, given)[0] == to_images(painter(one_hot_layouts(torch.from_numpy(given).long(), CLASSES)))
    ).all()
    assert same(model.networks()["discriminator"], judge)


def older(state: dict[str, torch.Tensor], *, with_weight: bool) -> dict[str, torch.Tensor]:
    """What older PyTorch wrote: no weight_v and no counters; the oldest kept the divided weight beside."""
    kept = {k: v for k, v in state.items() if not k.endswith(("weight_v", "num_batches_tracked"))}
    if with_weight:
        for key in [key for key in state if key.endswith("weight_v")]:
            weight, u = state[key[:-2] + "_orig"], state[key[:-2] + "_u"]
            kept[key[:-2]] = weight / torch.dot(u, weight.flatten(1) @ state[key])
    return kept


@pytest.mark.parametrize("with_weight", [True, False])
@torch.no_grad()
def test_spade_of_older_pytorch(tmp_path: Path, with_weight: bool) -> None:
    painter = official.spade_generator(CLASSES, SIZE)
    state = painter.state_dict()
    if not with_weight:  # then v follows from u only where it is the normalised product
        for key in [key for key in state if key.endswith("weight_v")]:
            product = state[key[:-2] + "_orig"].flatten(1).t() @ state[key[:-2] + "_u"]
            state[key].copy_(product / product.norm())
    files = official.write(tmp_path, {"latest_net_G.pth": older(dict(state), with_weight=with_weight)})
    found = import_files(files, Request(resolution=SIZE, settings=SAID))
    assert any("weight_v" in note for note in found.design.notes)
    assert any("num_batches_tracked" in note for note in found.design.notes)
    given = layouts()
    model = load_model(write_import(tmp_path / "run", found), CPU)
    assert np.abs(drawn(model, given)[0].astype(int) - painted(painter, given)).max() <= 1


@both_formats
@pytest.mark.parametrize("parallel", [True, False])
@torch.no_grad()
def test_progan_of_the_release(tmp_path: Path, zipped: bool, parallel: bool) -> None:
    generator, discriminator = official.progressive_pair(Head.RGB, 3, (8, 6, 4), aspect=1)
    content = official.progressive_content(generator, discriminator, parallel=parallel, phase="fade", dim=16)
    model = imported(tmp_path, {"5000.pth": content}, zipped=zipped)
    assert model.name == "progan-sbgan"
    assert (drawn(model)[0] == to_images(generator(NOISE.normal("z", 8), 2))).all()
    assert same(model.networks()["discriminator"], discriminator)


def biggan(seed: int, *, labels: int = 1, shared: int | None = 4, hierarchical: bool = True) -> tuple[Any, Any]:
    architecture = Architecture((2, 1, 1), (1, 1, 2), (8,))
    conditioning = Conditioning(labels, shared, hierarchical)
    generator = BigGANGenerator(architecture=architecture, base_width=8, latent_dim=9, conditioning=conditioning)
    discriminator = BigGANDiscriminator(architecture=architecture, base_width=8, num_classes=labels)
    for network in (generator, discriminator):
        biggan_networks.initialise(network, seed)
    with torch.no_grad():
        for name, tensor in generator.state_dict().items():
            if name.endswith(("stored_mean", "stored_var", "gamma")):
                tensor.add_(0.3)
    return generator.eval(), discriminator


@both_formats
@torch.no_grad()
def test_biggan_with_its_record(tmp_path: Path, zipped: bool) -> None:
    average, _ = biggan(1)
    generator, discriminator = biggan(2)
    config = {
        "resolution": 16,
        "n_classes": 1,
        "ema_decay": 0.99,
        "G_activation": nn.ReLU(),
        "D_activation": nn.ReLU(),
    }
    contents = {
        "G_ema_best0.pth": average.state_dict(),
        "G_best0.pth": generator.state_dict(),
        "D_best0.pth": discriminator.state_dict(),
        "state_dict_best0.pth": {"itr": 138000, "best_FID": np.float64(9.5), "config": config},
    }
    model = imported(tmp_path, contents, zipped=zipped)
    assert (drawn(model)[0] == to_images(average(NOISE.normal("z", 9)))).all()
    assert same(model.networks()["generator"], generator)
    assert same(model.networks()["discriminator"], discriminator)
    assert model.provenance.steps == 138000
    assert model.sampler()["ema"] == "0.99"


@torch.no_grad()
def test_biggan_from_its_generator_alone(tmp_path: Path) -> None:
    generator, _ = biggan(3)
    files = official.write(tmp_path, {"G_copy1.pth": generator.state_dict()})
    found = import_files(files, Request())
    assert any("no G_ema.pth" in note for note in found.design.notes)
    model = load_model(write_import(tmp_path / "run", found), CPU)
    assert (drawn(model)[0] == to_images(generator(NOISE.normal("z", 9)))).all()
    assert same(model.networks()["generator_ema"], generator)


@torch.no_grad()
def test_biggan_of_several_classes_draws_one_for_every_image(tmp_path: Path) -> None:
    generator, _ = biggan(4, labels=5)
    model = imported(tmp_path, {"G_ema.pth": generator.state_dict()})
    classes = (NOISE.uniform("class") * 5).long()
    assert len(classes.unique()) > 1
    assert (drawn(model)[0] == to_images(generator(NOISE.normal("z", 9), classes))).all()


@pytest.mark.parametrize("inner", ["bn.stored", "bn.running"])
@torch.no_grad()
def test_biggan_whose_statistics_lie_in_an_inner_layer(tmp_path: Path, inner: str) -> None:
    generator, _ = biggan(5)
    state = {}
    for key, tensor in generator.state_dict().items():
        state[key.replace(".stored", f".{inner}")] = tensor
        if key.endswith("stored_mean"):
            state[key.replace("stored_mean", "bn.accumulation_counter")] = torch.zeros(1)
    model = imported(tmp_path, {"G_ema.pth": state})
    assert (drawn(model)[0] == to_images(generator(NOISE.normal("z", 9)))).all()


@both_formats
@pytest.mark.parametrize("flat", [True, False])
@torch.no_grad()
def test_drn(tmp_path: Path, zipped: bool, flat: bool) -> None:
    network = drn.DRNSegmenter(drn.DRNArch.D_22, 19)
    drn.initialise(network, 0)
    network.eval()
    whole = {
        "epoch": 245,
        "arch": "drn_d_22",
        "state_dict": official.in_parallel(network),
        "best_prec1": np.float64(68),
    }
    content = network.state_dict() if flat else whole
    files = official.write(tmp_path, {"model_best.pth.tar": content}, zipped=zipped)
    found = import_files(files, Request())
    assert found.makes == "segmenter"
    saved = load_segmenter(write_import(tmp_path / "run", found))
    images = torch.randn(1, 3, 32, 64, generator=torch.Generator().manual_seed(0))
    assert torch.equal(saved.network(images), network(images))
    assert saved.facts.class_names[0] == "road"
    assert saved.facts.source_sha256 == found.provenance.sources[0].sha256


@torch.no_grad()
def test_safetensors_of_the_same_keys(tmp_path: Path) -> None:
    generator, _ = official.progressive_pair(Head.MASK, CLASSES, (8, 6, 4))
    nested = {f"G_state_dict.{key}": tensor for key, tensor in generator.state_dict().items()}
    for name, state in (("bare", generator.state_dict()), ("nested", nested)):
        save_file(state, tmp_path / f"{name}.safetensors")
        written = write_import(tmp_path / name, import_files([tmp_path / f"{name}.safetensors"], Request()))
        assert (drawn(load_model(written, CPU))[1] == to_layouts(generator(NOISE.normal("z", 8), 2))).all()


def test_a_checkpoint_that_diverged_is_refused(tmp_path: Path) -> None:
    painter = official.spade_generator(CLASSES, SIZE)
    state = painter.state_dict()
    state["conv_img.bias"][1] = torch.nan
    files = official.write(tmp_path, {"latest_net_G.pth": state})
    with pytest.raises(CheckpointError, match=r"conv_img\.bias.*diverged"):
        import_files(files, Request(resolution=SIZE, settings=SAID))
