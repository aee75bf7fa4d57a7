"""Exclusion rules: whom each catches, and whom it cannot judge."""

from itertools import count
from typing import Any

import pytest
from rating.analysis.tables import key_of, table_of

from sbgan_bench.rating.analysis.exclusions import apply_rules, repeat_pairs, rule_words, screen
from sbgan_bench.rating.analysis.findings import RaterScreening
from sbgan_bench.rating.study import Exclusion


def screened(rows: list[dict[str, Any]], exclusion: Exclusion | None = None) -> RaterScreening:
    named = [{"rater": "R001", "image": f"c0-{number}", "position": number, **row} for number, row in enumerate(rows)]
    (found,) = screen(table_of(named), key_of(exclusion))
    return found


def gold(image: str, score: int) -> dict[str, Any]:
    return {"image": image, "purpose": "gold", "score": score}


@pytest.mark.parametrize(("wrong", "rules"), [(0, ()), (1, ()), (2, ("gold_failures",))])
def test_more_gold_failures_than_allowed(wrong: int, rules: tuple[str, ...]) -> None:
    answers = [gold("bad", 4 if number < wrong else 1) for number in range(3)]
    found = screened([*answers, gold("good", 3), gold("good", 4)])
    assert found.gold_shown == 5
    assert found.gold_failures == wrong
    assert found.rules == rules


@pytest.mark.parametrize(("median", "rules"), [(699, ("median_ms",)), (700, ())])
def test_a_median_time_that_is_too_short(median: int, rules: tuple[str, ...]) -> None:
    found = screened([{"response_ms": time, "score": time % 4 + 1} for time in (median - 300, median, 60_000)])
    assert found.median_ms == median
    assert found.rules == rules


def test_images_without_times_are_not_judged_by_time() -> None:
    found = screened([{"response_ms": 0}] * 5)
    assert found.median_ms is None
    assert found.rules == ()


@pytest.mark.parametrize(("same", "other", "rules"), [(19, 1, ()), (20, 1, ("same_score",)), (14, 0, ())])
def test_one_score_nearly_always(same: int, other: int, rules: tuple[str, ...]) -> None:
    found = screened([{"score": 3}] * same + [{"score": 1}] * other)
    assert found.rules == rules
    assert found.same_score == (None if same + other < 15 else same / (same + other))


@pytest.mark.parametrize(("again", "rules"), [((1, 1, 1), ()), ((3, 3, 3), ("repeat_difference",)), ((4, 4), ())])
def test_repeats_that_differ_by_too_much(again: tuple[int, ...], rules: tuple[str, ...]) -> None:
    first = [{"image": f"c0-{number}", "score": 1} for number in range(3)]
    repeats = [{"image": f"c0-{number}", "score": score, "purpose": "repeat"} for number, score in enumerate(again)]
    found = screened(first + repeats)
    assert found.n_ratings == 3
    assert found.n_repeats == len(again)
    assert found.rules == rules


def test_practice_counts_for_nothing() -> None:
    practice = [{"purpose": "practice", "response_ms": 100, "score": 1}] * 20
    assert screened(practice) == RaterScreening("R001", 0, 0, None, None, None, 0, None, ())


def test_a_rule_that_is_switched_off_excludes_nobody() -> None:
    off = Exclusion(gold_failures=None, median_ms=None, same_score=None, repeat_difference=None)
    worst = [{"response_ms": 1}] * 20 + [gold("bad", 4)] * 3
    assert screened(worst).rules == ("gold_failures", "median_ms")
    assert screened(worst, off).rules == ()
    rules = apply_rules(table_of([{"rater": "R001", "image": "c0-0"}]), key_of(off)).rules
    assert not any(rule.active for rule in rules)
    assert all(rule.words.startswith("not judged by") for rule in rules)


def test_every_rule_of_a_study_is_described_with_its_limits() -> None:
    words = rule_words(Exclusion())
    limits = {name for name in Exclusion.model_fields if not name.endswith("_from")}
    assert set(words) == limits
    assert "700 ms" in words["median_ms"]
    assert "95 %" in words["same_score"]


def test_each_rule_names_whom_it_caught() -> None:
    number = count()
    good = [{"rater": "R002", "image": f"c0-{next(number)}", "score": score} for score in (1, 2, 3)]
    fast = [{"rater": "R001", "image": f"c0-{next(number)}", "score": score, "response_ms": 5} for score in (1, 2)]
    found = apply_rules(table_of([*good, *fast]), key_of())
    assert found.excluded == ("R001",)
    assert {rule.name: rule.excluded for rule in found.rules if rule.excluded} == {"median_ms": ("R001",)}
    assert [screening.rater for screening in found.raters] == ["R001", "R002"]


def test_repeats_are_matched_with_the_first_score_of_the_same_rater() -> None:
    table = table_of([
        {"rater": "R001", "image": "c0-0", "score": 1}, {"rater": "R002", "image": "c0-0", "score": 4},
        {"rater": "R002", "image": "c0-0", "score": 3, "purpose": "repeat"},
        {"rater": "R001", "image": "c0-9", "score": 3, "purpose": "repeat"},  # its first rating went to somebody else
    ])  # fmt: skip
    assert repeat_pairs(table).to_dict("records") == [{"rater": "R002", "image": "c0-0", "first": 4, "again": 3}]
