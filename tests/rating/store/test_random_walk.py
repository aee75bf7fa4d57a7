"""Anything that raters, owners and time may do, in any order: what must hold, holds after each step."""

import contextlib
import secrets

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from rating.sessions import Clock, check, come, frozen_study

from sbgan_bench.rating.store.opening import create_store, open_store
from sbgan_bench.rating.store.records import (
    Answer,
    Outcome,
    Platform,
    SlotGoneError,
    StudyClosedError,
    TooEarlyError,
    Trial,
)
from sbgan_bench.rating.study import SCORES, Timing

RATERS = 4
WHO = st.integers(0, RATERS - 1)
SCORE = st.sampled_from(SCORES)


class Walk(RuleBasedStateMachine):
    """A study of four images with two places each, and four raters."""

    def __init__(self, url: str) -> None:
        super().__init__()
        self.url = url
        self.clock = Clock()
        self.kept: dict[str, tuple[int, str, int]] = {}  # what was acknowledged, by slot: rater, image, score
        self.last: dict[int, Trial] = {}
        self.imported = 0

    @initialize(seed=st.integers(0, 3))
    def begin(self, seed: int) -> None:
        name = secrets.token_hex(32)
        self.study = frozen_study(
            hash=name, cells=2, images_per_cell=2, practice=1, gold=1, repeats_per_rater=1, seed=seed,
            timing=Timing(minimum_ms=500, lease_minutes=1),
        )  # fmt: skip
        self.url = self.url.replace("ratings.db", f"{name}.db")
        self.store = create_store(self.url, self.study, self.clock)
        self.raters = come(self.store, RATERS)

    @rule(who=WHO)
    def ask(self, who: int) -> None:
        trial = self.store.next_trial(self.raters[who])
        assert self.store.rater(self.raters[who]).finished == (trial is None)
        if trial is None:
            self.last.pop(who, None)
            return
        assert trial.slot not in self.kept
        assert 1 <= trial.number <= trial.of
        assert self.store.next_trial(self.raters[who]) == trial
        self.last[who] = trial

    @precondition(lambda self: self.last)
    @rule(who=WHO)
    def look(self, who: int) -> None:
        if who in self.last:
            with contextlib.suppress(SlotGoneError):
                assert self.store.deliver(self.last[who].slot) == self.last[who].image

    @precondition(lambda self: self.last)
    @rule(who=WHO, score=SCORE)
    def score(self, who: int, score: int) -> None:
        if who not in self.last:
            return
        trial = self.last[who]
        try:
            outcome = self.store.record(self.raters[who], trial.slot, score)
        except (SlotGoneError, TooEarlyError):
            assert trial.slot not in self.kept
            return
        assert (outcome is Outcome.ALREADY_RATED) == (trial.slot in self.kept)
        self.kept.setdefault(trial.slot, (self.raters[who], trial.image, score))

    @rule(who=WHO, score=SCORE)
    def whole_trial(self, who: int, score: int) -> None:
        self.ask(who)
        self.look(who)
        self.clock.advance(seconds=1)
        self.score(who, score)

    @rule(thief=WHO, who=WHO, score=SCORE)
    def score_for_another(self, thief: int, who: int, score: int) -> None:
        if who in self.last and thief != who:
            try:
                self.store.record(self.raters[thief], self.last[who].slot, score)
            except SlotGoneError:
                return
            raise AssertionError("a rater scored the image of another")

    @rule(seconds=st.sampled_from([0.2, 0.6, 30, 61, 86_400]))
    def wait(self, seconds: float) -> None:
        self.clock.advance(seconds=seconds)

    @rule(score=SCORE)
    def import_assignment(self, score: int) -> None:
        """A worker scored the first two images; the store may have room for both, one or none."""
        if self.imported < 2:
            answers = [Answer(image.id, score, 0) for image in self.study.images[:2]]
            outcome = self.store.add_assignment(Platform.MTURK, f"worker {self.imported}", answers)
            assert outcome.recorded + outcome.surplus == 2
            self.imported += 1

    @rule()
    def reopen(self) -> None:
        self.store.dispose()
        self.store = open_store(self.url, self.study, self.clock)

    @rule()
    def close_for_a_while(self) -> None:
        self.store.close_study()
        with pytest.raises(StudyClosedError):
            self.store.next_trial(self.raters[0])
        for who, trial in self.last.items():
            if trial.slot not in self.kept:
                with pytest.raises((StudyClosedError, SlotGoneError)):
                    self.store.record(self.raters[who], trial.slot, 1)
        self.store.reopen_study()

    @invariant()
    def holds(self) -> None:
        check(self.store)
        people = [rating for rating in self.store.ratings() if rating.platform is Platform.INVITED]
        assert sorted((rating.rater, rating.image, rating.score) for rating in people) == sorted(self.kept.values())

    def teardown(self) -> None:
        self.store.dispose()


def test_whatever_is_done_what_must_hold_holds(database_url: str) -> None:
    chosen = settings(
        max_examples=8, stateful_step_count=40, derandomize=True, deadline=None, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    run_state_machine_as_test(lambda: Walk(database_url), settings=chosen)
