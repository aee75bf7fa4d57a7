"""What a report writes: complete, the same in every format, inert, and silent about who took part."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path

import pandas as pd
import pytest
from rating.reporting.made_ratings import FIRST, paper_cells, rate, study_of
from rating.reporting.reported import Reported
from report.escaping_cases import HOSTILE

from sbgan_bench.rating.reporting.material import make_material
from sbgan_bench.rating.reporting.writing import write_report
from sbgan_bench.rating.store.records import Platform, Rating
from sbgan_bench.report import escaping, table_3
from sbgan_bench.storage import write_json

FILES = {
    "report.html", "table3.md", "table3.tex", "results.jsonl", "comparisons.jsonl", "correlations.jsonl",
    "findings.json", "ratings.csv", "ratings.parquet",
}  # fmt: skip
#: The other sections are there whenever they have content; these a reader must always find.
ALWAYS = ("Which is better", "How sure it is", "Who rated", "Who was left out", "Where the numbers come from")


class Tags(HTMLParser):
    """Collects the tags of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def all(self, *names: str) -> list[dict[str, str | None]]:
        return [attributes for tag, attributes in self.found if tag in names]


def test_everything_is_written(reported: Reported) -> None:
    assert {path.name for path in reported.out.iterdir()} == FILES


def test_csv_and_parquet_are_the_same_table_and_hold_every_rating(reported: Reported) -> None:
    parquet = pd.read_parquet(reported.out / "ratings.parquet")
    csv = pd.read_csv(reported.out / "ratings.csv", keep_default_na=False, dtype={"image": str, "rater": str})
    pd.testing.assert_frame_equal(csv, parquet, check_dtype=False)
    assert len(parquet) == len(reported.ratings)
    assert parquet["score"].value_counts().to_dict() == (
        pd.Series([rating.score for rating in reported.ratings]).value_counts().to_dict()
    )


def test_the_page_needs_nothing_but_itself_and_says_all_pictures_in_words(reported: Reported) -> None:
    page = Tags(reported.text("report.html"))
    assert not page.all("script", "link", "iframe")
    pictures = page.all("img")
    assert len(pictures) >= 4
    assert all((picture["src"] or "").startswith("data:image/svg+xml") and picture["alt"] for picture in pictures)
    assert any("Number of ratings of 1, 2, 3 and 4" in (picture["alt"] or "") for picture in pictures)
    assert {table["aria-label"] for table in page.all("div") if "aria-label" in table}


@pytest.mark.parametrize("title", [*ALWAYS, "Which differences are more than chance", "Do metrics agree with people"])
def test_the_page_has_every_part(reported: Reported, title: str) -> None:
    assert f">{title}</h2>" in reported.text("report.html")


def test_the_answer_comes_first(reported: Reported) -> None:
    page = reported.text("report.html")
    answer = page.index("cityscapes-25k: “SB-GAN, both” scores highest")
    assert answer < page.index("<nav")
    for words in (
        "± half the width",
        "Mechanical Turk",
        "Krippendorff",
        "bootstrap",
        "80 % power",
        "2 of them are excluded",
    ):
        assert words in page


def test_the_same_scores_stand_in_table_rows_and_page(reported: Reported) -> None:
    for row in reported.material.scores.rows:
        text = table_3.score_text(row)
        assert text.startswith(f"{row.value:.2f} ")
        assert text in reported.text("report.html")
        assert escaping.markdown(text) in reported.text("table3.md")
        assert escaping.latex(text) in reported.text("table3.tex")
    assert "BigGAN | &#45;" in reported.text("table3.md")


def test_nothing_says_who_took_part_or_when(reported: Reported) -> None:
    """No time, no number that the store knows a rater by, nothing from the platform's key."""
    place = reported.place
    days = {FIRST.date().isoformat(), max(rating.received for rating in reported.ratings).date().isoformat()}
    secrets = [place.platform_key.read_bytes().hex(), FIRST.strftime("%H:%M")]
    for name in FILES - {"ratings.parquet"}:
        text = reported.text(name)
        assert not any(secret in text for secret in secrets), name
        assert not re.search(r"\d\d:\d\d:\d\d|\d{4}-\d\d-\d\d[T ]\d\d", text), name
        assert set(re.findall(r"2026-\d\d-\d\d", text)) <= (days if name == "report.html" else set()), name
    assert not any("received" in column for column in pd.read_parquet(reported.out / "ratings.parquet").columns)
    assert set(json.loads(reported.text("findings.json"))) == {
        "study",
        "title",
        "simulated",
        "exclusions",
        "kept",
        "everyone",
    }


def test_made_up_raters_are_marked_in_every_file(simulated: Reported) -> None:
    page = simulated.text("report.html")
    assert '<p class="mark"' in page
    assert "<title>SIMULATED RATERS" in page
    assert page.count("SIMULATED RATERS") > 10
    for name in ("table3.md", "table3.tex"):
        assert "SIMULATED RATERS" in simulated.text(name)
    assert json.loads(simulated.text("findings.json"))["simulated"] is True
    assert pd.read_parquet(simulated.out / "ratings.parquet")["simulated"].all()
    assert all('"origin":"simulated"' in line for line in simulated.text("results.jsonl").splitlines())


def test_people_are_not_called_simulated(reported: Reported) -> None:
    for name in FILES - {"ratings.parquet"}:
        assert "SIMULATED" not in reported.text(name)


def test_a_study_that_nobody_rated_has_a_page_with_reasons(tmp_path: Path) -> None:
    place = study_of(tmp_path / "study", paper_cells()[:2], images_per_cell=6)
    write_report(make_material(place.read(), place.read_key(), [], b"any"), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert "Nobody has rated anything yet" in page
    assert "no model has a rating that counts" in page
    assert len(pd.read_parquet(tmp_path / "out" / "ratings.parquet")) == 0


@pytest.mark.parametrize(("share", "raters"), [(1.0, 1), (0.2, 3), (0.2, 1)])
def test_few_ratings_make_a_page_with_reasons(tmp_path: Path, share: float, raters: int) -> None:
    place = study_of(tmp_path / "study", paper_cells()[:3], images_per_cell=6, ratings_per_image=1, practice=1)
    ratings = rate(place, (3.0, 2.0, 2.5), raters=raters, share=share)
    write_report(make_material(place.read(), place.read_key(), ratings, b"any"), tmp_path / "out")
    page = (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert ("One rater alone" in page) is (raters == 1)
    assert ("The study is not complete" in page) is (share < 1)


def test_when_everybody_is_excluded_there_is_no_result(tmp_path: Path) -> None:
    place = study_of(tmp_path / "study", paper_cells()[:2], images_per_cell=8, gold=2)
    material = make_material(place.read(), place.read_key(), rate(place, (3.0, 2.0), raters=0, careless=3), b"any")
    write_report(material, tmp_path / "out")
    assert "Every rater is excluded" in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")
    assert all(row.value is None for row in material.scores.rows)


def test_platforms_without_times_have_no_picture_of_them(tmp_path: Path) -> None:
    place = study_of(tmp_path / "study", paper_cells()[:2], images_per_cell=6)
    timeless = [
        Rating(rater=one.rater, platform=Platform.MTURK, image=one.image, purpose=one.purpose, position=one.position,
               score=one.score, response_ms=0, received=one.received)
        for one in rate(place, (3.0, 2.0))
    ]  # fmt: skip
    write_report(make_material(place.read(), place.read_key(), timeless, b"any"), tmp_path / "out")
    assert "How long people looked" not in (tmp_path / "out" / "report.html").read_text(encoding="utf-8")


def _compile(folder: Path) -> None:
    r"""Take ``table3.tex`` in by \input, as a paper would."""
    preamble = r"\documentclass{article}\usepackage[T1]{fontenc}\usepackage{booktabs}\begin{document}"
    (folder / "paper.tex").write_text(preamble + r"\input{table3}\end{document}", encoding="utf-8")
    command = ["pdflatex", "-interaction=nonstopmode", "-halt-on-error", "paper.tex"]
    done = subprocess.run(command, cwd=folder, capture_output=True, check=False)
    assert done.returncode == 0, done.stdout.decode(errors="replace")[-2000:]


@pytest.mark.parametrize("hostile", ["=1 " + " ".join(HOSTILE), *HOSTILE[:3]])
def test_hostile_titles_are_inert_in_every_format(tmp_path: Path, hostile: str) -> None:
    cells = [cell.model_copy(update={"title": f"{hostile}{i}", "dataset": hostile, "model": f"{hostile}{i}"})
             for i, cell in enumerate(paper_cells()[1:4])]  # fmt: skip
    place = study_of(tmp_path / "study", cells, images_per_cell=6)
    frozen = place.read()
    scale = frozen.scale.model_copy(update={"question": hostile, "labels": (hostile,) * 4})
    write_json(place.frozen, frozen.model_copy(update={"title": hostile, "scale": scale}).to_json())
    write_report(make_material(place.read(), place.read_key(), rate(place, (2.0, 3.0, 2.5)), b"any"), tmp_path / "out")
    page = Tags((tmp_path / "out" / "report.html").read_text(encoding="utf-8"))
    assert not page.all("script", "link", "iframe")
    assert all((picture["src"] or "").startswith("data:image/") for picture in page.all("img"))
    assert not any(name.startswith("on") for _, attributes in page.found for name in attributes)
    markdown = (tmp_path / "out" / "table3.md").read_text(encoding="utf-8")
    assert not re.search(r"<(?!sup>|/sup>)", markdown)
    assert "http://" not in markdown
    assert r"\input{/etc" not in (tmp_path / "out" / "table3.tex").read_text(encoding="utf-8")
    if shutil.which("pdflatex"):
        _compile(tmp_path / "out")
    for path in (tmp_path / "out" / "ratings.csv", tmp_path / "out" / "ratings.parquet"):
        table = pd.read_csv(path, keep_default_na=False) if path.suffix == ".csv" else pd.read_parquet(path)
        for name in ("dataset", "model"):
            assert not table[name].str.startswith(("=", "+", "-", "@")).any()
