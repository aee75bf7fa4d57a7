"""The two ProGANs are one program with two sets of settings."""

import pytest
import tiny_models
import torch

from sbgan_baselines.progan import (
    ProgressiveImages,
    ReferenceProGAN,
    ReferenceProGANSettings,
    ReleasedProGAN,
    ReleasedProGANSettings,
)
from sbgan_bench.networks.progressive import Head
from sbgan_bench.sbgan.progressive_training import ProgressiveGAN, ProgressiveSettings, by_level
from sbgan_bench.training.schedule import Schedule

#: What the release leaves out or does otherwise, and how long and in which batches it trains.
NAMED = {
    "pixel_norm", "fade", "minibatch_stddev", "drift", "ema_decay", "batch_size", "fade_images", "stabilise_images",
}  # fmt: skip
RESOLUTION = (256, 512)
LEVELS = 7


def test_they_differ_in_exactly_the_named_settings():
    released, reference = ReleasedProGANSettings().to_json(), ReferenceProGANSettings().to_json()
    assert {key for key in reference if released[key] != reference[key]} == NAMED
    assert ReleasedProGANSettings.model_fields.keys() == ProgressiveSettings.model_fields.keys()
    assert ReferenceProGANSettings.model_fields.keys() == ProgressiveSettings.model_fields.keys()


def test_they_share_all_code():
    own = {"name", "title", "Settings"}
    for kind in (ReleasedProGAN, ReferenceProGAN):
        said = {key for key in vars(kind) if not key.startswith("_")}
        assert said == own
        assert issubclass(kind, ProgressiveImages)


def test_the_released_phases_are_epochs_times_images_longer_at_higher_levels():
    settings = ReleasedProGANSettings()
    epochs_of_images = 400 * 2_975
    for images in (settings.fade_images, settings.stabilise_images):
        assert by_level(images, LEVELS) == tuple(epochs_of_images * factor for factor in (1, 1, 1, 1, 2, 2, 3))
    assert settings.batch_size == (32, 32, 32, 32, 32, 16, 8)


def test_the_reference_shows_600_000_images_while_a_level_is_new_and_as_many_once_it_is_there():
    phases = ReferenceProGANSettings().phases(RESOLUTION)
    assert len(phases) == 2 * LEVELS - 1
    assert {phase.images for phase in phases} == {600_000}


@pytest.mark.parametrize("kind", [ReleasedProGAN, ReferenceProGAN])
def test_an_average_is_sampled_only_where_there_is_one(kind):
    model = tiny_models.build(kind.name)
    averaged = "generator_ema" in model.networks()
    assert averaged == (kind is ReferenceProGAN)
    assert model.sampler()["ema"] == ("0.5" if averaged else "")


def test_only_the_reference_lets_its_discriminator_see_how_samples_differ():
    shapes = {
        kind: kind.Settings(widths=(8, 8), latent_dim=8)
        for kind in (ReleasedProGAN, ReferenceProGAN)
    }  # fmt: skip
    channels = {
        kind: ProgressiveGAN.build(settings, Head.RGB, 3, (8, 16), 0).discriminator.blocks[-1].conv1.weight.shape[1]
        for kind, settings in shapes.items()
    }
    assert channels == {ReleasedProGAN: 8, ReferenceProGAN: 9}


def test_rates_follow_the_level():
    settings = ReferenceProGANSettings(
        widths=(4, 4, 4), latent_dim=4, batch_size=(8,), fade_images=(8,), stabilise_images=(16,),
        generator_rate=1e-3, discriminator_rate=2e-3, rate_factors=(1, 1.5, 2),
    )  # fmt: skip
    gan = ProgressiveGAN.build(settings, Head.RGB, 3, (16, 32), 0)
    task = gan.task(lambda b, *_: b.images, lambda images, _: images, lambda noise, growth: None, lambda path: None)
    schedule = Schedule(task.phases)
    seen = {}
    for step in range(schedule.total_steps):
        task.begin_step(position := schedule.position(step))
        rates = tuple(task.optimizers[name].param_groups[0]["lr"] for name in ("generator", "discriminator"))
        seen.setdefault(position.phase.resolution[0], set()).add(rates)
    assert seen == {4: {(1e-3, 2e-3)}, 8: {(1.5e-3, 3e-3)}, 16: {(2e-3, 4e-3)}}


@torch.no_grad()
def test_new_levels_have_their_full_weight_at_once_in_the_release():
    for kind, blends in ((ReleasedProGAN, False), (ReferenceProGAN, True)):
        model = tiny_models.build(kind.name)
        schedule = Schedule(model.task().phases)
        fading = [p for p in map(schedule.position, range(schedule.total_steps)) if p.phase.fading]
        assert fading
        assert any(model.gan.stand(position)[1] < 1 for position in fading) == blends
