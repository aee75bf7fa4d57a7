"""Sampling and measuring in several processes: what their tests start in each."""

from pathlib import Path

import numpy as np
import torch

from sbgan_bench.features import FeatureSource, FeatureStore
from sbgan_bench.model import load_model
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import Opening
from sbgan_bench.samples import SampleBatch
from sbgan_bench.sources import generated_images
from sbgan_bench.workers import Workers


def extract(workers: Workers, folder: Path, count: int, out: Path) -> None:
    """Sample a saved model and extract features; every process leaves what it got, and which scenes it made."""
    cpu = torch.device("cpu")
    source = generated_images(load_model(folder, cpu), folder, None)
    protocol = load_plugin(PluginGroup.PROTOCOLS, "texture").open(Opening(device=cpu))
    made = []

    def scenes(start: int, stop: int) -> SampleBatch:
        made.extend(range(start, stop))
        return source.scenes(start, stop)

    counted = FeatureSource(source.key, scenes, source.holds)
    found = FeatureStore(out / "store").features(counted, [protocol], count, workers=workers)
    np.savez(out / f"{workers.rank}.npz", features=found[protocol.name], made=made)
