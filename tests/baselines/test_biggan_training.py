"""BigGAN's steps, set-ups and statistics."""

import pytest
import tiny_models
import torch
from tiny_models import SPEC

from sbgan_baselines.biggan import BigGAN
from sbgan_baselines.biggan_layers import BN_EPSILON, BatchNorm
from sbgan_baselines.biggan_settings import SETUPS, BigGANSettings, Setup, Statistics
from sbgan_baselines.biggan_statistics import with_standing_statistics
from sbgan_baselines.biggan_training import BigGANTraining, generate
from sbgan_bench.errors import ConfigError
from sbgan_bench.noise import NoiseSource
from sbgan_bench.training.schedule import Schedule
from sbgan_bench.training.task import TrainingBatch

TINY = tiny_models.TINY["biggan"]
CPU = torch.device("cpu")


def settings(**changes):
    return BigGANSettings.parse({**TINY, **changes}, "test")


def training(**changes):
    model = BigGAN.build(settings(**changes), SPEC, 0)
    return BigGANTraining(model.settings, model.generator, model.discriminator)


def batch(learner, step=0):
    phase = learner.phase(SPEC.resolution)
    position = Schedule((phase,)).position(step)
    count = phase.batch_size
    images = torch.rand(count, 3, *SPEC.resolution, generator=torch.Generator().manual_seed(0)) * 2 - 1
    layouts = torch.zeros(count, *SPEC.resolution, dtype=torch.long)
    return TrainingBatch(images, layouts, NoiseSource.for_step(0, step, range(count), CPU), position)


def gradients(learner, update, whole):
    network = learner.generator if update.name == "generator" else learner.discriminator
    network.zero_grad()
    pieces = update.pieces(whole)
    for piece in pieces:
        (sum(update.losses(piece).values()) / len(pieces)).backward()
    return {name: parameter.grad for name, parameter in network.named_parameters()}


def test_accumulation_gives_the_gradient_of_the_whole_batch():
    """Where nothing depends on the batch: statistics and singular vectors at rest."""
    whole, cut = (training(batch_size=8, accumulations=pieces, discriminator_steps=1) for pieces in (1, 4))
    for learner in (whole, cut):
        learner.generator.eval()
        learner.discriminator.eval()
    for one, other in zip(whole.updates(), cut.updates(), strict=True):
        expected = gradients(whole, one, batch(whole))
        for name, gradient in gradients(cut, other, batch(cut)).items():
            torch.testing.assert_close(gradient, expected[name], rtol=1e-4, atol=1e-6, msg=name)


def test_the_discriminator_steps_first_each_time_on_other_real_images():
    learner = training(batch_size=4, accumulations=2, discriminator_steps=3)
    assert learner.phase(SPEC.resolution).batch_size == 12
    updates = learner.updates()
    assert [update.optimizers for update in updates] == [("discriminator",)] * 3 + [("generator",)]
    assert len({update.name for update in updates}) == 4
    whole = batch(learner)
    taken = [torch.cat([piece.images for piece in update.pieces(whole)]) for update in updates[:3]]
    assert torch.equal(torch.cat(taken), whole.images)
    assert [len(piece.images) for update in updates for piece in update.pieces(whole)] == [2] * 8


def test_an_iteration_shows_as_many_real_images_as_its_discriminator_steps_see():
    for name in Setup:
        chosen = BigGANSettings(setup=name)
        phase = BigGAN.build(settings(), SPEC, 0).task().phases[0]
        assert phase.batch_size == TINY["batch_size"] * TINY["discriminator_steps"]
        assert chosen.images == 50_000 * chosen.batch_size * chosen.discriminator_steps


@pytest.mark.parametrize("name", Setup)
def test_a_setup_gives_way_to_what_is_written_and_survives_json(name):
    chosen = BigGANSettings.parse({"setup": name.value}, "test")
    written = chosen.to_json()
    for key, value in SETUPS[name].items():
        assert written[key] == value
    assert BigGANSettings.parse(written, "again") == chosen
    assert BigGANSettings.parse({"setup": name.value, "generator_rate": 3e-4, "batch_size": 64}, "test") == (
        chosen.model_copy(update={"generator_rate": 3e-4, "batch_size": 64})
    )


def test_a_plain_settings_object_is_the_default_setup():
    assert BigGANSettings() == BigGANSettings(setup=Setup.COMPARE_GAN)
    assert BigGANSettings(setup="sagan") != BigGANSettings()


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"batch_size": 10, "accumulations": 4}, "batch of 10 is not divided into 4"),
        ({"shared_dim": 0}, "hierarchical = false"),
        ({"setup": "saga"}, "setup"),
    ],
)
def test_faults_are_named(values, words):
    with pytest.raises(ConfigError, match=words):
        BigGANSettings.parse(values, "test")


@pytest.mark.parametrize("name", Setup)
def test_every_setup_can_be_trained(name, tmp_path):
    kept = {"setup", "hierarchical", "initialisation", "statistics", "discriminator_steps", "shared_dim"}
    values = {key: value for key, value in {**SETUPS[name], "setup": name.value}.items() if key in kept}
    narrow = {key: TINY[key] for key in TINY if key not in kept or (key == "shared_dim" and key not in values)}
    model = BigGAN.build(BigGANSettings.parse({**narrow, **values}, "test"), SPEC, 0)
    model.fit("default", tiny_models.table(), tiny_models.TrainingRun(folder=tmp_path, seed=0, previews=1), {})
    (scenes,) = model.sample(range(3))
    assert scenes.images.std() > 0


def bottom_statistics(generator, batches, batch_size):
    """Mean of batch means and variances of what the first normalisation sees."""
    means, variances = [], []
    for index in range(batches):
        seeds = range(index * batch_size, (index + 1) * batch_size)
        z = NoiseSource.for_seeds(seeds, CPU).turn("standing statistics").normal("z", generator.latent_dim)
        x = generator.linear(z[:, : generator.first_dim]).view(-1, *generator.bottom)
        means.append(x.mean((0, 2, 3)))
        variances.append(x.var((0, 2, 3), correction=1))
    return torch.stack(means).mean(0), torch.stack(variances).mean(0)


@torch.no_grad()
def test_standing_statistics_are_means_over_generated_batches():
    generator = BigGAN.build(settings(), SPEC, 0).generator.train()
    before = {key: value.clone() for key, value in generator.state_dict().items()}
    standing = with_standing_statistics(generator, 5, 16)
    mean, variance = bottom_statistics(generator.eval(), 5, 16)
    layer = standing.blocks[0][0].bn1
    torch.testing.assert_close(layer.stored_mean, mean, rtol=1e-4, atol=1e-5)
    torch.testing.assert_close(layer.stored_var, variance, rtol=1e-4, atol=1e-5)
    assert not any(module.training for module in standing.modules())
    changed = {key for key, value in standing.state_dict().items() if not torch.equal(value, before[key])}
    assert changed == {key for key in before if key.endswith(("stored_mean", "stored_var"))}
    assert all(torch.equal(value, before[key]) for key, value in generator.state_dict().items())


@torch.no_grad()
def test_standing_statistics_normalise_what_is_generated():
    """One batch of them, evaluated on that batch, is training's own normalisation but for Bessel's correction."""
    generator = BigGAN.build(settings(), SPEC, 0).generator
    standing = with_standing_statistics(generator, 1, 64)
    noise = NoiseSource.for_seeds(range(64), CPU).turn("standing statistics")
    inputs = []
    layer = standing.output_layer[0]
    assert isinstance(layer, BatchNorm)
    layer.register_forward_hook(lambda module, args, output: inputs.append(output))
    generate(standing, noise)
    x = inputs[0]
    torch.testing.assert_close(x.mean((0, 2, 3)), torch.zeros_like(x[0, :, 0, 0]), rtol=0, atol=1e-3)
    assert ((x.var((0, 2, 3)) - 1).abs() < 0.01 + BN_EPSILON).all()


def test_sampling_with_running_statistics_is_another_thing_than_with_standing_ones():
    standing = BigGAN.build(settings(statistics=Statistics.STANDING), SPEC, 0)
    running = BigGAN.build(settings(statistics=Statistics.RUNNING), SPEC, 0)
    (one,), (other,) = standing.sample(range(4)), running.sample(range(4))
    assert (one.images != other.images).any()
