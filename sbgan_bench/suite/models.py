"""The models of a suite: finding them, their recipes, and their settings under preset and suite."""

from typing import Any

from sbgan_bench.config import did_you_mean
from sbgan_bench.errors import ConfigError, PluginImportError
from sbgan_bench.model import UNTRAINED, AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.suite.spec import Suite


def model_kind(name: str) -> type[AbstractModel]:
    """Import a registered model.

    Raises:
        PluginImportError: It cannot be imported, or is no model.
    """
    kind = load_plugin(PluginGroup.MODELS, name)
    if not (isinstance(kind, type) and issubclass(kind, AbstractModel)):
        raise PluginImportError(
            f"The model {name!r} is {kind!r}, which does not derive from sbgan_bench.model.AbstractModel; "
            "mend the package that registers it."
        )
    return kind


def check_recipe(suite: Suite, kind: type[AbstractModel], recipe: str) -> None:
    """Raise ``ConfigError`` if the model has no such recipe."""
    known = [*kind.recipes, UNTRAINED]
    if recipe not in known:
        raise ConfigError(
            f"suite {suite.name}: model {kind.name!r} has no recipe {recipe!r}; it has: {', '.join(known)}."
            f"{did_you_mean(recipe, known)}"
        )


def first_recipe(model: str) -> str:
    """Return the recipe that a model is trained with when another model starts from it: its first."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, model)
    return next(iter(kind.recipes))


def model_settings(suite: Suite, model: str) -> Any:
    """Return a model's settings: its table in the suite over the preset; stages it starts from bring their own.

    A settings field named like a role of ``starts_from`` holds the settings of the model trained for that role, so
    they are written once, under that model's name.
    """
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, model)
    written = suite.models.get(model, {})
    values = {**kind.presets.get(suite.preset, {}), **written}
    for recipe in kind.recipes.values():
        for role, start in recipe.starts_from.items():
            if role in written:
                raise ConfigError(
                    f"suite {suite.name}: [models.{model}.{role}] has no effect; write it under [models.{start}], "
                    f"whose training {model!r} starts from."
                )
            if role in kind.Settings.model_fields:
                values = {**values, role: model_settings(suite, start).to_json()}
    return kind.Settings.parse(values, f"suite {suite.name}, [models.{model}]")
