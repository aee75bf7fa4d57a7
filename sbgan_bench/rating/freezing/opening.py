"""Opening every cell of a study, each by where its images come from; nothing is sampled."""

from collections.abc import Callable, Sequence
from pathlib import Path

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.rating.freezing.cell_images import AbstractCellImages
from sbgan_bench.rating.freezing.display import parsed
from sbgan_bench.rating.freezing.image_files import ImageFiles
from sbgan_bench.rating.freezing.real_pairs import RealImages, RealPairs, open_test_data
from sbgan_bench.rating.freezing.runs import Run
from sbgan_bench.rating.freezing.saved_models import open_saved
from sbgan_bench.rating.freezing.spec_file import name_of
from sbgan_bench.rating.study import Cell, StudySpec
from sbgan_bench.reporting import no_report
from sbgan_bench.results import FLOOR


def open_cells(
    spec: StudySpec, base: Path, report: Callable[[int, int], None] = no_report
) -> tuple[AbstractCellImages, ...]:
    """Open the cells of a study, in its order.

    Args:
        spec: The study.
        base: The folder that its paths are relative to.
        report: Told the cells done and in all.

    Raises:
        BenchError: One cannot be opened (named, with the remedy).
    """
    opened: dict[int, AbstractCellImages] = {}
    # Controls come last: they are shown at the size of what they are controls for.
    for index, cell in sorted(enumerate(spec.cells), key=lambda item: _is_control(item[1])):
        opened[index] = _control(cell, spec, base, list(opened.values())) if _is_control(cell) else _open(cell, base)
        report(len(opened), len(spec.cells))
    cells = tuple(opened[index] for index in range(len(spec.cells)))
    _check_titles(cells)
    return cells


def _is_control(cell: Cell) -> bool:
    """Whether a cell is the test split of a dataset."""
    return cell.model == FLOOR and not cell.images


def _open(cell: Cell, base: Path) -> AbstractCellImages:
    if cell.images:
        return ImageFiles.open(cell, base)
    if cell.saved:
        return open_saved(cell, base / Path(cell.saved).expanduser(), base)
    run = Run.open(cell, base)
    found = run.find(cell)
    return open_saved(cell, found.folder, base, found.facts, run.settings(cell.dataset))


def _control(cell: Cell, spec: StudySpec, base: Path, others: Sequence[AbstractCellImages]) -> AbstractCellImages:
    run = Run.open(cell, base) if cell.run else None
    dataset = open_test_data(cell, base, {} if run is None else run.settings(cell.dataset))
    try:
        return RealImages(cell, RealPairs.of(dataset, _control_size(cell, spec, run, others)))
    except DataError as error:
        raise DataError(f"{name_of(cell)}: {error}") from error


def _control_size(cell: Cell, spec: StudySpec, run: Run | None, others: Sequence[AbstractCellImages]) -> Resolution:
    """Return the size that real images are brought to before they are enlarged like all others.

    It is that of the other cells of the dataset, the largest if they differ; without any that of the run, else of the
    display.
    """
    sizes = [one.size for one in others if one.identity.dataset == cell.dataset]
    if not sizes and run is not None:
        sizes = [parsed(text) for text in run.resolutions()]
    if not sizes and spec.display is not None:
        sizes = [parsed(spec.display)]
    if not sizes:
        raise ConfigError(f'{name_of(cell)}: nothing says how large the real images are; add display = "HxW".')
    return max(sizes, key=lambda size: (size[0] * size[1], size))


def _check_titles(cells: Sequence[AbstractCellImages]) -> None:
    """Refuse two cells that turn out to be one."""
    seen: dict[tuple[str, str], str] = {}
    for cell in cells:
        identity = cell.identity
        first = seen.setdefault((identity.dataset, identity.title), cell.name)
        if first is not cell.name:
            raise ConfigError(
                f"{first} and {cell.name} ({resolution_text(cell.size)}) are both {identity.title!r} on "
                f"{identity.dataset}; tell the two apart by recipe or variant, or leave one out."
            )
