"""The paper's values stand in columns of their own, with what the two do not share, in every format."""

import csv
import dataclasses
from pathlib import Path

import pytest
from report.fake_rows import Fake, row, rows
from report.fake_run import build

from sbgan_bench.paper import paper
from sbgan_bench.report import ReportFormat, render
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.definitions import ABLATION, GIVEN_LAYOUTS, LAYOUTS, OTHER_UNCONDITIONAL, UNCONDITIONAL
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.tables import table
from sbgan_bench.results import ResultRow

SAME = Fake(seeds=(0,), dataset="cityscapes-5k", tile=(128, 256))
OTHER = Fake(seeds=(0,))


def test_the_same_data_at_the_same_size_has_one_column() -> None:
    made = table(rows(SAME), ABLATION)
    [column] = made.paper
    assert column.text == "paper, Table 4, cityscapes-5k, 128×256, FID ↓"
    values = {line.detail: line.paper[0].text for line in made.trained}
    assert values == {
        "without fine-tuning": "70.15", "layout stage fine-tuned": "66.22", "image stage fine-tuned": "63.04",
        "both stages fine-tuned": "58.67", "control: layout stage trained on, uncoupled": "–",
        "control: image stage trained on, uncoupled": "–",
    }  # fmt: skip
    notes = " ".join(made.footnotes[index] for index in column.notes)
    assert "The paper: FID, Inception; here: scene." in notes
    assert "57.48" in notes  # what Table 1b has for the same cell


def test_other_data_is_said_to_be_other_data() -> None:
    made = table(rows(OTHER), UNCONDITIONAL)
    assert len(made.paper) == 6
    assert len({column.notes for column in made.paper}) == 1
    [note] = [made.footnotes[index] for index in made.paper[0].notes]
    assert "never a distance between columns" in note


def test_a_size_that_the_paper_does_not_say_is_said() -> None:
    made = table(rows(SAME), GIVEN_LAYOUTS)
    [column] = made.paper
    assert "size not said" in column.header
    assert any("does not say at which size" in made.footnotes[index] for index in column.notes)


def test_the_papers_dash_has_its_reason() -> None:
    made = table(rows(SAME), UNCONDITIONAL)
    [cell] = [line.paper[0] for line in made.trained if line.label == "biggan"]
    assert cell.text == "–"
    assert "failed to capture" in cell.hover


@pytest.mark.parametrize("definition", [LAYOUTS, OTHER_UNCONDITIONAL], ids=lambda one: one.name)
def test_what_the_paper_did_not_measure_has_no_column(definition: object) -> None:
    assert not table(rows(SAME), definition).paper


def test_yardsticks_and_variants_have_no_value_of_the_paper() -> None:
    made = table(rows(dataclasses.replace(SAME, variants=("", "no-root"))), ABLATION)
    for line in made.rows:
        if line.standard or "no-root" in line.detail:
            assert {cell.text for cell in line.paper} == {"–"}


def test_nothing_of_the_paper_is_ever_bold_or_counts_as_measured() -> None:
    without: list[ResultRow] = [row(SAME, "scene", None, model="real", status="skipped", reason="none")]
    assert not table(without, UNCONDITIONAL).columns
    assert not table(without, UNCONDITIONAL).paper


def test_every_format_shows_them(tmp_path: Path) -> None:
    run = build(tmp_path / "run", dataclasses.replace(SAME, logged=("progan",)))
    written = {path.relative_to(tmp_path / "out").as_posix(): path for path in
               render(run, tmp_path / "out", list(ReportFormat))}  # fmt: skip
    for name in ("index.html", "report.md", "tables/table-4.md", "latex/tables/table-4.tex"):
        text = written[name].read_text(encoding="utf-8")
        assert "70.15" in text
        assert "58.67" in text
    with written["tables/table-4.csv"].open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    assert {line["paper"] for line in lines} == {"70.15", "66.22", "63.04", "58.67", ""}
    said = {line["paper_differs"] for line in lines if line["paper"] and line["protocol"] == "texture"}
    assert all("here: texture" in text for text in said)
    assert "104.83" in written["tables/paper-table-1a.csv"].read_text(encoding="utf-8")


def test_the_papers_tables_are_shown_as_printed(tmp_path: Path) -> None:
    folder = RunFolder.read(build(tmp_path, dataclasses.replace(OTHER, logged=("progan",))))
    report = assemble(folder, score_tables(folder))
    [section] = [one for one in report.sections if one.title == "What the paper printed"]
    shown = {item.name: item for item in section.items if isinstance(item, PlainTable)}
    assert list(shown) == [f"paper-table-{number}" for number in ("1a", "1b", "2", "3", "4")]
    printed = paper()
    assert printed is not None
    cells = [text for item in shown.values() for line in item.rows for text in line[1:]]
    assert [text for text in cells if text != "–"] == [one.printed for one in printed.values if one.value is not None]
    assert all("The paper does not say" in item.caption for item in shown.values())
