"""Settings that a model says its training never reads: the weights must not follow them."""

import enum

import numpy as np
import pytest
import tiny_models
import torch
from tiny_models import SPEC

from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.training.run import TrainingRun

KINDS = {name: load_plugin(PluginGroup.MODELS, name) for name in installed(PluginGroup.MODELS)}
CASES = [(name, setting) for name, kind in KINDS.items() for setting in sorted(kind.sampling_settings)]


def changed(name, setting):
    """Tiny settings with another value of one of them."""
    values = tiny_models.settings(name).to_json()
    *tables, key = setting.split(".")
    table, kind = values, KINDS[name].Settings
    for inner in tables:
        table, kind = table[inner], kind.model_fields[inner].annotation
    sort = kind.model_fields[key].annotation
    is_choice = isinstance(sort, type) and issubclass(sort, enum.Enum)
    table[key] = next(one.value for one in sort if one.value != table[key]) if is_choice else table[key] * 2 + 1
    return KINDS[name].Settings.parse(values, "changed")


def trained(name, settings, folder):
    kind = KINDS[name]
    recipe = next(iter(kind.recipes))
    starts = {
        role: trained(start, tiny_models.settings(start), folder / role)
        for role, start in kind.recipes[recipe].starts_from.items()
    }
    model = kind.build(settings, SPEC, 0)
    model.fit(recipe, tiny_models.table(), TrainingRun(folder=folder / "own", seed=0, previews=1), starts)
    return model


@pytest.mark.parametrize(("name", "setting"), CASES, ids=["-".join(case) for case in CASES])
def test_training_does_not_follow_them(name, setting, tmp_path):
    plain = trained(name, tiny_models.settings(name), tmp_path / "plain")
    other = trained(name, changed(name, setting), tmp_path / "other")
    for role, network in plain.networks().items():
        weights = other.networks()[role].state_dict()
        assert all(torch.equal(tensor, weights[key]) for key, tensor in network.state_dict().items())
    if setting.endswith("draw"):
        drawn = [[batch.layouts for batch in model.sample(range(4))] for model in (plain, other)]
        assert not np.array_equal(*map(np.concatenate, drawn))
