"""The report of a study: findings into rows of the common schema, tables, a page and the anonymised long table."""

import secrets
from collections.abc import Iterable
from pathlib import Path

from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import RESULTS
from sbgan_bench.rating.crowd.identity import KEY_BYTES, read_platform_key
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.reporting.material import Material, make_material
from sbgan_bench.rating.reporting.writing import write_report
from sbgan_bench.rating.store.opening import open_store, store_url
from sbgan_bench.results import ResultRow, check_publishable, read_rows

#: Where a report is written unless told otherwise, below the owner's part of a study.
REPORT = "report"


def report_study(
    path: Path, store: str | None = None, metrics: Iterable[Path] = (), out: Path | None = None
) -> tuple[Material, tuple[Path, ...]]:
    """Analyse a study and write its report.

    Args:
        path: Folder of the study, with the owner's part.
        store: URL of the ratings; None for where the study has them.
        metrics: Run folders, or files of result rows, about the same models.
        out: Folder to write to; None for the owner's part of the study.

    Returns:
        What was found, and the files written, those that people read first.

    Raises:
        ConfigError: There is no study or no store.
        DataError: The owner's key is missing or belongs to another study.
        CorruptFileError: A file of rows is missing or damaged.
        BenchError: Values of a metric cannot be compared with each other, ``out`` cannot be written, or simulated
            raters would be reported outside their study.
    """
    folder = StudyFolder(path)
    study, key = folder.read(), folder.read_key()
    measured = [row for source in metrics for row in _measured(source)]
    opened = open_store(store_url(folder, store), study)
    try:
        ratings = opened.ratings()
    finally:
        opened.dispose()
    material = make_material(study, key, ratings, _secret(folder), measured)
    inside = folder.owner / REPORT
    if out is not None and not out.resolve().is_relative_to(inside.resolve()):
        _check_publishable(material, inside)
    return material, write_report(material, out or inside)


def _secret(folder: StudyFolder) -> bytes:
    """Return what raters are numbered with: the study's secret or, once that was deleted, a new one each time."""
    return read_platform_key(folder) if folder.platform_key.exists() else secrets.token_bytes(KEY_BYTES)


def _check_publishable(material: Material, inside: Path) -> None:
    try:
        check_publishable(material.scores.rows)
    except BenchError as error:
        raise BenchError(f"{error} To look at them leave out --out: the report then goes to {inside}.") from error


def _measured(path: Path) -> list[ResultRow]:
    return read_rows(path / RESULTS if path.is_dir() else path)
