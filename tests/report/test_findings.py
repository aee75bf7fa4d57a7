"""What comparisons and correlations found, told in every format; and what is bold by them."""

import csv
import dataclasses
from pathlib import Path

import pytest
from report.fake_rows import Fake, rows
from report.fake_run import build

from sbgan_bench.comparing.correlation import CORRELATIONS
from sbgan_bench.comparing.rows import COMPARISONS
from sbgan_bench.errors import CorruptFileError
from sbgan_bench.manifest import RESULTS
from sbgan_bench.report import ReportFormat, render
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.document import PlainTable, Report
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.results import write_rows

SMALL = Fake(seeds=(0,), logged=())


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A fake run of two training seeds and two sizes with its report in every format."""
    folder = build(tmp_path_factory.mktemp("runs") / "run", dataclasses.replace(SMALL, seeds=(0, 1), sizes=(100, 400)))
    render(folder, folder / "report", tuple(ReportFormat))
    return folder


def assembled(run: Path) -> Report:
    folder = RunFolder.read(run)
    return assemble(folder, score_tables(folder))


@pytest.fixture(scope="module")
def report(run: Path) -> Report:
    """The same run, before any format is chosen."""
    return assembled(run)


def _words(report: Report, name: str) -> PlainTable:
    return next(item for part in report.sections for item in part.items
                if isinstance(item, PlainTable) and item.name == name)  # fmt: skip


def test_every_comparison_is_told_with_printed_names(report: Report, run: Path) -> None:
    made = _words(report, "comparisons")
    comparisons = RunFolder.read(run).comparisons
    assert len(made.rows) == len(comparisons) > 10
    assert {line[6] for line in made.rows} == {"told apart", "not told apart"}
    assert [line[6] == "told apart" for line in made.rows] == [one.rejected for one in comparisons]
    names = {name for line in made.rows for name in line[1:3]}
    assert {"ProGAN", "SB-GAN, both stages fine-tuned", "SPADE"} <= names
    assert "All rows: toy-streets 32×64, Fréchet distance." in made.caption
    assert any("100 training images" in line[0] for line in made.rows)


def test_comparisons_say_what_they_speak_of(tmp_path: Path, report: Report) -> None:
    assert "the tests speak of the methods" in _words(report, "comparisons").caption
    build(tmp_path, SMALL)
    caption = _words(assembled(tmp_path), "comparisons").caption
    assert "With one training seed the tests speak of these weights, not of the methods." in caption


@pytest.mark.parametrize("title", ["Which differences are more than chance", "Do the metrics agree"])
def test_findings_stand_in_every_format(run: Path, title: str) -> None:
    assert title in (run / "report" / "index.html").read_text(encoding="utf-8")
    assert f"## {title}" in (run / "report" / "report.md").read_text(encoding="utf-8")


def test_findings_are_there_as_csv_with_numbers_for_machines(run: Path) -> None:
    folder = RunFolder.read(run)
    for name, column, expected in (
        ("comparisons", "Other less best", [one.effect for one in folder.comparisons]),
        ("correlations", "Kendall τ", [one.kendall for one in folder.correlations]),
    ):
        with (run / "report" / "tables" / f"{name}.csv").open(encoding="utf-8", newline="") as stream:
            numbers = [float(line[column]) for line in csv.DictReader(stream)]
        assert numbers == pytest.approx(expected, rel=0.01)


def test_what_is_bold_is_bold_in_every_format(run: Path) -> None:
    folder = RunFolder.read(run)
    bold = {(made.name, cell.text) for made in score_tables(folder).values() for line in made.rows
            for cell in line.cells if cell.best}  # fmt: skip
    assert len(bold) > 10
    page = (run / "report" / "index.html").read_text(encoding="utf-8")
    for name, text in bold:
        markdown, latex = (run / "report" / place / name for place in ("tables", "latex/tables"))
        assert f"<strong>{text}</strong>" in page
        assert f"**{text}**" in markdown.with_suffix(".md").read_text(encoding="utf-8")
        assert rf"\textbf{{{text}}}" in latex.with_suffix(".tex").read_text(encoding="utf-8")
    csv_text = (run / "report" / "tables" / "table-1.csv").read_text(encoding="utf-8")
    best = {line["model"] for line in csv.DictReader(csv_text.splitlines()) if line["best"] == "True"}
    assert "progan" in best
    assert "biggan" not in best


def test_runs_without_comparisons_have_no_such_section_and_nothing_bold(tmp_path: Path) -> None:
    build(tmp_path, SMALL)
    for name in (COMPARISONS, CORRELATIONS):
        (tmp_path / name).unlink()
    titles = [section.title for section in assembled(tmp_path).sections]
    assert "Which differences are more than chance" not in titles
    assert "Do the metrics agree" not in titles
    render(tmp_path, tmp_path / "report", [ReportFormat.HTML])
    assert "<strong>" not in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", [COMPARISONS, CORRELATIONS])
def test_a_damaged_file_of_findings_is_named(tmp_path: Path, name: str) -> None:
    build(tmp_path, SMALL)
    (tmp_path / name).write_text("{}\n", encoding="utf-8")
    with pytest.raises(CorruptFileError, match=f"{name}, line 1"):
        render(tmp_path, tmp_path / "report", [ReportFormat.CSV])


def test_weights_that_the_user_vouched_for_are_marked_where_protocols_are_listed(tmp_path: Path) -> None:
    build(tmp_path, SMALL)
    write_rows(tmp_path / RESULTS, [one.model_copy(update={"published": False}) for one in rows(SMALL)])
    assert all("not the published ones" in line[1] for line in _words(assembled(tmp_path), "protocols").rows)
