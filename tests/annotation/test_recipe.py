import pytest

from sbgan_bench.annotation.recipe import RECIPES, RateSchedule, Recipe, read_recipe
from sbgan_bench.errors import ConfigError
from sbgan_bench.networks.drn import DRNArch


def test_steps_divide_the_rate_by_ten_and_the_polynomial_ends_near_nothing():
    step = Recipe(schedule=RateSchedule.STEP)
    assert [step.rate(epoch) for epoch in (0, 99, 100, 199, 200)] == pytest.approx([0.01, 0.01, 1e-3, 1e-3, 1e-4])
    poly = Recipe(schedule=RateSchedule.POLY, epochs=500)
    assert poly.rate(0) == 0.01
    assert poly.rate(250) == pytest.approx(0.01 * 0.5**0.9)
    rates = [poly.rate(epoch) for epoch in range(500)]
    assert rates == sorted(rates, reverse=True)
    assert rates[-1] > 0


def test_every_network_has_a_recipe_and_only_the_deepest_is_turned_and_scaled():
    assert all(RECIPES[arch.value].arch is arch for arch in DRNArch)
    augmented = {name for name, recipe in RECIPES.items() if recipe.rotate and recipe.random_scale > 1}
    assert augmented == {"drn_d_105"}


def test_files_take_the_rest_from_a_named_recipe(tmp_path):
    file = tmp_path / "mine.toml"
    file.write_text('extends = "drn_d_105"\nbatch_size = 3\n')
    assert read_recipe(str(file)) == RECIPES["drn_d_105"].model_copy(update={"batch_size": 3})
    file.write_text('arch = "drn_d_38"\n')
    assert read_recipe(str(file)) == RECIPES["drn_d_38"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('extends = "drn_c_26"', "drn_c_26.*drn_d_22"),
        ("crop = [100, 100]", "multiples of 8"),
        ("epoch = 3", "Did you mean 'epochs'"),
        ("learning_rate = 0", "learning_rate"),
    ],
)
def test_faults_are_named(tmp_path, text, message):
    file = tmp_path / "mine.toml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=message):
        read_recipe(str(file))


def test_an_unknown_recipe_is_answered_with_those_there_are():
    with pytest.raises(ConfigError, match="Did you mean 'quick'"):
        read_recipe("quik")
