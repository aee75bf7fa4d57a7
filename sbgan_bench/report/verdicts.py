"""What comparisons say of a column: which models were told from its best, and which are to be printed as its best."""

from collections.abc import Iterable, Sequence

from sbgan_bench.comparing.rows import Comparison, not_rejected
from sbgan_bench.manifest import TableKind
from sbgan_bench.questions import is_standard
from sbgan_bench.results import ResultRow

#: What must agree between a comparison and the rows of a column.
_COLUMN = ("dataset", "resolution", "training_images", "protocol", "weights_hash", "metric", "reals")


def of_column(
    comparisons: Iterable[Comparison], question: TableKind | None, column: Sequence[ResultRow]
) -> dict[str, bool]:
    """Return whether each subject that was tested was told from the winner, who is never told from itself.

    In bold stand those that were not. Where nothing was tested nothing is bold: the lowest digit alone says nothing.

    Args:
        comparisons: Of the run.
        question: Kind of the table.
        column: Its rows.
    """
    tests = made_in_column(comparisons, question, column)
    return {test.other: True for test in tests} | dict.fromkeys(not_rejected(tests), False)


def made_in_column(
    comparisons: Iterable[Comparison], question: TableKind | None, column: Sequence[ResultRow]
) -> list[Comparison]:
    """Return the comparisons of the models of one column that answer a question."""
    trained = [row for row in column if row.value is not None and not is_standard(row)]
    if question is None or not trained:
        return []
    place = [getattr(trained[0], name) for name in _COLUMN]
    chosen = {row.selection for row in trained}  # "" for models that were only loaded
    return [
        one
        for one in comparisons
        if one.question == question and one.selection in chosen and [getattr(one, name) for name in _COLUMN] == place
    ]
