"""The page of a study: the answer first, then how sure it is, who gave it, and where it comes from."""

from collections.abc import Callable

from sbgan_bench.rating.reporting import charts, sentences, tables
from sbgan_bench.rating.reporting import exclusion_tables as exclusions
from sbgan_bench.rating.reporting.material import Material
from sbgan_bench.report import human_section as human
from sbgan_bench.report import human_words
from sbgan_bench.report.document import Item, PlainTable, Report, Section
from sbgan_bench.report.human_scores import SIMULATED, marked
from sbgan_bench.report.table_3 import tables as table_3

_DISTRIBUTIONS = "Share of each score among the ratings of a model, in per cent."
_TIMES = (
    "Ratings of main images by the seconds they took, on a log scale; ticks at the bottom: the median of each rater; "
    "dashed: the rule that leaves out raters with a shorter median, if it is in force."
)


def make_page(material: Material) -> Report:
    """Put everything that was found in order; parts without content are left out."""
    scores, measured, title = material.scores, material.measured, material.title
    figures = [item for study in scores.studies() for item in human.score_figure(study, title)]
    shares = human.figure("distributions", "Scores by model", _DISTRIBUTIONS, charts.distributions(material))
    times = human.figure("response-times", "How long people looked", _TIMES, charts.response_times(material))
    scatter = human.against_figure(scores, measured, title)
    against: tuple[Item, ...] = (*scatter, *human_words.against_table(scores, measured, title))
    sections = (
        Section("Which is better", (*table_3(scores, title), *figures)),
        Section("Which differences are more than chance", human_words.differences(scores, title)),
        Section("How scores are distributed", shares),
        Section("How sure it is", _own(material, tables.intervals, tables.power)),
        Section("Who rated", (*_own(material, tables.agreement, tables.consistency), *times)),
        Section("Who was left out", _own(material, exclusions.rules, exclusions.with_and_without, exclusions.raters)),
        Section("Do metrics agree with people", against),
        Section("Where the numbers come from", _own(material, tables.images, tables.provenance)),
    )
    return Report(
        title=material.study.title,
        lead=sentences.lead(material),
        warnings=sentences.warnings(material),
        sections=tuple(section for section in sections if section.items),
        answers=sentences.answers(material),
        mark=SIMULATED if material.analysis.simulated else "",
    )


def _own(material: Material, *parts: Callable[[Material], PlainTable]) -> tuple[Item, ...]:
    made = (part(material) for part in parts)
    return tuple(marked(one) if material.analysis.simulated else one for one in made if one.rows)
