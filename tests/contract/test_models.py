"""What every registered model must do, whoever wrote it. Tiny settings: see ``tiny_models``."""

import numpy as np
import pytest
import tiny_models
import torch
from tiny_models import CLASSES, RESOLUTION, SPEC

from sbgan_bench.config import Settings
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.model import AbstractModel, SceneSpec, content_hash, load_model
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.samples import LayoutDraw, LayoutSource
from sbgan_bench.training.run import TrainingRun

NAMES = sorted(installed(PluginGroup.MODELS))
CASES = tiny_models.cases()


class Trained:
    """Trained tiny models, each trained once per session with the stages it starts from."""

    def __init__(self, folder):
        self._folder = folder
        self._models = {}

    def __call__(self, name, recipe):
        if (name, recipe) not in self._models:
            folder = self._folder / name / recipe
            self._models[name, recipe] = tiny_models.fit(name, recipe, folder, self.starts(name, recipe))
        return self._models[name, recipe]

    def starts(self, name, recipe):
        """The stages that a recipe starts from, by role."""
        named = load_plugin(PluginGroup.MODELS, name).recipes[recipe].starts_from
        return {role: self(start, next(iter(load_plugin(PluginGroup.MODELS, start).recipes)))
                for role, start in named.items()}  # fmt: skip


@pytest.fixture(scope="session")
def trained(tmp_path_factory):
    return Trained(tmp_path_factory.mktemp("trained"))


every_model = pytest.mark.parametrize("name", NAMES)
every_recipe = pytest.mark.parametrize(("name", "recipe"), CASES, ids=["-".join(case) for case in CASES])


def layouts_for(count):
    return np.array(tiny_models.table().layouts[np.arange(count) % 20])


def ways(model):
    """The arguments ``sample`` takes beside seeds: with and without layouts, as far as the model can."""
    given = LayoutSource.REAL in model.layout_sources
    alone = model.layout_sources - {LayoutSource.REAL}
    return [True] * given + [False] * bool(alone)


def some_seeds(model, count):
    """Seeds that the model has scenes for: any, unless it says which."""
    scenes = model.scenes()
    return list(range(count) if scenes is None else scenes[:count])


def sample(model, seeds, given):
    batches = list(model.sample(seeds, layouts_for(len(seeds)) if given else None))
    images = [batch.images for batch in batches if batch.images is not None]
    layouts = [batch.layouts for batch in batches if batch.layouts is not None]
    return np.concatenate(images) if images else None, np.concatenate(layouts) if layouts else None


def state(model):
    return {
        f"{name}.{key}": value.clone()
        for name, network in model.networks().items()
        for key, value in network.state_dict().items()
    }


def equal(first, second):
    return first.keys() == second.keys() and all(torch.equal(first[key], second[key]) for key in first)


@every_model
def test_the_class_says_what_it_is(name):
    kind = load_plugin(PluginGroup.MODELS, name)
    assert issubclass(kind, AbstractModel)
    assert kind.name == name
    assert kind.title
    assert kind.layout_sources
    assert kind.recipes
    assert issubclass(kind.Settings, Settings)
    for recipe in kind.recipes.values():
        assert recipe.summary
        assert set(recipe.starts_from.values()) <= set(NAMES)


@every_model
def test_settings_survive_json(name):
    settings = tiny_models.settings(name)
    assert type(settings).parse(settings.to_json(), "test") == settings


@every_model
def test_building_is_a_function_of_the_seed(name):
    torch.manual_seed(1)
    first = tiny_models.build(name, seed=3)
    torch.manual_seed(2)
    second = tiny_models.build(name, seed=3)
    assert equal(state(first), state(second))
    if first.parameters():
        assert not equal(state(first), state(tiny_models.build(name, seed=4)))


@every_model
def test_what_cannot_be_built_says_why(name):
    kind = load_plugin(PluginGroup.MODELS, name)
    settings, odd = tiny_models.settings(name), SceneSpec(CLASSES, (17, 31))
    reason = kind.unsupported(settings, odd)
    assert kind.unsupported(settings, SPEC) == ""
    if reason:
        with pytest.raises(UnsupportedError):
            kind.build(settings, odd, 0)


@every_recipe
def test_fitting_changes_weights_and_leaves_finite_ones(name, recipe, trained):
    model = trained(name, recipe)
    assert not equal(state(model), state(tiny_models.build(name)))
    assert all(tensor.isfinite().all() for tensor in state(model).values() if tensor.is_floating_point())


@every_recipe
def test_samples_have_the_promised_form(name, recipe, trained):
    model = trained(name, recipe)
    for given in ways(model):
        images, layouts = sample(model, some_seeds(model, 5), given)
        assert images is not None or layouts is not None
        if images is not None:
            assert (images.dtype, images.shape) == (np.uint8, (5, 3, *RESOLUTION))
        if layouts is not None:
            assert layouts.dtype == np.uint8
            assert layouts.max() < CLASSES
            height, width = layouts.shape[1:]
            assert (len(layouts), RESOLUTION[0] % height, RESOLUTION[1] * height) == (5, 0, RESOLUTION[0] * width)
        if LayoutSource.NONE not in model.layout_sources:
            assert layouts is not None


@every_recipe
def test_a_scene_depends_on_its_own_seed_alone(name, recipe, trained):
    model = trained(name, recipe)
    for given in ways(model):
        seeds = some_seeds(model, 36)
        images, layouts = sample(model, seeds, given)
        few = [34, 2, 17]
        chosen = layouts_for(36)[few] if given else None
        (batch,) = model.sample([seeds[i] for i in few], chosen)
        if images is not None:
            assert np.abs(batch.images.astype(int) - images[few]).max() <= 1
        if layouts is not None:
            assert (batch.layouts == layouts[few]).all()


@every_recipe
def test_saving_and_loading_change_nothing(name, recipe, trained, tmp_path):
    model = trained(name, recipe)
    model.save(tmp_path / "a")
    model.save(tmp_path / "b")
    assert content_hash(tmp_path / "a") == content_hash(tmp_path / "b")
    loaded = load_model(tmp_path / "a", torch.device("cpu"))
    assert type(loaded) is type(model)
    assert loaded.settings == model.settings
    assert equal(state(model), state(loaded))
    seeds = some_seeds(model, 3)
    for given in ways(model):
        for mine, theirs in zip(sample(model, seeds, given), sample(loaded, seeds, given), strict=True):
            assert (mine is None) == (theirs is None)
            assert mine is None or (mine == theirs).all()


@every_recipe
def test_a_model_with_so_many_scenes_shows_each_once_and_no_more(name, recipe, trained):
    model = trained(name, recipe)
    scenes = model.scenes()
    if scenes is None:
        pytest.skip("has a scene for every seed")
    (given, *_) = ways(model)
    images, _ = sample(model, scenes, given)
    assert len(images) == len(scenes)
    with pytest.raises(UnsupportedError, match=rf"{len(scenes)} .*\b{len(scenes) + 1}\b"):
        sample(model, range(scenes.start, scenes.stop + 1), given)


@every_recipe
def test_sampling_leaves_no_trace(name, recipe, trained):
    model = trained(name, recipe)
    for network in model.networks().values():
        network.train()
    before, random = state(model), torch.get_rng_state()
    for given in ways(model):
        sample(model, some_seeds(model, 3), given)
    assert equal(before, state(model))
    assert torch.equal(random, torch.get_rng_state())
    assert all(network.training for network in model.networks().values())
    assert not torch.is_inference_mode_enabled()


@every_model
def test_layouts_where_they_do_not_belong_are_refused(name, trained):
    model = trained(name, next(iter(load_plugin(PluginGroup.MODELS, name).recipes)))
    if LayoutSource.REAL not in model.layout_sources:
        with pytest.raises(UnsupportedError, match=r"layout"):
            list(model.sample(range(2), layouts_for(2)))
    else:
        with pytest.raises(UnsupportedError, match=r"layouts of shape"):
            list(model.sample(range(2), layouts_for(3)))
    if model.layout_sources == {LayoutSource.REAL}:
        with pytest.raises(UnsupportedError, match=r"layout"):
            list(model.sample(range(2)))


@every_recipe
def test_given_layouts_decide_the_image(name, recipe, trained):
    model = trained(name, recipe)
    if LayoutSource.REAL not in model.layout_sources:
        pytest.skip("takes no layouts")
    layouts = layouts_for(4)
    (batch,) = model.sample(range(4), layouts)
    assert (batch.layouts == layouts).all()
    (mirrored,) = model.sample(range(4), layouts[..., ::-1].copy())
    assert (batch.images != mirrored.images).any(axis=(1, 2, 3)).all()


@every_recipe
def test_the_sampler_states_average_and_draw(name, recipe, trained):
    facts = trained(name, recipe).sampler()
    assert {"ema", "layout_draw"} <= set(facts) <= {"ema", "layout_draw", "perceptual"}
    assert facts["layout_draw"] in {"", *LayoutDraw}


@every_recipe
def test_fitting_again_from_its_folder_gives_the_same_model(name, recipe, trained, tmp_path):
    starts = trained.starts(name, recipe)
    told = []
    first = tiny_models.fit(name, recipe, tmp_path, starts, report=told.append)
    again = tiny_models.build(name)
    again.fit(recipe, tiny_models.table(), TrainingRun(folder=tmp_path, seed=0, previews=1), starts)
    assert equal(state(first), state(again))
    assert equal(state(first), state(trained(name, recipe)))
    assert not told or told[-1].images == told[-1].total


class PowerCut(Exception):
    """Ends a run from inside, as a crash would."""


def fit_between_cuts(name, recipe, folder, starts):
    """Train in attempts that finish one step each and crash in the next, each with a new model and random state."""
    for attempt in range(1000):
        told = []

        def report(progress, told=told):
            told.append(progress)
            if progress.images < progress.total and len({step.images for step in told} - {0}) > 1:
                raise PowerCut

        torch.manual_seed(attempt)
        try:
            return tiny_models.fit(name, recipe, folder, starts, report=report, checkpoint_every=0.0), attempt
        except PowerCut:
            continue
    raise AssertionError


@every_recipe
def test_a_run_cut_again_and_again_ends_like_an_uninterrupted_one(name, recipe, trained, tmp_path, monkeypatch):
    monkeypatch.setattr("sbgan_bench.training.loop.REPORT_EVERY", -1.0)
    starts = trained.starts(name, recipe)
    model, cuts = fit_between_cuts(name, recipe, tmp_path, starts)
    assert equal(state(model), state(trained(name, recipe)))
    if (tmp_path / "checkpoints").is_dir():
        assert cuts
