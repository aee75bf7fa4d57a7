"""Laws of whole reports: self-contained, inert, complete for any run, however little there is of it."""

import base64
import csv
import dataclasses
import html.parser
import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from report.escaping_cases import HOSTILE
from report.fake_rows import Fake, rows
from report.fake_run import build, manifest
from report.fake_verdicts import verdicts

from sbgan_bench.comparing.correlation import CORRELATIONS, rank_correlations, write_correlations
from sbgan_bench.comparing.rows import COMPARISONS, write_comparisons
from sbgan_bench.errors import BenchError, CorruptFileError
from sbgan_bench.manifest import BUILT_IN_TABLES, RESULTS, GalleryRecord, Manifest, TableKind, TableRecord
from sbgan_bench.report import DEFINITIONS, ReportFormat, render
from sbgan_bench.report.assemble import assemble, score_tables
from sbgan_bench.report.definitions import KINDS
from sbgan_bench.report.document import Figure, PlainTable, Report
from sbgan_bench.report.html import page_text
from sbgan_bench.report.latex import document_text
from sbgan_bench.report.markdown import report_text
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.tables import Table
from sbgan_bench.results import ResultRow, Status, write_rows

ALL = tuple(ReportFormat)
SMALL = Fake(seeds=(0,), logged=("progan",))


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A complete fake run with its report in every format."""
    folder = build(tmp_path_factory.mktemp("runs") / "run", Fake(sizes=(100, 400), logged=("progan", "biggan")))
    render(folder, folder / "report", ALL)
    return folder


class _Page(html.parser.HTMLParser):
    """Collects what a test asks about a page, and checks that tags nest."""

    VOID = frozenset({"meta", "img", "br", "col", "link", "input", "hr"})

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.tags if tag in names]


def _assembled(run: Path) -> Report:
    folder = RunFolder.read(run)
    return assemble(folder, score_tables(folder))


@pytest.fixture(scope="module")
def report(run: Path) -> Report:
    """The same run, before any format is chosen."""
    return _assembled(run)


def _page(folder: Path) -> _Page:
    return _Page((folder / "index.html").read_text(encoding="utf-8"))


def test_writes_what_it_says_and_the_same_again(tmp_path: Path, run: Path) -> None:
    written = render(run, tmp_path, ALL)
    names = {str(path.relative_to(tmp_path)) for path in written}
    expected = {f"tables/{definition.name}.{kind}" for definition in DEFINITIONS for kind in ("csv", "md")}
    expected |= {f"latex/tables/{definition.name}.tex" for definition in DEFINITIONS}
    assert {"index.html", "report.md", "latex/report.tex", *expected} <= names
    assert len(written) == len(names)
    for folder in (tmp_path, run / "report"):
        assert {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()} == names
    assert all((run / "report" / name).read_bytes() == (tmp_path / name).read_bytes() for name in names)


def test_suites_may_not_take_the_names_that_reports_give(report: Report) -> None:
    items = [item for section in report.sections for item in section.items]
    names = [
        item.name for item in items if isinstance(item, Table | PlainTable) and not item.name.startswith("paper-")
    ]
    names += [definition.name for definition in DEFINITIONS]
    assert set(names) - {definition.name for definition in KINDS.values()} <= BUILT_IN_TABLES


def test_tables_of_one_name_are_all_shown(tmp_path: Path) -> None:
    tables = tuple(
        TableRecord(name=name, title=f"The {place} table", kind=TableKind.UNCONDITIONAL)
        for place, name in enumerate(("one", "one", "one-2", "layouts"))
    )
    run = build(tmp_path / "run", SMALL, tables=tables)
    made = score_tables(RunFolder.read(run))
    shown = [one.title for one in made.values() if one.title.endswith(" table")]
    assert shown == [table.title for table in tables]
    assert len({one.name for one in made.values()}) == len(made)


def test_a_mark_and_answers_stand_in_every_format() -> None:
    report = Report("Title", ("lead",), (), (), answers=("It is 5 % better.",), mark="SIMULATED & NOT A RESULT")
    texts = {"html": page_text(report), "markdown": report_text(report), "latex": document_text(report)}
    for text in texts.values():
        assert "NOT A RESULT" in text
        assert "better" in text
        assert text.index("NOT A RESULT") < text.index("better") < text.index("lead")
    assert r"\markright" in texts["latex"]  # on every page


@pytest.mark.parametrize("chosen", ALL)
def test_one_format_alone(tmp_path: Path, chosen: ReportFormat) -> None:
    written = render(build(tmp_path / "run", SMALL), tmp_path / "out", [chosen])
    assert written
    assert (tmp_path / "out" / "index.html").exists() is (chosen is ReportFormat.HTML)
    assert (tmp_path / "out" / "figures").exists() is (chosen is ReportFormat.MARKDOWN)


def test_page_needs_nothing_else(run: Path) -> None:
    page = _page(run / "report")
    assert not page.all("script", "link", "iframe", "object", "form")
    for attributes in page.all("img", "source", "a"):
        for name in ("src", "href", "srcset"):
            value = attributes.get(name) or "#"
            assert value.startswith(("data:image/", "#")), value[:60]
    text = (run / "report" / "index.html").read_text(encoding="utf-8")
    assert not re.search(r"url\(|@import", text)
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)


def test_page_is_valid_html(run: Path) -> None:
    html5lib = pytest.importorskip("html5lib", reason="the extra test brings it")
    parser = html5lib.HTMLParser(strict=False)
    parser.parse((run / "report" / "index.html").read_text(encoding="utf-8"))
    assert not parser.errors


def test_drawings_in_the_page_need_nothing_else(run: Path) -> None:
    sources = [image["src"] or "" for image in _page(run / "report").all("img")]
    drawings = [base64.b64decode(src.partition(",")[2]).decode() for src in sources if "svg" in src[:30]]
    assert drawings
    for text in drawings:
        assert not re.search(r"<(script|image|foreignObject)|@import|\son\w+=", text)
        assert all(target.startswith("#") for target in re.findall(r"""(?:href|src)=["']([^"']*)""", text))
        assert all(target.startswith("#") for target in re.findall(r"url\(([^)]*)", text))


def test_page_is_accessible(run: Path) -> None:
    page = _page(run / "report")
    assert page.all("html")[0]["lang"] == "en"
    assert len(page.all("h1")) == 1
    assert all(image["alt"] for image in page.all("img"))
    assert len(page.all("caption")) == len(page.all("table"))
    assert all(head.get("scope") in ("row", "col", "colgroup") for head in page.all("th"))
    targets = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(targets) == len(set(targets))
    assert {link["href"][1:] for link in page.all("a")} <= set(targets)


def test_pictures_come_early(report: Report) -> None:
    titles = [section.title for section in report.sections]
    assert (
        titles.index("What the samples look like")
        < titles.index("What fine-tuning changes")
        < titles.index("Training")
    )


def _figures(report: Report) -> dict[str, Figure]:
    sections = report.sections
    return {item.name: item for section in sections for item in section.items if isinstance(item, Figure)}


def test_paper_figures_are_there(report: Report) -> None:
    figures = _figures(report)
    labels = {kind: [s.label for name, f in figures.items() if name.startswith(kind) for s in f.strips]
              for kind in ("models", "layouts", "fine-tuning", "given-layouts", "curves", "data-toy")}  # fmt: skip
    assert labels["models"][:5] == ["Real", "ProGAN", "BigGAN", "SB-GAN", "SB-GAN"]
    assert len(labels["layouts"]) == 2
    assert len(labels["fine-tuning"]) == 12
    assert labels["given-layouts"][:4] == ["Real", "", "SPADE", "SB-GAN"]
    assert len(labels["curves"]) == 2
    assert len(labels["data-toy"]) == 1


def test_markdown_pictures_exist(run: Path) -> None:
    text = (run / "report" / "report.md").read_text(encoding="utf-8")
    links = re.findall(r"!\[[^]]*\]\(([^)]*)\)", text)
    assert links
    assert all((run / "report" / link).is_file() for link in links)


def test_csv_holds_the_numbers_with_their_provenance(run: Path) -> None:
    values = {row.value for row in rows(Fake(sizes=(100, 400))) if row.trial is None and row.value is not None}
    with (run / "report" / "tables" / "table-1.csv").open(encoding="utf-8", newline="") as stream:
        lines = list(csv.DictReader(stream))
    numbers = [float(line["value"]) for line in lines if line["value"]]
    assert set(numbers) <= values
    assert {"config_hash", "weights_hash", "git_revision", "checkpoint_hash", "versions"} <= set(lines[0])
    shown = [line for line in lines if line["shown"] == "True"]
    assert len(shown) < len(lines)


def test_markdown_tables_are_rectangular(run: Path) -> None:
    for path in (run / "report" / "tables").glob("*.md"):
        widths = {line.count("|") for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("|")}
        assert len(widths) == 1, path.name


def test_latex_tables_are_rectangular(run: Path) -> None:
    for path in (run / "report" / "latex" / "tables").glob("*.tex"):
        text = path.read_text(encoding="utf-8")
        for block in re.findall(r"\\begin\{tabular\}.*?\\end\{tabular\}", text, re.DOTALL):
            form = re.search(r"\{tabular\}\{(.*)\}", block)[1]
            width = len(re.sub(r"\{[^}]*\}", "", form))
            for line in (line for line in block.splitlines() if line.endswith(r"\\")):
                spans = sum(int(n) - 1 for n in re.findall(r"\\multicolumn\{(\d+)\}", line))
                assert len(re.findall(r"(?<!\\)&", line)) + 1 + spans == width
        assert text.count("{") - text.count(r"\{") == text.count("}") - text.count(r"\}")


def _compile(folder: Path) -> None:
    engine = next((name for name in ("pdflatex", "tectonic") if shutil.which(name)), None)
    if engine is None:
        pytest.skip("no pdflatex or tectonic on this machine")
    options = ["-interaction=nonstopmode", "-halt-on-error"] if engine == "pdflatex" else []
    done = subprocess.run([engine, *options, "report.tex"], cwd=folder, capture_output=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


def test_latex_compiles(tmp_path: Path, run: Path) -> None:
    shutil.copytree(run / "report" / "latex", tmp_path / "latex")
    _compile(tmp_path / "latex")
    assert (tmp_path / "latex" / "report.pdf").stat().st_size > 100_000


def test_latex_takes_in_every_table_and_figure(run: Path) -> None:
    folder = run / "report" / "latex"
    text = (folder / "report.tex").read_text(encoding="utf-8")
    taken = {f"{name}.tex" for name in re.findall(r"\\input\{(tables/[^}]*)\}", text)}
    shown = set(re.findall(r"\\includegraphics\[[^]]*\]\{(figures/[^}]*)\}", text))
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert taken | shown | {"report.tex"} == there
    assert len(shown) > 20
    assert {"tables/paper-table-1a.tex", "tables/table-1.tex", "tables/table-2.tex", "tables/table-4.tex"} <= taken


def test_latex_tables_can_be_taken_into_a_paper(tmp_path: Path, run: Path) -> None:
    for path in (run / "report" / "latex" / "tables").glob("*.tex"):
        (tmp_path / path.name).write_bytes(path.read_bytes())
    inputs = "\n".join(rf"\input{{{path.stem}}}\clearpage" for path in sorted(tmp_path.glob("*.tex")))
    packages = r"\usepackage[utf8]{inputenc}\usepackage[T1]{fontenc}\usepackage{booktabs,graphicx}"
    (tmp_path / "report.tex").write_text(
        rf"\documentclass{{article}}{packages}\begin{{document}}{inputs}\end{{document}}"
    )
    _compile(tmp_path)


@pytest.mark.parametrize("hostile", ["=1 " + " ".join(HOSTILE), *HOSTILE[:2]])
def test_hostile_names_are_inert(tmp_path: Path, hostile: str) -> None:
    titles = {model: f"{model} {hostile}" for model in ("progan", "biggan", "spade", "sbgan")}
    fake = Fake(seeds=(0,), dataset=hostile)
    results = list(rows(fake))
    results = [row.model_copy(update={"reason": hostile, "notes": (hostile,)}) for row in results]
    fits = RunFolder.read(build(tmp_path / "source", SMALL)).manifest.fits
    named = tuple(fit.model_copy(update={"title": titles[fit.model], "stats": f"../{hostile}"}) for fit in fits)
    manifest(tmp_path / "run", fake, title=hostile, summary=hostile, command=hostile, fits=named)
    write_rows(tmp_path / "run" / RESULTS, results)
    _write_hostile_findings(tmp_path / "run", results, hostile)
    written = render(tmp_path / "run", tmp_path / "out", ALL)
    assert {"comparisons.csv", "correlations.csv"} <= {path.name for path in written}
    assert all(path.resolve().is_relative_to(tmp_path / "out") for path in written)
    page = _page(tmp_path / "out")
    assert not page.all("script", "link")
    assert all((image["src"] or "").startswith("data:image/") for image in page.all("img"))
    assert not any(name.startswith("on") for _, attributes in page.tags for name in attributes)
    text = (tmp_path / "out" / "report.md").read_text(encoding="utf-8")
    assert not re.search(r"<(?!sup>|/sup>)", text)
    assert "http://" not in text
    assert all("\\input{/etc" not in path.read_text() for path in (tmp_path / "out" / "latex").rglob("*.tex"))
    for path in (tmp_path / "out" / "tables").glob("*.csv"):
        with path.open(encoding="utf-8", newline="") as stream:
            cells = [cell for line in csv.reader(stream) for cell in line if not re.fullmatch(r"[+-]?[\d.e+-]+", cell)]
            assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)
    _compile_if_possible(tmp_path / "out" / "latex")


def _write_hostile_findings(run: Path, results: list[ResultRow], hostile: str) -> None:
    names = {"winner": hostile, "other": hostile, "question": hostile, "protocol": hostile, "metric": hostile}
    found = [one.model_copy(update={"words": hostile}) for one in verdicts(results)]
    write_comparisons(run / COMPARISONS, [*found, found[0].model_copy(update=names)])
    names = {"protocol": hostile, "metric": hostile, "other_protocol": hostile, "other_metric": hostile}
    write_correlations(run / CORRELATIONS, [one.model_copy(update=names) for one in rank_correlations(results)])


def _compile_if_possible(folder: Path) -> None:
    if shutil.which("pdflatex") or shutil.which("tectonic"):
        _compile(folder)


def test_empty_run_renders(tmp_path: Path) -> None:
    manifest(tmp_path, Fake())
    render(tmp_path, tmp_path / "report", ALL)
    assert "Nothing has been measured yet" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_all_failed_renders(tmp_path: Path) -> None:
    build(tmp_path, dataclasses.replace(SMALL, status=Status.FAILED))
    render(tmp_path, tmp_path / "report", ALL)
    assert "the disk was full" in (tmp_path / "report" / "index.html").read_text(encoding="utf-8")


def test_missing_and_damaged_pieces_are_left_out(tmp_path: Path) -> None:
    build(tmp_path, dataclasses.replace(SMALL, logged=("progan", "biggan")))
    galleries = sorted((tmp_path / "galleries").iterdir())
    shutil.rmtree(galleries[0])
    (galleries[1] / "0000.image.png").write_bytes(b"not an image")
    (galleries[2] / "0001.image.png").unlink()
    stats = sorted((tmp_path / "fits").rglob("stats.jsonl"))
    stats[0].write_bytes(b"\xff\xfe{broken\n[]\n" + json.dumps({"images": "many", "losses": [1]}).encode())
    stats[1].unlink()
    (tmp_path / "sheet.png").write_bytes(b"")
    render(tmp_path, tmp_path / "report", ALL)
    _page(tmp_path / "report")


def test_nothing_outside_the_run_is_read(tmp_path: Path) -> None:
    build(tmp_path / "run", SMALL)
    secret = build(tmp_path / "secret", SMALL)
    made = Manifest.read(tmp_path / "run")
    outside = tuple(
        record.model_copy(update={"folder": f"../secret/{record.folder}"}) if i % 2 else
        record.model_copy(update={"folder": str(secret / record.folder)})
        for i, record in enumerate(made.galleries)
    )  # fmt: skip
    made.model_copy(update={"galleries": outside}).write(tmp_path / "run")
    folder = RunFolder.read(tmp_path / "run")
    assert all(tile is None for record in folder.manifest.galleries for tile in folder.tiles(record, "image"))
    assert folder.file("../secret/run.json") is None


def test_unreadable_tile_leaves_its_place_empty(tmp_path: Path) -> None:
    build(tmp_path, SMALL)
    folder = RunFolder.read(tmp_path)
    record: GalleryRecord = folder.manifest.galleries[1]
    (tmp_path / record.folder / "0002.image.png").write_bytes(b"")
    tiles = folder.tiles(record, "image")
    assert [i for i, tile in enumerate(tiles) if tile is None] == [2]


@pytest.mark.parametrize("redistributable", [True, False])
def test_pictures_that_may_not_be_passed_on_are_labelled(tmp_path: Path, redistributable: bool) -> None:
    build(tmp_path, dataclasses.replace(SMALL, redistributable=redistributable))
    warnings = " ".join(_assembled(tmp_path).warnings)
    assert ("may not be redistributed" in warnings) is not redistributable


def test_not_a_run_folder(tmp_path: Path) -> None:
    with pytest.raises(CorruptFileError, match="not a run folder"):
        render(tmp_path, tmp_path / "report", ALL)


def test_unwritable_place_is_one_clear_error(tmp_path: Path) -> None:
    manifest(tmp_path, Fake())
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(BenchError, match="Cannot write"):
        render(tmp_path, tmp_path / "file" / "report", [ReportFormat.HTML])


def test_reports_never_import_torch() -> None:
    code = "import sys, sbgan_bench.report; sys.exit('torch' in sys.modules or 'sbgan_baselines' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_gigantic_values_are_shown_not_stumbled_over(tmp_path: Path) -> None:
    made = build(tmp_path / "run", SMALL)
    huge = [
        row.model_copy(update={"value": 1e300, "spread": 1e299, "low": -1e300, "high": 1.7e308}) for row in rows(SMALL)
    ]
    write_rows(made / RESULTS, huge)
    for path in made.rglob("stats.jsonl"):
        lines = [{"images": 10**300 * i, "losses": {"term": 1.7e308 * (-1) ** i}} for i in range(5)]
        path.write_text("\n".join(json.dumps(line) for line in lines) + '\n{"images": 1, "losses": {"term": 1e999}}\n')
    render(made, tmp_path / "out", ALL)
    assert "1.000e+300" in (tmp_path / "out" / "index.html").read_text(encoding="utf-8")


def test_datasets_sizes_and_variants_keep_apart_in_every_format(tmp_path: Path) -> None:
    places = [(name, tile) for name in ("cityscapes-5k", "ade-indoor") for tile in ((32, 64), (64, 128))]
    base = dataclasses.replace(SMALL, logged=("progan",), variants=("", "no-root"))
    fakes = [dataclasses.replace(base, dataset=name, tile=tile) for name, tile in places]
    wanted = tuple(
        TableRecord(name=f"table-1{letter}", title=f"Table 1{letter}: {size}", kind=TableKind.UNCONDITIONAL,
                    columns=tuple(f"{name}/{size}" for name in ("cityscapes-5k", "ade-indoor")))
        for letter, size in (("a", "64x128"), ("b", "32x64"))
    )  # fmt: skip
    build(tmp_path, *fakes, tables=wanted)
    written = {path.name: path for path in render(tmp_path, tmp_path / "out", ALL)}
    assert not {"table-1.md", "table-2.md", "table-4.md"} & set(written)
    for letter, size, other in (("a", "64×128", "32×64"), ("b", "32×64", "64×128")):
        for suffix in ("md", "tex"):
            text = written[f"table-1{letter}.{suffix}"].read_text(encoding="utf-8").replace("$\\times$", "×")
            assert all(name in text for name in ("cityscapes-5k", "ade-indoor", "no-root"))
            assert (size in text, other in text) == (True, False)
        with written[f"table-1{letter}.csv"].open(encoding="utf-8", newline="") as stream:
            lines = list(csv.DictReader(stream))
        assert {line["resolution"] for line in lines} == {size.replace("×", "x")}
        assert {line["variant"] for line in lines} == {"", "no-root"}
    page = (tmp_path / "out" / "index.html").read_text(encoding="utf-8")
    assert all(f"{name}, {size}" in page for name in ("cityscapes-5k", "ade-indoor") for size in ("32×64", "64×128"))
    assert "both stages fine-tuned (no-root)" in page
