"""Judge files: what is read is what was trained, and nothing else is accepted."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.errors import BenchError, ConfigError, CorruptFileError
from sbgan_bench.judge import JudgeSettings, bundled_judge, read_judge, train_judge
from sbgan_bench.segmenter import images_to_input

CPU = torch.device("cpu")
SETTINGS = JudgeSettings(width=4, images=320, batch_size=8, learning_rate=1e-2, seed=3)


def halves_table(name: str, count: int, seed: int) -> PairTable:
    """Bright above, dark below, with the border at a random height; the lowest row is unlabelled."""
    rng = np.random.default_rng(seed)
    borders = rng.integers(4, 13, count)
    layouts = (np.arange(16)[None, :, None] >= borders[:, None, None]).astype(np.uint8).repeat(32, axis=2)
    images = (np.where(layouts, 60, 190)[:, None] + rng.integers(-25, 25, (count, 3, 16, 32))).astype(np.uint8)
    layouts[:, -1] = 2
    info = DatasetInfo(
        name="halves",
        class_names=("up", "down", "void"),
        palette=((0, 0, 0), (9, 9, 9), (99, 99, 99)),
        ignore_index=2,
        licence="none",
        redistributable=True,
    )
    return PairTable(info, Split(name, tuple(map(str, range(count)))), "f" * 64, images, layouts)


@pytest.fixture(scope="module")
def judge_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("judge") / "judge.safetensors"
    table, selection = halves_table("train", 40, 0), halves_table("selection", 12, 1)
    assert train_judge(table, out, settings=SETTINGS, device=CPU, selection=selection) == out
    return out


def test_a_judge_knows_what_it_was_trained_on_and_how_well_it_sees(judge_file: Path) -> None:
    judge = read_judge(judge_file)
    facts = judge.facts
    assert (facts.dataset, facts.resolution, facts.pairs, facts.held_out_pairs) == ("halves", (16, 32), 40, 12)
    assert facts.class_names == ("up", "down", "void")
    assert facts.settings == SETTINGS
    selection = halves_table("selection", 12, 1)
    with torch.no_grad():
        predicted = judge.network(images_to_input(torch.from_numpy(selection.images))).argmax(1).numpy()
    labelled = selection.layouts != 2
    accuracy = (predicted == selection.layouts)[labelled].mean()
    assert accuracy > 0.9
    assert facts.pixel_accuracy == pytest.approx(accuracy, abs=1e-4)
    ious = []
    for label in (0, 1):
        claimed, true = (predicted == label) & labelled, selection.layouts == label
        ious.append((claimed & true).sum() / (claimed | true).sum())
    assert facts.mean_iou == pytest.approx(np.mean(ious), abs=1e-4)


def test_the_same_training_gives_the_same_file_and_another_seed_another(judge_file: Path, tmp_path: Path) -> None:
    table, selection = halves_table("train", 40, 0), halves_table("selection", 12, 1)
    again = train_judge(table, tmp_path / "again", settings=SETTINGS, device=CPU, selection=selection)
    assert again.read_bytes() == judge_file.read_bytes()
    other = SETTINGS.model_copy(update={"seed": 4, "images": 16})
    path = train_judge(table, tmp_path / "other", settings=other, device=CPU)
    assert read_judge(path).weights_hash != read_judge(judge_file).weights_hash
    assert read_judge(path).facts.pixel_accuracy is None


@pytest.mark.parametrize("where", [3, 60, 300, -1, -2000])
def test_one_changed_byte_is_noticed(judge_file: Path, tmp_path: Path, where: int) -> None:
    content = bytearray(judge_file.read_bytes())
    content[where] ^= 0x11
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(bytes(content))
    with pytest.raises(BenchError, match=r"damaged\.safetensors"):
        read_judge(damaged)


def test_truncated_foreign_and_missing_files_are_refused_by_name(judge_file: Path, tmp_path: Path) -> None:
    cut = tmp_path / "cut.safetensors"
    cut.write_bytes(judge_file.read_bytes()[:-100])
    with pytest.raises(CorruptFileError, match=r"cut\.safetensors is damaged"):
        read_judge(cut)
    foreign = tmp_path / "foreign.safetensors"
    save_file({"weight": torch.zeros(3)}, foreign)
    with pytest.raises(ConfigError, match="not those of a judge"):
        read_judge(foreign)
    with pytest.raises(ConfigError, match="No judge file"):
        read_judge(tmp_path / "none.safetensors")


def test_an_empty_train_split_is_an_error(tmp_path: Path) -> None:
    empty = halves_table("train", 0, 0)
    with pytest.raises(BenchError, match="train split of halves is empty"):
        train_judge(empty, tmp_path / "x", settings=SETTINGS, device=CPU)
    elsewhere = replace(empty, split=Split("part", ()))
    with pytest.raises(BenchError, match="part split"):
        train_judge(elsewhere, tmp_path / "x", settings=SETTINGS, device=CPU)
    assert not list(tmp_path.iterdir())


def test_no_judge_ships_for_an_unknown_dataset() -> None:
    assert bundled_judge("no-such-dataset", (32, 64)) is None
