import numpy as np
import pytest
import tiny_models
import torch
from tiny_models import CLASSES, RESOLUTION, table

from sbgan_bench.noise import NoiseSource
from sbgan_bench.presets import Preset
from sbgan_bench.samples import LayoutDraw
from sbgan_bench.sbgan.finetuning import COUPLINGS, D2_PHASE, RECIPES, FineTuning
from sbgan_bench.sbgan.image_training import ImageLosses
from sbgan_bench.sbgan.layouts import enlarge_layouts
from sbgan_bench.training.records import read_stats
from sbgan_bench.training.run import Precision
from sbgan_bench.training.schedule import Schedule
from sbgan_bench.training.task import TrainingBatch

NETWORKS = {"layout_generator", "layout_discriminator", "image_generator", "image_discriminator", "d2"}
#: Which networks each recipe may change; everything else stays bit for bit, running statistics included.
LEARNING = {
    "none": set(),
    "layout": {"layout_generator", "layout_discriminator", "d2"},
    "image": {"image_generator", "image_discriminator", "d2"},
    "both": NETWORKS,
    "control-layout": {"layout_generator", "layout_discriminator"},
    "control-image": {"image_generator", "image_discriminator"},
}


@pytest.fixture(scope="module")
def stages(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stages")
    return {
        "layout": tiny_models.fit("layout-stage", "default", folder / "layout", {}),
        "image": tiny_models.fit("image-stage", "default", folder / "image", {}),
    }


@pytest.fixture(scope="module")
def tuned(stages, tmp_path_factory):
    """Every recipe, and its folder."""
    folder = tmp_path_factory.mktemp("tuned")
    return {name: (tiny_models.fit("sbgan", name, folder / name, stages), folder / name) for name in RECIPES}


def same(first, second):
    a, b = first.state_dict(), second.state_dict()
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_changes_the_networks_it_names_and_no_others(recipe, tuned):
    before, after = tuned["none"][0].networks(), tuned[recipe][0].networks()
    assert {name for name in NETWORKS if not same(before[name], after[name])} == LEARNING[recipe]


def test_without_fine_tuning_the_stages_are_put_together(tuned, stages):
    model = tuned["none"][0]
    assert same(model.layout.generator, stages["layout"].gan.sampled)
    assert same(model.painter.generator, stages["image"].painter.generator)
    (joined,), (layouts,) = model.sample(range(4)), stages["layout"].sample(range(4))
    assert (joined.layouts == layouts.layouts).all()
    large = layouts.layouts.repeat(2, axis=1).repeat(2, axis=2)
    (painted,) = stages["image"].sample(range(4), large)
    assert (joined.images == painted.images).all()


def test_the_stages_themselves_are_left_alone(tuned, stages, tmp_path):
    fresh = tiny_models.fit("image-stage", "default", tmp_path, {})
    assert same(fresh.painter.generator, stages["image"].painter.generator)


def test_given_real_layouts_it_is_the_image_stage(tuned, stages):
    layouts = np.array(table().layouts[:3])
    (spade,) = stages["image"].sample(range(3), layouts)
    for recipe in ("none", "layout", "control-layout"):
        (batch,) = tuned[recipe][0].sample(range(3), layouts)
        assert (batch.images == spade.images).all()


@pytest.mark.parametrize(("recipe", "control"), [("layout", "control-layout"), ("image", "control-image")])
def test_a_control_takes_as_many_steps_at_the_same_rates(recipe, control, stages):
    first, second = tuning(recipe, stages), tuning(control, stages)
    assert [p for p in first.phases() if p.name != D2_PHASE] == [p for p in second.phases() if p.name != D2_PHASE]
    assert second.phases()[0].images == 0
    assert {**first.rates(), **second.rates()} == first.rates()
    groups = {name: o.state_dict()["param_groups"] for name, o in first.optimizers().items()}
    assert all(o.state_dict()["param_groups"] == groups[name] for name, o in second.optimizers().items())


def test_a_run_with_d2_shows_which_terms_it_had(tuned):
    terms = {recipe: set() for recipe in COUPLINGS}
    for recipe in COUPLINGS:
        for line in read_stats(tuned[recipe][1]):
            if "losses" in line and line["phase"] == D2_PHASE:
                assert set(line["losses"]) == {"joint discriminator"}
            terms[recipe] |= set(line.get("losses", ()))
    layout = {"layout generator", "layout critic", "layout penalty"}
    image = {"image generator", "feature matching", "perceptual", "image discriminator"}
    joint = {"joint generator", "joint discriminator"}
    assert terms == {
        "layout": layout | joint, "image": image | joint, "both": layout | image | joint,
        "control-layout": layout, "control-image": image,
    }  # fmt: skip


def tuning(recipe, stages, **changes):
    model = tiny_models.build("sbgan")
    settings = model.settings.model_copy(update=changes)
    losses = ImageLosses(model.painter, settings.image, stages["image"].perceptual_loss(torch.device("cpu")))
    return FineTuning(settings, RESOLUTION, CLASSES, COUPLINGS[recipe], model.layout, losses, model.d2)


def batch(fine, step):
    position = Schedule(fine.phases()).position(step)
    images = torch.from_numpy(np.array(table().images[:4])).float() / 127.5 - 1
    layouts = torch.from_numpy(np.array(table().layouts[:4])).long()
    noise = NoiseSource.for_step(0, step, range(4), torch.device("cpu"))
    return TrainingBatch(images, layouts, noise, position)


@pytest.mark.parametrize(
    ("weight", "terms"),
    [
        ("layout_weight", ["layout generator", "layout critic", "layout penalty"]),
        ("d2_weight", ["joint generator", "joint discriminator"]),
    ],
)
def test_weights_scale_their_own_terms(stages, weight, terms):
    once, thrice = tuning("both", stages, **{weight: 1.0}), tuning("both", stages, **{weight: 3.0})
    first, second = ({**f.of_generators(batch(f, 2)), **f.of_discriminators(batch(f, 2))} for f in (once, thrice))
    for name in first:
        factor = 3 if name in terms else 1
        assert torch.allclose(first[name] * factor, second[name], rtol=1e-5)


def test_d2_alone_learns_unweighted_while_generators_rest(stages):
    for recipe in ("layout", "image", "both"):
        one, other = tuning(recipe, stages, d2_weight=1.0), tuning(recipe, stages, d2_weight=7.0)
        assert one.of_generators(batch(one, 0)) == {}
        assert one.of_discriminators(batch(one, 0)) == other.of_discriminators(batch(other, 0))


def test_the_released_decay_begins_at_twice_d2s_rate_and_changes_no_other(stages):
    rates = {}
    for factor in (1.0, 2.0):
        fine = tuning("both", stages, d2_decay_factor=factor, images=8, decay_images=16, d2_images=4)
        optimizers, schedule = fine.optimizers(), Schedule(fine.phases())
        for step in range(schedule.total_steps):
            fine.begin_step(schedule.position(step), optimizers)
            for name, optimizer in optimizers.items():
                rates.setdefault((factor, name), []).append(optimizer.param_groups[0]["lr"])
    assert rates[1.0, "d2"] == pytest.approx([2e-4] * 4 + [1.5e-4, 1e-4, 0.5e-4])
    assert rates[2.0, "d2"] == pytest.approx([2e-4] * 3 + [4e-4, 3e-4, 2e-4, 1e-4])
    assert all(rates[1.0, name] == rates[2.0, name] for name in NETWORKS - {"d2"})


@pytest.mark.parametrize(("gradient", "everywhere"), [("full", True), ("entry", False)])
def test_how_far_image_gradients_reach_the_layout(stages, gradient, everywhere):
    values = tiny_models.TINY["sbgan"]
    kind = type(tiny_models.build("sbgan"))
    image = {**values["image"], "label_gradient": gradient, "upsampling": "small"}
    model = kind.build(kind.Settings.parse({**values, "image": image}, "test"), tiny_models.SPEC, 0)
    layouts = torch.rand(1, CLASSES, 8, 16, requires_grad=True)
    model.painter.generator.eval()(enlarge_layouts(layouts, RESOLUTION)).square().sum().backward()
    reached = (layouts.grad.abs().sum(1) > 0).float().mean()
    assert (reached == 1) if everywhere else (0 < reached < 0.2)


@pytest.mark.parametrize("draw", LayoutDraw)
def test_every_way_of_drawing_layouts_can_be_sampled(draw, tuned):
    model = tuned["both"][0]
    values = model.settings.to_json()
    values["layout"]["draw"] = draw.value
    other = type(model).build(model.Settings.parse(values, "test"), model.spec, 0)
    for name, network in other.networks().items():
        network.load_state_dict(model.networks()[name].state_dict())
    assert other.sampler()["layout_draw"] == draw.value
    (batch,) = other.sample(range(8))
    assert batch.layouts.max() < CLASSES
    assert batch.images.std() > 0


def test_bfloat16_is_possible(stages, tmp_path):
    model = tiny_models.fit("sbgan", "both", tmp_path, stages, precision=Precision.BFLOAT16)
    assert all(tensor.isfinite().all() for tensor in model.painter.generator.state_dict().values())


@pytest.mark.parametrize("name", ["layout-stage", "image-stage", "sbgan"])
def test_presets_set_the_same_fields_and_the_paper_is_the_default(name):
    kind = type(tiny_models.build(name))
    paper, released = kind.presets[Preset.PAPER], kind.presets[Preset.RELEASED]
    defaults = kind.Settings().to_json()
    assert {key: defaults[key] for key in paper} == paper
    assert set(paper) == set(released)
    assert all(released[key] != paper[key] for key in paper)
    kind.Settings.parse(dict(released), "test")
