"""Measuring a segmenter on labelled pairs that it has not seen."""

from collections.abc import Callable

from sbgan_bench.annotation.confusion import Confusion, Evaluation
from sbgan_bench.annotation.pairs import LabelledPairs, predicted_classes
from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.weights import SegmenterFacts
from sbgan_bench.dataset import DatasetInfo
from sbgan_bench.errors import ConfigError
from sbgan_bench.reporting import no_report


def evaluate_annotator(
    annotator: Annotator, pairs: LabelledPairs, split: str, report: Callable[[int, int], None] = no_report
) -> Evaluation:
    """Predict every pair and compare at its native size; unlabelled pixels are left out.

    Args:
        annotator: Of the dataset's classes.
        pairs: Read one by one.
        split: What to call them.
        report: Told the images done so far and in all.

    Raises:
        ConfigError: The segmenter has other classes than the dataset.
        DataError: A file is missing or damaged.
    """
    facts = annotator.segmenter.facts
    check_classes(facts, pairs.dataset.info)
    confusion = Confusion.empty(facts.num_classes)
    for index in range(len(pairs)):
        pair = pairs.read(index)
        confusion = confusion.plus(pair.target, annotator.label(pair.image))
        report(index + 1, len(pairs))
    return confusion.evaluation(facts.class_names, pairs.dataset.info.name, split)


def check_classes(facts: SegmenterFacts, info: DatasetInfo) -> None:
    """Refuse a segmenter whose class ids do not mean what the dataset's mean.

    Raises:
        ConfigError: The number of classes differs, or a name (the first is named).
    """
    wanted = info.class_names[: predicted_classes(info)]
    if facts.num_classes != len(wanted):
        raise ConfigError(
            f"The segmenter ({facts.source}) knows {facts.num_classes} classes, {info.name} has {len(wanted)} to "
            "predict; use one trained on this dataset's classes."
        )
    for index, (known, name) in enumerate(zip(facts.class_names, wanted, strict=True)):
        if known != name:
            raise ConfigError(
                f"Class {index} of the segmenter ({facts.source}) is {known!r}, that of {info.name} is {name!r}; "
                "use one trained on this dataset's classes."
            )
