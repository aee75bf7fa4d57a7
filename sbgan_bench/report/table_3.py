"""Human scores as the paper's Table 3, with what the paper left out; rows and verdicts are read."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sbgan_bench.comparing.ratings import rated_name
from sbgan_bench.report.cells import Footnotes
from sbgan_bench.report.document import HEADER, PlainTable
from sbgan_bench.report.human_scores import HumanScores, best_of, marked
from sbgan_bench.report.paper_values import counterpart, source
from sbgan_bench.report.rated_names import Label, labels
from sbgan_bench.report.wording import count, number, protocol_text
from sbgan_bench.results import FLOOR, WITH_EXCLUDED, ResultRow, check_comparable

#: What stands where a model was not run, as in the paper.
NOT_RUN = "-"
_SCORE, _PAPER = 2, 6
#: The ends of the scale, and the ratio of an interval's halves from which "±" would mislead.
_SCALE, _LOPSIDED = (1, 4), 1.25
_HEADER = ("Dataset", "Model", "Score ↑", "Images", "Ratings", "Raters", "Paper ↑")
_CAPTION = (
    "Mean score that people gave to single images, from 1 to 4, ± half the width of its 95 % interval; the interval "
    "itself, as [low, high], where the mean is clearly not in its middle or ± would leave the scale. "
    "Bold: the best model of the dataset, and every other that a test does not tell from it (Holm, over all pairs of "
    "the dataset). Real images are the control. A dash: not run."
)


@dataclass(frozen=True, slots=True)
class _Line:
    dataset: str
    name: str
    row: ResultRow | None  #: None for a model that this dataset was not studied with
    best: bool

    def cells(self) -> tuple[str, ...]:
        row, paper = self.row, self.row and counterpart(self.row)
        printed = NOT_RUN if paper is None or paper.value is None else number(paper.value, 2)
        if row is None or row.value is None:
            return (self.dataset, self.name, NOT_RUN, NOT_RUN, NOT_RUN, NOT_RUN, printed if paper else "")
        counts = (count(row.num_generated), count(row.num_ratings), count(row.num_raters))
        return (self.dataset, self.name, score_text(row), *counts, printed if paper else "")


def score_text(row: ResultRow) -> str:
    """Return "2.48 ± 0.12", or "3.98 [2.60, 4.00]" as ``interval_text`` says."""
    return NOT_RUN if row.value is None else interval_text(row.value, row.low, row.high)


def interval_text(mean: float, low: float | None, high: float | None) -> str:
    """Return a mean with its interval: "2.48 ± 0.12"; the mean alone where no interval is known.

    Where one half of the interval is more than a quarter longer than the other, or the mean ± half the width would
    leave the scale, "3.98 [2.60, 4.00]".
    """
    if low is None or high is None:
        return number(mean, 2)
    half, below, above = (high - low) / 2, mean - low, high - mean
    lopsided = max(below, above) > _LOPSIDED * min(below, above) and high > low
    if lopsided or mean - half < _SCALE[0] or mean + half > _SCALE[1]:
        return f"{number(mean, 2)} [{number(low, 2)}, {number(high, 2)}]"
    return f"{number(mean, 2)} ± {number(half, 2)}"


def tables(scores: HumanScores, title: Label) -> list[PlainTable]:
    """Return Table 3 of every study, or none where nobody was asked.

    Raises:
        BenchError: Rows that cannot be compared would stand in one block; names the difference.
    """
    made = [_table(study, title) for study in scores.studies()]
    if len(made) < 2:
        return made
    return [replace(one, name=f"{one.name}-{place}") for place, one in enumerate(made, start=1)]


def _table(study: HumanScores, title: Label) -> PlainTable:
    lines = _lines(study, title)
    rows = [line.row for line in lines if line.row is not None]
    footnotes = Footnotes()
    shared = [note for note in rows[0].notes if all(note in row.notes for row in rows)]
    shared = [note for note in shared if not note.startswith(WITH_EXCLUDED)]
    sentences = " ".join(note[:1].upper() + note[1:] for note in shared)
    about = [f"Protocol {protocol_text(rows[0])}. {sentences}".strip(), *_with_excluded(lines)]
    marks = {(HEADER, _SCORE): footnotes.marks(about)}
    for place, line in enumerate(lines):
        if line.row is not None:
            own = [note for note in (*line.row.notes, line.row.reason) if note and note not in shared]
            marks[place, _SCORE] = footnotes.marks(note for note in own if not note.startswith(WITH_EXCLUDED))
    columns = [0] if len({line.dataset for line in lines}) > 1 else []
    columns += range(1, _PAPER)
    printed = next(filter(None, (counterpart(row) for row in rows)), None)
    if printed is not None:
        columns.append(_PAPER)
        marks[HEADER, _PAPER] = footnotes.marks([source(printed)])
    shown = {old: new for new, old in enumerate(columns)}
    begins = frozenset(i for i, line in enumerate(lines) if i == 0 or line.dataset != lines[i - 1].dataset)
    dataset = "" if 0 in columns else f"{lines[0].dataset}. "
    made = PlainTable(
        name="table-3",
        title="Table 3: human scores",
        caption=f"{dataset}{_CAPTION}",
        header=tuple(_HEADER[index] for index in columns),
        rows=tuple(tuple(line.cells()[index] for index in columns) for line in lines),
        numeric=frozenset(shown[index] for index in columns if index >= _SCORE),
        strong=frozenset((i, shown[_SCORE]) for i, line in enumerate(lines) if line.best),
        quiet=frozenset(i for i, line in enumerate(lines) if line.row is not None and line.row.model == FLOOR),
        begins=begins,
        marks={(place, shown[column]): indices for (place, column), indices in marks.items()},
        footnotes=footnotes.texts(),
    )
    return marked(made) if study.simulated else made


def _with_excluded(lines: Sequence[_Line]) -> list[str]:
    """Say once, for all lines that it is known of, what scores would be if nobody had been left out."""
    told = [
        f"{line.dataset}, {line.name}: {note.removeprefix(WITH_EXCLUDED)}"
        for line in lines
        if line.row is not None
        for note in line.row.notes
        if note.startswith(WITH_EXCLUDED)
    ]
    return [f"With the excluded raters as well: {'; '.join(told)}."] if told else []


def _lines(study: HumanScores, title: Label) -> list[_Line]:
    """Return a block per dataset with the same names in each: the real images, then every model of the study."""
    names = labels(study.rows, title)
    ordered = sorted(study.rows, key=lambda row: row.model != FLOOR)
    lines = []
    for dataset in dict.fromkeys(row.dataset for row in study.rows):
        block = [row for row in study.rows if row.dataset == dataset]
        check_comparable(block)
        best = best_of(block, study.comparisons)
        here = {names[row.cell()]: row for row in block}
        for name in dict.fromkeys(names[row.cell()] for row in ordered):
            row = here.get(name)
            lines.append(_Line(dataset, name, row, row is not None and rated_name(row) in best))
    return lines
