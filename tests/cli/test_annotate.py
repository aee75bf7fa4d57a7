"""The command: what it would do, what it says, what it refuses."""

import json

import pytest
from annotation.scenes import facts, network, write_scenes
from click.testing import CliRunner

from sbgan_bench.annotation.weights import save_segmenter
from sbgan_bench.cli import main

TINY = 'extends = "quick"\nepochs = 1\ncrop = [32, 32]\ninput_scale = 1.0\n'


@pytest.fixture
def scenes(tmp_path):
    (tmp_path / "tiny.toml").write_text(TINY)
    return write_scenes(tmp_path / "scenes", count=10)


@pytest.fixture
def segmenter(tmp_path):
    save_segmenter(tmp_path / "segmenter", network(), facts())
    return tmp_path / "segmenter"


def called(*words, code=0):
    done = CliRunner().invoke(main, ["annotate", *map(str, words)])
    assert done.exit_code == code, done.output
    return done


@pytest.mark.parametrize("command", ["train", "experiment"])
def test_a_dry_run_says_what_would_be_done_and_does_nothing(scenes, tmp_path, command):
    words = (command, "folder", "--data", scenes, "--recipe", tmp_path / "tiny.toml", "--out", tmp_path / "out")
    plan = json.loads(called(*words, "--dry-run", "--format", "json").output)
    assert plan["recipe"]["crop"] == [32, 32]
    assert plan["classes"] == ["red", "green", "blue"]
    assert plan["start"] == "random weights"
    assert not (tmp_path / "out").exists()
    assert "training pairs: " in called(*words, "--dry-run").output


def test_train_evaluate_and_run_follow_one_another(scenes, tmp_path):
    words = ("--data", scenes, "--threads", 1, "--format", "json")
    trained = called("train", "folder", *words, "--recipe", tmp_path / "tiny.toml", "--out", tmp_path / "drn")
    assert json.loads(trained.stdout)["split"] == "selection"
    found = json.loads(called("evaluate", tmp_path / "drn", "folder", *words, "--split", "selection").stdout)
    assert found.items() <= json.loads(trained.stdout).items()
    images = ("--images", scenes / "images", "--out", tmp_path / "out", "--threads", 1)
    assert "10 label maps written" in called("run", tmp_path / "drn", *images).output
    assert json.loads(called("run", tmp_path / "drn", *images, "--format", "json").stdout)["kept"] == 10


def test_a_table_for_people(scenes, segmenter):
    shown = called("evaluate", segmenter, "folder", "--data", scenes, "--threads", 1).output
    assert all(word in shown for word in ("red", "mean of those present", "IoU", "pixels right"))


def test_an_image_left_out_is_said_and_ends_in_one(scenes, segmenter, tmp_path):
    (scenes / "images" / "003.png").write_bytes(b"no image")
    words = ("run", segmenter, "--images", scenes / "images", "--out", tmp_path / "out", "--threads", 1)
    assert "left out: 003.png" in called(*words, code=1).output


def test_mistakes_are_one_line(scenes, segmenter, tmp_path):
    out = ("--out", tmp_path / "out")
    (tmp_path / "empty").mkdir()
    save_segmenter(
        tmp_path / "two", network(2), facts(num_classes=2, class_names=("a", "b"), palette=((0, 0, 0),) * 2)
    )
    other = facts(class_names=("red", "yellow", "blue"))
    save_segmenter(tmp_path / "names", network(), other)
    cases = {
        ("run", segmenter, "--images", tmp_path / "empty", *out): "No images in",
        ("run", segmenter, "--images", tmp_path / "nowhere", *out): "not a folder",
        ("run", tmp_path / "empty", "--images", scenes / "images", *out): "no drn.json",
        ("evaluate", tmp_path / "two", "folder", "--data", scenes): "knows 2 classes, folder has 3",
        ("evaluate", tmp_path / "names", "folder", "--data", scenes): "Class 1 of the segmenter",
        ("train", "folder", "--data", scenes, "--recipe", "quik", *out): "Did you mean 'quick'",
        ("train", "folder", "--data", scenes, "--pretrained", tmp_path / "no.pth", *out): "no such file",
        ("train", "folder", "--data", scenes, "--resolution", "big", *out): "--resolution",
        ("experiment", "camvid", *out): "needs its folder",
    }
    for words, message in cases.items():
        shown = called(*words, code=2).output
        assert message in shown
        assert "Traceback" not in shown
