import itertools

import numpy as np
import pytest
from dataset_trees import folder_tree, write_pair
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from sbgan_bench.datasets.folder_splits import ContiguousSplits, RandomSplits
from sbgan_bench.datasets.opening import open_dataset
from sbgan_bench.datasets.palettes import distinct_palette
from sbgan_bench.datasets.table import read_table
from sbgan_bench.errors import ConfigError, DataError

NAMES = 'class_names = ["sky", "road", "car"]\n'


def opened(root):
    return open_dataset("folder", {"root": str(root)}, "test")


def members(dataset):
    return {name: list(split.keys) for name, split in dataset.splits().items()}


def test_names_alone_are_enough(tmp_path):
    dataset = opened(folder_tree(tmp_path))
    assert dataset.problems() == []
    assert dataset.info.class_names == ("sky", "road", "car")
    assert dataset.info.ignore_index is None
    assert not dataset.info.redistributable
    assert sorted(key for keys in members(dataset).values() for key in keys) == [f"{i:03d}" for i in range(20)]


def test_everything_stated_is_taken_over(tmp_path):
    toml = NAMES + 'palette = [[1, 2, 3], [4, 5, 6], [7, 8, 9]]\nlicence = "CC0"\nredistributable = true\n'
    info = opened(folder_tree(tmp_path, toml=toml)).info
    assert info.palette == ((1, 2, 3), (4, 5, 6), (7, 8, 9))
    assert (info.licence, info.redistributable) == ("CC0", True)


def test_the_ignored_id_becomes_the_last_class(tmp_path):
    root = folder_tree(tmp_path, toml=NAMES + "ignore_id = 255\n")
    stored = np.array(Image.open(root / "labels" / "000.png"))
    stored[0] = 255
    Image.fromarray(stored).save(root / "labels" / "000.png")
    dataset = opened(root)
    assert dataset.info.class_names[-1] == "unlabelled"
    assert dataset.info.ignore_index == 3
    assert np.array_equal(dataset.read("000", (8, 16)).layout, np.where(stored == 255, 3, stored))


def test_subfolders_and_other_formats_are_found(tmp_path):
    root = folder_tree(tmp_path)
    write_pair(root / "images" / "town" / "a.JPG", root / "labels" / "town" / "a.png", seed=1, classes=3)
    write_pair(root / "images" / "b.webp", root / "labels" / "b.tif", seed=2, classes=3)
    keys = {key for split in members(opened(root)).values() for key in split}
    assert {"town/a", "b"} <= keys


def test_lists_are_kept_in_order_and_their_faults_are_listed(tmp_path):
    splits = '[splits]\nkind = "listed"\ntrain = "train.txt"\nselection = ["004", "nowhere"]\ntest = ["003", "006"]\n'
    root = folder_tree(tmp_path, toml=NAMES + splits)
    (root / "train.txt").write_text("003\n001\n\n")
    dataset = opened(root)
    assert members(dataset) == {"train": ["003", "001"], "selection": ["004"], "test": ["006"]}
    messages = [problem.message for problem in dataset.problems()]
    assert any("'nowhere'" in message for message in messages)
    assert any("'003' is in 'test' and in 'train'" in message for message in messages)


def test_groups_hold_near_copies_together(tmp_path):
    lists = '[splits]\nkind = "listed"\ntrain = ["000"]\nselection = ["001"]\ntest = ["002", "003", "004"]\n'
    plain = opened(folder_tree(tmp_path / "plain", toml=NAMES + lists))
    groups = '[groups]\nnoon = ["002", "003"]\n'
    grouped = opened(folder_tree(tmp_path / "grouped", toml=NAMES + lists + groups))
    assert not plain.splits()["test"].groups
    first, second, third = grouped.splits()["test"].groups
    assert first == second != third
    assert plain.split_name != grouped.split_name
    assert grouped.problems() == []


def test_groups_with_strangers_are_a_problem_and_shared_members_an_error(tmp_path):
    dataset = opened(folder_tree(tmp_path / "a", toml=NAMES + '[groups]\nnoon = ["000", "nowhere"]\n'))
    assert any("'nowhere'" in problem.message for problem in dataset.problems())
    with pytest.raises(ConfigError, match="000 twice"):
        opened(folder_tree(tmp_path / "b", toml=NAMES + '[groups]\nnoon = ["000"]\nnight = ["000"]\n'))


@given(st.sets(st.text("abcdef", min_size=1), max_size=30), st.integers(0, 5))
def test_random_splits_are_a_partition_that_ignores_strangers(stems, seed):
    rule = RandomSplits(seed=seed)
    dealt, _ = rule.deal(sorted(stems), None)
    assert sorted(stem for part in dealt.values() for stem in part) == sorted(stems)
    assert rule.deal(sorted(stems, reverse=True), None)[0] == dealt


def test_another_seed_is_another_split():
    stems = [f"{i:03d}" for i in range(50)]
    assert RandomSplits(seed=1).deal(stems, None) != RandomSplits(seed=2).deal(stems, None)


@given(st.integers(0, 60), st.integers(0, 6))
def test_contiguous_splits_are_runs_in_order_with_the_gap_between(count, gap):
    stems = [f"{i:03d}" for i in range(count)]
    dealt, _ = ContiguousSplits(gap=gap).deal(stems, None)
    assert sum(map(len, dealt.values())) == max(0, count - 2 * gap)
    runs = [[int(stem) for stem in dealt[name]] for name in ("train", "selection", "test")]
    for run in runs:
        assert run == list(range(run[0], run[0] + len(run))) if run else True
    filled = [run for run in runs if run]
    assert all(after[0] - before[-1] > gap for before, after in itertools.pairwise(filled))


def test_the_name_of_a_split_tells_splits_apart(tmp_path):
    root = folder_tree(tmp_path)
    first = opened(root).split_name
    (root / "dataset.toml").write_text(NAMES + '[splits]\nkind = "random"\nseed = 7\n')
    assert opened(root).split_name != first


def test_the_fingerprint_follows_content_not_colours_or_place(tmp_path):
    root = folder_tree(tmp_path / "a")
    before = opened(root).fingerprint()
    (root / "dataset.toml").write_text(NAMES + 'licence = "CC0"\n')
    root = root.rename(tmp_path / "b")
    assert opened(root).fingerprint() == before
    (root / "dataset.toml").write_text(NAMES + "ignore_id = 9\n")
    assert opened(root).fingerprint() != before


@pytest.mark.parametrize(
    ("toml", "message"),
    [
        ("class_names = 3\n", "class_names"),
        ("", "'class_names' is missing"),
        ("class_names = []\n", "class_names"),
        ('class_names = ["a", "a"]\n', "a twice"),
        ("class_names = [\n", "not valid TOML"),
        (NAMES + "pallete = []\n", "Did you mean 'palette'"),
        (NAMES + "palette = [[1, 2, 3]]\n", "1 colours for 3"),
        (NAMES + "palette = [[1, 2, 3], [1, 2, 256], [0, 0, 0]]\n", "255"),
        (NAMES + "ignore_id = 1\n", "also the id of class 'road'"),
        (NAMES + "[splits]\nseed = 1\n", "'kind' is missing"),
        (NAMES + '[splits]\nkind = "radnom"\n', "Did you mean 'random'"),
        (NAMES + '[splits]\nkind = "random"\ntrain = 0.9\n', "sum to 1.3"),
        (NAMES + '[splits]\nkind = "random"\ngap = 2\n', "unknown key 'gap'"),
        (NAMES + '[splits]\nkind = "listed"\ntrain = "t.txt"\n', "'selection' is missing"),
    ],
)
def test_a_faulty_description_is_explained(tmp_path, toml, message):
    with pytest.raises(ConfigError, match=message) as caught:
        opened(folder_tree(tmp_path, toml=toml))
    assert "dataset.toml" in str(caught.value)


def test_missing_parts_are_named(tmp_path):
    with pytest.raises(DataError, match="no folder images/"):
        opened(tmp_path)
    root = folder_tree(tmp_path, toml=NAMES + '[splits]\nkind = "listed"\ntrain = "t"\nselection = []\ntest = []\n')
    with pytest.raises(DataError, match="t: cannot be read"):
        opened(root)
    (root / "dataset.toml").unlink()
    with pytest.raises(DataError, match=r"no dataset\.toml"):
        opened(root)


def test_problems_name_the_file_the_id_and_the_remedy(tmp_path):
    root = folder_tree(tmp_path)
    Image.fromarray(np.full((18, 24), 200, np.uint8)).save(root / "labels" / "003.png")
    (root / "labels" / "004.png").unlink()
    (root / "images" / "005.jpg").write_bytes((root / "images" / "005.png").read_bytes())
    found = {problem.file: problem.message for problem in opened(root).problems()}
    assert "200 (432 pixels)" in found["labels/003.png"]
    assert "ignore_id" in found["labels/003.png"]
    assert "no label map" in found["images/004.png"]
    assert any("same stem" in message for message in found.values())
    assert len(found) == 3


def test_a_lossy_label_map_is_a_problem_named_by_its_format(tmp_path):
    root = folder_tree(tmp_path)
    label = root / "labels" / "003.png"
    Image.open(label).save(label.with_suffix(".jpg"))
    label.unlink()
    (problem,) = opened(root).problems()
    assert problem.file == "labels/003.jpg"
    assert "is JPEG" in problem.message


def test_an_empty_split_cannot_be_shown(tmp_path):
    dataset = opened(
        folder_tree(
            tmp_path, toml=NAMES + '[splits]\nkind = "listed"\ntrain = ["001"]\nselection = []\ntest = ["002"]\n'
        )
    )
    with pytest.raises(DataError, match=r"Split 'selection' of folder \(listed-.*is empty.*data check"):
        read_table(dataset, "selection", [], (8, 16))


def test_empty_splits_are_a_problem(tmp_path):
    messages = [problem.message for problem in opened(folder_tree(tmp_path, count=2)).problems()]
    assert any("'selection'" in message for message in messages)


@pytest.mark.parametrize("count", [1, 12, 40, 255, 256])
def test_generated_palettes_have_no_colour_twice(count):
    palette = distinct_palette(count)
    assert len(set(palette)) == len(palette) == count
    assert (0, 0, 0) not in palette
