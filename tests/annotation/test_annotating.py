import shutil

import numpy as np
import pytest
import torch
from annotation.scenes import COLOURS, NAMES, facts, network, opened, scene, write_scenes
from PIL import Image

from sbgan_bench.annotation.annotating import ImagesAs, annotate_images
from sbgan_bench.annotation.label_maps import Origin, read_origin, write_label_map
from sbgan_bench.annotation.manifest import AnnotationManifest
from sbgan_bench.annotation.prediction import MULTI_SCALE, Annotator
from sbgan_bench.annotation.sources import UnlabelledImages
from sbgan_bench.annotation.training import normalised
from sbgan_bench.annotation.weights import load_segmenter, save_segmenter
from sbgan_bench.datasets.reading import read_layout
from sbgan_bench.errors import ConfigError, CorruptFileError, DataError

SIZES = ((32, 64), (33, 61), (8, 8), (5, 70), (40, 17))


@pytest.fixture(scope="module")
def annotator(segmenter):
    return Annotator(load_segmenter(segmenter))


@pytest.fixture
def photos(tmp_path):
    """Images of several sizes, one in a subfolder, beside what is no image."""
    folder = tmp_path / "photos"
    (folder / "town").mkdir(parents=True)
    for i, size in enumerate(SIZES):
        Image.fromarray(scene(i, size)[0]).save(folder / ("town" if i == 3 else "") / f"{i}.png")
    (folder / "notes.txt").write_text("not an image")
    (folder / ".hidden.png").write_bytes(b"not an image")
    return folder


def annotated(annotator, photos, out, **options):
    return annotate_images(annotator, UnlabelledImages.open(photos), out, **options)


@pytest.mark.parametrize("size", SIZES)
def test_images_of_any_size_get_a_label_map_of_that_size(annotator, size):
    ids = annotator.label(scene(0, size)[0])
    assert ids.shape == size
    assert ids.dtype == np.uint8
    assert ids.max() < 3


def test_where_nothing_is_padded_it_is_the_network_itself(annotator):
    image = scene(1, (32, 64))[0]
    with torch.inference_mode():
        scores = annotator.segmenter.network(normalised(torch.from_numpy(image.transpose(2, 0, 1).copy())[None]))
    assert np.array_equal(annotator.label(image), scores.argmax(1)[0].numpy())


def test_several_scales_of_one_are_one(segmenter):
    image = scene(2)[0]
    once, thrice = (
        Annotator(load_segmenter(segmenter), scales=scales).label(image) for scales in ((1.0,), (1.0,) * 3)
    )
    assert np.array_equal(once, thrice)
    assert Annotator(load_segmenter(segmenter), scales=MULTI_SCALE).label(image).shape == image.shape[:2]


def test_the_output_is_a_sound_dataset(annotator, photos, tmp_path):
    done = annotated(annotator, photos, tmp_path / "out")
    assert (done.written, done.kept, done.faults) == (5, 0, {})
    dataset = opened(tmp_path / "out")
    assert dataset.problems() == []
    assert dataset.info.class_names[:3] == NAMES
    assert dataset.info.ignore_index == 3
    assert dataset.info.palette[:3] == tuple(map(tuple, COLOURS.tolist()))
    pair = dataset.read("town/3", SIZES[3])
    assert np.array_equal(pair.image, scene(3, SIZES[3])[0])
    assert np.array_equal(pair.layout, annotator.label(pair.image))


def test_label_maps_are_ids_with_colours_to_look_at(annotator, photos, tmp_path):
    annotated(annotator, photos, tmp_path / "out")
    with Image.open(tmp_path / "out" / "labels" / "0.png") as picture:
        assert picture.mode == "P"
        ids, colours = np.asarray(picture), np.asarray(picture.convert("RGB"))
    assert np.array_equal(colours, COLOURS[ids])


def test_the_manifest_says_what_the_labels_are(annotator, photos, tmp_path):
    annotated(annotator, photos, tmp_path / "out")
    manifest = AnnotationManifest.read(tmp_path / "out")
    assert manifest is not None
    saved = annotator.segmenter.facts
    assert (manifest.weights_sha256, manifest.class_names) == (saved.weights_sha256, saved.class_names)
    assert (manifest.images, manifest.annotated, manifest.complete) == (5, 5, True)
    assert AnnotationManifest.parse(manifest.to_json(), "test") == manifest


def test_what_is_done_is_not_done_again(annotator, photos, tmp_path):
    out = tmp_path / "out"

    def power_cut(done, total):
        if done == 3:
            raise RuntimeError("power cut")

    with pytest.raises(RuntimeError, match="power cut"):
        annotated(annotator, photos, out, report=power_cut)
    assert not AnnotationManifest.read(out).complete
    before = {path: path.stat().st_mtime_ns for path in (out / "labels").rglob("*.png")}
    assert len(before) == 3
    done = annotated(annotator, photos, out)
    assert (done.written, done.kept) == (2, 3)
    assert all(path.stat().st_mtime_ns == time for path, time in before.items())
    whole = annotated(annotator, photos, tmp_path / "whole")
    assert whole.written == 5
    for path in (out / "labels").rglob("*.png"):
        assert path.read_bytes() == (tmp_path / "whole" / path.relative_to(out)).read_bytes()


def test_a_changed_image_and_a_cut_label_map_are_done_again(annotator, photos, tmp_path):
    out = tmp_path / "out"
    annotated(annotator, photos, out)
    Image.fromarray(scene(77)[0]).save(photos / "0.png")
    content = (out / "labels" / "1.png").read_bytes()
    (out / "labels" / "1.png").write_bytes(content[: len(content) // 2])
    assert annotated(annotator, photos, out).written == 2
    assert np.array_equal(read_layout(out / "labels" / "0.png"), annotator.label(scene(77)[0]))


def test_other_weights_or_scales_do_not_mix(annotator, segmenter, photos, tmp_path):
    out = tmp_path / "out"
    annotated(annotator, photos, out)
    save_segmenter(tmp_path / "other", network(seed=8), facts())
    with pytest.raises(ConfigError, match="choose another --out"):
        annotated(Annotator(load_segmenter(tmp_path / "other")), photos, out)
    with pytest.raises(ConfigError, match="choose another --out"):
        annotated(Annotator(load_segmenter(segmenter), scales=(0.5, 1.0)), photos, out)


def test_label_maps_of_unknown_origin_or_image_are_not_joined(annotator, photos, tmp_path):
    write_label_map(tmp_path / "true" / "labels" / "0.png", np.zeros((4, 4), np.uint8), ((0, 0, 0),))
    with pytest.raises(DataError, match="choose another --out"):
        annotated(annotator, photos, tmp_path / "true")
    annotated(annotator, photos, tmp_path / "out")
    (photos / "4.png").unlink()
    with pytest.raises(DataError, match=r"labels/4.png belongs to no image"):
        annotated(annotator, photos, tmp_path / "out")


def test_a_damaged_manifest_is_named(annotator, photos, tmp_path):
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "manifest.json").write_text('{"format": 1')
    with pytest.raises(CorruptFileError, match=r"manifest.json is damaged"):
        annotated(annotator, photos, tmp_path / "out")


def test_an_image_that_cannot_be_read_is_noted_and_the_others_go_on(annotator, photos, tmp_path):
    (photos / "0.png").write_bytes(b"no image")
    done = annotated(annotator, photos, tmp_path / "out")
    assert done.written == 4
    assert list(done.faults) == ["0.png"]
    manifest = AnnotationManifest.read(tmp_path / "out")
    assert not manifest.complete
    assert "not an image" in manifest.faults["0.png"]
    Image.fromarray(scene(0)[0]).save(photos / "0.png")
    assert annotated(annotator, photos, tmp_path / "out").written == 1
    assert AnnotationManifest.read(tmp_path / "out").complete


def test_images_are_linked_copied_or_left(annotator, photos, tmp_path):
    for kind in ImagesAs:
        annotated(annotator, photos, tmp_path / kind, images_as=kind)
    assert (tmp_path / "link" / "images" / "town" / "3.png").is_symlink()
    copied = tmp_path / "copy" / "images" / "town" / "3.png"
    assert not copied.is_symlink()
    assert copied.read_bytes() == (photos / "town" / "3.png").read_bytes()
    assert sorted(path.name for path in (tmp_path / "none").iterdir()) == ["labels", "manifest.json"]


def test_images_may_lie_in_the_output_already_and_are_left_alone(annotator, photos, tmp_path):
    place = tmp_path / "mine"
    shutil.copytree(photos, place / "images")
    before = {path: path.read_bytes() for path in (place / "images").rglob("*.png")}
    for kind in (ImagesAs.LINK, ImagesAs.COPY):
        annotated(annotator, place / "images", place, images_as=kind)
        assert {path: path.read_bytes() for path in (place / "images").rglob("*.png")} == before
        assert not any(path.is_symlink() for path in before)
    assert opened(place).read("0", SIZES[0]).layout.shape == SIZES[0]


@pytest.mark.parametrize("kind", [ImagesAs.LINK, ImagesAs.COPY])
def test_other_images_in_the_way_are_not_replaced(annotator, photos, tmp_path, kind):
    (tmp_path / "out" / "images").mkdir(parents=True)
    shutil.copy(photos / "1.png", tmp_path / "out" / "images" / "0.png")
    with pytest.raises(DataError, match="holds files that are not from"):
        annotated(annotator, photos, tmp_path / "out", images_as=kind)
    assert (tmp_path / "out" / "images" / "0.png").read_bytes() == (photos / "1.png").read_bytes()


def test_an_output_among_the_images_is_refused(annotator, photos):
    with pytest.raises(DataError, match="lies inside"):
        annotated(annotator, photos, photos / "labelled")
    assert not (photos / "labelled").exists()


def test_a_description_that_somebody_edited_stays(annotator, photos, tmp_path):
    annotated(annotator, photos, tmp_path / "out")
    edited = (tmp_path / "out" / "dataset.toml").read_text().replace("random", "contiguous")
    (tmp_path / "out" / "dataset.toml").write_text(edited)
    annotated(annotator, photos, tmp_path / "out")
    assert (tmp_path / "out" / "dataset.toml").read_text() == edited


def test_folders_without_images_and_stems_that_occur_twice_are_refused(photos, tmp_path):
    with pytest.raises(DataError, match="not a folder"):
        UnlabelledImages.open(tmp_path / "nowhere")
    (tmp_path / "empty").mkdir()
    with pytest.raises(DataError, match="No images in"):
        UnlabelledImages.open(tmp_path / "empty")
    shutil.copy(photos / "0.png", photos / "0.jpg")
    with pytest.raises(DataError, match="same stem"):
        UnlabelledImages.open(photos)


def test_a_label_map_tells_its_origin(tmp_path):
    ids = np.arange(12, dtype=np.uint8).reshape(3, 4)
    origin = Origin("a" * 64, "b" * 64)
    write_label_map(tmp_path / "a.png", ids, [(i, i, i) for i in range(12)], origin)
    write_label_map(tmp_path / "b.png", ids, [(0, 0, 0)])
    assert read_origin(tmp_path / "a.png") == origin
    assert read_origin(tmp_path / "b.png") is None
    assert np.array_equal(read_layout(tmp_path / "a.png"), ids)
    assert np.array_equal(read_layout(tmp_path / "b.png"), ids)


def test_scenes_are_a_sound_dataset(tmp_path):
    assert opened(write_scenes(tmp_path)).problems() == []
