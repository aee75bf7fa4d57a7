"""From parts to a registered model: settings and sizes found, networks built, tensors loaded."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import AbstractDataset, resolution_text
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.format import Design, Finding, Part, Request
from sbgan_bench.importing.keys import load_part
from sbgan_bench.model import AbstractModel, Provenance, SceneSpec
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.samples import LayoutSource

#: Numbers of label channels that released checkpoints have, and whose they are.
KNOWN_CHANNELS: Mapping[int, str] = {
    20: "Cityscapes-25K as released has 20: 19 classes and one for unknown",
    35: "Cityscapes-5K as released has 35; the paper prints 33",
    36: "NVlabs' SPADE for Cityscapes has 36: 35 labels and one channel of instance edges",
    95: "ADE-Indoor as released has 95",
    151: "NVlabs' SPADE for ADE20K has 151: 150 classes and one for 'don't care'",
    184: "NVlabs' SPADE for COCO-Stuff has 184: 182 labels, one for 'don't care', one of instance edges",
}


def request_value(request: Request, path: str) -> Any:
    """Return what ``--set path=…`` said; None if it said nothing."""
    value: Any = request.settings
    for key in path.split("."):
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def merged(*layers: Mapping[str, Any]) -> dict[str, Any]:
    """Return nested settings in which later layers win, table by table."""
    result: dict[str, Any] = {}
    for layer in layers:
        for key, value in layer.items():
            inner = result.get(key)
            nested = isinstance(inner, Mapping) and isinstance(value, Mapping)
            result[key] = merged(inner, value) if nested else value  # type: ignore[arg-type]
    return result


class ModelDesign(Design):
    """A registered model with its weights in it.

    Args:
        model: Registered name.
        settings: What was found; what the user set wins.
        spec: Classes and size.
        weights: Parts by name of the network, among ``networks()`` of the model.
        request: What the user said.
        found: For the table of findings.
        notes: What a user must know.

    Raises:
        CheckpointError: The model cannot be of this size, or a part does not fit its network.
        ConfigError: A setting that the user gave is none of the model's.
    """

    def __init__(
        self,
        *,
        model: str,
        settings: Mapping[str, Any],
        spec: SceneSpec,
        weights: Mapping[str, Part],
        request: Request,
        found: tuple[Finding, ...],
        notes: tuple[str, ...] = (),
    ) -> None:
        kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, model)
        parsed = kind.Settings.parse(merged(settings, request.settings), f"settings of {model}")
        reason = kind.unsupported(parsed, spec)
        if reason:
            files = ", ".join(sorted({part.source.path.name for part in weights.values()}))
            raise CheckpointError(f"{files} cannot be {kind.title} for {resolution_text(spec.resolution)}: {reason}.")
        self.model = kind.build(parsed, spec, seed=0)
        self.title = kind.title
        networks = self.model.networks()
        mended = tuple(note for name, part in weights.items() for note in load_part(networks[name], part))
        fresh = sorted(set(networks) - set(weights))
        if fresh:
            mended += (f"not in the files, left as initialised and never sampled: {', '.join(fresh)}",)
        self.found = found
        self.notes = (*notes, *dict.fromkeys(mended))
        self.steps = next((s for part in weights.values() if (s := part.facts.get("iteration")) is not None), None)

    def check(self, dataset: AbstractDataset) -> tuple[str, ...]:
        """Compare the number of classes, where the model knows any, and ask the dataset for pairs of this size."""
        info, channels = dataset.info, self.model.spec.num_classes
        layouts = self.model.layout_sources & {LayoutSource.REAL, LayoutSource.GENERATED}
        if layouts and channels != info.num_classes:
            raise CheckpointError(
                f"The checkpoint has {channels} label channels, dataset {info.name!r} has {info.num_classes} classes"
                f"{_explanation(channels, info.num_classes)}. Choose the dataset, or its variant, that it was trained "
                "on."
            )
        refusal = dataset.unsupported(self.model.spec.resolution)
        if refusal and self.model.draws_images:
            return (f"dataset {info.name!r} has no pairs of {resolution_text(self.model.spec.resolution)}: {refusal}",)
        return ()

    def save(self, folder: Path, provenance: Provenance) -> Mapping[str, Any]:
        """Write the model as training does."""
        self.model.provenance = provenance.model_copy(update={"steps": self.steps})
        self.model.save(folder)
        return {
            "model": self.model.name,
            "title": self.title,
            "parameters": self.model.parameters(),
            "steps": self.steps,
            **self.model.sampler(),
        }


def _explanation(channels: int, classes: int) -> str:
    known = KNOWN_CHANNELS.get(channels)
    if known:
        return f" ({known})"
    if channels == classes + 1:
        return " (SPADE adds a channel for instance edges, and one for 'don't care', where it was told to)"
    return ""
