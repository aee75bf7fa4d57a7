"""What a frozen study shows, and what it does not."""

import json
import os
import re
import shutil
import stat
import struct
from pathlib import Path

import image_trees
import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from rating.owners import by_cell, cell, main_images, spec_file

from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_file
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.freezing import freeze
from sbgan_bench.rating.study import Role


def pixels(path: Path) -> np.ndarray:
    return np.asarray(Image.open(path))


def member(folder: StudyFolder, identifier: str) -> str:
    """Name of the file that an image came from."""
    return folder.read_key().images[identifier].source.partition(": ")[2]


def chunks(path: Path) -> list[bytes]:
    content, names, place = path.read_bytes(), [], 8
    while place < len(content):
        (length,) = struct.unpack(">I", content[place : place + 4])
        names.append(content[place + 4 : place + 8])
        place += 12 + length
    return names


def test_every_pixel_that_is_not_enlarged_is_that_of_the_source(tmp_path: Path) -> None:
    folder = freeze(spec_file(tmp_path), tmp_path / "study")
    cells = by_cell(folder)
    assert {index: len(images) for index, images in cells.items()} == {0: 4, 1: 4, None: 2}
    for index, name in enumerate("ab"):
        sources = [member(folder, image.id) for image in cells[index]]
        assert len(set(sources)) == 4
        for image, source in zip(cells[index], sources, strict=True):
            assert np.array_equal(pixels(folder.image(image.id)), pixels(tmp_path / name / source))


def test_repeated_pixels_are_repeated_and_others_filtered_all_alike(tmp_path: Path) -> None:
    spec = spec_file(tmp_path, display="16x32", enlarging="nearest")
    folder = freeze(spec, tmp_path / "nearest")
    for image in by_cell(folder)[0]:
        source = pixels(tmp_path / "a" / member(folder, image.id))
        assert np.array_equal(pixels(folder.image(image.id)), source.repeat(2, 0).repeat(2, 1))
    folder = freeze(spec_file(tmp_path, display="20x40"), tmp_path / "lanczos")
    assert (folder.read().height, folder.read().width) == (20, 40)
    for image in by_cell(folder)[1]:
        source = Image.open(tmp_path / "b" / member(folder, image.id))
        expected = np.asarray(source.resize((40, 20), Image.Resampling.LANCZOS))
        assert np.array_equal(pixels(folder.image(image.id)), expected)


def test_files_say_nothing_but_their_pixels(tmp_path: Path) -> None:
    notes = PngInfo()
    notes.add_text("Software", "alpha-gan 3")
    (tmp_path / "a").mkdir()
    for index, picture in enumerate(image_trees.pixels(6)):
        Image.fromarray(picture).save(tmp_path / "a" / f"{index}.png", pnginfo=notes, dpi=(72, 72))
    exif = Image.Exif()
    exif[0x013B] = "somebody"
    (tmp_path / "b").mkdir()
    for index, picture in enumerate(image_trees.pixels(6, seed=1)):
        Image.fromarray(picture).save(tmp_path / "b" / f"{index}.jpg", exif=exif, quality=30)
    folder = freeze(spec_file(tmp_path), tmp_path / "study")
    files = sorted(folder.images.iterdir())
    assert {tuple(dict.fromkeys(chunks(path))) for path in files} == {(b"IHDR", b"IDAT", b"IEND")}
    assert len({path.read_bytes()[:41] for path in files}) == 1, "headers and the first bytes of compression differ"
    assert len({path.stat().st_mtime for path in files}) == 1
    assert not any(b"alpha" in path.read_bytes() or b"somebody" in path.read_bytes() for path in files)
    assert all(re.fullmatch(r"[0-9a-f]{24}\.png", path.name) for path in files)


def test_what_raters_may_know_names_nothing(tmp_path: Path) -> None:
    shown = {"image": "b/0005.png", "score": 1, "note": "blurred"}
    cells = [cell("alpha", "a", recipe="rho"), cell("beta", "b", count=2)]
    spec = spec_file(tmp_path, images_per_cell=3, anchors=[shown], cells=cells)
    for name in ("b/0005.png", "a/0000.png"):  # an example is none of the images
        (tmp_path / name).rename(tmp_path / Path(name).name)
    spec.write_text(spec.read_text().replace("b/0005.png", "0005.png"))
    folder = freeze(spec, tmp_path / "study")
    text = folder.frozen.read_text().lower()
    for word in ("alpha", "beta", "rho", "noise", "member", ".png", str(tmp_path).lower(), "owner"):
        assert word not in text, word
    assert [anchor.note for anchor in folder.read().anchors] == ["blurred"]
    assert "alpha" in folder.key.read_text()


def test_the_owner_s_part_is_closed_to_others_and_belongs_to_the_study(tmp_path: Path) -> None:
    spec = spec_file(tmp_path)
    folder = freeze(spec, tmp_path / "study")
    assert stat.S_IMODE(folder.owner.stat().st_mode) == 0o700
    for path in (folder.platform_key, folder.key, folder.spec):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(folder.platform_key.read_bytes()) == 32
    assert folder.spec.read_bytes() == spec.read_bytes()
    assert folder.read_key().hash == folder.read().hash
    assert {image.id for image in folder.read().images} == set(folder.read_key().images)
    assert all(image.sha256 == hash_file(folder.image(image.id)) for image in folder.read().images)


def test_the_same_study_has_the_same_hash_wherever_it_is_frozen(tmp_path: Path) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    one = freeze(spec_file(here), here / "study")
    shutil.copytree(here / "a", there / "a")
    shutil.copytree(here / "b", there / "b")
    two = freeze(spec_file(there), there / "another")
    assert one.frozen.read_bytes() == two.frozen.read_bytes()
    assert one.key.read_bytes() == two.key.read_bytes()
    assert one.platform_key.read_bytes() != two.platform_key.read_bytes()
    other = freeze(spec_file(there, seed=1), there / "other").read()
    assert other.hash != two.read().hash
    assert {image.id for image in other.images}.isdisjoint(image.id for image in two.read().images)


@pytest.mark.parametrize("change", [{"consent": "I do."}, {"exclusion": {"median_ms": False}}, {"title": "Another"}])
def test_whatever_the_owner_changes_is_another_study(tmp_path: Path, change: dict[str, object]) -> None:
    first = freeze(spec_file(tmp_path), tmp_path / "first").read()
    assert freeze(spec_file(tmp_path, **change), tmp_path / "second").read().hash != first.hash


def test_ids_follow_from_pixels_and_not_from_cells(tmp_path: Path) -> None:
    """The same pictures under each other's cells have the same ids, and only the owner's key differs."""
    here, there = tmp_path / "here", tmp_path / "there"
    for folder, seeds in ((here, (0, 1)), (there, (1, 0))):
        for name, seed in zip("ab", seeds, strict=True):
            image_trees.folder(folder / name, image_trees.pixels(6, seed=seed))
    one, two = (freeze(spec_file(f, images_per_cell=6, practice_images=0), f / "study") for f in (here, there))
    assert [image.id for image in main_images(one)] == [image.id for image in main_images(two)]
    owners = [{name: secret.cell for name, secret in folder.read_key().images.items()} for folder in (one, two)]
    assert all(owners[0][name] == 1 - owners[1][name] for name in owners[0])


def test_the_order_of_images_does_not_follow_cells(tmp_path: Path) -> None:
    """Neighbours in the file are of one cell as often as in a shuffled deck: (n - 1) / (4 n - 1) of the time."""
    cells = []
    for seed, name in enumerate("abcd"):
        image_trees.folder(tmp_path / name, image_trees.pixels(60, seed=seed))
        cells.append(cell(f"model-{name}", name))
    folder = freeze(spec_file(tmp_path, images_per_cell=60, practice_images=0, cells=cells), tmp_path / "study")
    images, key = main_images(folder), folder.read_key()
    order = np.array([key.images[image.id].cell for image in images])
    assert [image.id for image in images] == sorted(image.id for image in images)
    assert np.mean(order[1:] == order[:-1]) == pytest.approx(59 / 239, abs=0.09)  # three standard errors
    positions = [np.flatnonzero(order == index).mean() for index in range(4)]
    assert np.ptp(positions) < 40  # standard error of a mean position: 9
    strata = {(key.images[image.id].cell, image.stratum) for image in images}
    assert sorted(stratum for _, stratum in strata) == [0, 1, 2, 3]


def test_strata_are_shuffled(tmp_path: Path) -> None:
    orders = set()
    for seed in range(8):
        folder = freeze(spec_file(tmp_path, seed=seed), tmp_path / f"study-{seed}")
        orders.add(by_cell(folder)[0][0].stratum)
        assert {image.stratum for image in folder.read().images if image.role is not Role.MAIN} == {-1}
    assert orders == {0, 1}


def test_practice_images_are_none_that_are_rated_and_gold_has_its_range(tmp_path: Path) -> None:
    image_trees.folder(tmp_path / "extra", image_trees.pixels(3, (16, 32), seed=9))
    gold = [{"image": "extra/0000.png", "low": 1, "high": 2}]
    folder = freeze(spec_file(tmp_path, gold=gold, display="16x32"), tmp_path / "drawn")
    study, key = folder.read(), folder.read_key()
    practice, (golden,) = study.of_role(Role.PRACTICE), study.of_role(Role.GOLD)
    rated = {key.images[image.id].source for image in main_images(folder)}
    assert len(practice) == 2
    for image in practice:
        name, _, source = key.images[image.id].source.partition(", ")
        assert name in ("noise / alpha", "noise / beta")
        cell_of = 0 if name.endswith("alpha") else 1
        assert (cell_of, source) not in {(key.images[i.id].cell, key.images[i.id].source) for i in main_images(folder)}
    assert rated
    assert (key.images[golden.id].low, key.images[golden.id].high) == (1, 2)
    assert np.array_equal(pixels(folder.image(golden.id)), pixels(tmp_path / "extra" / "0000.png"))
    named = freeze(spec_file(tmp_path, practice=["extra/0001.png"], display="16x32"), tmp_path / "named")
    (image,) = named.read().of_role(Role.PRACTICE)
    assert named.read_key().images[image.id].source == "extra/0001.png"


def test_packs_and_archives_are_cells_like_folders(tmp_path: Path) -> None:
    image_trees.folder(tmp_path / "a", image_trees.pixels(6))
    image_trees.archive(tmp_path / "a.zip", tmp_path / "a")
    np.savez(tmp_path / "b.npz", image_trees.pixels(6, seed=1))
    cells = [cell("alpha", "a.zip"), cell("beta", "b.npz"), cell("real", "c", count=1)]
    image_trees.folder(tmp_path / "c", image_trees.pixels(2, seed=5))
    folder = freeze(spec_file(tmp_path, cells=cells), tmp_path / "study")
    assert {index: len(images) for index, images in by_cell(folder).items()} == {0: 4, 1: 4, 2: 1, None: 2}
    alone = freeze(spec_file(tmp_path), tmp_path / "folders")
    ours = [{member(f, i.id) for i in by_cell(f)[0]} for f in (folder, alone)]
    assert ours[0] == ours[1], "which images are drawn depends on the cell's own name and number of images alone"
    assert [one.origin for one in folder.read_key().cells] == ["imported", "imported", "real"]


def test_one_picture_twice_is_refused_within_a_cell_and_across(tmp_path: Path) -> None:
    spec = spec_file(tmp_path, images_per_cell=6, practice_images=0)
    shutil.copy(tmp_path / "a" / "0001.png", tmp_path / "a" / "0004.png")
    with pytest.raises(DataError, match=r"noise / alpha, member 1: 0001\.png; noise / alpha, member 4: 0004\.png"):
        freeze(spec, tmp_path / "study")
    image_trees.folder(tmp_path / "a", image_trees.pixels(6))
    shutil.copy(tmp_path / "a" / "0003.png", tmp_path / "b" / "0000.png")
    with pytest.raises(DataError, match=r"noise / alpha, member 3: 0003\.png; noise / beta, member 0: 0000\.png"):
        freeze(spec, tmp_path / "study")
    assert not (tmp_path / "study").exists()


def test_a_study_can_be_read_without_its_owner_s_part(tmp_path: Path) -> None:
    folder = freeze(spec_file(tmp_path), tmp_path / "study")
    shutil.rmtree(folder.owner)
    assert len(folder.read().images) == 10
    assert json.loads(folder.frozen.read_text())["schema_version"] == 1
    assert os.access(folder.image(folder.read().images[0].id), os.R_OK)
