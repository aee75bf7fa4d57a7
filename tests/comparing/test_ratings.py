"""Which metric belongs to which human score: the same model, the same weights, or nothing."""

from typing import Any

import pytest
from report.fake_rows import GENERATED, Fake, row
from report.human_rows import score, scores

from sbgan_bench.comparing.ratings import panels, rated_name
from sbgan_bench.errors import BenchError
from sbgan_bench.results import ResultRow


def _metric(model: str, value: float | None, **others: Any) -> ResultRow:
    return row(Fake(), "scene", value, model=model, **{"recipe": "default", "selection": "last", **others})


def _measured(**others: Any) -> list[ResultRow]:
    sbgan = {"recipe": "both", "layout_source": GENERATED, **others}
    real = {**others, "recipe": "", "selection": "", "training_seed": None, "training_images": None}
    return [
        _metric("progan", 2.4, **others), _metric("biggan", 1.1, **others), _metric("sbgan", 1.0, **sbgan),
        _metric("real", 0.1, **real),
    ]  # fmt: skip


def test_every_model_meets_its_own_value() -> None:
    (panel,) = panels(scores(), _measured())
    values = {point.rated.model: point.measured.value for point in panel.points}
    assert values == {"progan": 2.4, "biggan": 1.1, "sbgan": 1.0, "real": 0.1}
    assert {point.rated.model for point in panel.models} == {"progan", "biggan", "sbgan"}
    assert panel.facts.metric == "frechet-distance"


@pytest.mark.parametrize(
    "change", [{"dataset": "camvid"}, {"resolution": "64x128"}, {"recipe": "none"}, {"variant": "no-root"},
               {"layout_source": "real"}, {"trial": 0}, {"unranked": "collapsed"}, {"metric": "bottleneck-gap"},
               {"value": None}],
)  # fmt: skip
def test_what_is_not_the_same_model_never_meets(change: dict[str, Any]) -> None:
    rated = [score("sbgan", 2.5, recipe="both", layout_source=GENERATED)]
    assert panels(rated, [_metric("sbgan", 1.0, recipe="both", layout_source=GENERATED)])
    assert not panels(
        rated, [_metric("sbgan", **{"value": 1.0, "recipe": "both", "layout_source": GENERATED, **change})]
    )


def test_other_weights_are_another_model() -> None:
    rated = [score("progan", 2.1, recipe="default", checkpoint_hash="a" * 64)]
    assert not panels(rated, [_metric("progan", 2.4, checkpoint_hash="b" * 64)])
    assert panels(rated, [_metric("progan", 2.4, checkpoint_hash="a" * 64)])
    assert panels(rated, [_metric("progan", 2.4)])


def test_the_seed_that_people_saw_comes_before_the_summary_and_that_before_other_seeds() -> None:
    summary, zero, one = (
        _metric("progan", value, training_seed=seed) for value, seed in ((2.0, None), (1.9, 0), (2.1, 1))
    )

    def met(seed: int | None, rows: list[ResultRow]) -> float | None:
        (panel,) = panels([score("progan", 2.1, recipe="default", training_seed=seed)], rows)
        return panel.points[0].measured.value

    assert met(1, [summary, zero, one]) == 2.1
    assert met(7, [zero, summary, one]) == 2.0
    assert met(None, [one, zero]) == 1.9


def test_trainings_that_cannot_be_told_apart_are_left_out() -> None:
    rows = [_metric("progan", 2.0, training_images=size) for size in (100, 400)]
    assert not panels([score("progan", 2.1, recipe="default")], rows)
    (panel,) = panels([score("progan", 2.1, recipe="default", training_images=400)], rows)
    assert panel.points[0].measured.training_images == 400


def test_values_that_cannot_be_compared_are_refused() -> None:
    rows = _measured()
    rows[0] = rows[0].model_copy(update={"num_generated": 100})
    with pytest.raises(BenchError, match="number of generated images"):
        panels(scores(), rows)


def test_real_images_alone_make_no_panel() -> None:
    assert not panels([score("real", 3.6)], _measured())


def test_studies_have_panels_of_their_own() -> None:
    other = [one.model_copy(update={"protocol": "study-000000000000"}) for one in scores()]
    assert len(panels([*scores(), *other], _measured())) == 2


def test_names_of_what_was_rated_tell_all_cells_of_a_study_apart() -> None:
    base = score("sbgan", 2.5, recipe="both", layout_source=GENERATED)
    changes = (
        {"recipe": "none"},
        {"variant": "x"},
        {"resolution": "64x128"},
        {"training_images": 100},
        {"training_seed": 1},
    )
    assert len({rated_name(base), *(rated_name(base.model_copy(update=change)) for change in changes)}) == 6
