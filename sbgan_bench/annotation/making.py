"""From labelled pairs to a saved segmenter: build, train, measure on held-out pairs, save."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from sbgan_bench.annotation.evaluation import evaluate_annotator
from sbgan_bench.annotation.pairs import LabelledPairs
from sbgan_bench.annotation.prediction import Annotator
from sbgan_bench.annotation.pretrained import load_pretrained
from sbgan_bench.annotation.recipe import Recipe
from sbgan_bench.annotation.training import Length, train_segmenter
from sbgan_bench.annotation.weights import SavedSegmenter, SegmenterFacts, save_segmenter
from sbgan_bench.networks.drn import DRNSegmenter, initialise
from sbgan_bench.reporting import no_report
from sbgan_bench.training.run import TrainingRun


@dataclass(frozen=True, slots=True)
class SegmenterPlan:
    """All that decides a segmenter's weights, and what it is measured on."""

    pairs: LabelledPairs  #: learnt from
    held_out: LabelledPairs  #: measured on
    held_out_name: str  #: what to call them: "selection"
    recipe: Recipe
    pretrained: Path | None = None  #: file of ImageNet weights; None starts from random ones

    def describe(self) -> dict[str, Any]:
        """Return plain values for people to look at before anything starts."""
        info, length = self.pairs.dataset.info, self.length
        return {
            "dataset": info.name,
            "split": self.pairs.dataset.split_name,
            "training_pairs": len(self.pairs),
            f"{self.held_out_name}_pairs": len(self.held_out),
            "classes": list(info.class_names[: self.pairs.num_classes]),
            "steps": length.steps,
            "start": "random weights" if self.pretrained is None else str(self.pretrained),
            "recipe": self.recipe.to_json(),
        }

    @property
    def length(self) -> Length:
        """How long training is."""
        return Length(len(self.pairs), self.recipe.batch_size, self.recipe.epochs)


def make_segmenter(
    plan: SegmenterPlan, run: TrainingRun, report_measuring: Callable[[int, int], None] = no_report
) -> SegmenterFacts:
    """Train a segmenter, going on from the checkpoints in ``run.folder``, and save it there with its evaluation.

    Args:
        plan: What to make.
        run: Folder, seed, device and precision.
        report_measuring: Told the held-out images measured so far and in all.

    Raises:
        BenchError: See ``train_segmenter``, ``load_pretrained`` and ``save_segmenter``.
    """
    network = DRNSegmenter(plan.recipe.arch, plan.pairs.num_classes)
    initialise(network, run.seed)
    start = "" if plan.pretrained is None else load_pretrained(network, plan.pretrained)
    train_segmenter(network, plan.pairs, plan.recipe, run, start)
    facts = _facts(plan, run, start)
    annotator = Annotator(SavedSegmenter(facts, network), run.device)
    evaluation = evaluate_annotator(annotator, plan.held_out, plan.held_out_name, report_measuring)
    return save_segmenter(run.folder, network, facts.model_copy(update={"evaluation": evaluation}))


def _facts(plan: SegmenterPlan, run: TrainingRun, start: str) -> SegmenterFacts:
    info, classes = plan.pairs.dataset.info, plan.pairs.num_classes
    return SegmenterFacts(
        arch=plan.recipe.arch,
        num_classes=classes,
        class_names=info.class_names[:classes],
        palette=info.palette[:classes],
        ignore_index=info.ignore_index,
        input_scale=plan.recipe.input_scale,
        source=f"trained on {len(plan.pairs)} pairs of {info.name}",
        training={
            "dataset": info.name,
            "split": plan.pairs.dataset.split_name,
            "fingerprint": plan.pairs.dataset.fingerprint(),
            "pairs": len(plan.pairs),
            "recipe": plan.recipe.to_json(),
            "seed": run.seed,
            "precision": run.precision.value,
            "images_shown": plan.length.steps * plan.recipe.batch_size,
            "pretrained": "none" if plan.pretrained is None else plan.pretrained.name,
            "pretrained_sha256": start,
            "device": str(run.device),
            "torch": str(torch.__version__),
        },
    )
