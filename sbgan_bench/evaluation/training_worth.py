"""What a saved model's pairs are worth as training data: GAN-train, beside as many real pairs."""

from pathlib import Path

import torch

from sbgan_bench.dataset import AbstractDataset, resolution_text
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.errors import UnsupportedError
from sbgan_bench.evaluation.terms import Terms
from sbgan_bench.foreign import check_classes, origin_notes
from sbgan_bench.gan_train import SETTINGS, gan_train, generated_pairs, reference_pairs
from sbgan_bench.gan_train_rows import gan_train_rows
from sbgan_bench.model import content_hash, load_model
from sbgan_bench.results import Origin, ResultRow
from sbgan_bench.samples import FIRST_SAMPLING_SEED, LayoutSource
from sbgan_bench.versions import component_versions


def gan_train_rows_of_model(folder: Path, dataset: AbstractDataset, terms: Terms) -> list[ResultRow]:
    """Train segmenters on what a model generates and on as many real pairs; test both on the test split.

    Args:
        folder: A saved model that draws layouts and images.
        dataset: An open dataset with the classes that the model knows.
        terms: ``num`` pairs, or as many as the train split has; ``seed`` draws the real ones.

    Raises:
        UnsupportedError: The model draws no pairs of its own.
        DataError: Sizes or classes do not fit, or the train split has fewer pairs.
    """
    device = torch.device(terms.device)
    model = load_model(folder, device)
    if LayoutSource.GENERATED not in model.sources() or not model.draws_images:
        raise UnsupportedError(f"{model.title} draws no pairs of layout and image, which GAN-train learns from.")
    check_classes(model, dataset)
    size = model.spec.resolution
    test, train = (prepare(dataset, split, size, cache_root(), terms.stage(f"decode {split}"))
                   for split in ("test", "train"))  # fmt: skip
    scenes = model.scenes()
    count = terms.num or min(len(train), len(train) if scenes is None else len(scenes))
    seeds = range(FIRST_SAMPLING_SEED, FIRST_SAMPLING_SEED + count)
    pairs = generated_pairs(model.sample(seeds), dataset.info)
    settings = SETTINGS
    result = gan_train(pairs, test, settings=settings, device=device, report=terms.stage("GAN-train, generated"))
    real = reference_pairs(train, count, terms.seed)
    reference = gan_train(real, test, settings=settings, device=device, report=terms.stage("GAN-train, real"))
    facts = {
        "suite": "evaluate",
        "model": model.name,
        "origin": model.provenance.origin or Origin.IMPORTED,
        "dataset": dataset.info.name,
        "fingerprint": test.fingerprint,
        "split": dataset.split_name,
        "resolution": resolution_text(size),
        "layout_source": LayoutSource.GENERATED,
        "layout_draw": model.sampler().get("layout_draw", ""),
        "checkpoint_hash": content_hash(folder),
        "sampling_seeds": f"{seeds[0]}..{seeds[-1]}",
        "versions": component_versions(),
        "threads": torch.get_num_threads(),
        "device": terms.device,
        "notes": origin_notes(model, dataset, test.fingerprint),
    }
    return gan_train_rows(facts, result, reference, drawn_with=terms.seed)
