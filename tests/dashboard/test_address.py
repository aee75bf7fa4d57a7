"""An address carries the view; one that is stale or made up leads to the nearest there is."""

from pathlib import Path

import pytest
from dashboard.hostile_runs import ATTACKS, LONG
from dashboard.opening import EVERY_PAGE, argue, check, html, open_page

#: Every parameter of an address.
PARAMETERS = (
    "run", "dataset", "size", "table", "protocol", "metric", "model", "seed", "paper", "part", "beside", "view",
    "from", "pictures", "tile", "scenes", "question", "against", "training", "terms", "column", "canvas", "layout",
    "painter", "compute", "jobs", "row",
)  # fmt: skip


def test_an_address_opens_the_view_that_it_was_taken_from(
    sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts["small"], sorts["places"])
    query = {"run": "places", "dataset": "camvid", "table": "Table 2", "protocol": "texture"}
    app = open_page("tables", query)
    check(app)
    assert app.sidebar.selectbox[0].value == "places"
    assert "camvid" in html(app)
    assert "Table 2: generation from real layouts" in html(app)
    assert "scene ssssssss" not in html(app)
    assert dict(app.query_params) == query


def test_the_run_is_always_part_of_the_address(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, small)
    assert dict(open_page("overview").query_params) == {"run": "small"}


def test_one_scene_is_part_of_the_address(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, small)
    assert "Scene 3, large" in html(open_page("samples", {"tile": "3"}))


@pytest.mark.parametrize("page", EVERY_PAGE)
@pytest.mark.parametrize("value", [ATTACKS[7], LONG[:3000], "", "1e999"])
def test_hostile_and_stale_values_change_nothing(
    page: str, value: str, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, small)
    app = open_page(page, dict.fromkeys(PARAMETERS, value))
    check(app)
    assert html(app).replace(" ", "") == html(open_page(page)).replace(" ", "")


def test_single_seeds_leave_nothing_bold(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, small)
    app = open_page("tables", {"seed": "1"})
    check(app)
    assert "<strong>" not in html(app)
    assert "nothing is bold" in html(app)


def test_a_model_that_is_filtered_out_takes_no_title_with_it(small: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    argue(monkeypatch, small)
    shown = html(open_page("tables", {"model": "SB-GAN"}))
    assert "both stages fine-tuned" in shown
    assert 'scope="row">BigGAN</th>' not in shown
    assert 'scope="row">BigGAN</th>' in html(open_page("tables"))
