"""What training a suite would cost: operations counted, seconds estimated. Nothing here is measured on a GPU.

    python benchmarks/training_cost.py paper-tables [--tflops 20] [--model biggan] [--check]

Every training of the suite is built without numbers (with PyTorch's fake tensors), one step of each of its phases is
run, PyTorch's formulas (``torch.utils.flop_counter``) are added up, and multiplied by the phase's length. What is
printed can be pasted under ``[estimate]`` of the suite: seconds at the sustained throughput named by ``--tflops``.

Counted: convolutions and matrix products, two operations per multiplication-and-addition, forward, backward, and the
backward pass through the gradient penalty. Not counted: normalisations, activations, resizing, spectral norm's
matrix-vector products, random numbers, optimisers, moving averages, reading data, previews, the perceptual
segmenter's own training. They need memory bandwidth rather than arithmetic, so the throughput to assume is well below
a device's peak; 20 TFLOP/s is an assumption for float32 on one current data-centre GPU, to be replaced by what yours
sustains. VGG19 is counted wherever a suite asks for it, present or not.

``--check`` compares counts with CPU seconds of small models: both have about the same ratios, or the counter is wrong.
The seconds that the demo's ``[estimate]`` measured on a CPU are likewise 0.7 to 1.2 times its counts at 0.03 TFLOP/s.
"""

import argparse
import time
import warnings
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from sbgan_bench.losses import PerceptualLoss
from sbgan_bench.model import AbstractModel, SceneSpec
from sbgan_bench.networks.vgg import VGG19Features
from sbgan_bench.noise import NoiseSource
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.results import UNTRAINED
from sbgan_bench.sbgan.image_stage import ImageStage
from sbgan_bench.sbgan.image_training import ImageStageSettings
from sbgan_bench.sbgan.model import SBGAN
from sbgan_bench.sbgan.perceptual import Perceptual, segmenter_loss
from sbgan_bench.suite.models import entry_suite, first_recipe, model_kind, model_settings
from sbgan_bench.suite.spec import Suite, parse_resolution, read_suite
from sbgan_bench.training.schedule import Schedule, steps_of
from sbgan_bench.training.task import Phase, Position, TrainingBatch, TrainingTask, Update


class OperationCounter(TorchDispatchMode):
    """Adds up the operations of everything run inside. PyTorch's own counter refuses gradients of gradients."""

    def __init__(self) -> None:
        super().__init__()
        self.total = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None
    ) -> Any:
        """Run one operation and count it if there is a formula for it."""
        result = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func.overloadpacket)
        if formula is not None:
            self.total += formula(*args, **(kwargs or {}), out_val=result)
        return result


def perceptual_loss(settings: ImageStageSettings, model: AbstractModel, vgg19: bool) -> PerceptualLoss | None:
    """Return the perceptual loss that settings ask for, without weights; VGG19's if a suite does, present or not."""
    if vgg19 or settings.perceptual is Perceptual.VGG19:
        return PerceptualLoss(VGG19Features(), weight=settings.perceptual_weight)
    if settings.perceptual is Perceptual.SEGMENTER:
        stage = model if isinstance(model, ImageStage) else ImageStage.build(settings, model.spec, 0)
        assert stage.segmenter is not None
        return segmenter_loss(stage.segmenter, settings.perceptual_weight)
    return None


def task_of(model: AbstractModel, recipe: str, *, vgg19: bool = False) -> TrainingTask | None:
    """Return what a model hands to the training loop; None where it trains nothing by it."""
    if isinstance(model, ImageStage):
        shown = torch.zeros(1, *model.spec.resolution, dtype=torch.long)
        return model.task(perceptual_loss(model.settings, model, vgg19), shown)
    if isinstance(model, SBGAN):
        return None if recipe == "none" else model.task(recipe, perceptual_loss(model.settings.image, model, vgg19))
    build = getattr(model, "task", None)
    task: TrainingTask | None = None if build is None else build()
    return task


def first_steps(task: TrainingTask, phase: Phase, count: int) -> Iterator[Position]:
    """Yield the first steps of a phase."""
    schedule = Schedule(task.phases)
    before = sum(steps_of(other) for other in task.phases[: task.phases.index(phase)])
    for step in range(before, before + min(count, steps_of(phase))):
        yield schedule.position(step)


def run_step(task: TrainingTask, batch: TrainingBatch) -> None:
    """Run every update of one step as the training loop does, but for the optimisers."""
    for update in task.updates:
        run_update(task, update, batch)


def run_update(task: TrainingTask, update: Update, batch: TrainingBatch) -> int:
    """Run one update but for the optimisers, and return its number of backward passes."""
    enable(task, update)
    pieces, passes = update.pieces(batch), 0
    for piece in pieces:
        terms = update.losses(piece)
        if terms:
            passes += 1
            torch.autograd.backward(torch.stack(list(terms.values())).sum() / len(pieces))
    return passes


def enable(task: TrainingTask, update: Update) -> None:
    """Let the parameters of an update's optimisers, and no others, require gradients."""
    for module in task.modules.values():
        module.requires_grad_(False)
    for name in update.optimizers:
        for group in task.optimizers[name].param_groups:
            for parameter in group["params"]:
                parameter.requires_grad_(True)
                parameter.grad = None


class Silence(NoiseSource):
    """Noise without numbers: drawing them takes longer than counting."""

    def __getitem__(self, chosen: slice) -> "Silence":
        return Silence(self.keys[chosen])

    def turn(self, name: str) -> "Silence":
        """Return the same."""
        del name
        return self

    def normal(self, purpose: str, *shape: int) -> Tensor:
        """Return zeros, as do the other two."""
        del purpose
        return torch.zeros(len(self), *shape)

    exponential = uniform = normal


def batch_at(position: Position, model: AbstractModel) -> TrainingBatch:
    """Return a batch of the right shape: grey images of class 0."""
    size, pixels = position.phase.batch_size, model.spec.resolution
    noise = Silence(((0,),) * size)
    return TrainingBatch(torch.zeros(size, 3, *pixels), torch.zeros(size, *pixels, dtype=torch.long), noise, position)


def operations(name: str, settings: Any, spec: SceneSpec, recipe: str, *, vgg19: bool = False) -> float:
    """Return the floating-point operations of a whole training."""
    kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
    with FakeTensorMode(allow_non_fake_inputs=True):
        model = kind.build(settings, spec, 0)
        task = task_of(model, recipe, vgg19=vgg19)
        return 0.0 if task is None else sum(phase_operations(model, task, phase) for phase in task.phases)


def phase_operations(model: AbstractModel, task: TrainingTask, phase: Phase) -> float:
    """Return the floating-point operations of one phase: of its first steps, times their number."""
    period = getattr(model.settings, "penalty_every", 1)  # steps after which everything has happened once
    counts = []
    task.begin_phase(phase)
    for position in first_steps(task, phase, period):
        task.begin_step(position)
        batch = batch_at(position, model)
        with OperationCounter() as counter:
            run_step(task, batch)
        counts.append(counter.total)
    return steps_of(phase) * sum(counts) / max(1, len(counts))


#: Small trainings, a few kinds of layers each, for ``--check``.
SMALL: tuple[tuple[str, dict[str, Any]], ...] = (
    ("progan-reference", {"widths": [64, 64, 48, 32], "latent_dim": 64, "batch_size": [16]}),
    ("progan-reference", {"widths": [128, 128, 96, 64], "latent_dim": 128, "batch_size": [16]}),
    ("image-stage", {"base_width": 16, "hidden": 32, "upsampling": "small", "discriminator_width": 16,
                     "batch_size": 8, "perceptual": "none"}),
    ("image-stage", {"base_width": 32, "hidden": 64, "upsampling": "small", "discriminator_width": 32,
                     "batch_size": 8, "perceptual": "none"}),
    ("biggan", {"base_width": 16, "generator_widths": [4, 4, 2, 1], "discriminator_widths": [1, 2, 4, 4],
                "attention": [16], "batch_size": 16}),
    ("biggan", {"base_width": 32, "generator_widths": [4, 4, 2, 1], "discriminator_widths": [1, 2, 4, 4],
                "attention": [16], "batch_size": 16}),
)  # fmt: skip


def cpu_seconds(task: TrainingTask, batch: TrainingBatch, repeats: int = 5) -> float:
    """Return the least wall seconds of one real step."""
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        run_step(task, batch)
        best = min(best, time.perf_counter() - start)
    return best


def check() -> None:
    """Compare counts with CPU seconds of the last step of small trainings."""
    spec, reference = SceneSpec(12, (32, 64)), 0.0
    print("One step at 32x64 on this machine's CPU; the last column would be constant if only arithmetic took time.")
    for name, values in SMALL:
        kind: type[AbstractModel] = load_plugin(PluginGroup.MODELS, name)
        model = kind.build(kind.Settings.parse(values, name), spec, 0)
        task = task_of(model, "default")
        assert task is not None
        schedule = Schedule(task.phases)
        position = schedule.position(schedule.total_steps - 1)
        task.begin_phase(position.phase)
        batch = batch_at(position, model)
        with OperationCounter() as counter:
            run_step(task, batch)
        seconds = cpu_seconds(task, batch)
        rate = counter.total / seconds / 1e9
        reference = reference or rate
        width = values.get("base_width", values.get("widths", [0])[0])
        print(
            f"{name:17s} width {width:4d}  {counter.total / 1e9:8.2f} GFLOP  {seconds:7.3f} s  {rate:6.1f} GFLOP/s"
            f"  {rate / reference:5.2f}"
        )


#: Label channels of the datasets, which need not be here to be counted for.
CLASSES = {"cityscapes-5k": 35, "cityscapes-25k": 20, "ade-indoor": 95, "camvid": 12, "toy-streets": 12}


@dataclass(frozen=True)
class Training:
    """One training of a suite."""

    model: str
    recipe: str
    variant: str  #: "" for what entries share
    place: str  #: "DATASET/HEIGHTxWIDTH"
    settings: Any
    spec: SceneSpec
    vgg19: bool  #: whether the suite asks for VGG19, "if present" included

    @property
    def prefix(self) -> str:
        """The key in ``[estimate]``."""
        label = f"@{self.variant}" if self.variant else ""
        return f"train/{self.model}/{self.recipe}{label}/{self.place}"


def trainings(suite: Suite) -> Iterator[Training]:
    """Yield every training of a suite once; variants share what they do not change."""
    seen = set()
    for dataset, size in suite.grid.places:
        column = suite.at(dataset, size)
        spec = SceneSpec(CLASSES[dataset], parse_resolution(size))
        for entry in suite.entries:
            if entry.saved or not entry.stands_in(dataset, size):
                continue
            for recipe in entry.recipes:
                for model, how in chain(entry.model, recipe):
                    seen_by = entry_suite(column, entry)
                    own = model_settings(seen_by, model)
                    label = entry.variant if own != model_settings(column, model) else ""
                    vgg19 = seen_by.models.get("image-stage", {}).get("perceptual", "").startswith("vgg19")
                    training = Training(model, how, label, f"{dataset}/{size}", own, spec, vgg19)
                    if training.prefix not in seen and not model_kind(model).unsupported(own, spec):
                        seen.add(training.prefix)
                        yield training


def chain(model: str, recipe: str) -> Iterator[tuple[str, str]]:
    """Yield a recipe and those of the models it starts from, these first."""
    if recipe == UNTRAINED:
        return
    for start in model_kind(model).recipes[recipe].starts_from.values():
        yield from chain(start, first_recipe(start))
    yield model, recipe


def main() -> None:
    """Print ``[estimate]`` lines."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("suite", nargs="?", default="paper-tables", help="a bundled suite or a TOML file")
    parser.add_argument("--tflops", type=float, default=20.0, help="sustained throughput to assume (default: 20)")
    parser.add_argument("--model", action="append", help="only this model; may be repeated")
    parser.add_argument("--check", action="store_true", help="compare counts with CPU seconds instead")
    options = parser.parse_args()
    if options.check:
        check()
        return
    warnings.filterwarnings("ignore", message="Accessing the data pointer of FakeTensor")
    suite, whole = read_suite(options.suite), 0.0
    print(f"# {options.suite}: operations counted, at an assumed {options.tflops:g} TFLOP/s sustained; not measured")
    print("[estimate]")
    for training in trainings(suite):
        if options.model and training.model not in options.model:
            continue
        total = operations(training.model, training.settings, training.spec, training.recipe, vgg19=training.vgg19)
        if total:
            seconds = total / options.tflops / 1e12
            whole += seconds
            line = f'"{training.prefix}" = {seconds:.0f}  # {total / 1e15:,.1f} PFLOP, {seconds / 3600:.1f} h'
            print(line, flush=True)
    print(f"# in all {whole / 3600:,.0f} h for one training seed")


if __name__ == "__main__":
    main()
