"""Commands that repeat what was done. A run folder's own word for one is shown only if it can do nothing else."""

import json
import shlex
from pathlib import Path

from sbgan_bench.dashboard.findings import at
from sbgan_bench.dashboard.inert import PARAGRAPH, plain
from sbgan_bench.dashboard.view import View
from sbgan_bench.hashing import hash_file
from sbgan_bench.results import Origin, Reals, ResultRow
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource

_PROGRAM = "sbgan-bench"
#: Protocols and metrics that ``evaluate`` does not take by these names.
_NOT_ALONE = ("bottleneck-gap", "gan-train", "human-score")
#: The dataset that needs no files; protocols that look through the run's own segmenter, and its file.
_DRAWN, _JUDGED, _JUDGE = "toy-streets", ("scene", "segmentation"), "judge.safetensors"
#: What a job that leaves a model leaves of it, and bytes beyond which it is none.
_MODEL, _LARGEST = "model/model.json", 2**20
_NO_WEIGHTS = "The run folder does not hold the weights of this row: run the suite again, and open its folder."
_PUBLISHED = (
    "Published runs hold no weights, so no row can be measured again by itself: the command of the whole run makes "
    "them and every row."
)
#: The configuration of a run.
_SUITE = "suite.json"


def of_run(view: View) -> str:
    """Return the command that repeats the run, each word quoted; "" if what the folder says is no command of ours."""
    try:
        words = shlex.split(plain(view.manifest.command, PARAGRAPH))
    except ValueError:
        return ""
    return shlex.join(words) if words[:1] == [_PROGRAM] else ""


def of_row(view: View, row: ResultRow) -> tuple[str, str]:
    """Return the command that measures the model of one row again by itself, and why there is none.

    It is there where the run folder holds the very weights of the row, and ``evaluate`` draws what the suite drew.
    Where data lie is not known here: what stands for it says so.
    """
    published = view.opened.run.publication is not None and row.value is not None
    reason = _PUBLISHED if published else _refusal(row)
    if reason:
        return "", reason
    model = _saved(view, row.checkpoint_hash)
    if model is None:
        return "", _NO_WEIGHTS
    words = [_PROGRAM, "evaluate", "--model", str(model), "--dataset", row.dataset, "--num", str(row.num_real)]
    words += ["--data", f"path/to/{row.dataset}"] if row.dataset != _DRAWN else []
    words += ["--reals", row.reals] if row.reals is not Reals.DISJOINT else []
    words += ["--seed", str(row.split_seed)] if row.split_seed else []
    words += ["--trials", str(row.trials)] if row.layout_source is not LayoutSource.REAL else []
    words += ["--protocol", row.protocol, "--metric", row.metric]
    judge = _judge(view, row) if row.protocol in _JUDGED else None
    words += ["--judge", str(judge)] if judge is not None else []
    return shlex.join(plain(word, PARAGRAPH) for word in words), ""


def settings_of_data(view: View, dataset: str) -> str:
    """Return the settings that the suite opened a dataset with, which ``evaluate`` does not take; "" without any.

    They decide what is in the splits: "train = 2000, test = 600".
    """
    path = view.opened.run.file(_SUITE)
    try:
        small = path is not None and path.stat().st_size <= _LARGEST
        suite = json.loads(path.read_bytes()) if path is not None and small else None
    except (OSError, ValueError, RecursionError):
        return ""
    settings = at(suite, "datasets", dataset)
    return ", ".join(f"{name} = {value}" for name, value in settings.items()) if isinstance(settings, dict) else ""


def _refusal(row: ResultRow) -> str:
    """Say why no command can measure a row again by itself; "" if one can."""
    if row.value is None:
        return "There is no value to measure again."
    if any(word in (row.protocol, row.metric) for word in _NOT_ALONE):
        return "It is no score of one set of images: the command for the whole run measures it again."
    if not row.checkpoint_hash:
        summary = row.origin is not Origin.REAL and row.training_seed is None
        return (
            "This sums up training seeds, each with a model of its own: choose one of them." if summary
            else "No saved model is behind this row."
        )  # fmt: skip
    if not row.published:
        return "It was measured through weights of the user's own, which the run does not hold."
    if row.sampling_seeds.partition("..")[0] not in ("", str(FIRST_SAMPLING_SEED)):
        return f"Its images were sampled from seeds of the suite's own ({row.sampling_seeds})."
    return ""


def _saved(view: View, content: str) -> Path | None:
    """Return the folder of the saved model with a content hash, whichever job of the run left it."""
    folders = (job.folder for job in view.manifest.jobs if job.folder)
    headers = filter(None, (view.opened.run.file(f"{folder}/{_MODEL}") for folder in folders))
    return next((header.parent for header in headers if _content(header) == content), None)


def _content(header: Path) -> str:
    """Return the content hash of a saved model; "" if the file cannot be read, or is too large to be one."""
    try:
        return hash_file(header) if header.stat().st_size <= _LARGEST else ""
    except OSError:
        return ""


def _judge(view: View, row: ResultRow) -> Path | None:
    """Return the segmenter that looked at the images, where the run folder holds it."""
    title = f"judge/{row.dataset}/{row.resolution}"
    folders = (job.folder for job in view.manifest.jobs if job.kind == "judge" and job.title == title and job.folder)
    return next(filter(None, (view.opened.run.file(f"{folder}/{_JUDGE}") for folder in folders)), None)
