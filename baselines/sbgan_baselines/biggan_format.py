"""Files of BigGAN-PyTorch: ``G_ema.pth``, ``G.pth``, ``D.pth`` and ``state_dict.pth``, with suffixes or without."""

import math
import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, ClassVar, final

from torch import Tensor

from sbgan_baselines.biggan import BigGAN
from sbgan_baselines.biggan_networks import (
    OFFICIAL,
    Architecture,
    BigGANDiscriminator,
    BigGANGenerator,
    Conditioning,
    initialise,
)
from sbgan_baselines.biggan_settings import Setup, Statistics
from sbgan_baselines.biggan_shapes import DiscriminatorShape, GeneratorShape
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.design import ModelDesign
from sbgan_bench.importing.format import AbstractFormat, Assembly, Part, Request
from sbgan_bench.importing.keys import has
from sbgan_bench.importing.source import Source
from sbgan_bench.model import SceneSpec

#: The generator that is sampled, the one that is trained, the discriminator, and the record of the run.
AVERAGE, GENERATOR, DISCRIMINATOR = "biggan-average", "biggan-generator", "biggan-discriminator"
RECORD = "biggan-record"
#: Names of batch statistics where they are kept by an inner layer (--mybn, --cross_replica), and ours.
_INNER = {"running_mean": "stored_mean", "running_var": "stored_var"}
#: What those inner layers keep beside them, which evaluation never reads.
_COUNTERS = ("accumulation_counter", "num_batches_tracked")


@final
class BigGANFormat(AbstractFormat):
    """Bare state dicts, one network per file. The average differs from the generator in its file's name alone."""

    name: ClassVar[str] = "biggan-pytorch"
    title: ClassVar[str] = "BigGAN-PyTorch"
    files: ClassVar[tuple[str, ...]] = ("G_ema.pth", "G.pth", "D.pth", "state_dict.pth", "*_copyN.pth", "*_bestN.pth")

    def parts(self, source: Source) -> tuple[Part, ...]:
        """A generator, a discriminator, or the record of a run, which holds no network."""
        config = source.value("config")
        if isinstance(config, Mapping) and source.number("itr") is not None:
            facts = {"iteration": source.number("itr"), "config": dict(config)}
            return (Part(role=RECORD, source=source, tensors={}, facts=facts),)
        tensors = _plain_statistics(source.tensors())
        if has(tensors, r"blocks\.0\.0\.", r"output_layer\."):
            role = AVERAGE if source.path.name.startswith("G_ema") else GENERATOR
            return (Part(role=role, source=source, tensors=tensors),)
        if has(tensors, r"blocks\.0\.0\.", r"embed\."):
            return (Part(role=DISCRIMINATOR, source=source, tensors=tensors),)
        return ()

    def assemblies(self) -> tuple[Assembly, ...]:
        """BigGAN, from the average or from the generator."""
        everything = frozenset({AVERAGE, GENERATOR, DISCRIMINATOR, RECORD})
        return tuple(
            Assembly(makes=BigGAN.name, needs=frozenset({one}), takes=everything - {one}, design=_design)
            for one in (AVERAGE, GENERATOR)
        )

    def examples(self) -> Mapping[str, Any]:
        """Networks of two blocks with attention, and the record of their run."""
        architecture = Architecture((2, 1, 1), (1, 1, 2), (8,))
        conditioning = Conditioning(shared_dim=4)
        sizes: Any = {"architecture": architecture, "base_width": 8}
        generator = BigGANGenerator(latent_dim=9, conditioning=conditioning, **sizes)
        discriminator = BigGANDiscriminator(**sizes)
        networks = {"G_ema.pth": generator, "D_copy0.pth": discriminator}
        for seed, network in enumerate(networks.values()):
            initialise(network, seed)
        states: dict[str, Any] = {name: network.state_dict() for name, network in networks.items()}
        return {**states, "state_dict.pth": {"itr": 9, "epoch": 1, "config": {"ema_decay": 0.9999, "resolution": 16}}}


def _plain_statistics(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Bring batch statistics that an inner layer keeps (``bn1.bn.running_mean``) to their plain names."""
    plain = {}
    for key, tensor in tensors.items():
        match = re.fullmatch(r"(.+\.(?:bn\d|0))\.bn\.(\w+)", key)
        name = match[2] if match else key.rsplit(".", 1)[-1]
        if name in _COUNTERS:
            continue
        plain[f"{match[1]}.{_INNER.get(name, name)}" if match else key] = tensor
    return plain


def _design(parts: Mapping[str, Part], request: Request) -> ModelDesign:
    sampled = parts.get(AVERAGE) or parts[GENERATOR]
    shape = GeneratorShape.of(sampled)
    judge = DiscriminatorShape.of(parts[DISCRIMINATOR]) if DISCRIMINATOR in parts else None
    record = parts.get(RECORD)
    config: Mapping[str, Any] = record.facts["config"] if record else {}
    _check_record(shape, config, record)
    decay, notes = _decay(parts, config)
    settings = {
        "setup": Setup.BIGGAN,
        "statistics": Statistics.RUNNING,
        **_widths(shape, judge),
        "attention": shape.attention,
        "latent_dim": shape.latent_dim,
        "shared_dim": shape.shared_dim,
        "hierarchical": shape.hierarchical,
        "labels": shape.labels,
        "ema_decay": decay,
    }
    if judge is not None and judge.attention(shape.height) != shape.attention:
        settings["discriminator_attention"] = judge.attention(shape.height)
    classes = 1 if request.dataset is None else request.dataset.info.num_classes
    iteration = {"iteration": record.facts["iteration"]} if record else {}
    trained = parts.get(GENERATOR, sampled)
    weights = {"generator": trained, "generator_ema": replace(sampled, facts=iteration)}
    if shape.labels > 1:
        notes = (*notes, f"{shape.labels} classes: one is drawn for every image")
    return ModelDesign(
        model=BigGAN.name,
        settings=settings,
        spec=SceneSpec(classes, request.resolution or shape.resolution),
        weights=weights if judge is None else {**weights, "discriminator": parts[DISCRIMINATOR]},
        request=request,
        found=(*shape.findings(), *(() if judge is None else judge.findings(shape.height))),
        notes=notes,
    )


def _widths(shape: GeneratorShape, judge: DiscriminatorShape | None) -> dict[str, Any]:
    """Return widths as multiples of one base width; official ones go unsaid."""
    judging = () if judge is None else judge.widths
    official = OFFICIAL.get(shape.height)
    base = shape.widths[-1]
    if official is not None:
        base = shape.widths[0] // official.generator[0]
        drawn = tuple(base * multiple for multiple in official.generator)
        judged = tuple(base * multiple for multiple in official.discriminator)
        if shape.widths == drawn and judging in ((), judged):
            return {"base_width": base}
    base = math.gcd(*shape.widths, *judging)
    multiples = [tuple(width // base for width in widths) for widths in (shape.widths, judging)]
    # Without a discriminator's file any will do: the generator's widths, from the image's end.
    judged = multiples[1] or tuple(reversed(multiples[0]))
    return {"base_width": base, "generator_widths": multiples[0], "discriminator_widths": judged}


def _decay(parts: Mapping[str, Part], config: Mapping[str, Any]) -> tuple[float, tuple[str, ...]]:
    """Return the average's decay, and what must be said of it."""
    if AVERAGE not in parts:
        name = parts[GENERATOR].source.path.name
        return 0.0, (f"no G_ema.pth: {name} is sampled itself, its average being the same network",)
    said = config.get("ema_decay")
    if isinstance(said, float) and 0 <= said < 1:
        return said, ()
    words = "the decay of the average is not in the files; 0.9999, BigGAN-PyTorch's default, is written in rows"
    also = () if GENERATOR in parts else ("no G.pth: further training would start from the average",)
    return 0.9999, (words, *also)


def _check_record(shape: GeneratorShape, config: Mapping[str, Any], record: Part | None) -> None:
    """Refuse a record of another run."""
    for key, found in (("resolution", shape.height), ("n_classes", shape.labels)):
        said = config.get(key)
        if record is not None and isinstance(said, int) and said != found:
            raise CheckpointError(
                f"{record.source.path} says {key} = {said}, the generator's tensors say {found}: files of two runs."
            )
