"""Laws of the table of human scores: what is bold, what is a dash, and what never stands side by side."""

import dataclasses
import re

import pytest
from report.human_rows import STUDY, score, scores, verdicts

from sbgan_bench.errors import BenchError
from sbgan_bench.paper import paper
from sbgan_bench.report import latex, markdown, table_3, tidy
from sbgan_bench.report.document import HEADER, PlainTable
from sbgan_bench.report.human_scores import HumanScores, best_of
from sbgan_bench.report.paper_values import counterpart
from sbgan_bench.results import WITH_EXCLUDED, Origin, ResultRow, Status

TITLES = {"progan": "ProGAN", "biggan": "BigGAN", "sbgan": "SB-GAN"}


def _title(row: ResultRow) -> str:
    return TITLES.get(row.model, row.model)


def _made(rows: list[ResultRow], rejected: dict[frozenset[str], bool] | None = None) -> PlainTable:
    (made,) = table_3.tables(HumanScores(tuple(rows), tuple(verdicts(rows, rejected))), _title)
    return made


def _column(made: PlainTable, name: str) -> dict[str, str]:
    return {line[made.header.index("Model")]: line[made.header.index(name)] for line in made.rows}


def _bold(made: PlainTable) -> set[str]:
    return {made.rows[row][made.header.index("Model")] for row, _ in made.strong}


def test_numbers_are_those_of_the_rows() -> None:
    made = _made(scores())
    assert _column(made, "Score ↑")["SB-GAN"] == "2.50 ± 0.12"
    for name, number in (("Images", "200"), ("Ratings", "600"), ("Raters", "12")):
        assert set(_column(made, name).values()) == {number}


def test_the_best_is_bold_and_so_is_what_is_not_told_from_it() -> None:
    assert _bold(_made(scores())) == {"SB-GAN"}
    assert _bold(_made(scores(), {frozenset({"sbgan", "progan"}): False})) == {"SB-GAN", "ProGAN"}
    tied_below = _made(scores(), {frozenset({"progan", "biggan"}): False})
    assert _bold(tied_below) == {"SB-GAN"}


def test_without_tests_nothing_is_bold() -> None:
    (made,) = table_3.tables(HumanScores(tuple(scores())), _title)
    assert not made.strong


def test_real_images_are_a_yardstick_and_never_bold() -> None:
    rows = scores()
    made = _made(rows, {frozenset({"sbgan", "real"}): False})
    assert made.rows[0][0] == "Real images"
    assert made.quiet == {0}
    assert _bold(made) == {"SB-GAN"}
    assert not best_of([rows[0]], verdicts(rows))


def test_verdicts_of_another_dataset_or_study_decide_nothing() -> None:
    rows = scores()
    for change in ({"dataset": "elsewhere"}, {"protocol": "study-000000000000", "weights_hash": "0" * 64}):
        assert not best_of(rows, verdicts([row.model_copy(update=change) for row in rows]))


def test_what_was_not_run_is_a_dash() -> None:
    rows = [*scores(), *(row for row in scores(dataset="camvid") if row.model != "biggan")]
    made = _made(rows)
    assert made.header[0] == "Dataset"
    missing = next(line for line in made.rows if line[:2] == ("camvid", "BigGAN"))
    assert missing == ("camvid", "BigGAN", "-", "-", "-", "-")
    assert len(made.begins) == 2
    skipped = score("spade", None, status=Status.SKIPPED, reason="nobody rated these images", num_ratings=0)
    assert _column(_made([*scores(), skipped]), "Score ↑")["spade"] == "-"
    assert "nobody rated these images" in _made([*scores(), skipped]).footnotes


def test_a_score_without_an_interval_stands_alone() -> None:
    assert table_3.score_text(score("a", 2.0, low=None, high=None)) == "2.00"


def test_a_lopsided_interval_is_printed_whole() -> None:
    assert table_3.score_text(score("a", 3.98, low=2.6, high=4.0)) == "3.98 [2.60, 4.00]"
    assert table_3.score_text(score("a", 2.5, low=2.4, high=2.62)) == "2.50 ± 0.11"
    assert table_3.score_text(score("a", 2.5, low=2.4, high=2.63)) == "2.50 [2.40, 2.63]"
    assert table_3.score_text(score("a", 3.9, low=3.78, high=4.0)) == "3.90 [3.78, 4.00]"
    assert table_3.score_text(score("a", 4.0, low=4.0, high=4.0)) == "4.00 ± 0.00"


@pytest.mark.parametrize("turned", [False, True])
def test_of_equal_means_the_same_are_bold_in_every_order(turned: bool) -> None:
    rows = [score("a", 2.5), score("b", 2.5), score("c", 2.2)]
    pairs = verdicts(rows, {frozenset("ab"): False, frozenset("ac"): True, frozenset("bc"): True})
    if turned:
        pairs = [one.model_copy(update={"winner": one.other, "other": one.winner}) if one.effect == 0 else one
                 for one in pairs]  # fmt: skip
    names = {name.split(",")[0] for name in best_of(rows[::-1] if turned else rows, pairs)}
    assert len(names) == 2
    assert not any(name.startswith("c") for name in names)


def test_the_protocol_is_a_footnote_of_the_header_and_exclusions_are_told_once() -> None:
    rows = [row.model_copy(update={"notes": (*row.notes, f"{WITH_EXCLUDED}2.00 ± 0.10, 640 ratings")})
            for row in scores()]  # fmt: skip
    made = _made(rows)
    marked = [made.footnotes[i] for i in made.marks[HEADER, made.header.index("Score ↑")]]
    assert marked[0] == f"Protocol study-{STUDY[:12]}. Single images at 32×64 pixels."
    assert marked[1].count("640 ratings") == len(rows)
    assert len(made.footnotes) == 2


def test_two_studies_never_share_a_table() -> None:
    other = [row.model_copy(update={"protocol": "study-000000000000", "weights_hash": "0" * 64}) for row in scores()]
    made = table_3.tables(HumanScores((*scores(), *other)), _title)
    assert [one.name for one in made] == ["table-3-1", "table-3-2"]
    assert [len(one.rows) for one in made] == [4, 4]


def test_one_protocol_of_two_weights_is_refused() -> None:
    rows = scores()
    rows[1] = rows[1].model_copy(update={"weights_hash": "0" * 64})
    with pytest.raises(BenchError, match="protocol weights"):
        table_3.tables(HumanScores(tuple(rows)), _title)


def test_names_say_more_where_two_cells_would_have_the_same() -> None:
    rows = [*scores(training_seed=0), score("sbgan", 2.4, recipe="none", layout_source="generated", training_seed=0)]
    names = set(_column(_made(rows), "Score ↑"))
    assert {"SB-GAN, both stages fine-tuned", "SB-GAN, without fine-tuning", "ProGAN"} <= names
    seeds = [*scores(training_seed=0), *scores(training_seed=1)[1:]]
    assert {"BigGAN, seed 0", "BigGAN, seed 1"} <= set(_column(_made(seeds), "Score ↑"))


def test_the_papers_values_stand_beside_their_counterparts() -> None:
    made = _made(scores(dataset="cityscapes-5k"))
    assert _column(made, "Paper ↑") == {"Real images": "", "ProGAN": "2.08", "BigGAN": "-", "SB-GAN": "2.48"}
    assert any("Mechanical Turk" in note for note in made.footnotes)
    assert "Paper ↑" not in _made(scores()).header


def test_the_paper_is_quoted_in_full() -> None:
    printed = paper()
    assert printed is not None
    assert {(one.dataset, one.row): one.value for one in printed.of_table("table-3")} == {
        ("cityscapes-5k", "ProGAN"): 2.08, ("cityscapes-5k", "BigGAN"): None, ("cityscapes-5k", "SB-GAN"): 2.48,
        ("cityscapes-25k", "ProGAN"): 2.53, ("cityscapes-25k", "BigGAN"): 2.27, ("cityscapes-25k", "SB-GAN"): 2.61,
        ("ade-indoor", "ProGAN"): 2.35, ("ade-indoor", "BigGAN"): 1.96, ("ade-indoor", "SB-GAN"): 2.49,
    }  # fmt: skip
    unlike = {"recipe": "none"}, {"variant": "no-root"}, {"layout_source": "real"}, {"dataset": "camvid"}
    row = score("sbgan", 2.5, recipe="both", dataset="ade-indoor", layout_source="generated")
    assert counterpart(row) is not None
    for change in unlike:
        assert counterpart(ResultRow.model_validate(row.to_json() | change)) is None


def test_what_is_bold_is_bold_in_every_format() -> None:
    made = _made(scores())
    assert "**2.50 ± 0.12**" in markdown.words_text(made)
    assert r"\textbf{2.50 $\pm$ 0.12}" in latex.words_text(made)
    assert markdown.words_text(made).count("**") == 2
    assert latex.words_text(made).count(r"\textbf") == 1


def test_made_up_scores_say_so_in_every_format() -> None:
    made = _made(scores(origin=Origin.SIMULATED))
    for text in (markdown.words_text(made), latex.words_text(made), tidy.plain_text(made), made.title.upper()):
        assert "SIMULATED" in text
    assert "SIMULATED" not in markdown.words_text(_made(scores()))


def test_a_dash_alone_is_no_formula() -> None:
    made = dataclasses.replace(_made(scores()), rows=(("-", "=1", "-1", "", ""),))
    assert re.search(r"^-,'=1,-1", tidy.plain_text(made), re.MULTILINE)
