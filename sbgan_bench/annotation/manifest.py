"""``manifest.json``: what a folder of pseudo-labels is, for whoever is to rely on it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sbgan_bench.annotation.confusion import Evaluation
from sbgan_bench.annotation.weights import SegmenterFacts
from sbgan_bench.config import Settings
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.hashing import hash_json
from sbgan_bench.networks.drn import DRNArch
from sbgan_bench.storage import read_json, write_json

#: Version of the file's layout; a reader refuses any other.
FORMAT = 1
MANIFEST = "manifest.json"


class AnnotationManifest(Settings):
    """Which weights labelled which images, and how well they do on pairs whose labels are known."""

    format: int = FORMAT
    weights_sha256: str
    arch: DRNArch
    class_names: tuple[str, ...]  #: one per class id
    palette: tuple[tuple[int, int, int], ...]  #: RGB 0-255 per class id
    ignore_index: int | None  #: id of unlabelled pixels in the labels learnt from; pseudo-labels never have it
    input_scale: float
    scales: tuple[float, ...]  #: of multi-scale prediction; (1.0,) for one
    source: str  #: of the weights, in words
    training: Mapping[str, Any] | None  #: dataset, fingerprint, recipe and seed of the segmenter; None if unknown
    evaluation: Evaluation | None  #: of the segmenter on held-out pairs; None if nobody measured
    method_sha256: str  #: of weights, input scale and scales: label maps of equal methods may stand in one folder
    images: int  #: that are to be annotated
    annotated: int  #: label maps in the folder
    complete: bool  #: every image has its label map
    faults: Mapping[str, str] = {}  #: images that could not be read, by relative name, with the reason

    def write(self, folder: Path) -> None:
        """Write the file, atomically."""
        write_json(folder / MANIFEST, self.to_json())

    @classmethod
    def read(cls, folder: Path) -> "AnnotationManifest | None":
        """Read the file; None if there is none.

        Raises:
            CorruptFileError: It is damaged, or of another version.
            ConfigError: A value in it is not what it should be.
        """
        path = folder / MANIFEST
        if not path.exists():
            return None
        values = read_json(path)
        if not isinstance(values, dict) or values.get("format") != FORMAT:
            raise CorruptFileError(f"{path} is no manifest of pseudo-labels in format {FORMAT}; annotate again.")
        return cls.parse(values, str(path))


def method_digest(facts: SegmenterFacts, scales: tuple[float, ...]) -> str:
    """Return the sha256 of all that decides a label map beside the image."""
    return hash_json([facts.weights_sha256, facts.input_scale, list(scales), facts.num_classes, facts.arch.value])


def begin_manifest(facts: SegmenterFacts, scales: tuple[float, ...], images: int) -> AnnotationManifest:
    """Return the manifest of a folder in which nothing is annotated yet."""
    return AnnotationManifest(
        weights_sha256=facts.weights_sha256,
        arch=facts.arch,
        class_names=facts.class_names,
        palette=facts.palette,
        ignore_index=facts.ignore_index,
        input_scale=facts.input_scale,
        scales=scales,
        source=facts.source,
        training=facts.training,
        evaluation=facts.evaluation,
        method_sha256=method_digest(facts, scales),
        images=images,
        annotated=0,
        complete=False,
    )
