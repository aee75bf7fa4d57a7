"""What stands in a report, and in which order: the answer first, pictures early, details after."""

from collections.abc import Iterator, Mapping, Sequence

from sbgan_bench.manifest import TableKind
from sbgan_bench.report import charts, details, differences, galleries, human_section, paper_tables
from sbgan_bench.report.answers import ASKED, answers, first_answers
from sbgan_bench.report.definitions import (
    BOTTLENECK_GAP,
    DATA_SIZE,
    FAITHFULNESS,
    LAYOUTS,
    OTHER_GIVEN_LAYOUTS,
    OTHER_UNCONDITIONAL,
    TableDefinition,
    definitions,
    every_definition,
)
from sbgan_bench.report.document import Figure, Item, Report, Section, Strip
from sbgan_bench.report.human_scores import SIMULATED
from sbgan_bench.report.pictures import Picture
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.tables import Table, table
from sbgan_bench.report.terms import published, restrictions
from sbgan_bench.report.wording import duration

#: How to read the numbers, for those who see such a table for the first time.
READING = (
    "How to read the numbers: each score compares the features of N generated images with those of N real ones that "
    "no model was trained on; ↓ means lower is better. The grey rows are yardsticks: real against other real is what "
    "a perfect model would get at this N, and the constant image and the untrained generators are what any model must "
    "beat. “± trials” is the spread over repeated draws of the images, “± seeds” the spread over repeated trainings, "
    "– says that there is a single value. Bold is the best trained value, and every other that a test does "
    "not tell from it; where nothing was tested, nothing is bold."
)
#: Title of the section that shows what people said.
HUMAN_RATINGS = "Human ratings"
#: Added where both protocols that need no downloads were used.
TWO_JUDGES = (
    " Two judges look at different things: “scene” at what is where, through a segmenter trained on the dataset; "
    "“texture” at surfaces, through random convolutions. Trust a difference that both of them see and that is larger "
    "than both spreads."
)


def score_tables(run: RunFolder) -> dict[str, Table]:
    """Return the tables of scores that have rows, by name."""
    cautions = {record.dataset: record.caution for record in run.manifest.datasets if record.caution}
    wanted = every_definition(run.manifest.tables)
    made = {one.name: table(run.rows, one, run.names, cautions, run.comparisons) for one in wanted}
    return {name: one for name, one in made.items() if one.columns}


def _of(run: RunFolder, kind: TableKind) -> list[TableDefinition]:
    return definitions(run.manifest.tables)[kind]


def assemble(run: RunFolder, tables: Mapping[str, Table]) -> Report:
    """Put a run's tables and pictures in order; parts without content are left out."""
    sections = [
        # Where the amount of data varies, it is what the run is about.
        Section("How much data is needed", _data_size(tables)),
        Section("Scenes from noise", _scores(tables, _of(run, TableKind.UNCONDITIONAL))),
        Section("What the samples look like", (*galleries.side_by_side(run), *galleries.with_layouts(run))),
        Section(
            "What fine-tuning changes",
            (*_scores(tables, _of(run, TableKind.ABLATION)), *galleries.before_and_after(run)),
        ),
        Section(
            "Given real layouts",
            (
                *_scores(tables, _of(run, TableKind.GIVEN_LAYOUTS)),
                *_scores(tables, [BOTTLENECK_GAP]),
                *galleries.given_layouts(run),
            ),
        ),
        Section(HUMAN_RATINGS, human_section.everything(run.human, run.rows, run.rated_title)),
        Section("Other metrics", _plain(tables, [OTHER_UNCONDITIONAL, OTHER_GIVEN_LAYOUTS])),
        Section("Nearest training images", galleries.nearest(run)),
        Section("Layouts", _plain(tables, [LAYOUTS, FAITHFULNESS])),
        Section("Which differences are more than chance", differences.comparisons(run)),
        Section("Do the metrics agree", differences.correlations(run)),
        Section("What the paper printed", paper_tables.as_printed() if run.rows else ()),
        Section("The data", (*galleries.contact_sheets(run), *details.datasets(run))),
        Section("Training", (*details.compute(run), *galleries.curves(run))),
        Section("Where the numbers come from", (*details.provenance(run), *details.jobs(run))),
    ]
    manifest = run.manifest
    lead = [
        f"{manifest.summary} Suite “{manifest.suite}”, preset {manifest.preset}, on {manifest.device}, "
        f"{manifest.threads} thread{'s' if manifest.threads != 1 else ''} per job; processor time of "
        f"all jobs: {duration(manifest.cpu_seconds)}.".strip()
    ]
    if any(row.value is not None for row in run.rows):
        both = {"scene", "texture"} <= {row.protocol for row in run.rows}
        lead.append(READING + (TWO_JUDGES if both else ""))
    if run.publication is not None:
        lead.append(" ".join(published(run.publication)))
    return Report(
        manifest.title or manifest.suite,
        tuple(lead),
        _warnings(run),
        tuple(part for part in sections if part.items),
        answers=tuple(_answers(run, tables)),
        mark=SIMULATED if run.human.simulated else "",
    )


def _answers(run: RunFolder, tables: Mapping[str, Table]) -> Iterator[str]:
    """Say of every question who is best, by how much and how sure; then what the tests could tell."""
    speak_of: dict[str, None] = {}
    for kind, question in ASKED.items():
        for definition in _of(run, kind):
            said = answers(tables[definition.name], kind, run.comparisons) if definition.name in tables else ()
            for answer in first_answers(said):
                yield answer.sentence(question)
                speak_of[answer.speaks_of] = None
    yield from filter(None, speak_of)


def _warnings(run: RunFolder) -> tuple[str, ...]:
    manifest = run.manifest
    warnings = list(restrictions(run))
    if not manifest.complete:
        warnings.append("The run is not complete: some jobs failed or have not finished; the last section lists them.")
    if not run.rows:
        warnings.append("Nothing has been measured yet.")
    elif all(row.value is None for row in run.rows):
        warnings.append("Every cell was skipped or failed; the tables say why.")
    return tuple(warnings)


def _scores(tables: Mapping[str, Table], wanted: Sequence[TableDefinition]) -> tuple[Item, ...]:
    made = (tables[definition.name] for definition in wanted if definition.name in tables)
    return tuple(item for one in made for item in _with_chart(one))


def _plain(tables: Mapping[str, Table], wanted: Sequence[TableDefinition]) -> tuple[Item, ...]:
    return tuple(tables[definition.name] for definition in wanted if definition.name in tables)


def _with_chart(made: Table) -> tuple[Item, ...]:
    drawn = charts.intervals(made) if charts.worth_drawing(made) else None
    caption = (
        "The trained models of the table. Dot: its value; whisker: 95 % interval; ticks: single training seeds. "
        "Wide ranges are on a log scale."
    )
    return (made, *_chart(f"{made.name}-intervals", f"{made.title}, as intervals", caption, drawn))


def _data_size(tables: Mapping[str, Table]) -> tuple[Item, ...]:
    made = tables.get(DATA_SIZE.name)
    if made is None:
        return ()
    caption = "One line per model; whiskers as in the table."
    return (*_chart("data-size", made.title, caption, charts.data_size(made)), made)


def _chart(name: str, title: str, caption: str, picture: Picture | None) -> tuple[Figure, ...]:
    return (Figure(name, title, caption, (Strip("", "", picture),)),) if picture is not None else ()
