"""The picture of generated images beside the training images nearest to them."""

from pathlib import Path

import numpy as np
import pytest
from evaluation.tools import SIZE, is_one_line, run
from PIL import Image

from sbgan_bench.nearest import ACROSS, PAIRS


def test_copies_stand_beside_what_they_copy(images: Path, tmp_path: Path) -> None:
    out = tmp_path / "nearest.png"
    words = ["--generated", images / "train", "--train", images / "train", "--nearest", out, "--num", 100]
    result = run("evaluate", "--real", images / "photos", *words, "--metric", "frechet-distance")
    assert result.exit_code == 0, result.output
    picture = np.asarray(Image.open(out))
    height, width = (3 * side for side in SIZE)  # enlarged to about 96
    rows = PAIRS // ACROSS
    down, across = (picture.shape[0] + 12) // rows, (picture.shape[1] + 12) // ACROSS
    for index in range(PAIRS):
        top, left = index // ACROSS * down, index % ACROSS * across
        pair = picture[top : top + height, left : left + across - 12]
        assert np.array_equal(pair[:, :width], pair[:, -width:])
        assert (pair[:, width:-width] == 255).all()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--nearest", "n.png"], ["pass --train"]),
        (["--nearest", "n.jpg", "--train", "train"], ["n.jpg", ".png"]),
        (["--nearest", "n.png", "--train", "train", "--generated", "other"], ["2 were given"]),
    ],
)
def test_what_cannot_be_drawn_is_refused_before_anything_is_measured(
    images: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], said: list[str]
) -> None:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(images)
    result = run("evaluate", "--real", "photos", "--generated", "fresh", *words)
    assert is_one_line(result, *said), result.output
    assert not (tmp_path / "cache").exists()
