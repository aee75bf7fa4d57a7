"""A run folder with plausible values that nobody measured, for tests of readers."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from sbgan_bench.config import Settings
from sbgan_bench.manifest import RESULTS, DatasetRecord, FitRecord, GalleryRecord, JobRecord, Manifest, TableRecord
from sbgan_bench.results import Origin, ResultRow, Status, write_rows
from sbgan_bench.samples import LayoutSource

NONE, REAL, GENERATED = LayoutSource.NONE, LayoutSource.REAL, LayoutSource.GENERATED
PALETTE = ((70, 130, 180), (90, 90, 95), (128, 64, 128), (232, 35, 180), (107, 142, 35), (0, 0, 142))
CLASSES = ("sky", "building", "road", "pavement", "tree", "car")
PROTOCOLS = {"scene": 272, "texture": 272}

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
        "dim": PROTOCOLS[protocol],
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
    rng = np.random.default_rng([index, size, len(protocol), len(variant)])
    centre = SCORES[key][index] * (400 / size) ** 0.3
    values = centre * (1 + 0.05 * rng.standard_normal(len(fake.seeds)))
    deterministic = model == "spade"
    for seed, value in zip(fake.seeds, values, strict=True):
        spread = None if deterministic else float(abs(value) * (0.02 + 0.01 * rng.random()))
        yield _measured(fake, protocol, float(value), spread, training_seed=seed, **cell)
        for trial in range(0 if deterministic else 5):
            yield row(fake, protocol, float(value + 0.02 * rng.standard_normal()), training_seed=seed, trial=trial,
                      trials=0, **cell)  # fmt: skip
    if len(fake.seeds) > 1:
        yield _measured(fake, protocol, float(values.mean()), float(values.std(ddof=1)), **cell,
                        trials=len(fake.seeds), notes=["seed 1 repeats"] if recipe == "image" else [])  # fmt: skip


def rows(fake: Fake) -> Iterator[ResultRow]:
    """Every row of a fake run."""
    for index, protocol in enumerate(PROTOCOLS):
        yield _measured(fake, protocol, (0.02, 0.52)[index], 0.003, model="real", origin=Origin.REAL)
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


def _scene(seed: int, shape: tuple[int, int], blur: float) -> tuple[np.ndarray, np.ndarray]:
    """An (H, W, 3) street of boxes and its coloured layout."""
    rng = np.random.default_rng(seed)
    height, width = shape
    layout = np.zeros(shape, np.uint8)
    horizon = int(height * rng.uniform(0.4, 0.55))
    for _ in range(5):
        left, top = rng.integers(0, width), rng.integers(2, horizon)
        layout[top : horizon + 2, left : left + width // 6] = rng.choice([1, 4])
    layout[horizon:] = 2
    layout[horizon:, : width // 8] = 3
    for _ in range(rng.integers(0, 4)):
        left, top = rng.integers(0, width - width // 8), rng.integers(horizon, height - 4)
        layout[top : top + height // 6, left : left + width // 8] = 5
    colours = np.asarray(PALETTE, np.uint8)[layout]
    image = colours * 0.55 + 60 + rng.normal(0, 6 + blur, (*shape, 1)) + np.linspace(40, -20, height)[:, None, None]
    return np.clip(image, 0, 255).astype(np.uint8), colours


def _gallery(
    run: Path, fake: Fake, model: str, recipe: str, source: LayoutSource, size: int | None, variant: str = ""
) -> GalleryRecord:
    folder = f"galleries/{fake.place}{model}-{recipe}-{source}-{size}{variant}"
    (run / folder).mkdir(parents=True)
    with_layouts = source is GENERATED or model == "real"
    for index in range(10):
        image, layout = _scene(index + (100 if source is REAL else 0), fake.tile, 4 * len(recipe))
        Image.fromarray(image).save(run / folder / f"{index:04d}.image.png")
        if with_layouts:
            Image.fromarray(layout).save(run / folder / f"{index:04d}.layout.png")
    return GalleryRecord(
        model=model, title=dict(fake.titles).get(model, "Real"), recipe=recipe, variant=variant, dataset=fake.dataset,
        resolution="{}x{}".format(*fake.tile), training_seed=0 if size else None, training_images=size,
        layout_source=source, folder=folder, count=10, has_images=True, has_layouts=with_layouts,
        redistributable=fake.redistributable,
    )  # fmt: skip


def _fit(run: Path, fake: Fake, model: str, recipe: str, seed: int, size: int) -> FitRecord:
    stats = f"fits/{fake.place}{model}-{recipe}-{seed}-{size}/stats.jsonl"
    path = run / stats
    path.parent.mkdir(parents=True)
    rng = np.random.default_rng([seed, size, len(recipe)])
    terms = ("generator adversarial", "discriminator adversarial", "feature matching", "perceptual")
    with path.open("w") as stream:
        for step in range(1, 200):
            losses = {term: float(np.exp(-step / 80) * (i + 1) + 0.1 * rng.random()) for i, term in enumerate(terms)}
            entry = {"step": step, "images": 16 * step, "phase": "train", "seconds": 0.3 * step, "losses": losses}
            stream.write(json.dumps(entry) + "\n")
        stream.write(json.dumps({"event": "collapsed", "images": 3000}) + "\nnot json\n")
    return FitRecord(
        model=model, title=fake.title(model), recipe=recipe, dataset=fake.dataset,
        resolution="{}x{}".format(*fake.tile), training_seed=seed, training_images=size, images_seen=3200,
        train_seconds=61.5, total_images_seen=12800 if model == "sbgan" else 3200, total_train_seconds=183.2,
        parameters=1_234_567, stats=stats, collapsed="at 3 000 images: samples repeat" if model == "biggan" else "",
    )  # fmt: skip


def build(run: Path, fake: Fake | None = None, *others: Fake, tables: tuple[TableRecord, ...] = ()) -> Path:
    """Write a whole fake run folder, of one place or of several, and return it."""
    fakes = (fake or Fake(), *others)
    run.mkdir(parents=True, exist_ok=True)
    write_rows(run / RESULTS, [one for each in fakes for one in rows(each)])
    tiles = [np.concatenate(_scene(i, fakes[0].tile, 2), axis=1) for i in range(16)]
    sheet = np.concatenate([np.concatenate(tiles[4 * i : 4 * i + 4], axis=1) for i in range(4)], axis=0)
    Image.fromarray(sheet).save(run / "sheet.png")
    parts = [_parts(run, each) for each in fakes]
    joined = {name: tuple(record for part in parts for record in part[name]) for name in parts[0]}
    manifest(run, fakes[0], **joined, tables=tables)
    return run


def _parts(run: Path, fake: Fake) -> dict[str, tuple[Settings, ...]]:
    """Write the pictures and curves of one place; return its records by part of the manifest."""
    keys = [(model, recipe, source, size) for size in fake.sizes for model, recipe, source in SCORES]
    galleries = [_gallery(run, fake, "real", "", REAL, None), *(_gallery(run, fake, *key) for key in keys)]
    others = [key for key in keys if key[:2] == ("sbgan", "both")]
    galleries += [_gallery(run, fake, *key, variant) for key in others for variant in fake.variants if variant]
    trained = dict.fromkeys((model, recipe, size) for model, recipe, _, size in keys if model in fake.logged)
    fits = [_fit(run, fake, model, recipe, seed, size) for model, recipe, size in trained for seed in fake.seeds]
    record = DatasetRecord(
        dataset=fake.dataset, resolution="{}x{}".format(*fake.tile), split="generated", fingerprint="f" * 64,
        class_names=CLASSES, palette=PALETTE, sizes={"train": 400, "selection": 100, "test": 400},
        licence="CC0 1.0", redistributable=fake.redistributable, caution="frames of one drive", sheet="sheet.png",
    )  # fmt: skip
    jobs = [JobRecord(kind="train", title=f"train {model} {recipe}, seed {seed}", status=Status.DONE, seconds=61.5,
                      peak_memory_mib=512.3) for model, recipe, _ in trained for seed in fake.seeds]  # fmt: skip
    jobs.append(JobRecord(kind="train", title="train stylegan", status=Status.SKIPPED, reason="needs square images"))
    jobs.append(
        JobRecord(kind="train", title="train ddpm", status=Status.FAILED, reason="loss became NaN at step 120")
    )
    return {"datasets": (record,), "fits": tuple(fits), "galleries": tuple(galleries), "jobs": tuple(jobs)}


def manifest(run: Path, fake: Fake, **parts: object) -> Manifest:
    """Write and return ``run.json``; parts not given are empty."""
    base: dict[str, object] = {
        "suite": "fake", "title": "Street scenes from nothing", "command": "sbgan-bench run fake",
        "config_hash": "c" * 64,
        "summary": "Four generators of street scenes, trained for a minute each on a laptop; every number is made up.",
        "preset": "sbgan-paper", "complete": fake.complete, "wall_seconds": 611.0, "datasets": (), "fits": (),
        "galleries": (), "jobs": (), "versions": {"numpy": "2.0", "torch": "2.5"}, "device": "cpu", "threads": 1,
    }  # fmt: skip
    made = Manifest.model_validate(base | parts)
    run.mkdir(parents=True, exist_ok=True)
    made.write(run)
    return made
