"""Loss functions of the networks here; each returns a scalar tensor. Weights, where given, are inside.

Where the paper and the SB-GAN release differ (or a printed sign is a slip), the docstring says so.
"""

from collections.abc import Callable, Sequence
from typing import TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.networks.vgg import VGG19_WEIGHTS
from sbgan_bench.networks.vgg import vgg19_features as vgg19_features

#: For every scale, the outputs of all stages; the last one is the score.
MultiscaleStages: TypeAlias = Sequence[Sequence[Tensor]]


def critic_loss(real: Tensor, generated: Tensor) -> Tensor:
    """Wasserstein critic loss, mean D(generated) - mean D(real) (Arjovsky et al. 2017), without the penalty."""
    return generated.mean() - real.mean()


def generator_loss(generated: Tensor) -> Tensor:
    """Generator loss -mean D(generated), the same for Wasserstein and hinge training.

    Equation 2 of the SB-GAN paper prints the image stage's hinge loss under a "min" and with a minus before the
    whole term; paper and release both mean this standard form.
    """
    return -generated.mean()


def gradient_penalty(
    critic: Callable[[Tensor], Tensor], real: Tensor, generated: Tensor, epsilon: Tensor, weight: float = 10.0
) -> Tensor:
    """WGAN-GP penalty, weight · mean((|∇D(x̂)|₂ - 1)²) (Gulrajani et al. 2017, equation 3), in float32 or better.

    Args:
        critic: Scores of a batch, ``(N, 1)`` or ``(N,)``.
        real: ``(N, C, H, W)``.
        generated: ``(N, C, H, W)``; no gradient flows into it.
        epsilon: ``(N,)`` uniform in [0, 1]: x̂ = epsilon · real + (1 - epsilon) · generated, one per sample.
        weight: 10 in all of paper, release and Gulrajani et al.
    """
    with torch.autocast(real.device.type, enabled=False):
        dtype = torch.promote_types(real.dtype, torch.float32)
        share = epsilon.to(dtype).view(-1, *[1] * (real.ndim - 1))
        between = torch.lerp(generated.detach().to(dtype), real.detach().to(dtype), share).requires_grad_()
        (gradient,) = torch.autograd.grad(critic(between).sum(), between, create_graph=True)
        norm: Tensor = torch.linalg.vector_norm(gradient.flatten(1), dim=1)
        return (norm - 1).square().mean() * weight


def hinge_real_loss(real: Tensor) -> Tensor:
    """Hinge loss of scores that should exceed 1, mean relu(1 - D(real)) (Lim and Ye 2017)."""
    return F.relu(1 - real).mean()


def hinge_generated_loss(generated: Tensor) -> Tensor:
    """Hinge loss of scores that should be below -1, mean relu(1 + D(generated)) (Lim and Ye 2017)."""
    return F.relu(1 + generated).mean()


def hinge_discriminator_loss(real: Tensor, generated: Tensor) -> Tensor:
    """Both hinge terms added, without a factor 1/2 (SPADE, BigGAN; equations 2 and 3 of the SB-GAN paper)."""
    return hinge_real_loss(real) + hinge_generated_loss(generated)


def over_scales(loss: Callable[[Tensor], Tensor], stages: MultiscaleStages) -> Tensor:
    """Return the mean over scales of ``loss`` of the score (Park et al. 2019, code)."""
    return torch.stack([loss(scale[-1]) for scale in stages]).mean()


def multiscale_hinge_discriminator_loss(real: MultiscaleStages, generated: MultiscaleStages) -> Tensor:
    """``hinge_discriminator_loss`` of the scores, averaged over scales."""
    return over_scales(hinge_real_loss, real) + over_scales(hinge_generated_loss, generated)


def multiscale_generator_loss(generated: MultiscaleStages) -> Tensor:
    """``generator_loss`` of the scores, averaged over scales."""
    return over_scales(generator_loss, generated)


def feature_matching(real: MultiscaleStages, generated: MultiscaleStages, weight: float = 10.0) -> Tensor:
    """Mean absolute difference of the discriminator's features (Wang et al. 2018, equation 4; SPADE's form).

    Summed over all stages but the score, averaged over scales, times ``weight``. No gradient flows into ``real``.
    """
    differences = [
        F.l1_loss(fake, true.detach())
        for real_scale, generated_scale in zip(real, generated, strict=True)
        for true, fake in zip(real_scale[:-1], generated_scale[:-1], strict=True)
    ]
    return weight * torch.stack(differences).sum() / len(real)


class PerceptualLoss(nn.Module):
    """L1 distance between feature maps of a fixed network (Wang et al. 2018; VGG term of SPADE).

    Args:
        features: Maps ``(N, 3, H, W)`` in [-1, 1] to a list of feature maps; frozen here.
        stage_weights: One per feature map; the default is SPADE's, for VGG19's five.
        weight: Of the sum; 10 as released.
    """

    def __init__(
        self, features: nn.Module, stage_weights: Sequence[float] = VGG19_WEIGHTS, weight: float = 10.0
    ) -> None:
        super().__init__()
        self.features = features.requires_grad_(False).eval()
        self.stage_weights = tuple(stage_weights)
        self.weight = weight

    def forward(self, generated: Tensor, real: Tensor) -> Tensor:
        """Return the weighted distance of ``generated`` from ``real``, both ``(N, 3, H, W)`` in [-1, 1]."""
        with torch.no_grad():
            targets = self.features(real)
        stages = zip(self.features(generated), targets, self.stage_weights, strict=True)
        return self.weight * torch.stack([w * F.l1_loss(fake, true) for fake, true, w in stages]).sum()
