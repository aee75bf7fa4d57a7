"""Rank correlations are those of one dataset and size, in the chart and in the table below it."""

from collections import Counter
from pathlib import Path

import pytest
from dashboard.opening import argue, check, html, open_page, points

from sbgan_bench.dashboard.charts.ranks import agreement
from sbgan_bench.dashboard.reading import open_run

TOY, CAMVID = "toy-streets 32×64", "camvid 64×128"


def headings(shown: str) -> list[str]:
    return [place for place in (TOY, CAMVID) if f"<h3>{place}</h3>" in shown]


def test_a_matrix_has_one_number_in_every_cell(sorts: dict[str, Path]) -> None:
    found = open_run(sorts["places"]).run.correlations
    for place in ("toy-streets", "camvid"):
        cells = points(agreement([row for row in found if row.dataset == place]))
        assert cells
        assert set(Counter((cell["x"], cell["y"]) for cell in cells).values()) == {1}


@pytest.mark.parametrize(
    ("query", "places"), [({}, [TOY, CAMVID]), ({"dataset": "camvid"}, [CAMVID])], ids=["all", "one dataset"]
)
def test_every_place_has_a_matrix_and_the_table_its_rows(
    query: dict[str, str], places: list[str], sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts["places"])
    app = open_page("metrics", query)
    check(app)
    shown = html(app)
    assert headings(shown) == places
    assert [place for place in (TOY, CAMVID) if f"<td>{place}</td>" in shown] == places


def test_agreement_is_claimed_of_the_columns_that_are_shown(
    sorts: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    argue(monkeypatch, sorts["large"])
    shown = html(open_page("metrics"))
    assert "The first 6 of " in shown
    assert "Nowhere: all 6 columns put the models in the same order." in shown
