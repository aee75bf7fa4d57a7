"""The files of a report: rows, verdicts, the anonymised long table, Table 3 and the page."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from sbgan_bench.comparing.correlation import CORRELATIONS, write_correlations
from sbgan_bench.comparing.rows import COMPARISONS, write_comparisons
from sbgan_bench.manifest import FINDINGS, RESULTS
from sbgan_bench.rating.reporting.material import Material
from sbgan_bench.rating.reporting.page import make_page
from sbgan_bench.report import escaping, html, latex, markdown, table_3
from sbgan_bench.report.tidy import inert
from sbgan_bench.results import write_rows
from sbgan_bench.storage import atomic_file, write_json, write_text

if TYPE_CHECKING:
    import pandas as pd

#: Names of the files that no other reader knows.
PAGE, TABLE_MD, TABLE_TEX = "report.html", "table3.md", "table3.tex"
RATINGS_CSV, RATINGS_PARQUET = "ratings.csv", "ratings.parquet"


def write_report(material: Material, out: Path) -> tuple[Path, ...]:
    """Write everything to a folder; other files in it are left alone.

    The folder can be read as part of a run: ``results.jsonl``, ``comparisons.jsonl`` and ``correlations.jsonl`` are
    what a run has too.

    Returns:
        The files, those that people read first.

    Raises:
        CannotWriteError: ``out`` cannot be written.
    """
    scores = material.scores
    (made,) = table_3.tables(scores, material.title)
    write_text(out / PAGE, html.page_text(make_page(material)))
    write_text(out / TABLE_MD, f"# {escaping.markdown(made.title)}\n\n{markdown.words_text(made)}\n")
    write_text(out / TABLE_TEX, latex.words_text(made))
    write_rows(out / RESULTS, scores.rows)
    write_comparisons(out / COMPARISONS, scores.comparisons)
    write_correlations(out / CORRELATIONS, scores.correlations)
    write_json(out / FINDINGS, asdict(material.analysis))
    _write_ratings(material.ratings, out)
    names = (PAGE, TABLE_MD, TABLE_TEX, RESULTS, COMPARISONS, CORRELATIONS, FINDINGS, RATINGS_CSV, RATINGS_PARQUET)
    return tuple(out / name for name in names)


def _write_ratings(ratings: "pd.DataFrame", out: Path) -> None:
    """Write the long table twice, the same to the last cell; no text in it can run as a formula."""
    texts = [name for name in ratings.columns if ratings[name].dtype.kind not in "biuf"]
    table = ratings.assign(**{name: ratings[name].map(_inert) for name in texts})
    with atomic_file(out / RATINGS_PARQUET) as temporary:
        table.to_parquet(temporary, index=False)
    write_text(out / RATINGS_CSV, table.to_csv(index=False, lineterminator="\n"))


def _inert(text: object) -> object:
    return inert(escaping.one_line(str(text)))
