"""Several processes sample and measure what one does: the same images, hence the same features, byte for byte."""

from pathlib import Path

import numpy as np
import pytest
import shared_measuring
import tiny_models
from processes import together

from sbgan_bench.features import CHUNK
from sbgan_bench.model import SceneSpec
from sbgan_bench.plugins import PluginGroup, load_plugin


@pytest.mark.slow
@pytest.mark.parametrize("count", [1, CHUNK + 1, 3 * CHUNK - 70], ids="{} images".format)
def test_the_number_of_processes_changes_no_feature(count: int, tmp_path: Path) -> None:
    """With more processes than chunks too, and with a last chunk that is short."""
    model = tmp_path / "model"
    kind = load_plugin(PluginGroup.MODELS, "sbgan")
    kind.build(tiny_models.settings("sbgan"), SceneSpec(tiny_models.CLASSES, (32, 64)), 0).save(model)
    kept = {}
    for world in (1, 2, 3):
        out = tmp_path / str(world)
        together(world, shared_measuring.extract, out, model, count, out)
        kept[world] = {path.name: path.read_bytes() for path in out.rglob("*.safetensors")}
        parts = [np.load(out / f"{rank}.npz") for rank in range(world)]
        assert sorted(np.concatenate([part["made"] for part in parts])) == list(range(count)), "each scene once"
        assert len({part["features"].tobytes() for part in parts}) == 1
    assert kept[1]
    assert kept[1] == kept[2] == kept[3]
