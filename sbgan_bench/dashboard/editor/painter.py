"""The process that paints: it keeps the last models warm, and answers one line of JSON with another.

Request: ``{"model": FOLDER, "shape": [H, W], "layout": BASE64 of H * W class ids}``. Answer: ``{"image": BASE64 of a
PNG}`` or ``{"error": SENTENCE}``. It ends when its input does.
"""

import base64
import io
import json
import os
import sys
from functools import lru_cache
from pathlib import Path
from typing import IO, Any

import numpy as np
import torch
from PIL import Image

from sbgan_bench.errors import BenchError
from sbgan_bench.model import AbstractModel, content_hash, load_model
from sbgan_bench.samples import LayoutSource

#: Models that stay loaded.
_WARM = 3


def main() -> None:
    """Answer requests until there are no more."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # whatever a library prints must not look like an answer
    serve(sys.stdin, answers)


def serve(requests: IO[str], answers: IO[str]) -> None:
    """Answer every line of ``requests``."""
    for line in requests:
        try:
            answer = {"image": _painted(json.loads(line))}
        except BenchError as error:
            answer = {"error": str(error)}
        except (RuntimeError, ValueError, MemoryError) as error:  # of a network that was not made for this layout
            answer = {"error": f"The model could not paint this layout: {error}."}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


def _painted(request: dict[str, Any]) -> str:
    height, width = request["shape"]
    layout = np.frombuffer(base64.b64decode(request["layout"]), np.uint8).reshape(1, height, width)
    folder = Path(request["model"])
    model = _model(folder, content_hash(folder) if (folder / "model.json").is_file() else "")
    if LayoutSource.REAL not in model.layout_sources:
        raise BenchError(f"{model.title} takes no layouts: it draws from noise alone. Choose another model.")
    if int(layout.max()) >= model.spec.num_classes:
        raise BenchError(
            f"The layout has class {int(layout.max())}; the model knows {model.spec.num_classes} classes."
        )
    batch = next(iter(model.sample([0], layout)))
    if batch.images is None:
        raise BenchError(f"{model.title} draws no images.")
    buffer = io.BytesIO()
    Image.fromarray(batch.images[0].transpose(1, 2, 0)).save(buffer, format="PNG")
    return base64.b64encode(buffer.getvalue()).decode("ascii")


@lru_cache(maxsize=_WARM)
def _model(folder: Path, content: str) -> AbstractModel:
    del content  # a model trained anew is another one
    torch.set_grad_enabled(False)
    return load_model(folder, torch.device("cpu"))


if __name__ == "__main__":
    main()
