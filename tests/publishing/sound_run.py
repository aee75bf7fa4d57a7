"""A run folder that may be published, of values that nobody measured."""

import json
from pathlib import Path

import numpy as np
from PIL import Image
from report.fake_rows import Fake, rows
from report.fake_run import build, write_results

from sbgan_bench.config_hash import config_hash_of
from sbgan_bench.manifest import JobRecord, Manifest, NearestRecord
from sbgan_bench.results import ResultRow, Status
from sbgan_bench.samples import LayoutSource

SOUND = Fake(seeds=(0,), logged=("progan", "sbgan"), complete=True)
SUITE = {"name": "fake", "datasets": {"toy-streets": {"root": "/data/mine", "train": 400}}, "entries": []}
COMMAND = "sbgan-bench run fake --data toy-streets=/data/mine --out /scratch/run --jobs 2"


def sound(run: Path, fake: Fake = SOUND) -> Path:
    """Write a run folder without a fault and return it."""
    build(run, fake)
    write_results(run, [_sound_row(row) for row in rows(fake) if row.status is not Status.FAILED])
    made = Manifest.read(run)
    Image.fromarray(np.full((20, 30, 3), 99, np.uint8)).save(run / "nearest.png")
    nearest = NearestRecord(
        model="progan", title="ProGAN", recipe="default", dataset=fake.dataset, resolution="32x64",
        training_images=400, layout_source=LayoutSource.NONE, redistributable=fake.redistributable, protocol="scene",
        picture="nearest.png",
    )  # fmt: skip
    jobs = tuple(JobRecord.model_validate(job) for job in made.jobs if job.status is not Status.FAILED)
    update = {"jobs": jobs, "command": COMMAND, "nearest": (nearest,), "complete": True}
    made.model_copy(update={**update, "config_hash": config_hash_of(SUITE)}).write(run)
    _write_previews(run, made)
    (run / "suite.json").write_text(json.dumps(SUITE))
    return run


def _sound_row(row: ResultRow) -> ResultRow:
    known = {"checkpoint_hash": "a" * 64, "images_seen": 3200} if row.model != "real" else {}
    return row.model_copy(update={**known, "config_hash": config_hash_of(SUITE)})


def _write_previews(run: Path, made: Manifest) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (1054, 526, 3), dtype=np.uint8)
    for fit in made.fits:
        folder = (run / fit.stats).parent / "previews"
        folder.mkdir()
        for step in (1, 2, 3, 4):
            Image.fromarray(noise).save(folder / f"{step:09d}.png")
