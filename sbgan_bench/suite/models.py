"""The models of a suite: finding them, their recipes, and their settings under preset and suite."""

from typing import Any

from sbgan_bench.config import did_you_mean
from sbgan_bench.errors import ConfigError, PluginImportError
from sbgan_bench.hashing import hash_json
from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import UNTRAINED
from sbgan_bench.suite.layers import merged
from sbgan_bench.suite.spec import Entry, Suite


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


def entry_suite(suite: Suite, entry: Entry) -> Suite:
    """Return the suite as one entry sees it: the settings of its variant over those of all.

    Raises:
        ConfigError: The variant sets a model that its own neither is nor starts from.
    """
    if not entry.models:
        return suite
    used = models_behind(entry.model)
    idle = next((name for name in entry.models if name not in used), None)
    if idle is not None:
        raise ConfigError(
            f"suite {suite.name}: [entries.models.{idle}] of {entry.title!r} has no effect; the models behind it are: "
            f"{', '.join(used)}."
        )
    return suite.model_copy(update={"models": merged(suite.models, entry.models)})


def models_behind(model: str) -> list[str]:
    """Return a model and every model that one of its recipes starts from."""
    found = [model]
    for name in found:
        for recipe in model_kind(name).recipes.values():
            found += [start for start in recipe.starts_from.values() if start not in found]
    return found


def training_settings(base: Suite, own: Suite, model: str) -> dict[str, Any]:
    """Return the settings that a model is trained with, as plain values.

    What only sampling reads is taken from ``base``, so that variants in how samples are drawn share their weights.

    Args:
        base: The suite as its column sees it.
        own: The same as the entry sees it.
        model: Registered name.
    """
    values: dict[str, Any] = model_settings(own, model).to_json()
    beneath = model_settings(base, model).to_json()
    for name in model_kind(model).sampling_settings:
        *tables, key = name.split(".")
        table, below = values, beneath
        for inner in tables:
            table, below = table[inner], below[inner]
        table[key] = below[key]
    return values


def training_digest(base: Suite, own: Suite, model: str, recipe: str) -> str:
    """Return the sha256 of every setting that one training depends on, those of the models it starts from included."""
    starts = {} if recipe == UNTRAINED else model_kind(model).recipes[recipe].starts_from
    earlier = {role: training_digest(base, own, start, first_recipe(start)) for role, start in starts.items()}
    return hash_json({"settings": training_settings(base, own, model), "starts": earlier})


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
