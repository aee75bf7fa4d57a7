"""The order of a session, for every size and seed."""

from hypothesis import given
from hypothesis import strategies as st
from rating.sessions import frozen_study

from sbgan_bench.rating.store.plan import REPEAT_GAP, Design, session_plan
from sbgan_bench.rating.study import Purpose

SEEDS = st.integers(0, 2**62 - 1)
DESIGNS = st.builds(
    Design,
    seed=SEEDS,
    practice=st.integers(0, 4).map(lambda count: tuple(f"practice{one}" for one in range(count))),
    gold=st.integers(0, 9).map(lambda count: tuple(f"gold{one}" for one in range(count))),
    sizes=st.just({0: 1}),
    main=st.integers(1, 90),
    repeats=st.integers(0, 20),
    places=st.just(1),
).filter(lambda design: design.repeats <= design.main)


@given(DESIGNS, SEEDS)
def test_everything_is_asked_once_practice_first_and_gold_in_between(design: Design, seed: int) -> None:
    plan = session_plan(design, seed)
    practice, rest = plan[: len(design.practice)], plan[len(design.practice) :]
    assert tuple(step.image for step in practice) == design.practice
    assert sorted(step.image or "" for step in rest if step.purpose is Purpose.GOLD) == sorted(design.gold)
    purposes = [step.purpose for step in rest]
    assert purposes.count(Purpose.MAIN) == design.main
    assert purposes.count(Purpose.REPEAT) == design.repeats
    assert purposes[0] is Purpose.MAIN
    assert len(rest) == design.main + design.repeats + len(design.gold)


@given(DESIGNS, SEEDS)
def test_there_is_always_something_to_repeat(design: Design, seed: int) -> None:
    main = 0
    for step in session_plan(design, seed)[len(design.practice) :]:
        main += {Purpose.MAIN: 1, Purpose.REPEAT: -1}.get(step.purpose, 0)
        assert main >= 0


@given(DESIGNS.filter(lambda design: design.main >= 3 * REPEAT_GAP and design.main >= 4 * design.repeats), SEEDS)
def test_repeats_find_an_image_that_was_shown_long_before(design: Design, seed: int) -> None:
    rest = session_plan(design, seed)[len(design.practice) :]
    repeats = [position for position, step in enumerate(rest) if step.purpose is Purpose.REPEAT]
    for done, position in enumerate(repeats):
        early = sum(step.purpose is Purpose.MAIN for step in rest[: position - REPEAT_GAP + 1])
        assert early > done


@given(DESIGNS.filter(lambda design: len(design.gold) > 1), SEEDS)
def test_gold_is_spread_over_the_session(design: Design, seed: int) -> None:
    rest = session_plan(design, seed)[len(design.practice) :]
    golden = [position for position, step in enumerate(rest) if step.purpose is Purpose.GOLD]
    stretch = (len(rest) - 1) / len(golden)
    for number, position in enumerate(golden):
        assert number * stretch - 1 < position - 1 < (number + 1) * stretch


def test_the_plan_depends_on_the_seeds_alone_and_on_both() -> None:
    study = frozen_study(images_per_cell=30, gold=6, repeats_per_rater=5)
    design = Design.of(study)
    assert session_plan(design, 5) == session_plan(Design.of(study), 5)
    assert session_plan(design, 5) != session_plan(design, 6)
    assert session_plan(design, 5) != session_plan(Design.of(study.model_copy(update={"seed": 9})), 5)


def test_a_small_study_asks_for_no_more_than_it_has() -> None:
    design = Design.of(frozen_study(cells=1, images_per_cell=3, repeats_per_rater=5, per_rater=60))
    assert (design.main, design.repeats) == (3, 3)
