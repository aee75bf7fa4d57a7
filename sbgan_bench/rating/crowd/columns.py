"""Which columns of a result file belong together: an image, and what was answered about it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.crowd.result_file import ANSWER_PREFIX, INPUT_PREFIX, TASK_ANSWERS, ResultFile
from sbgan_bench.rating.crowd.template import image_variable, score_field

_OUR_IMAGE = re.compile(re.escape(INPUT_PREFIX) + r"image_([1-9]\d*)")


@dataclass(frozen=True, slots=True)
class Item:
    """One image of an assignment."""

    image: str  #: column with its address or id
    field: str  #: name of the answer, without "Answer."


def item_columns(results: ResultFile, given: Sequence[str] = ()) -> tuple[Item, ...]:
    """Return the items of a result file's assignments.

    Args:
        results: The file.
        given: "IMAGE=ANSWER" for templates of one's own, both with or without "Input." and "Answer."; nothing for
            those that ``export_batch`` writes.

    Raises:
        ConfigError: A column is missing; the message says which columns there are.
    """
    items = [_given(text) for text in given] if given else _inferred(results)
    if not items:
        raise ConfigError(
            f"{results.path} has no column {INPUT_PREFIX}{image_variable(1)}, so it comes from another template: say "
            f"which columns belong together, --column image_url=score. {_there(results)}"
        )
    for item in items:
        if item.image not in results.columns:
            raise ConfigError(f"{results.path} has no column {item.image}. {_there(results)}")
        if _is_shown(item.image, results) and not _is_answered(item.field, results.columns):
            raise ConfigError(
                f"{results.path} has no answers for {item.image}: neither {ANSWER_PREFIX}{item.field} nor "
                f"{ANSWER_PREFIX}{item.field}.1 and so on nor {TASK_ANSWERS}. {_there(results)} Where they are called "
                "otherwise, say so: --column IMAGE=ANSWER."
            )
    return tuple(items)


def _given(text: str) -> Item:
    image, sign, answer = (part.strip() for part in text.partition("="))
    if not (image and sign and answer):
        raise ConfigError(f"--column {text}: write IMAGE=ANSWER, such as image_url=score.")
    return Item(INPUT_PREFIX + image.removeprefix(INPUT_PREFIX), answer.removeprefix(ANSWER_PREFIX))


def _inferred(results: ResultFile) -> list[Item]:
    numbers = sorted(int(match[1]) for match in map(_OUR_IMAGE.fullmatch, results.columns) if match)
    return [Item(INPUT_PREFIX + image_variable(number), score_field(number)) for number in numbers]


def _is_shown(column: str, results: ResultFile) -> bool:
    """Whether any row has an image there; the last places of a form stay empty where HITs are shorter."""
    return any(row.cells[column].strip() for row in results.rows)


def _is_answered(field: str, columns: Sequence[str]) -> bool:
    """Whether an answer is there in one of the three shapes."""
    name = ANSWER_PREFIX + field
    return TASK_ANSWERS in columns or name in columns or any(column.startswith(f"{name}.") for column in columns)


def _there(results: ResultFile) -> str:
    shown = [name for name in results.columns if name.startswith((INPUT_PREFIX, ANSWER_PREFIX))]
    return f"There is {', '.join(shown) or 'no Input and no Answer column'}."


def answered_columns(cells: Mapping[str, str]) -> dict[str, str]:
    """Return the answers of a row by field, without "Answer." and without the JSON column."""
    return {
        column.removeprefix(ANSWER_PREFIX): cell
        for column, cell in cells.items()
        if column.startswith(ANSWER_PREFIX) and column != TASK_ANSWERS
    }
