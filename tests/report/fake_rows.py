"""Result rows with plausible values that nobody measured, for tests of readers."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from sbgan_bench.results import SMALL_SAMPLE, Origin, ResultRow, Status
from sbgan_bench.samples import LayoutSource

NONE, REAL, GENERATED = LayoutSource.NONE, LayoutSource.REAL, LayoutSource.GENERATED
PROTOCOLS = {"scene": 272, "texture": 272}
#: (protocol, metric): which way is better, dimensions, a typical value, layout sources of what it measures.
OTHERS = {
    ("scene", "diversity"): ("higher", 272, 0.9, (NONE, REAL, GENERATED)),
    ("layout", "frechet-segmentation-distance"): ("lower", 6, 12.0, (GENERATED,)),
    ("segmentation", "mean-iou"): ("higher", 36, 0.6, (REAL, GENERATED)),
}
FLOORS = {"scene": 0.02, "texture": 0.52}
POOL = "N others of the same 400 test reals"

#: (model, recipe, layout source): (scene, texture) distances.
SCORES = {
    ("progan", "default", NONE): (2.46, 5.1),
    ("biggan", "default", NONE): (1.14, 1.5),
    ("spade", "default", REAL): (0.48, 9.2),
    ("sbgan", "none", GENERATED): (1.26, 15.7),
    ("sbgan", "layout", GENERATED): (1.03, 14.6),
    ("sbgan", "image", GENERATED): (1.47, 14.5),
    ("sbgan", "both", GENERATED): (1.08, 12.7),
    ("sbgan", "control-layout", GENERATED): (1.22, 15.1),
    ("sbgan", "control-image", GENERATED): (1.44, 14.4),
    ("sbgan", "none", REAL): (0.47, 9.3),
    ("sbgan", "image", REAL): (0.31, 8.1),
    ("sbgan", "both", REAL): (0.51, 7.7),
    ("sbgan", "control-image", REAL): (0.29, 8.4),
}
TITLES = {"progan": "ProGAN", "biggan": "BigGAN", "spade": "SPADE", "sbgan": "SB-GAN", "constant": "Constant image"}
SEEDS = (0, 1)


@dataclass(frozen=True)
class Fake:
    """What may differ between fake runs."""

    seeds: tuple[int, ...] = SEEDS
    sizes: tuple[int, ...] = (400,)
    dataset: str = "toy-streets"
    titles: tuple[tuple[str, str], ...] = tuple(TITLES.items())
    redistributable: bool = True
    complete: bool = False
    status: Status = Status.DONE  #: of every row of a trained model
    tile: tuple[int, int] = (32, 64)
    variants: tuple[str, ...] = ("",)  #: of the fully fine-tuned model; "" has the suite's own settings
    logged: tuple[str, ...] = ("progan", "biggan", "spade", "sbgan")  #: models with records of training
    collapsed: str = "biggan"  #: model whose values may not be ranked

    @property
    def place(self) -> str:
        """What comes before the names of its folders."""
        return "{}-{}x{}-".format(self.dataset, *self.tile)

    def title(self, model: str) -> str:
        return dict(self.titles)[model]


def row(fake: Fake, protocol: str, value: float | None, **other: object) -> ResultRow:
    base: dict[str, object] = {
        "suite": "fake", "dataset": fake.dataset, "fingerprint": "f" * 64, "split": "generated",
        "resolution": "{}x{}".format(*fake.tile), "protocol": protocol, "weights_hash": protocol[0] * 64,
        "metric": "frechet-distance", "value": value, "num_real": 200, "num_generated": 200,
        "dim": PROTOCOLS.get(protocol, 0),
        "sampling_seeds": "1000000..1000999", "real_pool": "test, 200 of 400", "trials": 5, "threads": 1,
        "device": "cpu", "versions": {"numpy": "2.0"}, "config_hash": "c" * 64, "git_revision": "abc123",
    }  # fmt: skip
    return ResultRow.model_validate(base | other)


def _measured(fake: Fake, protocol: str, value: float, spread: float | None, **other: object) -> ResultRow:
    ends = {"low": value - 1.24 * spread, "high": value + 1.24 * spread} if spread else {}
    return row(fake, protocol, value, spread=spread, **ends, **other)


def _trained(
    fake: Fake, key: tuple[str, str, LayoutSource], index: int, protocol: str, size: int, variant: str = ""
) -> Iterator[ResultRow]:
    """One summary per seed, five trials each, and their summary over seeds where there are several."""
    model, recipe, source = key
    cell = {
        "model": model, "recipe": recipe, "layout_source": source, "training_images": size, "selection": "last",
        "preset": "sbgan-paper", "variant": variant,
    }  # fmt: skip
    if fake.status is not Status.DONE:
        yield row(fake, protocol, None, status=fake.status, reason="the disk was full", **cell)
        return
    wrong = ("collapsed: 9 distinct images among 200",) if model == fake.collapsed else ()
    cell |= {"unranked": "".join(wrong), "notes": wrong}
    rng = np.random.default_rng([index, size, len(protocol), len(variant)])
    centre = SCORES[key][index] * (400 / size) ** 0.3
    values = centre * (1 + 0.05 * rng.standard_normal(len(fake.seeds)))
    deterministic = model == "spade"
    for seed, value in zip(fake.seeds, values, strict=True):
        spread = None if deterministic else float(abs(value) * (0.02 + 0.01 * rng.random()))
        yield _beside_floor(_measured(fake, protocol, float(value), spread, training_seed=seed, **cell))
        for trial in range(0 if deterministic else 5):
            yield row(fake, protocol, float(value + 0.02 * rng.standard_normal()), training_seed=seed, trial=trial,
                      trials=0, **cell)  # fmt: skip
    if len(fake.seeds) > 1:
        repeats = ("seed 1 repeats",) if recipe == "image" else ()
        over_seeds = {**cell, "notes": (*wrong, *repeats), "trials": len(fake.seeds)}
        summary = _measured(fake, protocol, float(values.mean()), float(values.std(ddof=1)), **over_seeds)
        yield _beside_floor(summary)


def _beside_floor(made: ResultRow) -> ResultRow:
    """Add the floor, and the note that is due where N is not above the dimension."""
    floor = FLOORS[made.protocol]
    note = (
        f"{SMALL_SAMPLE}N = {made.num_real} is not above the {made.dim} dimensions of {made.protocol}: "
        f"the floor, {floor:.4g}, is {100 * floor / (made.value or 1):.0f} % of this value"
    )
    return made.model_copy(update={"floor": floor, "floor_pool": POOL, "notes": (*made.notes, note)})


def _by_other_metrics(fake: Fake, size: int) -> Iterator[ResultRow]:
    """One value of every model by everything beside distances of images."""
    for (protocol, metric), (better, dim, value, sources) in OTHERS.items():
        for place, (model, recipe, source) in enumerate(SCORES):
            if source in sources and fake.status is Status.DONE:
                cell = {"model": model, "recipe": recipe, "layout_source": source, "training_seed": 0}
                yield row(fake, protocol, value * (1 + 0.02 * place), metric=metric, better=better, dim=dim,
                          training_images=size, selection="last", **cell)  # fmt: skip


def rows(fake: Fake) -> Iterator[ResultRow]:
    """Every row of a fake run."""
    for size in fake.sizes:
        yield from _by_other_metrics(fake, size)
    for index, protocol in enumerate(PROTOCOLS):
        yield _measured(fake, protocol, FLOORS[protocol], 0.003, model="real", origin=Origin.REAL)
        yield row(fake, protocol, (3.97, 24.5)[index], model="constant", recipe="default", selection="last",
                  training_images=max(fake.sizes))  # fmt: skip
        for model, source in (("progan", NONE), ("biggan", NONE), ("spade", REAL), ("sbgan", GENERATED)):
            yield _measured(fake, protocol, (4.6, 31.0)[index], 0.1, model=model, recipe="untrained",
                            layout_source=source, origin=Origin.UNTRAINED, training_seed=0)  # fmt: skip
        for size in fake.sizes:
            for key in SCORES:
                for variant in fake.variants if key[:2] == ("sbgan", "both") else ("",):
                    yield from _trained(fake, key, index, protocol, size, variant)
            for recipe in ("none", "image", "both"):
                gap = SCORES["sbgan", recipe, GENERATED][index] - SCORES["sbgan", recipe, REAL][index]
                yield _measured(fake, protocol, gap, 0.04, model="sbgan", recipe=recipe, metric="bottleneck-gap",
                                layout_source=GENERATED, training_images=size, selection="last",
                                training_seed=0)  # fmt: skip
            missing = {
                "training_images": size,
                "selection": "last",
                "num_real": 0,
                "num_generated": 0,
                "training_seed": 0,
            }
            yield row(fake, protocol, None, model="stylegan", recipe="default", status=Status.SKIPPED,
                      reason="needs square images", **missing)  # fmt: skip
            yield row(fake, protocol, None, model="ddpm", recipe="default", status=Status.FAILED,
                      reason="loss became NaN at step 120", **missing)  # fmt: skip
