"""The table of contents of a run folder: what readers (reports, dashboard) find there beside the rows."""

import enum
import math
from pathlib import Path
from typing import Annotated

from pydantic import Field, ValidationError

from sbgan_bench.config import Settings
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.places import covers
from sbgan_bench.results import Status
from sbgan_bench.samples import LayoutSource
from sbgan_bench.storage import write_text
from sbgan_bench.within import file_within

#: File names inside a run folder.
MANIFEST, RESULTS = "run.json", "results.jsonl"
#: Folder inside a run folder: the report of a rating study of the run's models, made or copied there.
RATINGS = "ratings"
#: File in a study's report with everything that its analysis found.
FINDINGS = "findings.json"


class JobRecord(Settings):
    """One job of the graph."""

    kind: str  #: "prepare", "judge", "train", "features", "score", "gallery" and others
    title: str  #: for people: "train sbgan both, seed 0"
    status: Status
    seconds: float = 0.0  #: wall seconds of the attempt that finished it
    cpu_seconds: float = 0.0  #: processor seconds of that attempt, which a busy machine does not change
    reason: str = ""
    peak_memory_mib: float = 0.0
    folder: str = ""  #: relative to the run folder


class SnapshotDistances(Settings):
    """Fréchet distances of the snapshots of one training to the selection split, whose reals no table uses."""

    protocol: str
    weights_hash: str  #: sha256 of what the protocol looks through
    num_real: int
    num_generated: int  #: the same seeds for every snapshot
    sampling_seed: int  #: of the first image
    values: tuple[tuple[int, float], ...]  #: (real images shown to this stage, distance)


class FitRecord(Settings):
    """One trained model."""

    model: str
    title: str  #: the model's name as printed
    recipe: str
    variant: str = ""  #: label of settings of its own; "" for the suite's
    dataset: str
    resolution: str
    training_seed: int
    training_images: int
    images_seen: int  #: by this stage alone
    train_seconds: float  #: by this stage alone
    total_images_seen: int  #: earlier stages included
    total_train_seconds: float  #: earlier stages included
    parameters: int
    folder: str = ""  #: the saved model, of the snapshot that was chosen if one was; relative to the run folder
    stats: str  #: stats.jsonl relative to the run folder: one JSON object per logged step; "" if never trained
    collapsed: str = ""  #: when and how the run collapsed; "" if it did not
    distances: SnapshotDistances | None = None  #: None where its snapshots were not measured


class PicturesRecord(Settings):
    """Pictures of what one model drew: which model, on which data."""

    model: str
    title: str
    recipe: str
    variant: str = ""  #: label of settings of its own; "" for the suite's
    dataset: str
    resolution: str
    training_images: int | None
    layout_source: LayoutSource
    redistributable: bool  #: whether the images on them are


class GalleryRecord(PicturesRecord):
    """Sample pictures of one model: tiles ``0000.image.png`` and ``0000.layout.png`` (coloured) in a folder.

    Tile i of every gallery with the same ``layout_source`` shares its sampling seed; with real layouts it shares
    the layout. The pseudo-model "real" holds the truth: real images and their layouts, in the order of the
    galleries with real layouts.
    """

    training_seed: int | None
    folder: str  #: relative to the run folder
    count: int
    has_images: bool
    has_layouts: bool


class NearestRecord(PicturesRecord):
    """A picture of the generated images of one model that lie nearest to training images, beside them."""

    protocol: str  #: by whose features images are near
    picture: str  #: relative to the run folder


class DatasetRecord(Settings):
    """One dataset at one resolution."""

    dataset: str
    resolution: str
    split: str
    fingerprint: str
    class_names: tuple[str, ...]
    palette: tuple[tuple[int, int, int], ...]
    sizes: dict[str, int]  #: number of pairs by split
    licence: str
    redistributable: bool
    caution: str = ""
    sheet: str = ""  #: contact sheet, relative to the run folder


class TableKind(enum.StrEnum):
    """Which of the paper's questions a table answers."""

    UNCONDITIONAL = "unconditional"  #: scenes from noise: Table 1
    GIVEN_LAYOUTS = "given-layouts"  #: images from real layouts: Table 2
    ABLATION = "ablation"  #: what fine-tuning changes: Table 4


#: Names of the tables that a report has anyway, whatever the suite asks for; those of the paper begin with "paper-".
BUILT_IN_TABLES = frozenset({
    "table-1-metrics", "table-2-metrics", "table-3", "bottleneck-gap", "data-size", "layouts", "images-and-layouts",
    "comparisons", "correlations", "human-differences", "people-against-metrics-numbers", "datasets", "compute",
    "protocols", "provenance", "missing", "jobs",
})  # fmt: skip


class TableRecord(Settings):
    """A table that a suite asks for."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9-]+$")]  #: file name and anchor, "table-1a"
    title: str
    kind: TableKind
    columns: tuple[str, ...] = ()  #: datasets, or "DATASET/HEIGHTxWIDTH"; empty: all columns

    def holds(self, dataset: str, resolution: str) -> bool:
        """Whether this column stands in the table."""
        return not self.columns or any(covers(pattern, dataset, resolution) for pattern in self.columns)


class Manifest(Settings):
    """What a run folder holds."""

    suite: str
    title: str
    summary: str
    command: str  #: what to type to repeat it
    config_hash: str  #: of the suite
    row_hashes: tuple[str, ...] = ()  #: ``config_hash`` of rows: columns and entries may have settings of their own
    preset: str
    complete: bool  #: every job is done or skipped
    wall_seconds: float  #: of the last invocation
    datasets: tuple[DatasetRecord, ...]
    fits: tuple[FitRecord, ...]
    galleries: tuple[GalleryRecord, ...]
    nearest: tuple[NearestRecord, ...] = ()
    jobs: tuple[JobRecord, ...]
    versions: dict[str, str]
    device: str
    threads: int
    tables: tuple[TableRecord, ...] = ()  #: empty: the paper's, with all columns

    @property
    def cpu_seconds(self) -> float:
        """Processor seconds of all jobs, which neither a busy machine nor a second invocation changes."""
        return math.fsum(job.cpu_seconds for job in self.jobs)

    def write(self, folder: Path) -> None:
        """Write ``run.json`` atomically."""
        write_text(folder / MANIFEST, self.model_dump_json(indent=2) + "\n")

    @classmethod
    def read(cls, folder: Path) -> "Manifest":
        """Read ``run.json``.

        Raises:
            CorruptFileError: There is none, or it is damaged.
        """
        path = file_within(folder, MANIFEST)
        if path is None:
            raise CorruptFileError(f"{folder} is not a run folder: no {MANIFEST}. Make one with 'sbgan-bench run'.")
        try:
            return cls.model_validate_json(path.read_bytes())
        except OSError as error:
            raise CorruptFileError(f"Cannot read {path}: {error.strerror}.") from error
        except ValidationError as error:
            raise CorruptFileError(f"{path} is damaged: {error.errors()[0]['msg']}. Run the suite again.") from error
