"""A run that people rated: its report shows what the study's report wrote, and computes nothing."""

import csv
import shutil
from pathlib import Path

import pytest
from report.escaping_cases import HOSTILE
from report.fake_rows import TITLES, Fake, rows
from report.fake_run import manifest, write_results
from report.human_rows import scores, verdicts

from sbgan_bench.comparing.correlation import CORRELATIONS, RankCorrelation, write_correlations
from sbgan_bench.comparing.ratings import panels
from sbgan_bench.comparing.rows import COMPARISONS, write_comparisons
from sbgan_bench.manifest import RATINGS, RESULTS, FitRecord
from sbgan_bench.report import ReportFormat, render
from sbgan_bench.report.assemble import HUMAN_RATINGS, assemble, score_tables
from sbgan_bench.report.document import Figure, PlainTable, Report, Section
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.results import Origin, ResultRow, read_rows, write_rows

SMALL = Fake(seeds=(0,), logged=())


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run without pictures, for speed."""
    folder = tmp_path_factory.mktemp("bare") / "run"
    named = tuple(
        FitRecord(
            model=model, title=title, recipe="", dataset="", resolution="", training_seed=0, training_images=1,
            images_seen=1, train_seconds=1.0, total_images_seen=1, total_train_seconds=1.0, parameters=1, stats="",
        )
        for model, title in TITLES.items()
    )  # fmt: skip
    manifest(folder, SMALL, fits=named)
    write_results(folder, list(rows(SMALL)))
    return folder


def _rated(run: Path, made: list[ResultRow]) -> Path:
    """Put the report of a study of its models into a run."""
    found = [
        RankCorrelation(
            dataset=panel.key()[0], resolution=panel.key()[1], protocol=panel.key()[2], metric=panel.key()[3],
            other_protocol=panel.key()[4], other_metric=panel.key()[5], models=len(panel.models), kendall=0.25,
            kendall_p=None, spearman=0.75, spearman_p=None,
        )
        for panel in panels(made, rows(SMALL))
    ]  # fmt: skip
    write_rows(run / RATINGS / RESULTS, made)
    write_comparisons(run / RATINGS / COMPARISONS, verdicts(made, {frozenset({"sbgan", "progan"}): False}))
    write_correlations(run / RATINGS / CORRELATIONS, found)
    return run


def _copy(bare: Path, place: Path) -> Path:
    shutil.copytree(bare, place, dirs_exist_ok=True)
    return place


def _report(run: Path) -> Report:
    folder = RunFolder.read(run)
    return assemble(folder, score_tables(folder))


def _section(report: Report) -> Section:
    return next(section for section in report.sections if section.title == HUMAN_RATINGS)


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory, bare: Path) -> Path:
    """A run with ratings and its report in every format."""
    folder = _rated(_copy(bare, tmp_path_factory.mktemp("runs")), scores())
    render(folder, folder / "report", tuple(ReportFormat))
    return folder


def test_table_3_and_the_scatter_read_the_same_rows(run: Path) -> None:
    items = _section(_report(run)).items
    table = next(item for item in items if isinstance(item, PlainTable) and item.name == "table-3")
    assert {line[0] for line in table.rows} == {"Real images", "ProGAN", "BigGAN", "SB-GAN"}
    assert {table.rows[row][0] for row, _ in table.strong} == {"SB-GAN", "ProGAN"}
    assert any(isinstance(item, Figure) and item.name == "people-against-metrics" for item in items)
    against = next(item for item in items if isinstance(item, PlainTable) and "against" in item.name)
    assert {line[3] for line in against.rows} == {"+0.75"}


def test_rank_correlations_that_nobody_computed_are_not_shown(bare: Path, tmp_path: Path) -> None:
    made = _rated(_copy(bare, tmp_path), scores())
    (made / RATINGS / CORRELATIONS).unlink()
    against = next(item for item in _section(_report(made)).items if "against-metrics-numbers" in item.name)
    assert isinstance(against, PlainTable)
    assert {line[3] for line in against.rows} == {"–"}


def test_human_scores_stand_in_every_format_and_in_no_other_table(run: Path) -> None:
    out = run / "report"
    assert "2.50 ± 0.12" in (out / "index.html").read_text(encoding="utf-8")
    assert "2.50 ± 0.12" in (out / "report.md").read_text(encoding="utf-8")
    for name in ("table-3.md", "table-3.csv"):
        assert "2.50 ± 0.12" in (out / "tables" / name).read_text(encoding="utf-8")
    assert r"2.50 $\pm$ 0.12" in (out / "latex" / "tables" / "table-3.tex").read_text(encoding="utf-8")
    assert r"\input{tables/table-3}" in (out / "latex" / "report.tex").read_text(encoding="utf-8")
    for path in (out / "tables").glob("*.csv"):
        if path.name not in ("table-3.csv", "human-differences.csv", "people-against-metrics-numbers.csv"):
            assert "human" not in path.read_text(encoding="utf-8")


def test_scores_among_the_results_are_shown_too_and_once(run: Path, bare: Path, tmp_path: Path) -> None:
    _copy(bare, tmp_path)
    write_rows(tmp_path / RESULTS, [*read_rows(tmp_path / RESULTS), *scores()])
    made = RunFolder.read(tmp_path)
    assert len(made.human.rows) == 4
    assert not any(row.metric == "human-score" for row in made.rows)
    write_rows(run / RESULTS, [*read_rows(run / RESULTS), *scores()])
    assert len(RunFolder.read(run).human.rows) == 4


def test_a_run_that_nobody_rated_has_no_such_section(bare: Path, tmp_path: Path) -> None:
    assert HUMAN_RATINGS not in [section.title for section in _report(bare).sections]
    render(bare, tmp_path, [ReportFormat.CSV, ReportFormat.LATEX])
    assert not list(tmp_path.rglob("table-3*"))


def test_made_up_scores_stand_under_an_unmissable_mark(bare: Path, tmp_path: Path) -> None:
    _rated(_copy(bare, tmp_path), scores(origin=Origin.SIMULATED))
    report = _report(tmp_path)
    assert "SIMULATED" in report.mark
    render(tmp_path, tmp_path / "report", [ReportFormat.HTML, ReportFormat.CSV])
    page = (tmp_path / "report" / "index.html").read_text(encoding="utf-8")
    assert '<p class="mark"' in page
    assert "<title>SIMULATED" in page
    for path in (tmp_path / "report" / "tables").glob("*.csv"):
        if path.name.startswith(("table-3", "human", "people")):
            with path.open(encoding="utf-8", newline="") as stream:
                assert any("SIMULATED" in head for head in next(csv.reader(stream)))


@pytest.mark.parametrize("hostile", [" ".join(HOSTILE), HOSTILE[0]])
def test_hostile_words_in_rows_are_inert(bare: Path, tmp_path: Path, hostile: str) -> None:
    _copy(bare, tmp_path)
    made = [row.model_copy(update={"notes": (hostile,), "model": hostile} if row.model == "progan" else
                           {"notes": (hostile,)}) for row in scores(dataset=hostile)]  # fmt: skip
    write_rows(tmp_path / RATINGS / RESULTS, made)
    write_comparisons(tmp_path / RATINGS / COMPARISONS, verdicts(made))
    for path in render(tmp_path, tmp_path / "out", tuple(ReportFormat)):
        text = path.read_text(encoding="utf-8") if path.suffix in (".html", ".md", ".tex", ".csv") else ""
        assert "<script" not in text or path.suffix == ".csv"
        assert path.suffix != ".tex" or r"\input{/etc" not in text
        assert path.suffix != ".md" or "http://" not in text
