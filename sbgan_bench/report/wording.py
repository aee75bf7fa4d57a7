"""The words of a report: how rows, columns and numbers are named for people."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sbgan_bench.questions import FINE_TUNING, GAP
from sbgan_bench.results import HUMAN_SCORE, ResultRow
from sbgan_bench.samples import LayoutSource

#: Metric that the gap is a difference of.
GAP_OF = "frechet-distance"
#: What stands where there is no number.
DASH = "–"

_RECIPES = {
    "none": "without fine-tuning",
    "layout": "layout stage fine-tuned",
    "image": "image stage fine-tuned",
    "both": "both stages fine-tuned",
    "control-layout": "control: layout stage trained on, uncoupled",
    "control-image": "control: image stage trained on, uncoupled",
}

_METRICS = {
    "frechet-distance": "Fréchet distance",
    "frechet-distance-infinity": "Fréchet distance, N → ∞",
    "kernel-distance": "kernel distance",
    "frechet-segmentation-distance": "Fréchet segmentation distance",
    "class-co-occurrence": "class co-occurrence",
    "mean-iou": "mean IoU",
    "frequency-weighted-iou": "frequency-weighted IoU",
    "ct-score": "C_T",
    "gan-train-mean-iou": "GAN-train: mean IoU",
    "gan-train-pixel-accuracy": "GAN-train: pixel accuracy",
    "gan-train-frequency-weighted-iou": "GAN-train: frequency-weighted IoU",
    GAP: "bottleneck gap",
}

#: What a distance of a protocol is called, where its weights are the published ones.
_DISTANCES = {
    ("frechet-distance", "tf-compat"): "FID",
    ("frechet-distance", "clean"): "clean-FID",
    ("frechet-distance", "sbgan-legacy"): "Fréchet distance as in SB-GAN's release",
    ("frechet-distance", "dinov2"): "FD-DINOv2",
    ("kernel-distance", "tf-compat"): "KID",
    ("kernel-distance", "clean"): "clean-KID",
}

_SOURCES = {
    LayoutSource.NONE: "no layouts",
    LayoutSource.REAL: "real layouts",
    LayoutSource.GENERATED: "generated layouts",
}


@dataclass(frozen=True, slots=True)
class Names:
    """Printed names of models, in the order in which they should appear."""

    titles: Mapping[str, str] = field(default_factory=dict)

    def title(self, model: str) -> str:
        """Return the printed name, or the registered one where none is known."""
        return self.titles.get(model, model)

    def order(self, model: str, recipe: str, variant: str) -> tuple[int | str, ...]:
        """Return what models are sorted by wherever they stand below each other; what is unknown comes last."""
        titles = list(self.titles)
        rank = titles.index(model) if model in titles else len(titles)
        place = FINE_TUNING.index(recipe) if recipe in FINE_TUNING else len(FINE_TUNING)
        return rank, model, place, recipe, variant


def metric_text(metric: str) -> str:
    """Return the printed name of a metric."""
    return _METRICS.get(metric, metric.replace("-", " "))


def score_text(row: ResultRow) -> str:
    """Return the printed name of what a row measures: a distance has the name it is known by in its protocol.

    That name is for published weights alone: with others the same arithmetic is no FID.
    """
    known = _DISTANCES.get((row.metric, row.protocol)) if row.published else None
    return known or metric_text(row.metric)


def protocol_text(row: ResultRow) -> str:
    """Return a protocol with the first digits of its weights, and whether they are the ones it is known by."""
    other = "" if row.published else ", weights not the published ones"
    digits = "" if row.metric == HUMAN_SCORE else row.weights_hash[:8]  # a study is named by its hash already
    return f"{row.protocol} {digits}".strip() + other


def source_text(source: LayoutSource) -> str:
    """Return "real layouts" and the like."""
    return _SOURCES[source]


def size_text(resolution: str) -> str:
    """Return "32×64" for "32x64"."""
    return resolution.replace("x", "×")


def recipe_text(recipe: str) -> str:
    """Return the printed name of a recipe."""
    return _RECIPES.get(recipe, recipe)


def decimals(values: list[float]) -> int:
    """Return how many decimals a column needs so that its smallest number still has about three digits."""
    smallest = min((abs(value) for value in values if value), default=1.0)
    return 1 if smallest >= 100 else 2 if smallest >= 1 else 3


def number(value: float, places: int) -> str:
    """Return a number with ``places`` decimals, a true minus sign, and an exponent where it would be very long."""
    text = f"{value:z.{places}f}" if abs(value) < 1e6 else f"{value:.3e}"
    return text.replace("-", "−")


def perceptual_text(row: ResultRow) -> str:
    """Return the network behind the perceptual loss, a hash shortened: "vgg19 dcbb9e9d"; "" where there is none."""
    network, _, digest = row.perceptual.partition(" ")
    return f"{network} {digest[:8]}".strip()


def settings_text(recipe: str, variant: str) -> str:
    """Return the recipe and variant that stand behind a model's name; "" for the default recipe of the suite."""
    return with_variant("" if recipe == "default" else recipe_text(recipe), variant)


def with_variant(words: str, variant: str) -> str:
    """Return "both stages fine-tuned (no-root)": what stands behind a model's name, with its variant if it has one."""
    if not variant:
        return words
    return f"{words} ({variant})" if words else variant


def count(value: int | None) -> str:
    """Return "12 000" for 12000, with a thin no-break space, and a dash for nothing."""
    return DASH if value is None else f"{value:,}".replace(",", "\u202f")


def counted(value: int, thing: str) -> str:
    """Return "1 rater" or "12 raters"."""
    return f"{count(value)} {thing}" if value == 1 else f"{count(value)} {thing}s"


def duration(seconds: float | None) -> str:
    """Return "3 min 05 s" for 185."""
    if seconds is None:
        return DASH
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def letter(index: int) -> str:
    """Return the mark of footnote ``index``: a, b, …, z, aa, ab, …."""
    index, last = divmod(index, 26)
    return (letter(index - 1) if index else "") + "abcdefghijklmnopqrstuvwxyz"[last]
