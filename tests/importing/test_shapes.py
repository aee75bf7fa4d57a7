"""Sizes from shapes, over families of networks; on PyTorch's meta device, where tensors have shapes and no numbers."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import official_files as official
import pytest
import torch
from torch import nn

from sbgan_baselines import biggan_networks
from sbgan_baselines.biggan_networks import OFFICIAL, Architecture, BigGANDiscriminator, BigGANGenerator, Conditioning
from sbgan_baselines.biggan_shapes import DiscriminatorShape as BigGANDiscriminatorShape
from sbgan_baselines.biggan_shapes import GeneratorShape as BigGANGeneratorShape
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.combine import import_files
from sbgan_bench.importing.drn_format import _arch
from sbgan_bench.importing.format import Part, Request
from sbgan_bench.importing.progressive import ProgressiveShape
from sbgan_bench.importing.source import Source
from sbgan_bench.importing.spade import DiscriminatorShape, GeneratorShape
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.drn import DRNArch, DRNSegmenter
from sbgan_bench.networks.progressive import Head, ProgressiveGenerator, official_widths
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling


def part(network: nn.Module, **facts: Any) -> Part:
    tensors = network.state_dict()
    return Part(role="", source=Source(Path("file.pth"), "", tensors), tensors=tensors, facts=facts)


@pytest.mark.parametrize("head", list(Head))
@pytest.mark.parametrize("channels", [3, 20, 35, 95])
@pytest.mark.parametrize("levels", [1, 4, 6, 7])
@pytest.mark.parametrize("aspect", [1, 2, 3])
def test_progressive(head: Head, channels: int, levels: int, aspect: int) -> None:
    widths = official_widths(levels)
    with torch.device("meta"):
        network = ProgressiveGenerator(head=head, out_channels=channels, widths=widths, aspect=aspect)
    shape = ProgressiveShape.of(part(network), head)
    assert shape == ProgressiveShape(channels, widths, 512, aspect)
    assert shape.size(levels - 1) == (4 * 2 ** (levels - 1), 4 * aspect * 2 ** (levels - 1))
    assert shape.settings()["widths"] == ()


@pytest.mark.parametrize("upsampling", list(Upsampling))
@pytest.mark.parametrize(("classes", "width", "hidden"), [(20, 64, 128), (35, 32, 128), (95, 96, 128), (151, 64, 64)])
def test_spade_generator(upsampling: Upsampling, classes: int, width: int, hidden: int) -> None:
    with torch.device("meta"):
        network = SPADEGenerator(
            label_channels=classes, base_width=width, resolution=(256, 512), upsampling=upsampling, hidden=hidden,
            label_gradient=LabelGradient.FULL,
        )  # fmt: skip
    told = None if upsampling in (Upsampling.NORMAL, Upsampling.MORE) else upsampling
    assert GeneratorShape.of(part(network)) == GeneratorShape(classes, width, hidden, told)


@pytest.mark.parametrize("variant", list(DiscriminatorVariant))
@pytest.mark.parametrize(("channels", "width", "scales"), [(38, 64, 2), (3, 64, 3), (23, 32, 1)])
def test_patch_discriminator(variant: DiscriminatorVariant, channels: int, width: int, scales: int) -> None:
    with torch.device("meta"):
        network = MultiscaleDiscriminator(in_channels=channels, base_width=width, variant=variant, scales=scales)
    assert DiscriminatorShape.of(part(network)) == DiscriminatorShape(channels, width, scales, variant)


CONDITIONS: Mapping[str, Mapping[str, Any]] = {
    "hierarchical": {"shared_dim": 128, "hierarchical": True},
    "shared": {"shared_dim": 96, "hierarchical": False},
    "tables": {"shared_dim": None, "hierarchical": False},
}


@pytest.mark.parametrize("height", list(OFFICIAL))
@pytest.mark.parametrize("width", [16, 64, 96])
@pytest.mark.parametrize("condition", list(CONDITIONS))
@pytest.mark.parametrize("attention", [(), (32,), (16, 64)])
@pytest.mark.parametrize(("labels", "aspect"), [(1, 2), (1000, 1)])
def test_biggan(height: int, width: int, condition: str, attention: tuple[int, ...], labels: int, aspect: int) -> None:
    official_one = OFFICIAL[height]
    architecture = Architecture(official_one.generator, official_one.discriminator, attention)
    conditioning = Conditioning(labels, **CONDITIONS[condition])
    with torch.device("meta"):
        generator = BigGANGenerator(
            architecture=architecture, base_width=width, latent_dim=120, conditioning=conditioning, aspect=aspect
        )
        discriminator = BigGANDiscriminator(architecture=architecture, base_width=width, num_classes=labels)
    shape = BigGANGeneratorShape.of(part(generator))
    assert shape.resolution == (height, height * aspect)
    assert shape.widths == tuple(width * multiple for multiple in architecture.generator)
    assert (shape.labels, shape.shared_dim) == (labels, CONDITIONS[condition]["shared_dim"] or 0)
    assert (shape.hierarchical, shape.latent_dim) == (CONDITIONS[condition]["hierarchical"], generator.latent_dim)
    inside = tuple(size for size in attention if size <= height)
    assert shape.attention == inside
    judge = BigGANDiscriminatorShape.of(part(discriminator))
    assert judge.widths == tuple(width * multiple for multiple in architecture.discriminator)
    assert sorted(judge.attention(height)) == sorted(size for size in inside if size < height)


@pytest.mark.parametrize("condition", list(CONDITIONS))
@pytest.mark.parametrize("attention", [((8,), (8,)), ((16,), (8,)), ((), (4,))])
@pytest.mark.parametrize(("drawing", "judging"), [(8, 8), (16, 24)])
def test_biggan_is_built_again_as_it_was(
    tmp_path: Path, condition: str, attention: tuple[tuple[int, ...], ...], drawing: int, judging: int
) -> None:
    """Also where attention and widths of the two networks differ, and none of it is official."""
    architecture = Architecture((3, 2, 1, 1), (1, 2, 3, 3), *attention)
    conditioning = Conditioning(**CONDITIONS[condition])
    generator = BigGANGenerator(
        architecture=architecture, base_width=drawing, latent_dim=21, conditioning=conditioning, aspect=2
    )
    discriminator = BigGANDiscriminator(architecture=architecture, base_width=judging)
    for network in (generator, discriminator):
        biggan_networks.initialise(network, 0)
    contents = {"G_ema.pth": generator.state_dict(), "D.pth": discriminator.state_dict()}
    found = import_files(official.write(tmp_path, contents), Request())
    networks = found.design.model.networks()  # type: ignore[attr-defined]
    assert networks["generator"].state_dict().keys() == generator.state_dict().keys()
    assert found.design.model.spec.resolution == (32, 64)  # type: ignore[attr-defined]


@pytest.mark.parametrize("arch", list(DRNArch))
@pytest.mark.parametrize("classes", [2, 19])
def test_drn(arch: DRNArch, classes: int) -> None:
    network = DRNSegmenter(arch, classes) if arch is DRNArch.D_22 else _meta_drn(arch, classes)
    assert _arch(part(network, arch=arch.value)) is arch
    with pytest.raises(CheckpointError, match="says arch = drn_c_26"):
        _arch(part(network, arch="drn_c_26"))


def _meta_drn(arch: DRNArch, classes: int) -> nn.Module:
    with torch.device("meta"):
        return DRNSegmenter(arch, classes)


@pytest.mark.parametrize(
    ("spoil", "message"),
    [
        (lambda s: s.update({"fc.weight": torch.zeros(32, 256)}), "--use_vae"),
        (lambda s: s.pop("head_0.conv_0.weight_orig"), "without spectral normalisation"),
        (lambda s: s.pop("head_0.norm_0.param_free_norm.running_mean"), "normalises by instance"),
        (lambda s: s.pop("head_0.norm_0.mlp_shared.0.weight"), r"lacks head_0\.norm_0\.mlp_shared\.0\.weight"),
    ],
)
def test_generators_that_are_not_built_here_are_named(tmp_path: Path, spoil: Any, message: str) -> None:
    state = official.spade_generator(4, (32, 64)).state_dict()
    spoil(state)
    files = official.write(tmp_path, {"latest_net_G.pth": state})
    with pytest.raises(CheckpointError, match=message) as caught:
        import_files(files, Request(resolution=(32, 64), settings={"image": {"upsampling": "normal"}}))
    assert "latest_net_G.pth" in str(caught.value)
