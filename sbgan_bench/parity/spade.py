"""Parity of SPADE: the generator, and both multi-scale discriminators."""

from collections.abc import Iterator, Mapping
from typing import cast

import torch
from torch import Tensor, nn

from sbgan_bench.errors import DataError
from sbgan_bench.losses import (
    feature_matching,
    hinge_generated_loss,
    hinge_real_loss,
    multiscale_generator_loss,
    over_scales,
)
from sbgan_bench.networks.discriminators import DiscriminatorVariant, MultiscaleDiscriminator
from sbgan_bench.networks.labels import instance_edges, one_hot_layouts
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling
from sbgan_bench.parity.case import Case, CaseFacts, CaseSettings
from sbgan_bench.parity.checks import TOLERANCE
from sbgan_bench.parity.family import AbstractFamily

#: Of the discriminator's outputs: instance normalisation hides most of a wrong spectral norm.
DISCRIMINATOR_TOLERANCE = 1e-5
#: Seed of the gradient sent back from the image, where a case does not state its own.
UPSTREAM = "RandomState(7).standard_normal(({n},3,{height},{width}))"
_FULL, _ENTRY = "grad_label_map_full", "grad_label_map_entry"


class _Config(CaseSettings):
    crop_size: int  #: width in pixels
    aspect_ratio: float = 1.0  #: width over height
    height: int | None = None  #: in pixels; from the two above if None
    num_upsampling_layers: Upsampling = Upsampling.NORMAL
    instance_edge_channel: bool = False
    dontcare_channel: bool = False
    label_nc: int  #: classes
    ngf: int = 64
    ndf: int = 64
    num_D: int = 2  # noqa: N815  # the official names
    n_layers_D: int | None = None  # noqa: N815
    lambda_feat: float = 10.0

    @property
    def resolution(self) -> tuple[int, int]:
        return self.height or round(self.crop_size / self.aspect_ratio), self.crop_size

    @property
    def label_channels(self) -> int:
        return self.label_nc + self.dontcare_channel + self.instance_edge_channel


class _Facts(CaseFacts):
    config: _Config
    variant: str
    label: str
    instance: str = ""
    image: str
    upstream_gradient: str = ""
    output_stride: int = 1
    grad_stride: int = 1


class SPADEParity(AbstractFamily):
    """SPADE's generator with NVlabs' or the SB-GAN release's discriminator, in training and in evaluation."""

    name = "spade"
    words = ("spade",)
    inputs = ()
    facts: _Facts

    def __init__(self, case: Case) -> None:
        self.case = case
        self.facts = _Facts.parse(dict(case.facts), case.origin)
        self.variant = _variant(self.facts.variant, case.origin)
        ids = case.draw(self.facts.label)
        self.image = case.draw(self.facts.image)
        self.labels = self._channels(ids).to(case.dtype)

    def networks(self) -> Mapping[str, nn.Module]:
        """Build generator and discriminator."""
        config = self.facts.config
        fork = self.variant is DiscriminatorVariant.SBGAN
        return {
            "generator_keys": SPADEGenerator(
                label_channels=config.label_channels,
                base_width=config.ngf,
                resolution=config.resolution,
                upsampling=config.num_upsampling_layers,
                label_gradient=LabelGradient.ENTRY if fork else LabelGradient.FULL,
            ),
            "discriminator_keys": MultiscaleDiscriminator(
                in_channels=config.label_channels + 3,
                base_width=config.ndf,
                variant=self.variant,
                scales=config.num_D,
                layers=config.n_layers_D,
            ),
        }

    def outputs(self, networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, Tensor]]:
        """Go through the recorded order: two training passes, then evaluation, then the gradient."""
        generator, discriminator = networks["generator_keys"], networks["discriminator_keys"]
        stride = self.facts.output_stride
        with torch.no_grad():
            fake = generator(self.labels)
            yield "g_train", fake[..., ::stride, ::stride]
            real_stages, fake_stages = self._judge(discriminator, fake)
            yield "loss_g_GAN", multiscale_generator_loss(fake_stages)
            yield "loss_g_GAN_Feat", feature_matching(real_stages, fake_stages, self.facts.config.lambda_feat)
            real_stages, fake_stages = self._judge(discriminator, generator(self.labels))
            yield "loss_d_D_Fake", over_scales(hinge_generated_loss, fake_stages)
            yield "loss_d_D_real", over_scales(hinge_real_loss, real_stages)
            generator.eval()
            discriminator.eval()
            yield "g_eval", generator(self.labels)[..., ::stride, ::stride]
            yield from self._stages(discriminator)
        yield "g_weight_u_after", _singular_vectors(generator)
        yield "d_weight_u_after", _singular_vectors(discriminator)
        yield from self._gradient(cast("SPADEGenerator", generator))

    def tolerance(self, output: str) -> float:
        """Return a stricter one for what comes out of the discriminator."""
        return DISCRIMINATOR_TOLERANCE if output.startswith("d_") else TOLERANCE

    def _channels(self, ids: Tensor) -> Tensor:
        """Turn drawn class ids ``(N, 1, H, W)`` into the channels that the networks see."""
        config = self.facts.config
        labels = one_hot_layouts(ids[:, 0], config.label_nc, dont_care=config.dontcare_channel)
        if not config.instance_edge_channel:
            return labels
        instances = self.case.draw(self.facts.instance, label=ids.numpy())
        return torch.cat([labels, instance_edges(instances[:, 0])], dim=1)

    def _judge(self, discriminator: nn.Module, fake: Tensor) -> tuple[list[list[Tensor]], list[list[Tensor]]]:
        """Return the stages of the real and of the generated half of one pass."""
        both = torch.cat([torch.cat([self.labels, fake], 1), torch.cat([self.labels, self.image], 1)])
        halves = [[stage.chunk(2) for stage in scale] for scale in discriminator(both)]
        fake_stages, real_stages = ([[stage[half] for stage in scale] for scale in halves] for half in (0, 1))
        return real_stages, fake_stages

    def _stages(self, discriminator: nn.Module) -> Iterator[tuple[str, Tensor]]:
        for i, scale in enumerate(discriminator(torch.cat([self.labels, self.image], 1))):
            for j, stage in enumerate(scale):
                yield f"d_eval_{i}_{j}_meanabs", stage.abs().mean()
            yield f"d_eval_{i}_score", scale[-1]

    def _gradient(self, generator: SPADEGenerator) -> Iterator[tuple[str, Tensor]]:
        """Send a gradient back to the label map, in the form that the case records, in float32 and in float64.

        It jumps where a rectifier's input crosses zero: the last digit of a float32 sum, which differs between
        processors, decides on which side it lands and moves the gradient by up to half a per cent. Float64 knows the
        side; float32 agrees with a recording made on a processor that rounds like this one.
        """
        n, _, height, width = self.labels.shape
        upstream = self.case.draw(self.facts.upstream_gradient or UPSTREAM.format(n=n, height=height, width=width))
        generator.requires_grad_(False)
        for dtype in dict.fromkeys((self.case.dtype, torch.float64)):
            leaf = self.labels.to(dtype).requires_grad_()
            painted = generator.to(dtype)(leaf)
            (gradient,) = torch.autograd.grad((painted * upstream.to(dtype)).sum(), leaf)
            yield from self._recorded_form(gradient, generator.label_gradient)

    def _recorded_form(self, gradient: Tensor, mode: LabelGradient) -> Iterator[tuple[str, Tensor]]:
        stride = self.facts.grad_stride
        if mode is LabelGradient.FULL:
            yield _FULL, gradient[..., ::stride, ::stride]
            return
        positions = (gradient != 0).any(dim=0).any(dim=0).nonzero()
        yield f"{_ENTRY}_positions", positions
        if f"{_ENTRY}_positions" in self.case.arrays:  # the values stand in the order of these
            positions = self.case.array(f"{_ENTRY}_positions")
        yield f"{_ENTRY}_values", gradient[:, :, positions[:, 0], positions[:, 1]]


def _variant(words: str, origin: str) -> DiscriminatorVariant:
    plain = words.lower().replace("-", "").replace(" ", "")
    if "fork" in plain or "sbgan" in plain:
        return DiscriminatorVariant.SBGAN
    if "nvlabs" in plain:
        return DiscriminatorVariant.NVLABS
    raise DataError(f"{origin}: variant {words!r} is not known; known: 'NVlabs' and 'SB-GAN fork'.")


def _singular_vectors(network: nn.Module) -> Tensor:
    vectors = [tensor for key, tensor in network.state_dict().items() if key.endswith("weight_u")]
    return torch.cat(vectors) if vectors else torch.empty(0)
