"""Models saved elsewhere that a suite measures beside its own."""

from dataclasses import dataclass
from pathlib import Path

import torch

from sbgan_bench.dataset import resolution_text
from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.foreign import check_classes
from sbgan_bench.model import content_hash, load_model
from sbgan_bench.results import Origin
from sbgan_bench.samples import LayoutSource
from sbgan_bench.storage import read_json
from sbgan_bench.suite.column import Column
from sbgan_bench.suite.spec import Entry

#: What training and importing write beside the folder of a model.
RECORD = "training.json"


@dataclass(frozen=True, slots=True)
class SavedModel:
    """A folder with a model, and what a suite must know to plan with it."""

    folder: Path
    content: str  #: content hash of the model
    recipe: str  #: as its record says, else where it comes from
    origin: Origin
    layout_sources: frozenset[LayoutSource]  #: those that this model is scored with


def read_saved(entry: Entry, column: Column) -> SavedModel:
    """Look at the saved model of an entry.

    Raises:
        ConfigError: It is another model than the entry says.
        BenchError: It is missing or damaged, or does not fit the dataset or the size; the reason is for a row.
    """
    folder = Path(entry.saved).expanduser().resolve()
    if not (folder / "model.json").is_file():
        raise BenchError(f"no saved model in {entry.saved}; import or train it first, or mend the path")
    model = load_model(folder, torch.device("cpu"))
    if model.name != entry.model:
        raise ConfigError(
            f"suite {column.suite.name}: {entry.saved} holds a model of kind {model.name!r}, not {entry.model!r}; "
            f"write model = {model.name!r}."
        )
    if model.spec.resolution != column.resolution:
        raise BenchError(
            f"{entry.saved} draws {resolution_text(model.spec.resolution)} images, not {column.resolution_text}"
        )
    if not column.imagined:
        check_classes(model, column.dataset)
    scenes, evaluation = model.scenes(), column.suite.evaluation
    num, trials = evaluation.num_samples, evaluation.trials
    if scenes is not None and len(scenes) < num * trials:
        raise BenchError(f"{entry.saved} holds {len(scenes)} scenes; {trials} trials of N = {num} need {num * trials}")
    origin = model.provenance.origin or Origin.IMPORTED
    return SavedModel(folder, content_hash(folder), _recipe(folder, origin), origin, model.sources())


def _recipe(folder: Path, origin: Origin) -> str:
    path = folder.parent / RECORD
    record = read_json(path) if path.is_file() else None
    recipe = record.get("recipe", "") if isinstance(record, dict) else ""
    return str(recipe) or origin.value
