"""What is wrong with a set of images is said by name, in the table and in the rows."""

from pathlib import Path

import numpy as np
import pytest
from click.testing import Result
from evaluation.tools import is_one_line, pictures, row_of, run, summaries
from numpy.typing import NDArray
from PIL import Image
from random_weights import random_inception
from scenery import written

from sbgan_bench.hashing import hash_file
from sbgan_bench.weights import INCEPTION

#: Notes that belong to the number of images, not to the set.
OF_SIZE = ("small sample: ", "extrapolated from ")


def notes(result: Result, model: str) -> list[str]:
    return [note for note in row_of(result, model)["notes"] if not note.startswith(OF_SIZE)]


def evaluate(images: Path, generated: Path, *words: object) -> Result:
    words = (*words, "--metric", "frechet-distance", "--format", "json")
    return run("evaluate", "--real", images / "photos", "--generated", generated, *words)


def read(folder: Path) -> NDArray[np.uint8]:
    return np.stack([np.asarray(Image.open(path)).transpose(2, 0, 1) for path in sorted(folder.iterdir())])


def test_a_sound_set_has_no_notes(images: Path) -> None:
    assert notes(evaluate(images, images / "fresh", "--train", images / "train"), "fresh") == []
    assert row_of(evaluate(images, images / "fresh"), "fresh")["unranked"] == ""


def test_forty_duplicates_among_two_hundred(images: Path, tmp_path: Path) -> None:
    drawn = pictures(200, 10)
    drawn[160:] = drawn[:40]
    written(drawn, tmp_path / "twice")
    expected = ["40 of 200 generated images are copies of others among them"]
    assert notes(evaluate(images, tmp_path / "twice"), "twice") == expected
    shown = run("evaluate", "--real", images / "photos", "--generated", tmp_path / "twice")
    assert f"Note: {expected[0]}" in shown.output


def test_collapse_to_five_images(images: Path, tmp_path: Path) -> None:
    written(np.tile(pictures(5, 11), (40, 1, 1, 1)), tmp_path / "five")
    row = row_of(evaluate(images, tmp_path / "five"), "five")
    assert row["unranked"].startswith("collapsed: 5 distinct images among 200")
    assert row["unranked"] in row["notes"]


def test_training_images_passed_off_as_samples(images: Path) -> None:
    result = evaluate(images, images / "other", "--train", images / "other")
    row = row_of(result, "other")
    assert row["unranked"].startswith("memorised: 100 % of the generated images lie nearer to a training image")


def test_a_third_of_training_images_is_enough(images: Path, tmp_path: Path) -> None:
    mixed = np.concatenate([read(images / "train")[:66], pictures(134, 12)])
    written(mixed, tmp_path / "mixed")
    (said,) = notes(evaluate(images, tmp_path / "mixed", "--train", images / "train"), "mixed")
    assert said.startswith("memorised: ")


def test_the_reals_themselves(images: Path, tmp_path: Path) -> None:
    written(read(images / "photos"), tmp_path / "same")
    expected = ["copied: 200 of 200 generated images are copies of the reference reals"]
    assert notes(evaluate(images, tmp_path / "same"), "same") == expected
    assert row_of(evaluate(images, tmp_path / "same", "--reals", "all"), "same")["value"] == pytest.approx(0, abs=1e-9)
    one = pictures(200, 13)
    one[7] = read(images / "photos")[123]
    written(one, tmp_path / "one")
    expected = ["1 of 200 generated images are copies of the reference reals"]
    assert notes(evaluate(images, tmp_path / "one"), "one") == expected


def test_images_that_are_not_looked_at(images: Path, tmp_path: Path) -> None:
    written(pictures(130, 14), tmp_path / "many")
    (said,) = notes(evaluate(images, tmp_path / "many", "--num", 50), "many")
    assert said == "100 of 130 are measured, drawn by lot, and the others not looked at"


def test_two_sizes_between_sets_and_within_one(images: Path, tmp_path: Path) -> None:
    large = written(pictures(10, 0, (64, 96)), tmp_path / "large")
    assert is_one_line(evaluate(images, large), "32x64", "64x96", str(large), str(images / "photos"))
    mixed = written(pictures(10, 0), tmp_path / "mixed")
    Image.open(large / "0003.png").save(mixed / "0007.png")
    assert is_one_line(evaluate(images, mixed), "0007.png", "64x96", "0000.png", "32x64")


def test_compression_on_one_side(images: Path, tmp_path: Path) -> None:
    folder = tmp_path / "jpeg"
    folder.mkdir()
    for index, image in enumerate(pictures(100, 15)):
        Image.fromarray(image.transpose(1, 2, 0)).save(folder / f"{index}.jpg")
    (said,) = notes(evaluate(images, folder), "jpeg")
    assert "real images are in no lossy format, generated ones JPEG files" in said
    result = run("evaluate", "--real", folder, "--generated", folder, "--format", "json")
    assert not any("lossy" in note for note in row_of(result, "jpeg")["notes"])


def test_the_floors_share_where_images_are_fewer_than_dimensions(images: Path) -> None:
    row = row_of(evaluate(images, images / "fresh", "--num", 40), "fresh")
    share = 100 * row["floor"] / row["value"]
    assert row["num_real"] == 40 < row["dim"]
    assert [note for note in row["notes"] if note.startswith("small sample: ")] == [
        f"small sample: N = 40 is not above the {row['dim']} dimensions of texture: the floor, {row['floor']:.4g}, is "
        f"{share:.0f} % of this value"
    ]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_inception(tmp_path_factory.mktemp("weights") / INCEPTION.file)


def test_other_weights_are_refused_by_digest(images: Path, weights: Path) -> None:
    refused = evaluate(images, images / "fresh", "--weights", weights)
    assert is_one_line(refused, hash_file(weights), INCEPTION.sha256, "--trust-weights")


def test_other_weights_are_marked_and_their_distances_have_no_name(
    images: Path, weights: Path, tmp_path: Path
) -> None:
    few = [written(pictures(count, count), tmp_path / str(count)) for count in (8, 4)]
    words = ["evaluate", "--real", few[0], "--generated", few[1], "--weights", weights, "--trust-weights"]
    shown = run(*words, "--protocol", "tf-compat")
    assert f"tf-compat {hash_file(weights)[:8]}, weights not the published ones" in shown.output
    assert "Fréchet distance" in shown.output
    printed = run(*words, "--format", "json")
    assert "FID" not in shown.output + printed.stdout
    assert "KID" not in shown.output + printed.stdout
    published = {row["protocol"]: row["published"] for row in summaries(printed)}
    assert published == {"texture": True, "tf-compat": False}
