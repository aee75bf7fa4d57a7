"""Segmenters of github.com/fyu/drn, which ``sbgan-bench annotate`` labels images with."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, final

from sbgan_bench.annotation.weights import SegmenterFacts, save_segmenter
from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.datasets.palettes import distinct_palette
from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.format import AbstractFormat, Assembly, Design, Finding, Part, Request
from sbgan_bench.importing.keys import Shapes, has, load_part
from sbgan_bench.importing.source import PREFIX, Source
from sbgan_bench.model import Provenance
from sbgan_bench.networks.drn import DRNArch, DRNSegmenter, initialise
from sbgan_bench.storage import atomic_folder

ROLE = "segmenter"
#: Positions of layers 3 to 6 in ``base``, which hold the residual blocks.
RESIDUAL_LAYERS = range(3, 7)
#: Raw label of unlabelled pixels where Cityscapes' 19 classes are predicted.
UNLABELLED = 255
#: Cityscapes' training classes in order of their training ids, with the colours of its authors' scripts.
CITYSCAPES: Mapping[str, tuple[int, int, int]] = {
    "road": (128, 64, 128), "sidewalk": (244, 35, 232), "building": (70, 70, 70), "wall": (102, 102, 156),
    "fence": (190, 153, 153), "pole": (153, 153, 153), "traffic light": (250, 170, 30),
    "traffic sign": (220, 220, 0), "vegetation": (107, 142, 35), "terrain": (152, 251, 152), "sky": (70, 130, 180),
    "person": (220, 20, 60), "rider": (255, 0, 0), "car": (0, 0, 142), "truck": (0, 0, 70), "bus": (0, 60, 100),
    "train": (0, 80, 100), "motorcycle": (0, 0, 230), "bicycle": (119, 11, 32),
}  # fmt: skip


@final
class DRNFormat(AbstractFormat):
    """A training checkpoint (epoch, arch, state dict, best precision), or the flat state dict that is published."""

    name: ClassVar[str] = "drn"
    title: ClassVar[str] = "DRN segmenter"
    files: ClassVar[tuple[str, ...]] = ("model_best.pth.tar", "drn_d_22_cityscapes.pth")

    def parts(self, source: Source) -> tuple[Part, ...]:
        """The segmenter."""
        for inside in ("state_dict", ""):
            tensors = source.tensors(inside)
            if has(tensors, r"base\.\d\.", r"seg\."):
                arch = source.value("arch")
                facts = {"iteration": source.number("epoch"), "arch": arch if isinstance(arch, str) else ""}
                return (Part(role=ROLE, source=source, tensors=tensors, facts=facts, inside=inside),)
            if has(tensors, r"layer0\.0\.", r"layer8\.", r"fc\."):
                raise CheckpointError(
                    f"{source.path} classifies ImageNet and segments nothing; it can start a segmenter's training "
                    "('sbgan-bench annotate'), and a segmenter's own file can be imported."
                )
        return ()

    def assemblies(self) -> tuple[Assembly, ...]:
        """A segmenter as ``sbgan-bench annotate`` reads it."""
        return (Assembly(makes=ROLE, needs=frozenset({ROLE}), design=SegmenterDesign),)

    def examples(self) -> Mapping[str, Any]:
        """DRN-D-22 for two classes, as its training leaves it: the smallest there is."""
        network = DRNSegmenter(DRNArch.D_22, 2)
        initialise(network, 0)
        state = {PREFIX + key: tensor for key, tensor in network.state_dict().items()}
        return {"checkpoint_latest.pth.tar": {"epoch": 3, "arch": "drn_d_22", "state_dict": state, "best_prec1": 0.5}}


class SegmenterDesign(Design):
    """The segmenter, ready to be written."""

    def __init__(self, parts: Mapping[str, Part], request: Request) -> None:
        (part,) = parts.values()
        arch = _arch(part)
        classes = Shapes(part)("seg.weight", 4)[0]
        self.title = "DRN segmenter"
        self._part = part
        self._network = DRNSegmenter(arch, classes)
        self.found = (
            Finding(what="architecture", value=arch.value, how="residual blocks, their convolutions"),
            Finding(what="classes", value=str(classes), how="seg"),
        )
        kernel = {} if "up.weight" in part.tensors else {"up.weight": self._network.up.weight.detach()}
        notes = ("up.weight, which is fixed, was not in the file",) if kernel else ()
        self.notes = (*notes, *load_part(self._network, replace(part, tensors={**part.tensors, **kernel})))
        self._names, self._palette, self._ignore_index = _classes(classes, request.dataset)

    def check(self, dataset: AbstractDataset) -> tuple[str, ...]:
        """Compare the number of classes; a dataset may have one more, for what is unlabelled."""
        classes, info = self._network.num_classes, dataset.info
        if classes not in _counts(dataset):
            raise CheckpointError(
                f"The segmenter has {classes} classes, dataset {info.name!r} has {info.num_classes}; give the dataset "
                "whose classes it predicts."
            )
        return ()

    def save(self, folder: Path, provenance: Provenance) -> Mapping[str, Any]:
        """Write ``drn.json`` and ``drn.safetensors``."""
        (file,) = provenance.sources
        facts = SegmenterFacts(
            arch=self._network.arch,
            num_classes=self._network.num_classes,
            class_names=self._names,
            palette=self._palette,
            ignore_index=self._ignore_index,
            source=f"imported from {file.name}",
            source_sha256=file.sha256,
        )
        with atomic_folder(folder) as temporary:
            save_segmenter(temporary, self._network, facts)
        parameters = sum(p.numel() for p in self._network.parameters() if p.requires_grad)
        return {
            "model": ROLE,
            "title": self.title,
            "parameters": parameters,
            "steps": self._part.facts.get("iteration"),
        }


def _arch(part: Part) -> DRNArch:
    """Tell the depth from the number of residual blocks, and from how many convolutions are in each."""
    shapes = Shapes(part)
    counts = tuple(shapes.count(rf"base\.{layer}\.(\d+)\.conv") for layer in RESIDUAL_LAYERS)
    bottleneck = "base.3.0.conv3.weight" in part.tensors
    for arch in DRNArch:
        if (arch.blocks, arch.bottleneck) == (counts, bottleneck):
            said = str(part.facts.get("arch", ""))
            if said and re.fullmatch(r"drn_\w_\d+", said) and said != arch:
                raise CheckpointError(f"{part.source.path} says arch = {said}, and its tensors are those of {arch}.")
            return arch
    raise CheckpointError(
        f"{part.place} has {counts} {'bottleneck' if bottleneck else 'basic'} blocks in layers 3 to 6; known are "
        f"{', '.join(f'{arch} {arch.blocks}' for arch in DRNArch)}. DRN-A and DRN-C are not built here."
    )


def _counts(dataset: AbstractDataset) -> tuple[int, ...]:
    """Return the numbers of classes that a segmenter of this dataset may have."""
    info = dataset.info
    without = info.ignore_index is not None and info.ignore_index == info.num_classes - 1
    return (info.num_classes, info.num_classes - 1) if without else (info.num_classes,)


def _classes(
    count: int, dataset: AbstractDataset | None
) -> tuple[tuple[str, ...], tuple[tuple[int, int, int], ...], int | None]:
    """Return names, colours and the id for unlabelled pixels: the dataset's, else Cityscapes' 19, else numbers."""
    if dataset is not None and count in _counts(dataset):
        info = dataset.info
        ignored = info.ignore_index if info.ignore_index is not None and info.ignore_index >= count else None
        return info.class_names[:count], info.palette[:count], ignored
    if count == len(CITYSCAPES):
        return tuple(CITYSCAPES), tuple(CITYSCAPES.values()), UNLABELLED
    return tuple(f"class {index}" for index in range(count)), distinct_palette(count), None
