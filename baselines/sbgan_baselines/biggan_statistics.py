"""Standing statistics: the means and variances that a BigGAN is sampled with, gathered from what it generates."""

import copy

from sbgan_baselines.biggan_layers import BN_MOMENTUM, BatchNorm, ConditionalBatchNorm
from sbgan_baselines.biggan_networks import BigGANGenerator
from sbgan_baselines.biggan_training import generate
from sbgan_bench.noise import NoiseSource
from sbgan_bench.numerics import exactly


def with_standing_statistics(generator: BigGANGenerator, batches: int, batch_size: int) -> BigGANGenerator:
    """Return a copy of a generator, in evaluation mode, whose statistics are means over batches that it generated.

    Brock et al. 2019, appendix on sampling; compare_gan with ``use_moving_averages = False``. Every batch
    normalisation gets the mean of its batch means and of its unbiased batch variances. The copy is a function of the
    generator's weights alone: the latents have seeds of their own, spectral normalisation rests.

    Args:
        generator: Left as it is.
        batches: Number of batches; compare_gan takes 3,200.
        batch_size: Images in each; compare_gan takes 64.
    """
    copied = copy.deepcopy(generator).eval()
    layers = [layer for layer in copied.modules() if isinstance(layer, BatchNorm | ConditionalBatchNorm)]
    device = next(copied.parameters()).device
    with exactly():
        for index in range(batches):
            for layer in layers:
                layer.training = True  # not train(): the layers inside, spectrally normalised, rest
                layer.momentum = 1 / (index + 1)
            seeds = range(index * batch_size, (index + 1) * batch_size)
            generate(copied, NoiseSource.for_seeds(seeds, device).turn("standing statistics"))
    for layer in layers:
        layer.eval()
        layer.momentum = BN_MOMENTUM
    return copied
