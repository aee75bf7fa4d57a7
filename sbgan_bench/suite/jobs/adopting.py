"""Jobs that leave a model without training it: the same weights sampled in another way, and models made elsewhere."""

import shutil
from typing import Any

from sbgan_bench.errors import BenchError
from sbgan_bench.foreign import origin_notes
from sbgan_bench.model import AbstractModel, content_hash
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.storage import atomic_folder, read_json, write_json
from sbgan_bench.suite.jobs.context import MODEL, TRAINING, JobContext
from sbgan_bench.suite.saved import RECORD


def resettle(context: JobContext) -> str:
    """Save a trained model's weights under settings that differ in how samples are drawn."""
    trained = context.model()
    kind = type(trained)
    settings = kind.Settings.parse(dict(context.config["settings"]), f"settings of {kind.name}")
    model = kind.build(settings, trained.spec, seed=0)
    weights = trained.networks()
    for name, network in model.networks().items():
        network.load_state_dict(weights[name].state_dict())
    model.provenance = trained.provenance
    model.save(context.folder / MODEL)
    record = read_json(context.inputs["model"] / TRAINING)
    write_json(context.folder / TRAINING, {**record, **model.sampler()})
    return content_hash(context.folder / MODEL)


def load_saved(context: JobContext) -> str:
    """Copy a model that was saved elsewhere, and write down what is known of how it came about."""
    source = context.job.outside
    if source is None or content_hash(source) != context.config["content"]:
        raise BenchError(f"The model in {source} changed while the suite was running; start the command again.")
    with atomic_folder(context.folder / MODEL) as temporary:
        shutil.copytree(source, temporary, dirs_exist_ok=True)
    path = source.parent / RECORD
    known = read_json(path) if path.is_file() else {}
    write_json(context.folder / TRAINING, _record(context, known if isinstance(known, dict) else {}))
    return content_hash(context.folder / MODEL)


def _record(context: JobContext, known: dict[str, Any]) -> dict[str, Any]:
    """Return what training would have written, None where nobody noted it."""
    config = context.config
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, config["model"])
    model = kind.load(context.folder / MODEL, context.device)
    dataset = context.dataset(config["dataset"])
    facts = ("seed", "training_images", "images_seen", "seconds", "total_images_seen", "total_seconds", "steps")
    steps = model.provenance.steps
    return {
        **{name: known.get(name) for name in facts},
        **({} if steps is None else {"steps": steps}),
        "model": kind.name,
        "title": kind.title,
        "recipe": str(known.get("recipe", "")),
        "origin": model.provenance.origin,
        "parameters": model.parameters(),
        "collapsed": str(known.get("collapsed", "")),
        "selection": str(known.get("selection", "")),
        "notes": list(origin_notes(model, dataset, dataset.fingerprint())),
        **model.sampler(),
    }
