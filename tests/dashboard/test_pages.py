"""Every page opens on every sort of run, and shows what others wrote as text."""

import shutil
from pathlib import Path

import pytest
from dashboard.hostile_runs import broken_runs
from dashboard.opening import EVERY_PAGE, Inventory, argue, check, html, open_page, options, text

from sbgan_bench.publication import Dropped, Licence, Publication
from sbgan_bench.publishing.shelf import published_runs
from sbgan_bench.shelves import published_folder

#: Something that a page must say of a run that has it all.
SAYS = {
    "overview": "SB-GAN",
    "tables": "Table 1: unconditional generation",
    "ablation": "control: layout stage trained on, uncoupled",
    "samples": "Scene 1, large",
    "training": "generator adversarial",
    "metrics": "Where they disagree",
    "ratings": "How to start a study",
    "provenance": "Configuration (sha256)",
}
#: What it must say of runs that lack something, have several datasets or amounts of data, or very much of everything.
SAYS_OF = {
    "empty": {
        "overview": "Nothing has been measured yet",
        "tables": "This run has no table yet",
        "ablation": "This run holds no fine-tuned bottleneck GAN",
        "samples": "This run holds no sample pictures",
        "training": "Nothing was trained in this run",
        "metrics": "No column of this run ranks two trained models yet",
        "ratings": "Nobody has rated images of this run",
        "provenance": "Configuration (sha256)",
    },
    "failed": {
        "overview": 'title="failed: the disk was full">failed</abbr>',
        "tables": 'title="failed: the disk was full">failed</abbr>',
        "ablation": 'title="failed: the disk was full">failed</abbr>',
        "samples": "This run holds no sample pictures",
        "training": "Nothing was trained in this run",
        "metrics": "No column of this run ranks two trained models yet",
        "ratings": "Nobody has rated images of this run",
        "provenance": "sbgan, both stages fine-tuned, generated layouts",
    },
    "places": {
        "overview": "Best by scene Fréchet distance, camvid, 64×128, lower is better",
        "tables": "<span>camvid</span><span>64×128</span>",
        "ablation": "<span>camvid</span><span>64×128</span>",
        "samples": "camvid 64×128</small>",
        "training": "SB-GAN, both stages fine-tuned, seed 1, camvid 64×128",
        "metrics": "<td>scene Fréchet distance, camvid, 64×128 ↓</td>",
        "ratings": "Nobody has rated images of this run",
        "provenance": "scene Fréchet distance, camvid 64×128, 400 training images",
    },
    "sizes": {
        "overview": "Best by scene Fréchet distance, 100 training images, lower is better",
        "tables": "<span>100 training images</span>",
        "ablation": "<span>100 training images</span>",
        "samples": "without fine-tuning, 100 training images",
        "training": "SB-GAN, both stages fine-tuned, seed 1, 100 training images",
        "metrics": "<td>scene Fréchet distance, 100 training images ↓</td>",
        "ratings": "Nobody has rated images of this run",
        "provenance": "scene Fréchet distance, toy-streets 32×64, 100 training images",
    },
    "large": {
        "overview": "Lowest by scene Fréchet distance, camvid, 32×64, lower is better",
        "tables": "The first 6 of 30 columns",
        "ablation": "both stages fine-tuned (v1)",
        "samples": "A model, camvid 32×64 (2)",
        "training": "A model, toy-streets 32×64 (2)",
        "metrics": "The first 6 of 90 columns",
        "ratings": "Nobody has rated images of this run",
        "provenance": "scene Fréchet distance, ade-indoor 128×256, 400 training images",
    },
}
#: What it says where there is no run at all.
SAYS_OF_NONE = dict.fromkeys(SAYS, "No run is open") | {
    "overview": "No results yet",
    "ratings": "How to start a study",
}
#: All that pages are made of; none of it runs or fetches anything but our own pictures.
ELEMENTS = {
    "style", "h1", "h2", "h3", "p", "b", "i", "em", "small", "br", "ul", "li", "div", "figure", "figcaption", "img",
    "table", "caption", "thead", "tbody", "tr", "th", "td", "abbr", "sup", "strong", "span",
}  # fmt: skip
ATTRIBUTES = {
    "class", "style", "title", "role", "tabindex", "aria-label", "scope", "colspan", "src", "alt", "loading",
    "decoding",
}  # fmt: skip


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_a_page_shows_what_it_is_for(page: str, small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, small)
    app = open_page(page)
    check(app)
    assert SAYS[page] in html(app)


@pytest.mark.parametrize("sort", SAYS_OF)
@pytest.mark.parametrize("page", EVERY_PAGE)
def test_a_page_says_what_is_special_about_a_run(
    page: str, sort: str, sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts[sort])
    app = open_page(page)
    check(app)
    assert SAYS_OF[sort][page] in html(app) + options(app)


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_without_any_run_a_page_says_so(page: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, tmp_path)
    monkeypatch.setattr("sbgan_bench.dashboard.library.published_folder", lambda: None)
    app = open_page(page)
    check(app)
    assert SAYS_OF_NONE[page] in html(app)


def test_the_first_page_says_how_to_make_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, tmp_path)
    monkeypatch.setattr("sbgan_bench.dashboard.library.published_folder", lambda: None)
    assert "sbgan-bench run demo" in text(open_page("overview"))


@pytest.mark.parametrize("page", EVERY_PAGE)
def test_nothing_in_a_hostile_folder_becomes_markup(
    page: str, sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts["hostile"])
    app = open_page(page)
    check(app)
    shown = html(app)
    inventory = Inventory(shown)
    assert inventory.elements <= ELEMENTS
    assert inventory.attributes.keys() <= ATTRIBUTES
    assert all(source.startswith("pictures/") for source in inventory.attributes.get("src", ()))
    assert not [mark for mark in "\u202e\u2066\u200b\x00\x1b\x07" if mark in shown]
    assert len(shown) < 3_000_000
    read_as_markdown = text(app)
    assert not [word for word in ("window.attacked", ":red[", "$E=mc", ":material/delete") if word in read_as_markdown]


@pytest.mark.parametrize("view", ["Nearest training images", "Layout editor"])
def test_every_view_of_samples_opens_on_a_hostile_folder(
    view: str, sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts["hostile"])
    check(open_page("samples", {"view": view}))


def test_what_was_skipped_is_noted(sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, sorts["hostile"])
    shown = html(open_page("overview"))
    assert "results.jsonl:" in shown
    assert "left out" in shown
    assert "publication.json is damaged" in shown


def test_broken_folders_are_listed_and_skipped(small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = broken_runs(tmp_path)
    argue(monkeypatch, small, *broken.values())
    app = open_page("overview")
    check(app)
    shelf = published_folder()
    published = [run.name for run in published_runs(shelf)] if shelf else []
    first, *others = app.sidebar.selectbox[0].options
    assert (first, sorted(others)) == ("small", sorted(published))
    assert app.sidebar.expander[0].label == f"{len(broken)} folders skipped"


def test_ties_are_bold_and_dashes_give_their_reason(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, small)
    shown = html(open_page("tables"))
    assert shown.count("<strong>") >= 2
    assert 'title="skipped: needs square images"' in shown
    assert 'title="failed: loss became NaN at step 120"' in shown


def test_only_commands_of_ours_are_offered(sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, sorts["hostile"])
    app = open_page("provenance")
    assert not [code for code in app.code if "rm -rf" in code.value]
    argue(monkeypatch, sorts["small"])
    assert "sbgan-bench run fake" in [code.value for code in open_page("provenance").code]


@pytest.fixture
def published(tmp_path: Path, small: Path) -> Path:
    """A run that says it is a published one."""
    folder = Path(shutil.copytree(small, tmp_path / "published"))
    licence = Licence(dataset="toy-streets", licence="CC0", redistributable=True, words="Use them as you like.")
    Publication(
        name="published", published="2026-11-27", suite="fake", results="0" * 64, licences=(licence,), files={},
        dropped=(Dropped(what="trained weights", why="size"),),
    ).write(folder)  # fmt: skip
    return folder


def test_a_published_run_says_why_no_row_has_a_command(
    published: Path, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, published)
    assert "Published runs hold no weights" in html(open_page("provenance"))
    argue(monkeypatch, small)
    assert "Published runs hold no weights" not in html(open_page("provenance"))


def test_a_published_run_says_its_terms(published: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, published)
    shown = html(open_page("overview"))
    assert "Use them as you like." in shown
    assert "Left out: trained weights (size)." in shown


def test_what_may_not_be_passed_on_is_said(sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, sorts["places"])
    assert "may not be redistributed" in html(open_page("overview"))
