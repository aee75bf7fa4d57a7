from dataclasses import replace

import numpy as np
import pytest
import tiny_models
import torch
from PIL import Image
from tiny_models import CLASSES, PALETTE

from sbgan_bench.errors import ConfigError
from sbgan_bench.networks.labels import one_hot_layouts
from sbgan_bench.networks.progressive import Head
from sbgan_bench.noise import NoiseSource
from sbgan_bench.sbgan.layouts import enlarge_layouts, real_layouts, shrink_layouts
from sbgan_bench.sbgan.progressive_training import (
    Fade,
    ProgressiveGAN,
    ProgressiveSettings,
    WassersteinLosses,
    cannot_grow,
)
from sbgan_bench.training.schedule import Schedule
from sbgan_bench.training.task import TrainingBatch

SMALL = ProgressiveSettings(
    widths=(6, 5, 4), latent_dim=6, fade_images=(8,), stabilise_images=(4, 12, 20), batch_size=(4, 2)
)
RESOLUTION = (16, 32)


def batch(step, settings, count=3):
    position = Schedule(settings.phases(RESOLUTION)).position(step)
    draw = torch.Generator().manual_seed(0)
    images = torch.rand(count, 3, *RESOLUTION, generator=draw) * 2 - 1
    layouts = torch.randint(0, CLASSES, (count, *RESOLUTION), generator=draw)
    noise = NoiseSource.for_step(0, step, range(count), torch.device("cpu"))
    return TrainingBatch(images, layouts, noise, position)


def losses(settings):
    gan = ProgressiveGAN.build(settings, Head.MASK, len(PALETTE), RESOLUTION, 0)
    return WassersteinLosses(
        gan, lambda b, size, _: real_layouts(b.layouts, CLASSES, size), lambda probabilities, _: probabilities
    )


def test_the_schedule_stabilises_the_bottom_and_fades_in_every_other_level():
    phases = SMALL.phases(RESOLUTION)
    assert [(p.name, p.images, p.batch_size, p.resolution, p.fading) for p in phases] == [
        ("stabilise 4x8", 4, 4, (4, 8), False),
        ("fade 8x16", 8, 2, (8, 16), True),
        ("stabilise 8x16", 12, 2, (8, 16), False),
        ("fade 16x32", 8, 2, (16, 32), True),
        ("stabilise 16x32", 20, 2, (16, 32), False),
    ]


def test_official_widths_are_the_default():
    assert ProgressiveSettings().level_widths((128, 256)) == (512, 512, 512, 512, 256, 128)


@pytest.mark.parametrize("resolution", [(17, 31), (2, 4), (32, 48), (24, 48)])
def test_sizes_that_cannot_be_grown_are_named(resolution):
    assert f"{resolution[0]}x{resolution[1]}" in cannot_grow(resolution)


@pytest.mark.parametrize("resolution", [(4, 8), (32, 64), (256, 256), (8, 24)])
def test_sizes_that_can_be_grown(resolution):
    assert cannot_grow(resolution) == ""


def test_a_linear_fade_ends_where_the_released_one_always_is():
    linear, released = losses(SMALL), losses(SMALL.model_copy(update={"fade": Fade.RELEASED}))
    middle, end = batch(2, SMALL), batch(4, SMALL)
    assert middle.position.phase.fading
    assert end.position.phase_progress == 1
    assert linear.of_generator(middle) != released.of_generator(middle)
    assert linear.of_generator(end) == released.of_generator(end)


def test_a_fade_begins_with_the_level_below():
    gan = losses(SMALL).gan
    z = torch.randn(2, 6, generator=torch.Generator().manual_seed(1))
    assert torch.allclose(gan.generator(z, 1, 0.0), enlarge_layouts(gan.generator(z, 0), (8, 16)))


def test_the_lazy_penalty_has_the_same_mean_and_is_lazy_at_the_top_only():
    every, lazy = losses(SMALL), losses(SMALL.model_copy(update={"penalty_every": 2}))
    below, due, off = batch(3, SMALL), batch(16, SMALL), batch(17, SMALL)
    assert every.of_discriminator(below)["penalty"] == lazy.of_discriminator(below)["penalty"]
    assert torch.allclose(2 * every.of_discriminator(due)["penalty"], lazy.of_discriminator(due)["penalty"])
    assert "penalty" not in lazy.of_discriminator(off)


def test_terms_do_not_depend_on_the_order_of_a_batch():
    whole = batch(16, SMALL, count=4)
    order = [2, 0, 3, 1]
    noise = NoiseSource(tuple(whole.noise.keys[i] for i in order))
    shuffled = replace(whole, images=whole.images[order], layouts=whole.layouts[order], noise=noise)
    for name, value in losses(SMALL).of_discriminator(whole).items():
        assert torch.allclose(value, losses(SMALL).of_discriminator(shuffled)[name], atol=1e-5)


def test_updates_draw_other_numbers_than_each_other():
    noise = batch(0, SMALL).noise
    assert not torch.equal(noise.turn("generator").normal("z", 4), noise.turn("discriminator").normal("z", 4))


def test_enlarging_and_shrinking_layouts_undo_each_other():
    layouts = batch(0, SMALL).layouts
    large = enlarge_layouts(one_hot_layouts(layouts, CLASSES), (64, 128))
    assert large.shape[2:] == (64, 128)
    assert torch.equal(shrink_layouts(large.argmax(1), RESOLUTION), layouts)
    assert torch.equal(shrink_layouts(layouts, RESOLUTION), layouts)


def test_a_misspelt_setting_is_named():
    with pytest.raises(ConfigError, match=r"'fade_image'.*Did you mean 'fade_images'"):
        ProgressiveSettings.parse({"fade_image": [3]}, "test")


def test_rates_fall_to_zero_in_the_decay_phase_only():
    settings = SMALL.model_copy(update={"decay_images": 8})
    assert settings.phases(RESOLUTION)[:-1] == SMALL.phases(RESOLUTION)
    gan = ProgressiveGAN.build(settings, Head.RGB, 3, RESOLUTION, 0)
    task = gan.task(lambda b, *_: b.images, lambda images, _: images, lambda noise: None, lambda path: None)
    schedule = Schedule(task.phases)
    rates = []
    for step in range(schedule.total_steps):
        task.begin_step(schedule.position(step))
        rates.append(task.optimizers["generator"].param_groups[0]["lr"])
    assert rates[:-4] == [1e-3] * (len(rates) - 4)
    assert rates[-4:] == pytest.approx([1e-3, 0.75e-3, 0.5e-3, 0.25e-3])


def test_the_level_and_weight_sampled_in_training_are_those_being_trained():
    gan = ProgressiveGAN.build(SMALL, Head.RGB, 3, RESOLUTION, 0)
    task = gan.task(
        lambda b, *_: b.images, lambda images, _: images, lambda noise, growth: replace(growth), lambda path: None
    )
    schedule = Schedule(task.phases)
    seen = []
    for step in range(schedule.total_steps):
        task.begin_step(schedule.position(step))
        seen.append((task.sample(None).level, task.sample(None).alpha))
    assert seen[:5] == [(0, 1.0), (1, 0.25), (1, 0.5), (1, 0.75), (1, 1.0)]
    assert seen[11:] == [(2, 0.25), (2, 0.5), (2, 0.75)] + [(2, 1.0)] * 11
    assert schedule.whole_from == 15


@pytest.mark.parametrize(("name", "full"), [("progan-reference", (16, 32)), ("layout-stage", (8, 16))])
def test_previews_of_a_growing_network_are_enlarged_from_what_it_has_learnt(name, full, tmp_path):
    tiny_models.fit(name, "default", tmp_path, {}, previews=1000, snapshots=1000)
    previews = sorted((tmp_path / "previews").iterdir())
    first, last = (np.asarray(Image.open(path)) for path in (previews[0], previews[-1]))
    height, width = full
    assert first.shape == last.shape == (2 * height + 2, 8 * width + 7 * 2, 3)
    factor = height // 4
    blocks = first[:height, :width][::factor, ::factor].repeat(factor, axis=0).repeat(factor, axis=1)
    assert (first[:height, :width] == blocks).all()
    snapshots = sorted(path.name for path in (tmp_path / "snapshots").iterdir())
    assert snapshots == [path.stem for path in previews[-len(snapshots) :]]
    assert 1 < len(snapshots) < len(previews) / 2
