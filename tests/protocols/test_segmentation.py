"""Laws of the segmentation protocol, with segmenters that were hardly trained, and one that knows without training."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from annotation.scenes import facts as drn_facts
from annotation.scenes import network as drn_network

from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.weights import load_segmenter, save_segmenter
from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.errors import BenchError, ConfigError, DataError
from sbgan_bench.judge import JudgeSettings, bundled_judge, read_judge, segmenter_confusion, train_judge
from sbgan_bench.labelling import AbstractLabeller, LabellerFacts, layouts_at, open_labeller
from sbgan_bench.metrics.segmentation import mean_iou, pixel_accuracy
from sbgan_bench.protocol import LayoutClasses, Opening
from sbgan_bench.protocols.segmentation import SegmentationProtocol
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")
NAMES = ("red", "green", "blue", "void")
CLASSES = LayoutClasses(NAMES, 3)
INFO = DatasetInfo(
    name="blocks", class_names=NAMES, palette=((0, 0, 0),) * 4, ignore_index=3, licence="none", redistributable=True
)


def scenes(count: int, seed: int = 0, cell: int = 8, size: tuple[int, int] = (32, 64)) -> SampleBatch:
    """Blocks whose colour says the class; one block in ten is unlabelled."""
    rng = np.random.default_rng(seed)
    coarse = rng.choice(4, (count, size[0] // cell, size[1] // cell), p=[0.3, 0.3, 0.3, 0.1]).astype(np.uint8)
    layouts = layouts_at(coarse, size)
    images = np.where(layouts[:, None] == np.arange(3)[:, None, None], 200, 40)
    return SampleBatch((images + rng.integers(-20, 21, images.shape)).astype(np.uint8), layouts)


def table(batch: SampleBatch) -> PairTable:
    return PairTable(INFO, Split("train", tuple(map(str, range(len(batch))))), "0" * 64, batch.images, batch.layouts)


class Oracle(AbstractLabeller):
    """Sees the brightest colour."""

    facts = LabellerFacts(name="oracle", sha256="0" * 64, class_names=NAMES[:3], sight="as it is")

    def labels(self, images):
        return images.argmax(axis=1).astype(np.uint8)


@pytest.fixture(scope="module")
def judge_file(tmp_path_factory):
    settings = JudgeSettings(width=4, images=160, batch_size=8, learning_rate=1e-2)
    out = tmp_path_factory.mktemp("judge") / "judge.safetensors"
    return train_judge(table(scenes(16)), out, settings=settings, device=CPU)


@pytest.fixture(scope="module")
def drn_folder(tmp_path_factory):
    folder = tmp_path_factory.mktemp("drn")
    save_segmenter(folder, drn_network(), drn_facts())
    return folder


def opened(path, classes=CLASSES) -> SegmentationProtocol:
    return SegmentationProtocol.open(Opening(device=CPU, weights=path, classes=classes))


def test_counts_are_pixels_by_class_of_the_layout_and_class_that_is_seen():
    batch = scenes(5)
    features = SegmentationProtocol(Oracle(), CLASSES).features(batch)
    tables = features.reshape(5, 4, 4)
    for layout, counts in zip(batch.layouts, tables, strict=True):
        assert np.array_equal(np.diag(counts)[:3], [(layout == k).sum() for k in range(3)])
    assert (tables.sum(axis=(1, 2)) == (batch.layouts != 3).sum(axis=(1, 2))).all()
    assert mean_iou(features, features) == pixel_accuracy(features, features) == 1


def test_what_is_unlabelled_cannot_matter():
    batch = scenes(5)
    protocol = SegmentationProtocol(Oracle(), CLASSES)
    other = np.where((batch.layouts == 3)[:, None], 255 - batch.images, batch.images)
    assert np.array_equal(protocol.features(batch), protocol.features(SampleBatch(other, batch.layouts)))


def test_every_class_counts_where_none_is_unlabelled():
    features = SegmentationProtocol(Oracle(), LayoutClasses(NAMES[:3])).features(
        SampleBatch(scenes(3).images, np.zeros((3, 32, 64), np.uint8))
    )
    assert (features.sum(axis=1) == 32 * 64).all()


def test_small_layouts_are_enlarged_by_repeating_pixels():
    batch = scenes(4)
    protocol = SegmentationProtocol(Oracle(), CLASSES)
    small = SampleBatch(batch.images, np.ascontiguousarray(batch.layouts[:, ::8, ::8]))
    assert np.array_equal(protocol.features(small), protocol.features(batch))
    with pytest.raises(DataError, match=r"5x8.*no whole factor"):
        protocol.features(replace(small, layouts=np.zeros((4, 5, 8), np.uint8)))
    with pytest.raises(DataError, match=r"64x128.*no whole factor"):
        protocol.features(replace(small, layouts=np.zeros((4, 64, 128), np.uint8)))


def test_a_judge_sees_what_its_own_test_counts(judge_file):
    """The judge as labeller and ``segmenter_confusion`` of its network are one measurement."""
    batch = scenes(6, seed=1)
    counts = opened(judge_file).features(batch).sum(axis=0).reshape(4, 4)
    assert np.array_equal(counts, segmenter_confusion(read_judge(judge_file).network, table(batch), CPU))
    assert np.diag(counts).sum() > 0.9 * counts.sum()


def test_a_judge_looks_at_its_own_size(judge_file):
    """Enlarged pictures are the same to it, and labels come back at the size of the picture."""
    batch = scenes(3, seed=2)
    double = SampleBatch(batch.images.repeat(2, axis=2).repeat(2, axis=3), batch.layouts)
    labels = open_labeller(judge_file, CPU).labels(double.images)
    assert labels.shape == (3, 64, 128)
    assert (labels[:, ::2, ::2] == open_labeller(judge_file, CPU).labels(batch.images)).mean() > 0.95
    shares = [counts.sum(axis=0) / counts.sum() for counts in map(opened(judge_file).features, (batch, double))]
    assert shares[0] == pytest.approx(shares[1], abs=0.02)


def test_a_folder_of_annotate_sees_what_its_annotator_sees(drn_folder):
    batch = scenes(2, size=(24, 40))
    protocol = opened(drn_folder)
    annotator = Annotator(load_segmenter(drn_folder))
    seen = np.stack([annotator.label(image.transpose(1, 2, 0)) for image in batch.images])
    assert np.array_equal(open_labeller(drn_folder, CPU).labels(batch.images), seen)
    known = batch.layouts != 3
    right = (seen == batch.layouts)[known].sum()
    assert protocol.features(batch).reshape(2, 4, 4).trace(axis1=1, axis2=2).sum() == right
    assert "drn_d_22 made for a test" in protocol.info.layers


def test_conventions_are_in_the_info(judge_file, drn_folder):
    info = opened(judge_file).info
    assert "resized to 32x64" in info.input
    assert "layout is 3 (unlabelled) are left out" in info.layers
    assert "every pixel counts" in SegmentationProtocol(Oracle(), LayoutClasses(NAMES[:3])).info.layers
    assert info.blocks == {"confusion": (0, 16)}
    assert "seen at its own size" in opened(drn_folder).info.input


def test_the_hash_changes_with_what_a_segmenter_sees(tmp_path):
    hashes = set()
    for number, (seed, scale) in enumerate([(0, 1.0), (1, 1.0), (0, 0.5)]):
        save_segmenter(tmp_path / str(number), drn_network(seed=seed), drn_facts(input_scale=scale))
        hashes.add(opened(tmp_path / str(number)).info.weights_hash)
    assert len(hashes) == 3


@pytest.mark.parametrize(
    ("classes", "words"),
    [
        (LayoutClasses(("red", "green", "sky", "void"), 3), "Class 2 .* 'blue'.* 'sky'"),
        (LayoutClasses(("red", "green")), "knows . classes, the layouts have 2"),
        (LayoutClasses((*NAMES, "more"), 3), "knows . classes, the layouts have 5"),
    ],
)
def test_a_segmenter_of_other_classes_is_refused(judge_file, drn_folder, classes, words):
    for path in (judge_file, drn_folder):
        with pytest.raises(ConfigError, match=words):
            opened(path, classes)


def test_what_is_missing_is_said(judge_file, tmp_path):
    with pytest.raises(BenchError, match=r"needs a segmenter.*--judge"):
        opened(None)
    with pytest.raises(BenchError, match="classes of the layouts are not known"):
        opened(judge_file, None)
    with pytest.raises(ConfigError, match=r"no drn\.json"):
        opened(tmp_path)
    protocol = SegmentationProtocol(Oracle(), CLASSES)
    batch = scenes(2)
    with pytest.raises(DataError, match="looks at layouts"):
        protocol.features(SampleBatch(batch.images))
    with pytest.raises(DataError, match="looks at images"):
        protocol.features(SampleBatch(layouts=batch.layouts))
    with pytest.raises(DataError, match="class id 7, and there are 4"):
        protocol.features(replace(batch, layouts=np.full_like(batch.layouts, 7)))


def test_images_of_too_many_pixels_are_refused():
    """A count of 2^24 + 1 is no float32."""
    assert "16777216 pixels" in SegmentationProtocol.unsupported((4096, 4104))
    assert SegmentationProtocol.unsupported((4096, 4096)) == ""
    flat = np.broadcast_to(np.uint8(0), (1, 3, 4096, 4104))
    with pytest.raises(DataError, match="4096x4104"):
        SegmentationProtocol(Oracle(), CLASSES).features(SampleBatch(flat, np.zeros((1, 4096, 4104), np.uint8)))


def test_the_bundled_judge_of_toy_streets_sees_reals_and_not_noise():
    from sbgan_bench.datasets.opening import open_dataset

    dataset = open_dataset("toy-streets", {}, "test")
    pairs = [dataset.read(key, (32, 64)) for key in dataset.splits()["test"].keys[:8]]
    images = np.stack([pair.image.transpose(2, 0, 1) for pair in pairs])
    layouts = np.stack([pair.layout for pair in pairs])
    protocol = opened(bundled_judge("toy-streets", (32, 64)), LayoutClasses(dataset.info.class_names))
    real = protocol.features(SampleBatch(images, layouts))
    shifted = protocol.features(SampleBatch(images, np.roll(layouts, 1, axis=0)))
    noise = protocol.features(SampleBatch(np.random.default_rng(0).integers(0, 256, images.shape, np.uint8), layouts))
    values = [mean_iou(real, features) for features in (real, shifted, noise)]
    assert values[0] > 0.5 > values[1] > values[2]
