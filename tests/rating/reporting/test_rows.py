"""Findings as rows: one per cell, with the exclusions, and the same numbers as everywhere else."""

from pathlib import Path

import pytest
from rating.reporting.made_ratings import paper_cells, rate, study_of
from rating.reporting.reported import Reported, fids, report

from sbgan_bench.comparing.correlation import CORRELATIONS, read_correlations
from sbgan_bench.comparing.rows import COMPARISONS, read_comparisons
from sbgan_bench.errors import BenchError
from sbgan_bench.manifest import RESULTS
from sbgan_bench.rating.reporting.material import make_material
from sbgan_bench.rating.reporting.rows import protocol_name
from sbgan_bench.rating.store.records import Platform
from sbgan_bench.rating.study import CellIdentity
from sbgan_bench.results import WITH_EXCLUDED, Origin, Status, check_comparable, check_publishable, read_rows


def test_rows_come_back_as_they_were(reported: Reported) -> None:
    scores = reported.material.scores
    assert {row.cell(): row for row in read_rows(reported.out / RESULTS)} == {row.cell(): row for row in scores.rows}
    assert {one.key(): one for one in read_comparisons(reported.out / COMPARISONS)} == {
        one.key(): one for one in scores.comparisons
    }
    assert {one.key(): one for one in read_correlations(reported.out / CORRELATIONS)} == {
        one.key(): one for one in scores.correlations
    }


def test_a_row_is_its_cell_and_its_finding(reported: Reported) -> None:
    study = reported.place.read()
    rows = reported.material.scores.rows
    for row, cell, found in zip(rows, paper_cells(), reported.material.analysis.kept.cells, strict=True):
        assert (row.dataset, row.model, row.recipe) == (cell.dataset, cell.model, cell.recipe)
        assert (row.layout_source, row.resolution) == (cell.layout_source, cell.resolution)
        assert (row.value, row.low, row.high) == (found.mean, found.low, found.high)
        assert (row.num_generated, row.num_ratings, row.num_raters) == (12, found.n_ratings, found.n_raters)
        assert (row.protocol, row.weights_hash) == (protocol_name(study.hash), study.hash)
        assert (row.metric, row.better) == ("human-score", "higher")
        assert row.origin is (Origin.REAL if cell.model == "real" else Origin.TRAINED)


def test_the_excluded_are_out_of_the_value_and_in_the_notes(reported: Reported) -> None:
    analysis = reported.material.analysis
    assert len(analysis.exclusions.excluded) == 2
    for row, everyone in zip(reported.material.scores.rows, analysis.everyone.cells, strict=True):
        assert row.num_ratings < everyone.n_ratings
        (note,) = (note for note in row.notes if note.startswith(WITH_EXCLUDED))
        assert f"{everyone.mean:.2f}" in note


def test_where_nobody_is_excluded_nothing_is_said_of_it(tmp_path: Path) -> None:
    place = study_of(tmp_path, paper_cells()[1:3], images_per_cell=6)
    material = make_material(place.read(), place.read_key(), rate(place, (2.0, 3.0), raters=5), b"any")
    assert not any(note.startswith(WITH_EXCLUDED) for row in material.scores.rows for note in row.notes)


def test_cells_that_the_schema_cannot_tell_apart_keep_rows_of_their_own(tmp_path: Path) -> None:
    cell = CellIdentity(dataset="toy", model="theirs", title="Theirs", resolution="16x32")
    place = study_of(tmp_path, [cell, cell.model_copy(update={"title": "Theirs, again"})], images_per_cell=6)
    material = make_material(place.read(), place.read_key(), rate(place, (2.0, 3.0), raters=5), b"any")
    assert len({row.cell() for row in material.scores.rows}) == 2
    assert len(set(material.names())) == 2


def test_all_cells_of_a_dataset_can_be_compared_and_two_studies_cannot(reported: Reported, tmp_path: Path) -> None:
    rows = [row for row in reported.material.scores.rows if row.dataset == "cityscapes-5k"]
    check_comparable(rows)
    place = study_of(tmp_path, paper_cells()[4:], images_per_cell=6, seed=1)
    other = make_material(place.read(), place.read_key(), rate(place, (3.0, 2.0, 2.5)), b"any").scores.rows
    with pytest.raises(BenchError, match="protocol"):
        check_comparable([*rows, *other])


def test_every_pair_is_a_comparison_with_the_higher_score_as_winner(reported: Reported) -> None:
    scores = reported.material.scores
    assert len(scores.comparisons) == 6 + 3
    for one, pair in zip(scores.comparisons, reported.material.analysis.kept.pairs, strict=True):
        assert one.value_winner >= one.value_other
        assert one.effect == pytest.approx(one.value_other - one.value_winner)
        assert one.low is not None
        assert one.high is not None
        assert one.low <= one.effect <= one.high
        assert (one.p, one.p_holm, one.rejected) == (pair.p, pair.p_holm, pair.rejected)
        assert one.family == (6 if one.dataset == "cityscapes-25k" else 3)


def test_metrics_that_order_models_as_people_do_correlate_fully(reported: Reported) -> None:
    (one,) = reported.material.scores.correlations  # two models have no order worth a number
    assert (one.dataset, one.models) == ("cityscapes-25k", 3)
    assert one.spearman == pytest.approx(1.0)
    assert one.kendall == pytest.approx(1.0)
    assert one.kendall_p is None
    assert one.spearman_p is None


def test_made_up_raters_mark_every_row_and_are_never_publishable(simulated: Reported) -> None:
    rows = read_rows(simulated.out / RESULTS)
    assert {row.origin for row in rows} == {Origin.SIMULATED}
    for row in rows:
        with pytest.raises(BenchError, match="simulated"):
            check_publishable([row])
    assert all(one.words.startswith("SIMULATED") for one in simulated.material.scores.comparisons)


def test_made_up_raters_mark_every_correlation(tmp_path: Path, reported: Reported) -> None:
    assert not any(one.simulated for one in read_correlations(reported.out / CORRELATIONS))
    made_up = report(tmp_path, measured=fids(), platform=Platform.SIMULATED)
    (one,) = read_correlations(made_up.out / CORRELATIONS)
    assert one.simulated


def test_cells_that_nobody_rated_are_skipped_rows_with_a_reason(tmp_path: Path) -> None:
    place = study_of(tmp_path, paper_cells()[:2], images_per_cell=4)
    rows = make_material(place.read(), place.read_key(), [], b"any").scores.rows
    assert all(row.status is Status.SKIPPED and row.value is None and row.reason for row in rows)
