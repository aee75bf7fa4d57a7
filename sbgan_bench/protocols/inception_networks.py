"""InceptionV3 (Szegedy et al. 2016) as others run it, made faster without moving a feature."""

import io

import torch
from torch import nn
from torch.nn.utils.fusion import fuse_conv_bn_eval
from torch_fidelity.feature_extractor_inceptionv3 import BasicConv2d as CompatBlock
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torchvision.models.inception import BasicConv2d, Inception3

from sbgan_bench.state_dicts import fitted, read_state_dict
from sbgan_bench.weights import ChosenWeights

#: Length of pool3's features, and of the logits of the network of 2015.
POOL3, LOGITS = 2048, 1008
#: Height and width of what the network takes.
SIDE = 299
#: In words, for ``ProtocolInfo.numerics``.
FOLDED = "batch normalisation folded into convolutions"


def compat_inception(weights: ChosenWeights) -> nn.Module:
    """Return torch-fidelity's own module: uint8 images ``(N, 3, H, W)`` to (pool3, unbiased logits).

    Its constructor unpickles the file it is given, so it is given one written here, in memory, of tensors that were
    read without running any code and checked against the network's.

    Raises:
        CorruptFileError: The file does not hold the weights of this network.
    """
    with torch.device("meta"):  # the same names and shapes as torchvision's without its side head
        skeleton = Inception3(num_classes=LOGITS, aux_logits=False, init_weights=False)
    state = fitted(read_state_dict(weights.path), skeleton, weights.path)
    written = io.BytesIO()
    torch.save(state, written)
    written.seek(0)
    network: nn.Module = FeatureExtractorInceptionV3(
        "inception-v3-compat", ["2048", "logits_unbiased"], feature_extractor_weights_path=written
    )
    return network


def imagenet_inception(weights: ChosenWeights) -> nn.Module:
    """Return torchvision's network, whose own ``forward`` is not used: it never rescales its input.

    Raises:
        CorruptFileError: The file does not hold the weights of this network.
    """
    with torch.device("meta"):
        network: nn.Module = Inception3(aux_logits=True, init_weights=False, transform_input=False)
    network.load_state_dict(fitted(read_state_dict(weights.path), network, weights.path), assign=True)
    return network.float().requires_grad_(False).eval()


def to_pool3(network: nn.Module) -> nn.Sequential:
    """Return the part of either network from ``(N, 3, 299, 299)`` to pool3 ``(N, 2048)``.

    Both keep their layers in the order in which images pass through them.
    """
    beside = ("AuxLogits", "dropout", "fc")
    layers = [layer for name, layer in network.named_children() if name not in beside]
    return nn.Sequential(*layers, nn.Flatten(1))


def made_fast(network: nn.Module, device: torch.device) -> nn.Module:
    """Fold batch normalisations into their convolutions, in place, and lay the weights out channels last."""
    for block in list(network.modules()):
        if isinstance(block, CompatBlock | BasicConv2d):
            block.conv, block.bn = fuse_conv_bn_eval(block.conv, block.bn), nn.Identity()
    moved: nn.Module = network.to(device=device, memory_format=torch.channels_last)  # type: ignore[call-overload]
    return moved
