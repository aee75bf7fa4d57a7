"""Which raters the rules of a study leave out: rules that were fixed before anybody rated, applied by arithmetic."""

from dataclasses import dataclass

import pandas as pd

from sbgan_bench.rating.analysis.findings import Exclusions, RaterScreening, RuleFinding
from sbgan_bench.rating.study import SCORES, Exclusion, OwnerKey, Purpose


def apply_rules(table: pd.DataFrame, key: OwnerKey) -> Exclusions:
    """Hold every rater against every rule.

    Args:
        table: The long table; its column ``excluded`` is not read.
        key: Its ``exclusion`` holds the rules, its images the ranges of gold.
    """
    raters = screen(table, key)
    active = key.exclusion.model_dump()
    rules = tuple(
        RuleFinding(
            name=name,
            words=words,
            active=active[name] is not None,
            excluded=tuple(rater.rater for rater in raters if name in rater.rules),
        )
        for name, words in rule_words(key.exclusion).items()
    )
    return Exclusions(rules, raters)


def rule_words(rules: Exclusion) -> dict[str, str]:
    """Return each rule in a sentence, by the name of its field."""
    return {
        "gold_failures": (
            "not judged by gold images"
            if rules.gold_failures is None
            else f"more than {rules.gold_failures} of the gold images scored outside their range"
        ),
        "median_ms": (
            "not judged by time"
            if rules.median_ms is None
            else f"median time per image below {rules.median_ms} ms (where the platform reports times)"
        ),
        "same_score": (
            "not judged by uniform scores"
            if rules.same_score is None
            else f"one score makes up more than {100 * rules.same_score:.0f} % of at least "
            f"{rules.same_score_from} ratings"
        ),
        "repeat_difference": (
            "not judged by repeats"
            if rules.repeat_difference is None
            else f"scores of the same image differ by more than {rules.repeat_difference} on average "
            f"over at least {rules.repeat_difference_from} repeats"
        ),
    }


def screen(table: pd.DataFrame, key: OwnerKey) -> tuple[RaterScreening, ...]:
    """Return every rater's figures and the rules that exclude them, in order of name."""
    asked = table[table["purpose"] != Purpose.PRACTICE.value]
    pairs = repeat_pairs(asked)
    differences = (pairs["first"] - pairs["again"]).abs().groupby(pairs["rater"]).agg(["size", "mean"])
    by_rater = dict(iter(asked.groupby("rater")))
    return tuple(
        _screen_rater(
            str(name),
            by_rater.get(name, asked.iloc[:0]),
            _Repeats(int(differences["size"].get(name, 0)), float(differences["mean"].get(name, 0.0))),
            key,
        )
        for name in sorted(table["rater"].unique())
    )


def repeat_pairs(table: pd.DataFrame) -> pd.DataFrame:
    """Return the columns ``rater``, ``image``, ``first`` and ``again``: scores of an image and of its repeat."""
    purposes = {name: table[table["purpose"] == name.value] for name in (Purpose.MAIN, Purpose.REPEAT)}
    columns = ["rater", "image", "score"]
    first, again = (purposes[name][columns] for name in (Purpose.MAIN, Purpose.REPEAT))
    pairs = first.merge(again, on=["rater", "image"], suffixes=("_first", "_again"))
    return pairs.rename(columns={"score_first": "first", "score_again": "again"})


@dataclass(frozen=True, slots=True)
class _Repeats:
    """How one rater scored what he had scored before."""

    count: int
    mean_difference: float


def _screen_rater(name: str, rows: pd.DataFrame, repeats: _Repeats, key: OwnerKey) -> RaterScreening:
    rules = key.exclusion
    gold = rows[rows["purpose"] == Purpose.GOLD.value]
    times = rows.loc[rows["response_ms"] > 0, "response_ms"]
    failures = _gold_failures(gold, key) if len(gold) else None
    median = float(times.median()) if len(times) else None
    same = float(rows["score"].value_counts().max() / len(rows)) if len(rows) >= rules.same_score_from else None
    difference = repeats.mean_difference if repeats.count >= rules.repeat_difference_from else None
    broken = {
        "gold_failures": _exceeds(failures, rules.gold_failures),
        "median_ms": _exceeds(rules.median_ms, median),
        "same_score": _exceeds(same, rules.same_score),
        "repeat_difference": _exceeds(difference, rules.repeat_difference),
    }
    return RaterScreening(
        rater=name,
        n_ratings=int((rows["purpose"] == Purpose.MAIN.value).sum()),
        gold_shown=len(gold),
        gold_failures=failures,
        median_ms=median,
        same_score=same,
        n_repeats=repeats.count,
        repeat_difference=difference,
        rules=tuple(rule for rule, is_broken in broken.items() if is_broken),
    )


def _gold_failures(gold: pd.DataFrame, key: OwnerKey) -> int:
    """Count scores outside the range of their image."""
    ranges = [key.images[image] for image in gold["image"]]
    inside = [
        bool((secret.low or SCORES[0]) <= score <= (secret.high or SCORES[-1]))
        for secret, score in zip(ranges, gold["score"], strict=True)
    ]
    return inside.count(False)


def _exceeds(value: float | None, limit: float | None) -> bool:
    return value is not None and limit is not None and value > limit
