"""An import on disk: a run folder such as ``sbgan-bench train`` leaves, with ``model/`` and ``training.json``."""

from pathlib import Path

from sbgan_bench.errors import DataError
from sbgan_bench.importing.combine import Imported
from sbgan_bench.storage import write_json

#: Names inside the run folder, as training has them.
MODEL, TRAINING = "model", "training.json"


def write_import(folder: Path, imported: Imported) -> Path:
    """Write the run folder.

    Args:
        folder: The run folder; made if need be.
        imported: What ``import_files`` returned.

    Returns:
        The folder of the model.

    Raises:
        DataError: There is a model in the folder already.
        CannotWriteError: The folder is read-only or the disk is full.
    """
    refuse_existing(folder)
    provenance = imported.provenance
    facts = imported.design.save(folder / MODEL, provenance)
    record = {
        **facts,
        "recipe": "imported",
        "origin": provenance.origin,
        "formats": list(imported.formats),
        "sources": [source.to_json() for source in provenance.sources],
        "found": [finding.to_json() for finding in imported.design.found],
        "notes": list(imported.design.notes),
    }
    write_json(folder / TRAINING, record)
    return folder / MODEL


def refuse_existing(folder: Path) -> None:
    """Refuse to replace a model, which might be one that was trained for days.

    Raises:
        DataError: There is one.
    """
    if (folder / MODEL).exists():
        raise DataError(f"{folder / MODEL} exists already; choose another name with --as or --out, or remove it.")
