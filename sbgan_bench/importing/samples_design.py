"""A folder of samples as an import."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sbgan_bench.dataset import AbstractDataset, resolution_text
from sbgan_bench.errors import CheckpointError, DataError
from sbgan_bench.hashing import hash_arrays
from sbgan_bench.image_sets import open_images
from sbgan_bench.importing.format import Design, Finding, Request
from sbgan_bench.importing.samples import Samples, SamplesSettings
from sbgan_bench.model import Provenance, SceneSpec


class SamplesDesign(Design):
    """The pictures of a folder, read and ready to be kept.

    Raises:
        DataError: The folder cannot be read, strictly: see ``Samples.read``.
    """

    def __init__(self, root: Path, request: Request) -> None:
        opened = open_images(root)
        size = request.resolution or opened.size
        layouts = opened.layouts(0, len(opened))
        highest = 0 if layouts is None else int(layouts.max())
        classes = highest + 1 if request.dataset is None else request.dataset.info.num_classes
        if request.settings:
            raise DataError("A folder of samples has nothing to set; leave out --set.")
        self.title = Samples.title
        self.model = Samples.build(SamplesSettings(), SceneSpec(classes, size), 0)
        self.model.read(root)
        arrays = {name: buffer.numpy() for name, buffer in self.model.kept.named_buffers()}
        self.fingerprint = hash_arrays(arrays.items())
        self.found = (
            Finding(what="scenes", value=str(len(opened)), how=f"files in {opened.name}"),
            Finding(what="images", value=resolution_text(size), how="their size"),
            Finding(
                what="layouts",
                value="none" if layouts is None else resolution_text((layouts.shape[1], layouts.shape[2])),
                how="layouts/",
            ),
        )
        named = layouts is not None and request.dataset is None
        self.notes = (
            "there are no more scenes than these: an evaluation can draw each of them once",
            *((f"the highest class id is {highest}; give --dataset to say what the ids mean",) if named else ()),
        )

    def check(self, dataset: AbstractDataset) -> tuple[str, ...]:
        """Ask the dataset for pairs of this size."""
        refusal = dataset.unsupported(self.model.spec.resolution)
        if refusal:
            size = resolution_text(self.model.spec.resolution)
            raise CheckpointError(
                f"The samples are {size}, and dataset {dataset.info.name!r} has no such pairs: {refusal}"
            )
        return ()

    def save(self, folder: Path, provenance: Provenance) -> Mapping[str, Any]:
        """Write the model as training does."""
        self.model.provenance = provenance
        self.model.save(folder)
        return {"model": self.model.name, "title": self.title, "parameters": 0, "steps": None, **self.model.sampler()}
