"""The scores of one assignment, out of the three shapes in which Mechanical Turk writes them.

One column per option with true or false (``Answer.score_1.3``), one column with the value (``Answer.score_1``), or
everything as JSON in ``Answer.taskAnswers``; the last is spread out into the first two before anything is read.
"""

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.crowd.columns import Item, answered_columns
from sbgan_bench.rating.crowd.result_file import TASK_ANSWERS, WORK_TIME, ResultRow
from sbgan_bench.rating.crowd.template import CONSENT_FIELD
from sbgan_bench.rating.store.records import Answer
from sbgan_bench.rating.study import FrozenStudy

_SCORE = re.compile(r"0*([1-4])(\.0*)?")  # spreadsheet programs make "3" into "3.0"
_SECONDS = re.compile(r"[0-9]{1,9}(\.[0-9]+)?")
_LONGEST_MS = 2**31 - 1
_YES, _NO = ("true", "yes", "on"), ("", "false", "no")


class AnswerError(BenchError):
    """The answers of an assignment cannot be kept, and the message says why."""


class IncompleteError(AnswerError):
    """Images are without an answer, which the form does not let happen to somebody who uses it as it is."""


def read_answers(row: ResultRow, items: Sequence[Item], study: FrozenStudy) -> tuple[Answer, ...]:
    """Return what an assignment says.

    Args:
        row: The assignment.
        items: Which columns belong together.
        study: Whose images they have to be, and the words of its scale, which may stand for the scores.

    Returns:
        One answer per image shown, in order; the time the worker took, spread evenly, is the response time of each.

    Raises:
        IncompleteError: Scores are missing.
        AnswerError: An unknown image, one image twice, no image, a score that is none, or no consent.
    """
    fields = answered_columns(row.cells) | _spread(row.cells.get(TASK_ANSWERS, ""))
    if not _consents(fields):
        raise AnswerError("did not consent")
    known = {image.id for image in study.images}
    shown = [(_image(row.cells[item.image], known), item.field) for item in items if row.cells[item.image].strip()]
    images = [image for image, _ in shown]
    if not images:
        raise AnswerError("shows no image")
    if len(set(images)) < len(images):
        raise AnswerError("shows an image twice")
    scores = [_score(fields, field, study.scale.labels) for _, field in shown]
    missing = scores.count(None)
    if missing:
        raise IncompleteError(f"{missing} of {len(images)} images have no answer")
    each = _milliseconds(row.cells.get(WORK_TIME, "")) // len(images)
    return tuple(Answer(image, score, each) for image, score in zip(images, scores, strict=True) if score)


def _spread(text: str) -> dict[str, str]:
    """Spread the JSON of ``Answer.taskAnswers`` out: ``[{"score_1": {"3": true}}]`` is field "score_1.3", "true"."""
    if not text.strip():
        return {}
    try:
        value = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise AnswerError(f"{TASK_ANSWERS} is no JSON") from error
    parts = value if isinstance(value, list) else [value]
    if not all(isinstance(part, dict) for part in parts):
        raise AnswerError(f"{TASK_ANSWERS} holds something else than fields")
    return {name: cell for part in parts for name, cell in _leaves(part, "")}


def _leaves(value: Any, name: str) -> list[tuple[str, str]]:
    if isinstance(value, dict):
        dot = f"{name}." if name else ""
        return [leaf for key, inner in value.items() for leaf in _leaves(inner, f"{dot}{key}")]
    if value is None:
        return [(name, "")]
    return [(name, str(value).lower() if isinstance(value, bool) else str(value))]


def _consents(fields: Mapping[str, str]) -> bool:
    """Whether the consent was given, where the template asks for it."""
    asked = [text for name, text in fields.items() if name.partition(".")[0] == CONSENT_FIELD]
    return not asked or any(text.strip().lower() in _YES for text in asked)


def _image(cell: str, known: set[str]) -> str:
    """Return the id of an image, given that or its address."""
    name = cell.strip().partition("?")[0].partition("#")[0].rpartition("/")[2].removesuffix(".png")
    if name not in known:
        raise AnswerError("shows an image that is not of this study")
    return name


def _score(fields: Mapping[str, str], field: str, labels: Sequence[str]) -> int | None:
    """Return the score that a field holds, None if it holds none."""
    value = fields.get(field, "").strip()
    if not value:
        options = {name[len(field) + 1 :]: text for name, text in fields.items() if name.startswith(f"{field}.")}
        chosen = [option for option, text in options.items() if _is_true(text)]
        if len(chosen) > 1:
            raise AnswerError("gives an image two scores")
        value = chosen[0] if chosen else ""
    return _number(value, labels) if value else None


def _is_true(text: str) -> bool:
    word = text.strip().lower()
    if word not in (*_YES, *_NO):
        raise AnswerError("has something else than true or false for an option")
    return word in _YES


def _number(value: str, labels: Sequence[str]) -> int:
    match = _SCORE.fullmatch(value)
    if match:
        return int(match[1])
    words = [label.lower() for label in labels]
    if value.lower() not in words:
        raise AnswerError("has an answer that is no score")
    return words.index(value.lower()) + 1


def _milliseconds(seconds: str) -> int:
    """Return a time in milliseconds; 0 where it is not given."""
    text = seconds.strip()
    return min(round(1000 * float(text)), _LONGEST_MS) if _SECONDS.fullmatch(text) else 0
