"""Which rows answer which of the paper's questions: what a table shows, and what is compared with what."""

from sbgan_bench.manifest import TableKind
from sbgan_bench.results import FLOOR, UNTRAINED, Origin, ResultRow
from sbgan_bench.samples import LayoutSource

#: Metric of the derived rows: score with generated layouts minus score with real ones, image stage fixed.
GAP = "bottleneck-gap"
#: Registered name of the model that returns one image, the mean of the training images.
CONSTANT = "constant"
#: The ways to go on from the two pre-trained stages of a bottleneck GAN, in the order of the paper's Table 4.
FINE_TUNING = ("none", "layout", "image", "both", "control-layout", "control-image")
#: Those that nothing but the ablation shows.
PARTIAL = frozenset(FINE_TUNING) - {"none", "both"}
#: Those whose image stage is that of "none", so that given real layouts they paint the same images.
_SAME_IMAGE_STAGE = frozenset({"layout", "control-layout"})


def is_untrained(row: ResultRow) -> bool:
    """Whether the row scores a generator that was never trained."""
    return row.recipe == UNTRAINED or row.origin is Origin.UNTRAINED


def is_standard(row: ResultRow) -> bool:
    """Whether the row belongs beside every table: the floor, the constant image, an untrained generator."""
    return row.model in (FLOOR, CONSTANT) or is_untrained(row)


def answers(kind: TableKind, row: ResultRow) -> bool:
    """Whether the row is one of the trained models that a table of this kind shows."""
    if row.metric.startswith(GAP) or is_standard(row):
        return False
    match kind:
        case TableKind.UNCONDITIONAL:
            return row.layout_source is not LayoutSource.REAL and row.recipe not in PARTIAL
        case TableKind.GIVEN_LAYOUTS:
            return row.layout_source is LayoutSource.REAL and row.recipe not in _SAME_IMAGE_STAGE
        case TableKind.ABLATION:
            return row.layout_source is LayoutSource.GENERATED and row.recipe in FINE_TUNING


def subject(row: ResultRow) -> str:
    """Return what a row is about, without seed and protocol: "sbgan/both@no-root, generated layouts"."""
    name = "/".join(part for part in (row.model, row.recipe) if part)
    variant = f"@{row.variant}" if row.variant else ""
    layouts = "" if row.layout_source is LayoutSource.NONE else f", {row.layout_source} layouts"
    return f"{name}{variant}{layouts}"
