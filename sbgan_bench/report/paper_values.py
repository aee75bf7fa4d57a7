"""The paper's Table 3 as data, and which of its entries is the counterpart of a row."""

from functools import cache
from importlib import resources
from pathlib import Path

from sbgan_bench.config import Settings, read_toml
from sbgan_bench.results import ResultRow
from sbgan_bench.samples import LayoutSource


class PaperEntry(Settings):
    """One number of the paper's table."""

    row: str  #: as printed
    column: str  #: as printed
    dataset: str  #: as registered
    models: tuple[str, ...]  #: names of the counterpart, in lower case
    recipes: tuple[str, ...]  #: "" for images of which nobody says how they came about
    value: float | None = None  #: mean score; None where the paper has a dash


class PaperTable(Settings):
    """The paper's Table 3."""

    source: str
    protocol: str  #: what is known of how it was measured
    entries: tuple[PaperEntry, ...]

    def counterpart(self, row: ResultRow) -> PaperEntry | None:
        """Return the entry for a row's dataset, model and recipe; None if the paper has none for it."""
        if row.variant or row.layout_source is LayoutSource.REAL:
            return None
        fits = (
            entry for entry in self.entries
            if entry.dataset == row.dataset and row.model.lower() in entry.models and row.recipe in entry.recipes
        )  # fmt: skip
        return next(fits, None)


@cache
def paper_table() -> PaperTable:
    """Read the table; the file comes with the package."""
    path = Path(str(resources.files("sbgan_bench"))) / "assets" / "paper" / "table-3.toml"
    return PaperTable.parse(read_toml(path), path.name)
