"""Judges: segmenters whose features the scene protocol measures, kept as files with everything a reader must know.

A judge is trained on the train split of one dataset at one resolution. Its file is its identity: two runs made with
the same file, on whatever machines, may stand in one table. Convolution weights are rounded to float16 before anything
is measured with them, which halves the file.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from pydantic import Field
from safetensors import SafetensorError, safe_open
from torch import Tensor

from sbgan_bench.config import Settings
from sbgan_bench.confusion import confusion_counts, mean_iou, pixel_accuracy
from sbgan_bench.dataset import DatasetInfo, PairTable, Resolution, resolution_text
from sbgan_bench.errors import ConfigError, CorruptFileError
from sbgan_bench.hashing import canonical_json, hash_arrays, hash_file, hash_json
from sbgan_bench.numerics import batches, exactly
from sbgan_bench.reporting import no_report
from sbgan_bench.segmenter import Segmenter, images_to_input, train_segmenter
from sbgan_bench.tensors import write_tensors

#: Version of the file's layout; a reader refuses any other.
FORMAT = 1
_KEY = "sbgan-bench judge"


class JudgeSettings(Settings):
    """How a judge is built and trained."""

    width: int = Field(16, ge=2, le=256)  #: channels at full resolution
    images: int = Field(6400, ge=1)  #: images shown
    batch_size: int = Field(16, ge=1)
    learning_rate: float = Field(4e-3, gt=0)  #: Adam's first; it falls to zero along half a cosine
    seed: int = Field(0, ge=0)  #: of weights, order and mirroring


class JudgeFacts(Settings):
    """What the file says of its judge."""

    format: int = FORMAT
    dataset: str
    fingerprint: str  #: of the dataset
    class_names: tuple[str, ...]
    ignore_index: int | None
    resolution: tuple[int, int]  #: (H, W) of the training images
    pairs: int  #: in the train split
    settings: JudgeSettings
    held_out_pairs: int = 0  #: in the selection split; 0 if none was given
    pixel_accuracy: float | None = None  #: on the selection split, in [0, 1]
    mean_iou: float | None = None  #: on the selection split, in [0, 1], over the classes that occur there


@dataclass(frozen=True, slots=True)
class Judge:
    """A judge ready for use."""

    facts: JudgeFacts
    network: Segmenter  #: on the CPU, in evaluation mode
    weights_hash: str  #: sha256 of the file


def train_judge(
    table: PairTable,
    out: Path,
    *,
    settings: JudgeSettings,
    device: torch.device,
    selection: PairTable | None = None,
    report: Callable[[int, int], None] = no_report,
) -> Path:
    """Train a judge and write its file.

    Args:
        table: The train split.
        out: The file to write (``.safetensors``).
        settings: Size, length and seed.
        device: Where to train.
        selection: Held-out pairs on which its accuracy is measured and noted.
        report: Told the images shown so far and in all.

    Returns:
        ``out``.

    Raises:
        BenchError: Training diverged, the table is empty, or the file cannot be written.
    """
    network = Segmenter(table.info.num_classes, settings.width)
    network.initialise(settings.seed)
    train_segmenter(
        network,
        table,
        images=settings.images,
        batch_size=settings.batch_size,
        learning_rate=settings.learning_rate,
        seed=settings.seed,
        device=device,
        report=report,
    )
    state = {name: _stored(value) for name, value in network.state_dict().items()}
    network.load_state_dict(state)
    facts = JudgeFacts(
        dataset=table.info.name,
        fingerprint=table.fingerprint,
        class_names=table.info.class_names,
        ignore_index=table.info.ignore_index,
        resolution=table.resolution,
        pairs=len(table),
        settings=settings,
        **({} if selection is None else _accuracy(network, selection, device)),
    )
    header = {"facts": facts.to_json(), "seal": _seal(facts, state)}
    write_tensors(out, state, metadata={_KEY: canonical_json(header)})
    return out


def read_judge(path: Path) -> Judge:
    """Read what ``train_judge`` wrote.

    Raises:
        ConfigError: There is no such file, or it is of another kind or version.
        CorruptFileError: The file is damaged.
    """
    if not path.is_file():
        raise ConfigError(f"No judge file {path}. Leave out --judge to train one, or give the right path.")
    try:
        with safe_open(path, framework="pt") as file:
            text = (file.metadata() or {}).get(_KEY)
            names = file.keys()
            state = {name: file.get_tensor(name) for name in names}
        header: dict[str, Any] = json.loads(text or "{}")
    except (SafetensorError, OSError, ValueError) as error:
        raise CorruptFileError(f"The judge {path} is damaged ({error}). {_REMEDY}") from error
    if text is None:
        raise ConfigError(f"{path} holds weights, but not those of a judge. Give a file that a judge job wrote.")
    if header.get("facts", {}).get("format") != FORMAT:
        raise ConfigError(
            f"The judge {path} has format {header.get('facts', {}).get('format')}, this version reads {FORMAT}. "
            "Train it again with this version."
        )
    facts = JudgeFacts.parse(header["facts"], f"judge {path}")
    if header.get("seal") != _seal(facts, state):
        raise CorruptFileError(f"The judge {path} is damaged: its checksum is not that of its content. {_REMEDY}")
    network = Segmenter(len(facts.class_names), facts.settings.width)
    network.load_state_dict(state)
    return Judge(facts, network.eval(), hash_file(path))


_REMEDY = "Delete it and make it again, or copy it once more from where it came."


def bundled_judge(dataset_name: str, resolution: Resolution) -> Path | None:
    """Return the file of the judge that ships for a dataset at (H, W), or None."""
    name = f"{dataset_name}-{resolution_text(resolution)}.safetensors"
    path = Path(str(resources.files("sbgan_bench"))) / "assets" / "judges" / name
    return path if path.is_file() else None


def _stored(value: Tensor) -> Tensor:
    """Return a tensor of the state dict as it is kept: convolution weights in float16, the rest as they are."""
    kept = value.detach().cpu().contiguous()
    return kept.half() if kept.ndim == 4 else kept


def _seal(facts: JudgeFacts, state: dict[str, Tensor]) -> str:
    return hash_json({"facts": facts.to_json(), "weights": hash_arrays((k, v.numpy()) for k, v in state.items())})


def _accuracy(network: Segmenter, table: PairTable, device: torch.device) -> dict[str, Any]:
    """Return pixel accuracy and mean intersection over union on a table, rounded to four digits."""
    counts = segmenter_confusion(network, table, device)
    if not counts.any():
        return {"held_out_pairs": len(table), "pixel_accuracy": 0.0, "mean_iou": None}
    return {
        "held_out_pairs": len(table),
        "pixel_accuracy": round(pixel_accuracy(counts), 4),
        "mean_iou": round(mean_iou(counts), 4),
    }


def judge_refusal(protocol: str, resolution: Resolution) -> str:
    """Return why a protocol that looks through a judge cannot measure images of this size; "" if it can."""
    if all(side > 0 and side % Segmenter.STRIDE == 0 for side in resolution):
        return ""
    return (
        f"the judge of the {protocol} protocol needs a height and a width that are multiples of {Segmenter.STRIDE}, "
        f"not {resolution_text(resolution)}"
    )


def segmenter_confusion(network: Segmenter, table: PairTable, device: torch.device) -> NDArray[np.int64]:
    """Compare what a segmenter sees in the images of a table with their layouts; unlabelled pixels are left out.

    Args:
        network: In evaluation mode, on ``device``.
        table: Pairs of its classes, of a size it takes.
        device: Where the network is.

    Returns:
        ``(K, K)`` pixels by class of the layout (row) and class that it sees (column).
    """
    classes, ignored = table.info.num_classes, table.info.ignore_index
    counts = np.zeros((classes, classes), np.int64)
    start = 0
    with exactly():
        for images in batches(table.images, device):
            predicted = network(images_to_input(images)).argmax(dim=1).to(torch.uint8).cpu().numpy()
            truth = np.asarray(table.layouts[start : start + len(images)])
            counted = truth != (-1 if ignored is None else ignored)
            counts += confusion_counts(truth[counted], predicted[counted], classes)
            start += len(images)
    return counts


def check_judge(path: Path, info: DatasetInfo) -> None:
    """Refuse a judge of another dataset, or a damaged one.

    Raises:
        ConfigError: It was trained on another dataset or other classes.
        CorruptFileError: The file is damaged.
    """
    facts = read_judge(path).facts
    if facts.dataset != info.name or facts.class_names != info.class_names:
        raise ConfigError(
            f"The judge {path} was trained on {facts.dataset!r} with {len(facts.class_names)} classes; it cannot "
            f"judge {info.name!r} with {info.num_classes}. Pass one trained on it, or none at all."
        )
