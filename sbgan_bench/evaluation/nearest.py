"""The picture of the generated images nearest to training images, of a set or a saved model."""

from pathlib import Path

from sbgan_bench.errors import ConfigError
from sbgan_bench.evaluation.contest import Contest, GeneratedScenes
from sbgan_bench.metric import FEATURES
from sbgan_bench.nearest import nearest_sheet
from sbgan_bench.pictures import write_png


def write_nearest_pairs(contest: Contest, one: GeneratedScenes, protocol: str, out: Path) -> None:
    """Draw the generated images nearest to a training image, left, each with that image, right; the nearest first.

    Args:
        contest: With training images.
        one: The set whose images are shown.
        protocol: By whose features images are near.
        out: The PNG to write.

    Raises:
        ConfigError: There are no training images, or the protocol has no features of images.
    """
    yardstick, train = contest.yardsticks[protocol], contest.reals.train
    if train is None:
        raise ConfigError("Nearest training images need the training images: pass --train.")
    if FEATURES not in yardstick.info.places:
        raise ConfigError(f"Protocol {protocol!r} does not look at images; name one that does with --protocol.")
    places = None if one.order is None else one.order.tolist()
    write_png(out, nearest_sheet(yardstick, contest.features(one)[protocol], one.source, train, places))
