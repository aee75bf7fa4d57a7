"""What a run's table of contents says of its trainings."""

from pathlib import Path

import pytest
from suite.plans import jobs, plan

from sbgan_bench.manifest import FitRecord
from sbgan_bench.storage import write_json
from sbgan_bench.suite.contents import build_manifest
from sbgan_bench.suite.engine import RunState
from sbgan_bench.suite.graph import JobKind
from sbgan_bench.suite.jobs.context import TRAINING
from sbgan_bench.suite.plan import Plan
from sbgan_bench.suite.worker import Workplace

BEST = {"num_samples": 4, "selection": "best", "selection_protocol": "texture"}


def fit(made: Plan, run: Path, *kinds: JobKind) -> FitRecord:
    """Describe a run in which the jobs of some kinds are finished, each in the folder of its kind."""
    (train,) = jobs(made, JobKind.TRAIN)
    record = {"model": "constant", "title": "C", "recipe": "default", "seed": 0, "collapsed": "", "parameters": 0}
    counts = dict.fromkeys(("training_images", "images_seen", "total_images_seen", "seconds", "total_seconds"), 8)
    write_json(run / "train" / TRAINING, {**record, **counts})
    folders = {job.id: job.kind.value for kind in kinds for job in jobs(made, kind)}
    place = Workplace(run, run, "cpu", {}, None, {}, False, "")
    (found,) = build_manifest(made, place, RunState(folders=folders), "", 0.0).fits
    assert train.id in folders
    return found


@pytest.mark.parametrize(
    ("evaluation", "done", "folder"),
    [
        ({"num_samples": 4}, [JobKind.TRAIN], "train/model"),
        (BEST, [JobKind.TRAIN, JobKind.SELECT], "select/model"),
        (BEST, [JobKind.TRAIN], ""),
    ],
    ids=["the last", "the best", "not yet chosen"],
)
def test_the_model_of_a_training_is_the_one_that_rows_are_about(
    evaluation: dict[str, object], done: list[JobKind], folder: str, tmp_path: Path
) -> None:
    assert fit(plan(evaluation=evaluation), tmp_path, *done).folder == folder
