"""A network with one wrong detail fails its case; the right one, in any configuration, passes."""

from types import SimpleNamespace

import pytest
import torch
from recorded_case import biggan, drn, exponential, gumbel, penalties, progressive, record, spade
from torch.nn import functional as F

from sbgan_baselines import biggan_layers
from sbgan_bench.networks import drn as drn_networks
from sbgan_bench.networks import gumbel as gumbel_draw
from sbgan_bench.networks import progressive as progressive_networks
from sbgan_bench.networks import spade as spade_networks
from sbgan_bench.networks.equalized import EqualizedLinear
from sbgan_bench.networks.progressive import PixelNorm
from sbgan_bench.networks.spectral import SpectralConv2d
from sbgan_bench.parity import progressive as progressive_parity
from sbgan_bench.parity import spade as spade_parity
from sbgan_bench.parity.running import check_case

RIGHT = {
    "layout": (progressive(8), penalties(8)),
    "rgb": (progressive(8, rgb=True, aspect=1, alpha=0.1, output_stride=2), penalties(8)),
    "gumbel": (gumbel(0.7), exponential()),
    "nv": (spade("NVlabs"), {}),
    "fork": (spade("SB-GAN fork"), {}),
    "edges": (spade("NVlabs", instance_edge_channel=True, dontcare_channel=True, num_D=3, n_layers_D=3), {}),
    "drn": (drn(), {}),
    "biggan": (biggan(), {}),
    "own-tables": (biggan(G_shared=False, hier=False, G_attn="0", D_attn="32_8", SN_eps=1e-8), {}),
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    root = tmp_path_factory.mktemp("cases")
    for name, (facts, inputs) in RIGHT.items():
        record(root, name, facts, inputs)
    return root


def failing(result):
    return {check.output for check in result.outputs if not check.ok}


@pytest.mark.parametrize("name", RIGHT)
def test_the_right_network_passes(folder, name):
    result = check_case(folder, name)
    assert result.ok, (result.fault, failing(result), result.keys)
    assert result.worst is not None
    assert result.worst.error < result.worst.tolerance


def rooted(self, x):
    return x * (x.square().mean(dim=1, keepdim=True) + 1e-8).rsqrt()


def unscaled(self, x):
    return F.linear(x, self.weight, self.bias)


def darker_border(x, kernel, stride=None, padding=0, count_include_pad=True):
    del count_include_pad
    return REAL_POOL(x, kernel, stride=stride, padding=padding)


def two_iterations(self, times=1):
    REAL_ITERATION(self, 2 * times)


def no_iteration(self, times=1):
    del self, times


def without_the_one(self, x, condition):
    normalized = F.batch_norm(x, self.stored_mean, self.stored_var, None, None, self.training, 0.1, 1e-5)
    gain, bias = (layer(condition)[..., None, None] for layer in (self.gain, self.bias))
    return normalized * gain + bias


def with_the_old_vector(self):
    matrix = self.weight.flatten(1)
    v = F.normalize(self.u0 @ matrix, eps=self.epsilon)
    sigma = (v @ matrix.t() @ self.u0.t()).squeeze()
    return self.weight / sigma


def undilated(x, *arguments, **options):
    return REAL_CONVOLUTION(x, *arguments, **{**options, "dilation": 1})


REAL_POOL, REAL_ITERATION = F.avg_pool2d, SpectralConv2d.power_iteration
REAL_CONVOLUTION, REAL_EDGES = drn_networks._convolution, spade_parity.instance_edges
REAL_PENALTY = progressive_parity.gradient_penalty

MUTATIONS = {
    "PixelNorm with the root": ("layout", PixelNorm, "__call__", rooted, {"g_4", "g_8", "g_fade_8"}),
    "another slope": ("layout", progressive_networks, "SLOPE", 0.1, {"g_4", "d_4", "d_fade_8"}),
    "no factor in linear layers": ("rgb", EqualizedLinear, "forward", unscaled, {"g_4", "d_4"}),
    "the penalty's weight": (
        "layout", progressive_parity, "gradient_penalty",
        lambda *a: 0.5 * REAL_PENALTY(*a), {"wgan_gp_d_loss_4", "wgan_gp_d_loss_8"},
    ),
    "the floor under probabilities": ("gumbel", gumbel_draw, "PROBABILITY_FLOOR", 1e-2, {"grad_probs"}),
    "two power iterations": (
        "nv", SpectralConv2d, "power_iteration", two_iterations, {"g_weight_u_after", "d_weight_u_after"},
    ),
    "no power iteration": (
        "fork", SpectralConv2d, "power_iteration", no_iteration, {"g_weight_u_after", "d_eval_0_score"},
    ),
    "pooling that darkens the border": ("nv", F, "avg_pool2d", darker_border, {"d_eval_1_score"}),
    "scores added instead of averaged": (
        "fork", spade_parity, "over_scales",
        lambda loss, stages: torch.stack([loss(scale[-1]) for scale in stages]).sum(), {"loss_d_D_Fake"},
    ),
    "gradients into every layer": (
        "fork", spade_networks, "LabelGradient", SimpleNamespace(ENTRY=None), {"grad_label_map_entry_positions"},
    ),
    "edges on one pixel only": (
        "edges", spade_parity, "instance_edges", lambda ids: REAL_EDGES(ids).roll(1, 3), {"g_eval", "d_eval_0_score"},
    ),
    "another slope in SPADE": ("nv", spade_networks, "SLOPE", 0.1, {"g_train", "g_eval", "grad_label_map_full"}),
    "no dilation": ("drn", drn_networks, "_convolution", undilated, {"scores", "log_probs"}),
    "an untrained kernel in the segmenter": (
        "drn", drn_networks, "_bilinear_kernel", lambda k: torch.ones(k, 1, 16, 16) / 64, {"log_probs"},
    ),
    "the old singular vector": (
        "own-tables", biggan_layers.SpectralWeight, "normalized", with_the_old_vector, {"g_eval"},
    ),
    "attention left out": ("biggan", biggan_layers.Attention, "forward", lambda self, x: x, {"g_train", "d_train"}),
    "gain without the one": ("biggan", biggan_layers.ConditionalBatchNorm, "forward", without_the_one, {"g_train"}),
}  # fmt: skip


@pytest.mark.parametrize("mutation", MUTATIONS)
def test_one_wrong_detail_fails(folder, mutation, monkeypatch):
    name, owner, attribute, wrong, outputs = MUTATIONS[mutation]
    monkeypatch.setattr(owner, attribute, wrong)
    result = check_case(folder, name)
    assert not result.ok
    assert outputs <= failing(result), (result.fault, failing(result))
