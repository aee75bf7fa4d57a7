"""Commands that repeat what was done. A run folder's own word for one is shown only if it can do nothing else."""

import shlex
from pathlib import Path

from sbgan_bench.dashboard.inert import PARAGRAPH, plain
from sbgan_bench.dashboard.view import View
from sbgan_bench.manifest import FitRecord
from sbgan_bench.results import ResultRow
from sbgan_bench.samples import LayoutSource

_PROGRAM = "sbgan-bench"
#: Protocols and metrics that ``evaluate`` does not take by these names.
_NOT_ALONE = ("bottleneck-gap", "gan-train", "human-score")
#: The dataset that needs no files; protocols that look through the run's own segmenter, and its file.
_DRAWN, _JUDGED, _JUDGE = "toy-streets", ("scene", "segmentation"), "judge.safetensors"


def of_run(view: View) -> str:
    """Return the command that repeats the run, each word quoted; "" if what the folder says is no command of ours."""
    try:
        words = shlex.split(plain(view.manifest.command, PARAGRAPH))
    except ValueError:
        return ""
    return shlex.join(words) if words[:1] == [_PROGRAM] else ""


def of_row(view: View, row: ResultRow) -> str:
    """Return the command that measures the model of one row again by itself; "" where there is none.

    The weights must be in the run folder. Where data lie is not known here: what stands for it says so.
    """
    fit = next((fit for fit in view.manifest.fits if _is_of(fit, row)), None)
    saved = view.opened.run.file(f"{fit.folder}/model.json") if fit is not None and fit.folder else None
    if saved is None or row.value is None or any(word in (row.protocol, row.metric) for word in _NOT_ALONE):
        return ""
    words = [_PROGRAM, "evaluate", "--model", str(saved.parent), "--dataset", row.dataset, "--num", str(row.num_real)]
    words += ["--data", f"path/to/{row.dataset}"] if row.dataset != _DRAWN else []
    words += ["--trials", str(row.trials)] if row.trials > 1 and row.layout_source is not LayoutSource.REAL else []
    words += ["--protocol", row.protocol, "--metric", row.metric]
    judge = _judge(view, row) if row.protocol in _JUDGED else None
    words += ["--judge", str(judge)] if judge is not None else []
    return shlex.join(plain(word, PARAGRAPH) for word in words)


def _judge(view: View, row: ResultRow) -> Path | None:
    """Return the segmenter that looked at the images, where the run folder holds it."""
    title = f"judge/{row.dataset}/{row.resolution}"
    folders = (job.folder for job in view.manifest.jobs if job.kind == "judge" and job.title == title and job.folder)
    return next(filter(None, (view.opened.run.file(f"{folder}/{_JUDGE}") for folder in folders)), None)


def _is_of(fit: FitRecord, row: ResultRow) -> bool:
    facts = ("model", "recipe", "variant", "dataset", "resolution", "training_images")
    same = all(getattr(fit, fact) == getattr(row, fact) for fact in facts)
    return same and row.training_seed in (None, fit.training_seed)
