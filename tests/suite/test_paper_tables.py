"""The recipes of the paper's tables: complete, buildable, and what their comments say they are."""

import itertools
import math

import pytest
from torch._subclasses.fake_tensor import FakeTensorMode

from sbgan_bench.model import SceneSpec
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.sbgan.progressive_training import by_level
from sbgan_bench.suite.models import entry_suite, model_settings
from sbgan_bench.suite.spec import parse_resolution, read_suite
from sbgan_bench.training.schedule import Schedule, steps_of

SUITES = {name: read_suite(name) for name in ("paper-tables", "paper-tables-released", "biggan-sweep")}
TABLES = ["paper-tables", "paper-tables-released"]
PAPER = SUITES["paper-tables"]
#: Label channels.
CLASSES = {"cityscapes-5k": 35, "cityscapes-25k": 20, "ade-indoor": 95}
#: Training images, or lines of the list that an epoch reads.
IMAGES = {"cityscapes-5k": 2_975, "cityscapes-25k": 40_821, "ade-indoor": 4_377}
LAYOUT_EPOCHS = {"cityscapes-5k": 150, "cityscapes-25k": 20, "ade-indoor": 100}
IMAGE_EPOCHS = {"cityscapes-5k": 100, "cityscapes-25k": 30, "ade-indoor": 150}
TUNING_EPOCHS = {"cityscapes-5k": 50, "cityscapes-25k": 30, "ade-indoor": 50}
PROGAN_IMAGES = {"cityscapes-5k": 400 * 2_975, "cityscapes-25k": 40 * 22_973, "ade-indoor": 400 * 4_377}
BATCHES = {  # layout stage, image stage, fine-tuning
    "cityscapes-5k": (16, 24, 8), "cityscapes-25k": (32, 32, 16), "ade-indoor": (36, 48, 8),
}  # fmt: skip
MODELS = ["layout-stage", "image-stage", "sbgan", "spade", "progan-sbgan", "progan-reference", "biggan"]

every_place = pytest.mark.parametrize("place", PAPER.grid.places, ids="/".join)


def settings(suite, place, model):
    return model_settings(SUITES[suite].at(*place), model)


def height(place):
    return parse_resolution(place[1])[0]


def levels(place):
    return int(math.log2(height(place))) - 1


def spec_at(place):
    return SceneSpec(CLASSES[place[0]], parse_resolution(place[1]))


@every_place
@pytest.mark.parametrize("suite", TABLES)
def test_every_model_has_settings_for_every_dataset_at_every_size(suite, place):
    for model in MODELS:
        kind = load_plugin(PluginGroup.MODELS, model)
        assert kind.unsupported(settings(suite, place, model), spec_at(place)) == "", model


def test_camvid_has_every_model_of_the_papers_tables():
    suite, place = read_suite("camvid"), ("camvid", "128x256")
    assert suite.grid.places == (place,)
    for model in MODELS:
        chosen = model_settings(suite.at(*place), model)
        assert load_plugin(PluginGroup.MODELS, model).unsupported(chosen, SceneSpec(12, (128, 256))) == "", model
    assert {entry.model for entry in PAPER.entries} <= {entry.model for entry in suite.entries}


QUICK = [("paper-tables", ("cityscapes-5k", "256x512")), ("paper-tables-released", ("ade-indoor", "256x256"))]
BUILDS = [
    pytest.param(*case, marks=[] if case in QUICK else pytest.mark.slow)
    for case in itertools.product(TABLES, PAPER.grid.places)
]


@pytest.mark.parametrize(("suite", "place"), BUILDS)
@pytest.mark.parametrize("model", ["sbgan", "progan-sbgan", "progan-reference", "biggan"])
@pytest.mark.filterwarnings("ignore:Accessing the data pointer of FakeTensor")
def test_the_networks_can_be_built(suite, model, place):
    """All of them: those of the stages and of SPADE are SB-GAN's."""
    kind, chosen = load_plugin(PluginGroup.MODELS, model), settings(suite, place, model)
    with FakeTensorMode(allow_non_fake_inputs=True):
        networks = kind.build(chosen, spec_at(place), 0).networks()
    assert all(any(True for _ in network.parameters()) for network in networks.values())


def cells(suite, place):
    return {
        (entry.model, recipe)
        for entry in SUITES[suite].entries if entry.stands_in(*place)
        for recipe in entry.recipes
    }  # fmt: skip


@pytest.mark.parametrize("suite", TABLES)
def test_every_cell_of_the_papers_tables_is_there(suite):
    for place in SUITES[suite].grid.places:
        unconditional = {("progan-sbgan", "default"), ("progan-reference", "default"), ("sbgan", "both")}
        given_layouts = {("spade", "default"), ("sbgan", "both")}
        expected = unconditional | given_layouts | {("sbgan", "none")}
        if height(place) == 128:
            expected |= {("biggan", "default")}
        if place == ("cityscapes-5k", "128x256"):
            expected |= {("sbgan", name) for name in ("layout", "image", "control-layout", "control-image")}
        assert cells(suite, place) == expected
    partial = [entry for entry in SUITES[suite].entries if entry.only]
    assert all(entry.why for entry in partial)


@every_place
def test_scores_are_made_as_in_the_paper(place):
    evaluation = PAPER.at(*place).evaluation
    assert evaluation.num_samples == {"ade-indoor": 433}.get(place[0], 500)
    assert (evaluation.trials, evaluation.reals.value) == (5, "whole")


@every_place
def test_the_layout_stage_shows_epochs_times_images(place):
    dataset, chosen = place[0], settings("paper-tables", place, "layout-stage")
    expected = LAYOUT_EPOCHS[dataset] * IMAGES[dataset]
    batch = BATCHES[dataset][0]
    assert {*chosen.fade_images, *chosen.stabilise_images} == {expected}
    sizes = by_level(chosen.batch_size, levels(place))
    assert sizes == (batch,) * 6 + (batch // 4,) * (levels(place) - 6)
    phases = chosen.phases(parse_resolution(place[1]))
    assert len(phases) == 2 * levels(place) - 1
    assert {phase.images for phase in phases} == {expected}
    assert (chosen.generator_rate, chosen.discriminator_rate, chosen.temperature) == (1e-3, 1e-3, 1)


@every_place
def test_the_image_stage_shows_epochs_times_images(place):
    dataset, chosen = place[0], settings("paper-tables", place, "image-stage")
    epochs = 15 if place == ("cityscapes-25k", "128x256") else IMAGE_EPOCHS[dataset]
    assert chosen.images == chosen.decay_images == epochs * IMAGES[dataset]
    assert chosen.batch_size == BATCHES[dataset][1]
    assert chosen.upsampling.value == ("normal" if dataset == "ade-indoor" else "more")
    assert (chosen.generator_rate, chosen.discriminator_rate) == (1e-4, 4e-4)
    assert (chosen.feature_weight, chosen.perceptual_weight) == (10, 10)


@every_place
def test_fine_tuning_shows_epochs_times_images(place):
    dataset, chosen = place[0], settings("paper-tables", place, "sbgan")
    assert chosen.images == chosen.decay_images == TUNING_EPOCHS[dataset] * IMAGES[dataset]
    assert chosen.d2_images == IMAGES[dataset]
    assert chosen.batch_size == BATCHES[dataset][2]
    assert chosen.layout_rate == (1e-4 if dataset == "ade-indoor" else 1e-5)
    assert (chosen.generator_rate, chosen.discriminator_rate, chosen.layout_weight) == (1e-4, 4e-4, 10)
    assert chosen.layout == settings("paper-tables", place, "layout-stage")
    assert chosen.image == settings("paper-tables", place, "image-stage")


@every_place
def test_the_released_progan_trains_longer_at_higher_levels(place):
    chosen = settings("paper-tables", place, "progan-sbgan")
    expected = tuple(PROGAN_IMAGES[place[0]] * factor for factor in (1, 1, 1, 1, 2, 2, 3)[: levels(place)])
    assert by_level(chosen.fade_images, levels(place)) == by_level(chosen.stabilise_images, levels(place)) == expected
    assert by_level(chosen.batch_size, levels(place)) == (32, 32, 32, 32, 32, 16, 8)[: levels(place)]


def iterations(place):
    """Steps of the released layout stage; the released code cuts off what is no whole batch."""
    chosen = settings("paper-tables-released", place, "layout-stage")
    phases = chosen.phases(chosen.resolution or parse_resolution(place[1]))
    return sum(phase.images // phase.batch_size for phase in phases)


@pytest.mark.parametrize(
    ("place", "expected"),
    [
        (("cityscapes-5k", "256x512"), 298_900),
        (("cityscapes-5k", "128x256"), 298_900),
        (("cityscapes-25k", "256x512"), 382_695),
        (("ade-indoor", "256x256"), 133_738),
        (("ade-indoor", "128x128"), 133_738),
    ],
    ids=str,
)
def test_the_released_layout_stages_end_where_their_checkpoints_say(place, expected):
    assert iterations(place) == expected


@every_place
def test_released_settings_are_the_releases(place):
    models = ("layout-stage", "image-stage", "sbgan")
    layout, image, tuned = (settings("paper-tables-released", place, model) for model in models)
    assert (layout.pixel_norm, layout.fade, layout.draw) == ("sbgan", "released", "soft")
    assert (image.label_gradient, image.discriminator_variant) == ("entry", "sbgan")
    assert (tuned.d2_weight, tuned.d2_decay_factor) == (0.1, 2)
    enlarged = place in {("cityscapes-5k", "256x512"), ("ade-indoor", "256x256")}
    assert (layout.resolution is not None) == enlarged
    if enlarged:
        assert tuple(2 * side for side in layout.resolution) == parse_resolution(place[1])


def test_biggan_takes_50_000_iterations_in_the_tables_and_in_every_setting_of_the_sweep():
    seen = set()
    sweep = SUITES["biggan-sweep"]
    for place, entry in itertools.product(sweep.grid.places, sweep.entries):
        chosen = model_settings(entry_suite(sweep.at(*place), entry), "biggan")
        assert load_plugin(PluginGroup.MODELS, "biggan").unsupported(chosen, spec_at(place)) == ""
        assert chosen.images == 50_000 * chosen.batch_size * chosen.discriminator_steps
        assert chosen.batch_size // chosen.accumulations <= 256
        rates = chosen.generator_rate, chosen.discriminator_rate
        seen.add((place, chosen.batch_size, rates, chosen.attention))
    axes = itertools.product(
        sweep.grid.places, (128, 256, 512, 2048), ((1e-4, 5e-4), (5e-5, 2e-4)), ((64,), (32,))
    )  # fmt: skip
    assert seen == set(axes)
    for place in PAPER.grid.places:
        chosen = settings("paper-tables", place, "biggan")
        assert chosen.images == 50_000 * chosen.batch_size * chosen.discriminator_steps


@every_place
def test_phases_are_walked_to_their_end(place):
    for model in ("layout-stage", "progan-sbgan", "progan-reference"):
        phases = settings("paper-tables-released", place, model).phases(parse_resolution(place[1]))
        schedule = Schedule(phases)
        assert schedule.total_steps == sum(steps_of(phase) for phase in phases)
        assert schedule.position(schedule.total_steps - 1).phase_progress == 1


@pytest.mark.parametrize("suite", SUITES)
def test_estimates_are_said_to_be_counted(suite):
    assert SUITES[suite].estimate
    assert "counted" in SUITES[suite].estimate_basis
