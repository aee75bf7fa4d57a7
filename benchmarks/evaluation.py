"""Five-trial FID end to end against torch-fidelity and clean-fid, and scoring again from the cache, in one run.

    python benchmarks/evaluation.py [--images 64] [--full] [--threads 1] [--without-clean]

N photographs of 256x512 as PNG files stand for the reals, five times as many for what a model drew. All programs get
the same file of random weights in the official format, and as many cores as threads. This project scores the five
trials by its Python interface from an empty cache (the same N reals in each trial). The others are called once per
trial: torch-fidelity as it comes, torch-fidelity with its cache for the reals (which it finds again by a name that the
caller gives, whatever the images are), clean-fid with the same network in place of its TorchScript file.

In a small run the distance, whose cost does not depend on N in either, weighs more than at N = 500 and flatters
whoever avoids it. Therefore costs are parted into what grows with the images and what does not, and the promises are
checked against the ratio at N = 500 that the parts add up to; ``--full`` measures at N = 500. Below N = 64 the others'
batches are smaller than usual, which makes them faster.
"""

import argparse
import contextlib
import os
import sys
import tempfile
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import cleanfid.fid
import numpy as np
import torch
import torch_fidelity
import torch_fidelity.metric_fid
import torch_fidelity.metrics
from materials import inception_like, write_photographs, write_weights
from measuring import Spent, Stopwatch, heading, limit, row, threads, timed
from numpy.typing import ArrayLike, NDArray
from torch_fidelity.metric_fid import KEY_METRIC_FID

from sbgan_bench.datasets.locations import CACHE_VARIABLE
from sbgan_bench.evaluation import Contest, Terms, contest_of_sets
from sbgan_bench.evaluation.drawing_lots import Lots
from sbgan_bench.features import FeatureStore
from sbgan_bench.metric import FEATURES
from sbgan_bench.metrics.frechet import METRIC
from sbgan_bench.numerics import exactly
from sbgan_bench.protocols.inception_networks import compat_inception, to_pool3
from sbgan_bench.results import Reals
from sbgan_bench.weights import ChosenWeights

TRIALS = 5
#: Of the lots by which this project deals images to trials.
SEED = 0
#: N at which the promises are made.
PROMISED_AT = 500


@dataclass(frozen=True)
class Material:
    """What everybody works on."""

    root: Path
    weights: Path
    real: Path  #: N photographs
    generated: Path  #: ``TRIALS`` times N others
    trials: Sequence[Path]  #: the same, a folder per trial, drawn by the same lot as this project draws
    images: int  #: N
    threads: int

    @classmethod
    def written(cls, root: Path, images: int, count: int) -> "Material":
        """Draw everything."""
        generated = write_photographs(root / "generated", TRIALS * images, first=images)
        trials = [root / f"trial-{trial}" for trial in range(TRIALS)]
        files = sorted(generated.iterdir())
        for place, index in enumerate(Lots.draw(len(files), len(files), SEED).order):
            trials[place // images].mkdir(exist_ok=True)
            os.link(files[index], trials[place // images] / files[index].name)
        weights, real = write_weights(root / "weights.pth"), write_photographs(root / "real", images)
        return cls(root, weights, real, generated, trials, images, count)


@dataclass(frozen=True)
class Scored:
    """The values of five trials, and what they cost."""

    values: Sequence[float]
    spent: Spent
    fixed: Spent  #: what of it does not grow with the images: opening networks, taking distances
    images: int

    def at(self, images: int) -> Spent:
        """Return what other numbers of images cost."""
        return self.fixed + (self.spent - self.fixed) * (images / self.images)


def by_this_project(material: Material, protocol: str) -> tuple[Scored, Contest]:
    """Score from an empty cache; return the values, and the contest with all its features."""
    os.environ[CACHE_VARIABLE] = str(material.root / f"cache-{protocol}")
    terms = Terms(
        protocols=(protocol,), metrics=(METRIC.name,), weights={protocol: material.weights}, trusted=True,
        num=material.images, trials=TRIALS, reals=Reals.WHOLE, seed=SEED,
    )  # fmt: skip
    with threads(material.threads):
        contest, looking = timed(lambda: contest_of_sets(material.real, [material.generated], terms))
        _, opening = timed(lambda: contest.protocols)
        _, extracting = timed(lambda: (contest.yardsticks, contest.features(contest.sets[0])))
        rows, scoring = timed(contest.rows)
    values = [found.value for found in rows if found.trial is not None and found.value is not None]
    fixed = opening + scoring
    return Scored(values, looking + extracting + fixed, fixed, material.images), contest


def by_torch_fidelity(material: Material, *, cached: bool) -> Scored:
    """Call torch-fidelity once per trial; ``cached`` gives the reals a name in its cache."""
    name = {"input1_cache_name": "reals", "cache_root": str(material.root / "fidelity")} if cached else {}

    def call(trial: Path) -> float:
        found = torch_fidelity.calculate_metrics(
            input1=str(material.real), input2=str(trial), fid=True, cuda=False, verbose=False,
            feature_extractor_weights_path=str(material.weights),
            save_cpu_ram=material.threads == 1,  # no processes of its own besides
            cache=cached, **name,
        )  # fmt: skip
        return float(found[KEY_METRIC_FID])

    opening = (torch_fidelity.metrics, "create_feature_extractor")
    distance = (torch_fidelity.metric_fid, "fid_statistics_to_metric")
    return trial_by_trial(material, call, opening, distance)


def by_clean_fid(material: Material) -> Scored:
    """Call clean-fid once per trial, with torch-fidelity's network as it comes."""
    layers = to_pool3(compat_inception(ChosenWeights(material.weights, "", published=False)))

    def call(trial: Path) -> float:
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            found = cleanfid.fid.compute_fid(
                str(material.real), str(trial), mode="clean", device=torch.device("cpu"), verbose=False,
                num_workers=material.threads if material.threads > 1 else 0, use_dataparallel=False,
                custom_feat_extractor=lambda images: layers((images - 128) / 128),
            )  # fmt: skip
        return float(found)

    with exactly():
        return trial_by_trial(material, call, (cleanfid.fid, "frechet_distance"))


def trial_by_trial(material: Material, call: Callable[[Path], float], *fixed: tuple[object, str]) -> Scored:
    """Call something once per trial, and tell the cost of the functions named apart."""
    with threads(material.threads), Stopwatch().on(*fixed) as watch:
        values, spent = timed(lambda: [call(trial) for trial in material.trials])
    return Scored(values, spent, watch.total, material.images)


def compare(title: str, ours: Scored, theirs: Scored, promised: float | None) -> None:
    """Print what others took, and whether a promise is kept at the N that it was made for."""
    at_hand = theirs.spent.cpu / ours.spent.cpu
    if ours.images == PROMISED_AT:
        row(title, theirs.spent, at_hand, promised)
    else:
        row(title, theirs.spent, at_hand)
        row(f"  at N = {PROMISED_AT}, from the parts", theirs.at(PROMISED_AT),
            theirs.at(PROMISED_AT).cpu / ours.at(PROMISED_AT).cpu, promised)  # fmt: skip


def apart(first: ArrayLike, second: ArrayLike) -> float:
    """Return the largest difference over the largest number."""
    return float(np.abs(np.subtract(first, second)).max() / np.abs(second).max())


def features_of_reals(material: Material, contest: Contest) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return this project's features, and those that torch-fidelity kept."""
    block = contest.protocols[0].info.block(FEATURES)
    kept = next((material.root / "fidelity").glob("reals-*-features-2048.pt"))
    return contest.yardsticks["tf-compat"].pool[:, block], torch.load(kept, weights_only=True).numpy()


def score_again(material: Material, contest: Contest, first: Scored) -> None:
    """Print what the same values cost once the features are in the cache."""
    protocol, sets = contest.protocols[0], (contest.reals, contest.sets[0])
    store = FeatureStore(material.root / f"cache-{protocol.name}" / "features")
    real, *others = (
        one.astype(np.float32) for one in inception_like(PROMISED_AT, protocol.info.width(FEATURES), 1 + TRIALS)
    )
    with threads(material.threads):
        _, reading = timed(lambda: [store.features(one.source, [protocol], one.count) for one in sets], repeats=3)
        _, distances = timed(lambda: [METRIC.compute(real, other) for other in others], repeats=3)
        _, whole = timed(lambda: by_this_project(material, protocol.name))
    extracting = first.at(PROMISED_AT) - first.fixed
    again = reading * (PROMISED_AT / material.images) + distances
    row(f"extracting anew at N = {PROMISED_AT}, from the parts", extracting)
    row("five distances from features in the cache, read and verified", again, extracting.cpu / again.cpu, 1000)
    row(f"the whole call again at N = {material.images}: files looked at, network opened, notes", whole,
        first.spent.cpu / whole.cpu)  # fmt: skip


def measure(material: Material, *, clean: bool) -> None:
    """Print all rows."""
    heading(f"Five-trial FID, N = {material.images}, 256x512 PNG, {material.threads} thread(s), from an empty cache")
    ours, contest = by_this_project(material, "tf-compat")
    row("this project, tf-compat", ours.spent)
    plain = by_torch_fidelity(material, cached=False)
    compare("torch-fidelity, five calls", ours, plain, 2.8)
    cached = by_torch_fidelity(material, cached=True)
    compare("torch-fidelity, five calls, reals in its own cache", ours, cached, None)
    limit("features of the reals, relative difference", apart(*features_of_reals(material, contest)), 1e-5)
    limit("five values, relative difference", apart(ours.values, plain.values), 1e-3)
    if clean:
        cleanly, _ = by_this_project(material, "clean")
        row("this project, clean", cleanly.spent)
        compare("clean-fid, five calls", cleanly, by_clean_fid(material), 2.8)
    score_again(material, contest, ours)


def main() -> None:
    """Measure at one N."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64, help="N")
    parser.add_argument("--full", action="store_true", help=f"N = {PROMISED_AT}: half an hour on two idle cores")
    parser.add_argument("--threads", type=int, default=1, help="of every program, bound to as many cores")
    parser.add_argument("--without-clean", action="store_true", help="leave clean-fid out")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")  # of the other libraries' age
    with tempfile.TemporaryDirectory() as folder:
        images = PROMISED_AT if options.full else options.images
        measure(Material.written(Path(folder), images, options.threads), clean=not options.without_clean)


if __name__ == "__main__":
    sys.exit(main())
