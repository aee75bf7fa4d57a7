"""Training tiny models in several processes, in double precision: what their tests start in each."""

from dataclasses import replace
from pathlib import Path

import pytest
import tiny_models
import torch
from safetensors.torch import save_file
from torch.optim.optimizer import register_optimizer_step_pre_hook

from sbgan_bench.errors import ConfigError
from sbgan_bench.noise import NoiseSource
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.training import loop
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.workers import Workers

_GROWING = {"fade_images": [16], "stabilise_images": [24]}
_PAINTING = {**tiny_models.TINY["image-stage"], "images": 40, "decay_images": 40}
#: What makes the tiny trainings at least twenty steps long, in every phase.
LONGER = {
    "biggan": {"images": 80},
    "image-stage": _PAINTING,
    "layout-stage": _GROWING,
    "progan-reference": _GROWING,
    "progan-sbgan": _GROWING,
    "sbgan": {"image": _PAINTING, "images": 40, "decay_images": 20, "d2_images": 20},
    "spade": {"image": _PAINTING},
}


def settings(name):
    kind = load_plugin(PluginGroup.MODELS, name)
    return kind.Settings.parse({**tiny_models.TINY[name], **LONGER[name]}, "longer")


def in_double_precision():
    """Let the loop and all noise work in float64."""
    single, batch = NoiseSource._tensor, loop._batch
    NoiseSource._tensor = lambda self, draws: single(self, draws).double()

    def doubled(*arguments):
        made = batch(*arguments)
        return replace(made, images=made.images.double())

    loop._batch = doubled
    torch.nn.modules.module.register_module_forward_pre_hook(
        lambda module, given: tuple(one.double() if _is_single(one) else one for one in given)
    )


def _is_single(value):
    return isinstance(value, torch.Tensor) and value.dtype == torch.float32


def fit(workers: Workers, name: str, recipe: str, folder: Path, out: Path) -> None:
    """Train a model and the stages it starts from; rank 0 writes the weights."""
    in_double_precision()
    kind = load_plugin(PluginGroup.MODELS, name)

    def trained(kind, recipe, place):
        model = kind.build(settings(kind.name), tiny_models.SPEC, 0)
        for network in model.networks().values():
            network.double()
        run = TrainingRun(folder=place, seed=0, previews=0, workers=workers)
        starts = {
            role: trained(load_plugin(PluginGroup.MODELS, start), _first(start), place / role)
            for role, start in kind.recipes[recipe].starts_from.items()
        }
        model.fit(recipe, tiny_models.table(), run, starts)
        return model

    model = trained(kind, recipe, folder)
    if workers.rank == 0:
        tensors = {
            f"{name}/{key}": tensor.contiguous()
            for name, network in model.networks().items()
            for key, tensor in network.state_dict().items()
        }
        save_file(tensors, out)


def gradients(workers: Workers, name: str, recipe: str, folder: Path, out: Path) -> None:
    """Write down the gradients of every optimizer's first update; the weights are kept as they were."""
    found = {}

    def note(optimizer, arguments, options):
        for group in optimizer.param_groups:
            group["lr"] = 0.0
        held = [parameter.grad for group in optimizer.param_groups for parameter in group["params"]]
        found.setdefault(optimizer, [gradient.clone() for gradient in held if gradient is not None])

    register_optimizer_step_pre_hook(note)
    kind = load_plugin(PluginGroup.MODELS, name)
    starts = {role: tiny_models.build(start) for role, start in kind.recipes[recipe].starts_from.items()}
    tiny_models.fit(name, recipe, folder, starts, previews=0, workers=workers)
    if workers.rank == 0:
        updates = enumerate(found.values())
        save_file(
            {f"{update}/{i}": gradient.contiguous() for update, held in updates for i, gradient in enumerate(held)},
            out,
        )


def _first(name):
    return next(iter(load_plugin(PluginGroup.MODELS, name).recipes))


def fit_apart(workers: Workers, folder: Path) -> None:
    """Train with a folder for each process, to see which of them write."""
    kind = load_plugin(PluginGroup.MODELS, "layout-stage")
    model = kind.build(settings("layout-stage"), tiny_models.SPEC, 0)
    run = TrainingRun(folder=folder / str(workers.rank), seed=0, previews=2, workers=workers)
    model.fit("default", tiny_models.table(), run, {})


def share_too_little(workers: Workers, folder: Path) -> None:
    """Start more processes than a batch has images; each must say so and end."""
    kind = load_plugin(PluginGroup.MODELS, "layout-stage")
    small = kind.Settings.parse({**tiny_models.TINY["layout-stage"], "batch_size": [1]}, "small")
    model = kind.build(small, tiny_models.SPEC, 0)
    with pytest.raises(ConfigError, match="2 processes cannot share a batch of 1"):
        model.fit("default", tiny_models.table(), TrainingRun(folder=folder, seed=0, workers=workers), {})
