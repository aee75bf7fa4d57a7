"""Laws of GAN-train, on scenes whose colours say the class."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.errors import BenchError, DataError
from sbgan_bench.gan_train import MEASURES, gan_train, generated_pairs, recipe_hash, reference_pairs
from sbgan_bench.gan_train_rows import gan_train_rows
from sbgan_bench.judge import JudgeSettings
from sbgan_bench.labelling import layouts_at
from sbgan_bench.results import FLOOR, Origin, check_comparable
from sbgan_bench.samples import SampleBatch

CPU = torch.device("cpu")
SETTINGS = JudgeSettings(width=4, images=160, batch_size=8, learning_rate=1e-2)
NAMES = ("red", "green", "blue", "void")
INFO = DatasetInfo(
    name="blocks", class_names=NAMES, palette=((0, 0, 0),) * 4, ignore_index=3, licence="none", redistributable=True
)


def scenes(count: int, seed: int, classes: int = 3) -> SampleBatch:
    """Blocks of colour with layouts at an eighth of the size; one block in ten is unlabelled."""
    rng = np.random.default_rng(seed)
    layouts = rng.integers(0, classes, (count, 2, 4)).astype(np.uint8)
    colours = layouts_at(layouts, (16, 32))[:, None] == np.arange(3)[:, None, None]
    images = np.where(colours, 180, 60) + rng.integers(-40, 41, (count, 3, 16, 32))
    layouts[rng.random(layouts.shape) < 0.1] = 3
    return SampleBatch(images.astype(np.uint8), layouts)


def table(count: int, seed: int, classes: int = 3, name: str = "train") -> PairTable:
    made = generated_pairs([scenes(count, seed, classes)], INFO)
    return replace(made, split=Split(name, made.split.keys))


def trained(pairs: PairTable, **changes):
    values = {"settings": SETTINGS, "seeds": (0, 1), "device": CPU}
    return gan_train(pairs, TEST, **{**values, **changes})


TEST = table(20, seed=9, name="test")


@pytest.fixture(scope="module")
def learnt():
    return trained(table(24, seed=0))


def test_pairs_that_belong_together_teach_and_shuffled_ones_do_not(learnt):
    pairs = table(24, seed=0)
    shuffled = trained(replace(pairs, layouts=np.roll(pairs.layouts, 1, axis=0)))
    for metric in MEASURES:
        assert min(learnt.values(metric)) > 0.8 > 0.6 > max(shuffled.values(metric))


def test_it_is_a_function_of_its_arguments(learnt):
    torch.manual_seed(5)
    again = trained(table(24, seed=0), seeds=(1, 0), settings=SETTINGS.model_copy(update={"seed": 7}))
    assert np.array_equal(again.counts, learnt.counts[::-1])
    assert not np.array_equal(*learnt.counts)


def test_every_labelled_test_pixel_is_counted_once(learnt):
    for counts in learnt.counts:
        assert np.array_equal(counts.sum(axis=1), [(TEST.layouts == k).sum() for k in range(3)] + [0])
        assert not counts[:, 3].any()
    assert (learnt.pairs, learnt.tested, learnt.missing) == (24, 20, ())


def test_a_class_that_no_training_pair_shows_is_missed_and_counts():
    result = trained(table(24, seed=0, classes=2), seeds=(0,))
    (counts,) = result.counts
    assert result.missing == ("blue",)
    assert not counts[:, 2].any()
    assert counts[2].sum() > 0
    ious = [counts[k, k] / (counts[k].sum() + counts[:, k].sum() - counts[k, k]) for k in range(3)]
    assert ious[2] == 0
    assert result.values("gan-train-mean-iou") == (pytest.approx(sum(ious) / 3),)


def test_a_class_that_no_test_pair_has_is_left_out():
    two = table(20, seed=8, classes=2, name="test")
    result = gan_train(table(24, seed=0), two, settings=SETTINGS, seeds=(0,), device=CPU)
    (counts,) = result.counts
    ious = [counts[k, k] / (counts[k].sum() + counts[:, k].sum() - counts[k, k]) for k in range(2)]
    assert result.values("gan-train-mean-iou") == (pytest.approx(sum(ious) / 2),)


def test_progress_runs_once_from_the_first_image_to_the_last():
    told = []
    short = SETTINGS.model_copy(update={"images": 20})
    trained(table(8, seed=0), settings=short, report=lambda done, total: told.append((done, total)))
    assert told == [(8, 40), (16, 40), (20, 40), (28, 40), (36, 40), (40, 40)]


def test_the_reference_is_as_many_pairs_of_the_train_split():
    train = table(24, seed=0)
    drawn = reference_pairs(train, 10)
    assert len(drawn) == len(set(drawn.split.keys)) == 10
    assert set(drawn.split.keys) <= set(train.split.keys)
    assert drawn.split.keys == reference_pairs(train, 10).split.keys != reference_pairs(train, 10, seed=1).split.keys
    with pytest.raises(DataError, match=r"has 24 pairs.*as many as were generated, 25"):
        reference_pairs(train, 25)


def test_generated_pairs_are_joined_and_layouts_enlarged():
    first, second = scenes(3, 0), scenes(2, 1)
    pairs = generated_pairs([first, second], INFO)
    assert len(pairs) == 5
    assert np.array_equal(pairs.images, np.concatenate([first.images, second.images]))
    assert np.array_equal(pairs.layouts[:, ::8, ::8], np.concatenate([first.layouts, second.layouts]))
    assert pairs.layouts.shape == (5, 16, 32)
    assert pairs.fingerprint == generated_pairs([scenes(3, 0), scenes(2, 1)], INFO).fingerprint
    assert pairs.fingerprint != generated_pairs([first], INFO).fingerprint


def test_scenes_that_are_no_pairs_are_refused():
    batch = scenes(2, 0)
    half = SampleBatch(batch.images[:, :, :8, :16], batch.layouts)
    for batches, words in (
        ([SampleBatch(batch.images)], "looks at layouts"),
        ([SampleBatch(layouts=batch.layouts)], "looks at images"),
        ([batch, half], "one size; found 8x16 and 16x32"),
        ([], "found none"),
        ([SampleBatch(batch.images, batch.layouts + np.uint8(9))], "hold class id 1., and blocks has 4"),
    ):
        with pytest.raises(DataError, match=words):
            generated_pairs(batches, INFO)


def test_what_cannot_be_trained_or_tested_is_refused():
    pairs = table(4, seed=0)
    void = replace(pairs, layouts=np.full_like(pairs.layouts, 3))
    other = replace(pairs, info=replace(INFO, class_names=("a", "b", "c", "void")))
    small = replace(pairs, images=pairs.images[:, :, :8], layouts=pairs.layouts[:, :8])
    for table_, words in ((void, "no labelled pixel"), (other, "one set of classes"), (small, "8x32.*16x32")):
        with pytest.raises(DataError, match=words):
            trained(table_)
    with pytest.raises(DataError, match="is empty"):
        gan_train(pairs, TEST.subset(np.arange(0)), settings=SETTINGS, device=CPU)
    for seeds in ((), (1, 1)):
        with pytest.raises(BenchError, match="each once"):
            trained(pairs, seeds=seeds)


FACTS = {"suite": "evaluate", "model": "sbgan", "recipe": "end-to-end", "dataset": "blocks", "resolution": "16x32",
         "training_seed": 3, "checkpoint_hash": "c" * 64, "notes": ("of the model",)}  # fmt: skip


def test_rows_are_trials_and_a_summary_with_the_reference_beside_them(learnt):
    reference = trained(table(24, seed=1))
    rows = gan_train_rows(FACTS, learnt, reference, drawn_with=7)
    assert len(rows) == len({row.cell() for row in rows}) == 2 * 3 * 3
    for metric in MEASURES:
        values, floors = learnt.values(metric), reference.values(metric)
        ours = [row for row in rows if row.metric == metric and row.model == "sbgan"]
        real = [row for row in rows if row.metric == metric and row.model == FLOOR]
        assert [(row.trial, row.value) for row in ours] == [*enumerate(values), (None, np.mean(values))]
        assert [row.floor for row in ours] == [row.value for row in real] == [*floors, np.mean(floors)]
        assert ours[-1].low < ours[-1].value < ours[-1].high
        assert all(row.floor_pool == "as many real pairs of the train split, drawn with seed 7" for row in ours)
        assert all("of seeds 0, 1 trained on 24 generated pairs" in row.real_pool for row in ours)
        assert all("24 real pairs of the train split, drawn with seed 7" in row.real_pool for row in real)
        assert all(row.origin is Origin.REAL and not row.recipe and not row.checkpoint_hash for row in real)
        assert {(row.better, row.num_real, row.num_generated) for row in (*ours, *real)} == {("higher", 20, 24)}
        check_comparable((*ours, *real))
    assert {row.notes for row in rows if row.model == FLOOR} == {()}


def test_missing_classes_and_the_caution_of_the_test_split_are_noted(learnt):
    pairs = table(24, seed=0, classes=2)
    careful = replace(TEST, split=replace(TEST.split, caution="near-copies"))
    short = SETTINGS.model_copy(update={"images": 8})
    result, reference = (
        gan_train(part, careful, settings=short, seeds=(0,), device=CPU) for part in (pairs, table(24, seed=1))
    )
    rows = gan_train_rows(FACTS, result, reference, drawn_with=7)
    missing = "no training pair shows blue: counted as missed"
    assert {row.notes for row in rows if row.model == "sbgan"} == {("of the model", "near-copies", missing)}
    assert {row.notes for row in rows if row.model == FLOOR} == {("near-copies",)}


def test_a_reference_trained_otherwise_is_refused(learnt):
    for other, words in (
        (replace(learnt, pairs=25), "number of pairs: 24 and 25"),
        (replace(learnt, tested=3), "number of test pairs"),
        (replace(learnt, seeds=(0, 2)), "seeds"),
        (replace(learnt, settings=SETTINGS.model_copy(update={"width": 6})), "recipe"),
    ):
        with pytest.raises(BenchError, match=words):
            gan_train_rows(FACTS, learnt, other, drawn_with=7)


def test_the_recipe_is_all_settings_but_the_seed():
    assert recipe_hash(SETTINGS) == recipe_hash(SETTINGS.model_copy(update={"seed": 9}))
    changes = ({"width": 6}, {"images": 9}, {"batch_size": 9}, {"learning_rate": 0.5})
    assert len({recipe_hash(SETTINGS.model_copy(update=change)) for change in ({}, *changes)}) == 5
