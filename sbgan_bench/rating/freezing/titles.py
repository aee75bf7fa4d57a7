"""What cells are called in tables."""

from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.samples import LayoutSource

#: The recipe that needs no mention.
_USUAL = "default"


def printed(model: str) -> str:
    """Return what a model is called in tables: its title if it is registered, else as its owner calls it."""
    return str(load_plugin(PluginGroup.MODELS, model).title) if model in installed(PluginGroup.MODELS) else model


def title_of(model: str, recipe: str, variant: str, layout_source: LayoutSource | None) -> str:
    """Return "SB-GAN, both (gumbel), real layouts" or less of it.

    Args:
        model: As printed.
        recipe: "" and the usual one are left out.
        variant: "" for none.
        layout_source: As the cell says; only that layouts are real is worth a word.
    """
    named = model + (f", {recipe}" if recipe not in ("", _USUAL) else "") + (f" ({variant})" if variant else "")
    return named + (", real layouts" if layout_source is LayoutSource.REAL else "")
