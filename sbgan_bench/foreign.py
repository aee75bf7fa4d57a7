"""Models and datasets that did not grow up together: what is refused, and what a reader of a row is told."""

from sbgan_bench.dataset import AbstractDataset
from sbgan_bench.errors import DataError
from sbgan_bench.hashing import SHORT
from sbgan_bench.model import AbstractModel
from sbgan_bench.results import Origin
from sbgan_bench.samples import LayoutSource


def check_classes(model: AbstractModel, dataset: AbstractDataset) -> None:
    """Refuse to give a model real layouts whose class ids mean something else to it.

    Raises:
        DataError: The model takes real layouts, and the classes differ in number or in name; the first is named.
    """
    if LayoutSource.REAL not in model.layout_sources:
        return
    info, known = dataset.info, model.provenance.class_names
    advice = "score it against a dataset with the classes it knows."
    if model.spec.num_classes != info.num_classes:
        raise DataError(
            f"{model.title} was trained on {model.spec.num_classes} classes, {info.name} has {info.num_classes}; "
            f"{advice}"
        )
    for index, (mine, theirs) in enumerate(zip(known, info.class_names, strict=False)):
        if mine != theirs:
            raise DataError(
                f"{model.title} was trained on {model.provenance.dataset}, where class {index} is {mine!r}; in "
                f"{info.name} it is {theirs!r}. Painting these layouts would mean nothing; {advice}"
            )


def origin_notes(model: AbstractModel, dataset: AbstractDataset, fingerprint: str) -> tuple[str, ...]:
    """Return what a row must say of where a model comes from.

    Args:
        model: With its provenance.
        dataset: That it is scored against.
        fingerprint: Of that dataset.
    """
    known, name = model.provenance, dataset.info.name
    notes = []
    if known.sources:
        files = ", ".join(f"{source.name} (sha256 {source.sha256})" for source in known.sources)
        notes.append(f"{model.title} was imported from {files}")
    if known.dataset and known.dataset != name:
        how = "declared to know" if known.origin is Origin.IMPORTED else "trained on"
        notes.append(f"{model.title} was {how} dataset {known.dataset}, and is scored against {name}")
    elif known.fingerprint and known.fingerprint != fingerprint:
        notes.append(
            f"{model.title} was trained on other files or settings of {name} (fingerprint "
            f"{known.fingerprint[:SHORT]}, here {fingerprint[:SHORT]})"
        )
    if LayoutSource.REAL in model.layout_sources and not known.class_names:
        notes.append(f"nobody noted the names of the classes that {model.title} knows; only their number was compared")
    return tuple(notes)
