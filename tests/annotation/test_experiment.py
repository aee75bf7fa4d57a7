import json

import numpy as np
import pytest
from annotation.scenes import RECIPE, SIZE, TOML, opened, write_scenes

from sbgan_bench.annotation.experiment import RESULT, Experiment, run_experiment
from sbgan_bench.annotation.manifest import AnnotationManifest
from sbgan_bench.annotation.variants import FULL, HALF, PSEUDO
from sbgan_bench.datasets.reading import read_layout
from sbgan_bench.errors import DataError
from sbgan_bench.training.run import TrainingRun

GROUPS = '[groups]\nnoon = ["014", "015"]\n'
SPLITS = (
    '[splits]\nkind = "listed"\ntrain = ["000", "001", "002", "003", "004", "005", "006", "007"]\n'
    'selection = ["010"]\ntest = ["013", "014", "015"]\n'
)


@pytest.fixture(scope="module")
def done(tmp_path_factory):
    """Folder of a finished experiment, and the dataset it was made on."""
    dataset = opened(write_scenes(tmp_path_factory.mktemp("scenes"), toml=TOML + SPLITS + GROUPS))
    out = tmp_path_factory.mktemp("experiment")
    experiment = Experiment.of(dataset, RECIPE.model_copy(update={"epochs": 1}), SIZE)
    run_experiment(experiment, TrainingRun(folder=out / "segmenter", seed=0), out)
    return out, experiment


def keys(folder, split):
    return opened(folder).splits()[split].keys


def test_the_datasets_are_sound_and_differ_in_their_training_pairs_alone(done):
    out, experiment = done
    for name in (HALF, PSEUDO, FULL):
        dataset = opened(out / name)
        assert dataset.problems() == []
        assert dataset.info.class_names == experiment.dataset.info.class_names
        for split in ("selection", "test"):
            assert dataset.splits()[split] == opened(out / FULL).splits()[split]
            for key in dataset.splits()[split].keys:
                mine, true = dataset.read(key, SIZE), experiment.dataset.read(key, SIZE)
                assert np.array_equal(mine.image, true.image)
                assert np.array_equal(mine.layout, true.layout)
    assert set(keys(out / HALF, "train")) == set(experiment.halves.labelled)
    assert keys(out / PSEUDO, "train") == keys(out / FULL, "train")
    assert set(keys(out / FULL, "train")) == {*experiment.halves.labelled, *experiment.halves.withheld}


def test_groups_of_the_test_pairs_are_handed_on(done):
    out, experiment = done
    handed, given = opened(out / HALF).splits()["test"].groups, experiment.dataset.splits()["test"].groups
    assert [a == b for a in handed for b in handed] == [a == b for a in given for b in given]


def test_only_the_withheld_half_has_predicted_labels(done):
    out, experiment = done
    mixed = opened(out / PSEUDO)
    for key in experiment.halves.labelled:
        assert np.array_equal(mixed.read(key, SIZE).layout, experiment.dataset.read(key, SIZE).layout)
    for key in experiment.halves.withheld:
        predicted = read_layout(out / "annotated" / "labels" / f"{key}.png")
        assert np.array_equal(mixed.read(key, SIZE).layout, predicted)


def test_the_figures_are_those_of_the_files_and_of_the_segmenter(done):
    out, experiment = done
    result = json.loads((out / RESULT).read_text())
    manifest = AnnotationManifest.read(out / "annotated")
    assert manifest.evaluation.to_json() == result["pseudo_labels"]
    assert result["pseudo_labels"]["images"] == len(experiment.halves.withheld)
    assert result["test"]["images"] == 3
    assert result["weights_sha256"] == manifest.weights_sha256
    assert result["training_seconds"] > 0
    assert (out / "scenes.png").is_file()


def test_a_finished_experiment_repeats_itself(done):
    out, experiment = done
    before = json.loads((out / RESULT).read_text())
    run_experiment(experiment, TrainingRun(folder=out / "segmenter", seed=0), out)
    assert json.loads((out / RESULT).read_text()) == before


def test_a_split_too_small_to_be_halved_is_refused(tmp_path):
    one = '[splits]\nkind = "listed"\ntrain = ["000"]\nselection = ["001"]\ntest = ["002"]\n'
    with pytest.raises(DataError, match="too small to be halved"):
        Experiment.of(opened(write_scenes(tmp_path, toml=TOML + one)), RECIPE, SIZE)
