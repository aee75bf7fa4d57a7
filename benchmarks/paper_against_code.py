"""What of "the paper against the code" needs no training of its own: laws of the parts, and of the measuring.

    python benchmarks/paper_against_code.py [RUN]

RUN is the folder of a finished ``sbgan-bench run paper-against-code``; without one, what needs trained networks is
left out. Prints Markdown tables, the figures of docs/paper-against-code.md. Every figure is a mean and, in
parentheses, the smallest and largest over the seeds named above its table.
"""

import argparse
import statistics
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

from sbgan_bench.datasets.cache import cache_root, prepare
from sbgan_bench.datasets.toy_streets import ToyStreets
from sbgan_bench.judge import bundled_judge
from sbgan_bench.losses import multiscale_generator_loss
from sbgan_bench.manifest import Manifest
from sbgan_bench.metrics.frechet import frechet_distance
from sbgan_bench.model import AbstractModel, load_model
from sbgan_bench.networks.gumbel import gumbel_straight_through
from sbgan_bench.networks.labels import one_hot_layouts
from sbgan_bench.networks.progressive import SLOPE, Head, PixelNorm, ProgressiveGenerator, official_widths
from sbgan_bench.networks.progressive import initialise as initialise_progressive
from sbgan_bench.networks.spade import LabelGradient, SPADEGenerator, Upsampling
from sbgan_bench.networks.spade import initialise as initialise_spade
from sbgan_bench.noise import NoiseSource, generator
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.scene import SceneProtocol
from sbgan_bench.protocols.texture import TextureProtocol
from sbgan_bench.samples import SampleBatch

SEEDS = (0, 1, 2)
CPU = torch.device("cpu")


def figure(values: Iterable[float], digits: int = 3) -> str:
    """Return "mean (least – greatest)"."""
    numbers = list(values)
    return f"{statistics.fmean(numbers):.{digits}g} ({min(numbers):.{digits}g} – {max(numbers):.{digits}g})"


def table(title: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print one Markdown table."""
    lines = [f"\n### {title}\n", "| " + " | ".join(head) + " |", "|---" * len(head) + "|"]
    print("\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)]), flush=True)


# --- PixelNorm -------------------------------------------------------------------------------------------------------


def pixel_norm_rows() -> Iterable[list[str]]:
    """By level: how much the features of one pixel count after normalisation, and how sure the output is."""
    levels = 6
    sizes: dict[PixelNorm, list[list[float]]] = {form: [] for form in PixelNorm}
    sure: dict[PixelNorm, list[list[float]]] = {form: [] for form in PixelNorm}
    for form in PixelNorm:
        for seed in SEEDS:
            network = ProgressiveGenerator(
                head=Head.MASK, out_channels=35, widths=official_widths(levels), aspect=2, pixel_norm=form
            )
            initialise_progressive(network, seed)
            z = NoiseSource.for_seeds(range(4), CPU).normal("z", 512)
            spreads, confidence = [], []
            with torch.no_grad():
                x = z
                for level, block in enumerate(network.blocks):
                    x = block(x)
                    rms = x.square().mean(dim=1).sqrt().flatten()
                    low, high = torch.quantile(rms[:: max(1, len(rms) // 4096)], torch.tensor([0.05, 0.95]))
                    spreads.append(float(high / low))
                    confidence.append(float(network(z, level).amax(dim=1).mean()))
            sizes[form].append(spreads)
            sure[form].append(confidence)
    for level in range(levels):
        size = 4 * 2**level
        yield [f"{size}x{2 * size}"] + [
            figure(seed[level] for seed in values[form]) for values in (sizes, sure) for form in PixelNorm
        ]


def scaling_rows() -> Iterable[list[str]]:
    """What a factor on all weights of a layer does to what comes after its normalisation."""
    torch.manual_seed(0)
    x = F.leaky_relu(torch.randn(4, 512, 8, 16), SLOPE)
    for factor in (0.5, 1.0, 2.0):
        yield [f"{factor:g}", *(f"{float(form(factor * x).square().mean().sqrt()):.3f}" for form in PixelNorm)]


# --- Gradients into layouts ------------------------------------------------------------------------------------------


def gradient(
    painter: SPADEGenerator, labels: torch.Tensor, loss: Callable[[torch.Tensor], torch.Tensor]
) -> torch.Tensor:
    """Return the gradient of a loss of the painted images with respect to the label map."""
    given = labels.clone().requires_grad_()
    (result,) = torch.autograd.grad(loss(painter(given)), given)
    return result


def compare(entry: torch.Tensor, full: torch.Tensor) -> list[float]:
    """Positions reached, norm against the full gradient's, and the cosine between both."""
    reached = float((entry != 0).any(dim=1).float().sum(dim=(1, 2)).mean())
    share = reached / (entry.shape[2] * entry.shape[3])
    return [
        reached,
        share,
        float(entry.norm() / full.norm()),
        float(F.cosine_similarity(entry.flatten(), full.flatten(), dim=0)),
    ]


def painters(sizes: dict[str, Any]) -> tuple[SPADEGenerator, SPADEGenerator]:
    """Build the same painter with both forms of the gradient, in evaluation mode."""
    entry, full = (SPADEGenerator(**sizes, label_gradient=form) for form in (LabelGradient.ENTRY, LabelGradient.FULL))
    return entry.eval(), full.eval()


def untrained_gradients() -> Iterable[list[str]]:
    """The published sizes with fresh weights; the loss is a random direction of the image."""
    for name, size, upsampling, classes in (
        ("128x256, more, 35 classes", (128, 256), Upsampling.MORE, 35),
        ("256x256, normal, 95 classes", (256, 256), Upsampling.NORMAL, 95),
    ):
        found = []
        for seed in SEEDS[:2]:
            sizes = {"label_channels": classes, "resolution": size, "upsampling": upsampling}
            entry, full = painters({"base_width": 64, **sizes})
            initialise_spade(entry, seed)
            full.load_state_dict(entry.state_dict())
            ids = torch.from_numpy(generator("layout", seed).integers(0, classes, (1, size[0] // 8, size[1] // 8)))
            labels = one_hot_layouts(ids.repeat_interleave(8, 1).repeat_interleave(8, 2), classes)
            direction = torch.from_numpy(generator("direction", seed).standard_normal((1, 3, *size), np.float32))

            def loss(images: torch.Tensor, direction: torch.Tensor = direction) -> torch.Tensor:
                return (images * direction).sum()

            found.append(compare(gradient(entry, labels, loss), gradient(full, labels, loss)))
        yield [name, *gradient_figures(found)]


def gradient_figures(found: Sequence[Sequence[float]]) -> list[str]:
    """Format what ``compare`` returned for several seeds."""
    reached, share, norm, cosine = zip(*found, strict=True)
    return [f"{reached[0]:.0f} ({share[0]:.2%})", figure(norm), figure(cosine)]


def trained_gradients(models: Sequence[AbstractModel]) -> list[str]:
    """The networks of a run: the loss is what D2 tells the generator."""
    found = []
    for model in models:
        networks, image = model.networks(), model.settings.image
        widths = {"base_width": image.base_width, "hidden": image.hidden, "upsampling": image.upsampling}
        entry, full = painters(
            {"label_channels": model.spec.num_classes, "resolution": model.spec.resolution, **widths}
        )
        for painter in (entry, full):
            painter.load_state_dict(networks["image_generator"].state_dict())
        noise = NoiseSource.for_seeds(range(32), CPU)
        with torch.no_grad():
            layout = networks["layout_generator"]
            probabilities = layout(noise.normal("z", layout.latent_dim), layout.levels - 1)
        labels = gumbel_straight_through(probabilities, noise.exponential("gumbel", *probabilities.shape[1:]), 1.0)
        d2 = networks["d2"].eval()

        def loss(images: torch.Tensor, d2: torch.nn.Module = d2) -> torch.Tensor:
            return multiscale_generator_loss(d2(images))

        found.append(compare(gradient(entry, labels, loss), gradient(full, labels, loss)))
    return gradient_figures(found)


# --- Drawing layouts -------------------------------------------------------------------------------------------------


def draw_rows(models: Sequence[AbstractModel]) -> list[str]:
    """How far the three draws of one and the same generator lie apart."""
    sure, changed, isolated = [], [], []
    for model in models:
        layout = model.networks()["layout_generator"]
        noise = NoiseSource.for_seeds(range(200), CPU)
        with torch.no_grad():
            probabilities = layout(noise.normal("z", layout.latent_dim), layout.levels - 1)
        drawn = gumbel_straight_through(probabilities, noise.exponential("gumbel", *probabilities.shape[1:]), 1.0)
        likely, sampled = probabilities.argmax(1), drawn.argmax(1)
        sure.append(float(probabilities.amax(1).mean()))
        changed.append(float((likely != sampled).float().mean()))
        isolated.append(speckle(sampled) - speckle(likely))
    return [figure(sure), figure(changed), figure(isolated)]


def speckle(ids: torch.Tensor) -> float:
    """Share of inner pixels that differ from all four neighbours."""
    inner = ids[:, 1:-1, 1:-1]
    around = (ids[:, :-2, 1:-1], ids[:, 2:, 1:-1], ids[:, 1:-1, :-2], ids[:, 1:-1, 2:])
    return float(torch.stack([inner != other for other in around]).all(dim=0).float().mean())


# --- The distance ----------------------------------------------------------------------------------------------------


def real_features() -> dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]:
    """Features of 2,000 real scenes, and of the same scenes mirrored, by protocol."""
    dataset = ToyStreets.open(ToyStreets.Settings(test=2000))
    images = np.array(prepare(dataset, "test", (32, 64), cache_root()).images)
    judge = bundled_judge("toy-streets", (32, 64))
    assert judge is not None
    protocols = (SceneProtocol.open(Opening(device=CPU, weights=judge)), TextureProtocol.open(Opening(device=CPU)))
    mirrored = np.ascontiguousarray(images[..., ::-1])
    return {
        protocol.name: (protocol.features(SampleBatch(images)), protocol.features(SampleBatch(mirrored)))
        for protocol in protocols
    }


def real_rows(features: dict[str, tuple[NDArray[np.float32], NDArray[np.float32]]]) -> Iterable[list[str]]:
    """Real against other real by N, and the same with one side mirrored at random, over five disjoint draws."""
    for num in (50, 100, 200, 500, 1000):
        row = [str(num)]
        for plain, mirrored in features.values():
            pairs = []
            for trial in range(5):
                order = generator("draw", trial, num).permutation(len(plain))
                flips = generator("flips", trial, num).random(num) < 0.5
                one, other = order[:num], order[num : 2 * num]
                flipped = np.where(flips[:, None], mirrored[one], plain[one])
                pairs.append((frechet_distance(plain[one], plain[other]), frechet_distance(flipped, plain[other])))
            row += [figure(still for still, _ in pairs), figure(turned for _, turned in pairs)]
        yield row


def models_of(run: Path, recipe: str) -> list[AbstractModel]:
    """Load the plain SB-GAN of one recipe, one per training seed."""
    fits = Manifest.read(run).fits
    chosen = [fit for fit in fits if fit.model == "sbgan" and fit.recipe == recipe and not fit.variant]
    return [load_model(run / fit.folder, CPU) for fit in sorted(chosen, key=lambda fit: fit.training_seed)]


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("run", type=Path, nargs="?", help="folder of a finished paper-against-code run")
    run: Path | None = parser.parse_args().run
    seeds = f"initial weights from seeds {', '.join(map(str, SEEDS))}"
    table(
        f"PixelNorm with and without the root, official widths, {seeds}",
        ("size", "95 % / 5 % of pixel RMS, root", "no root", "mean top probability, root", "no root"),
        pixel_norm_rows(),
    )
    table("RMS after PixelNorm when a layer's output is scaled", ("factor", "root", "no root"), scaling_rows())
    head = ("network", "positions reached at entry", "norm, entry / full", "cosine, entry with full")
    rows = list(untrained_gradients())
    if run is not None:
        rows += [[f"32x64, demo, {recipe}", *trained_gradients(models_of(run, recipe))] for recipe in ("none", "both")]
    table("Gradient into the label map, evaluation mode", head, rows)
    if run is not None:
        head = ("recipe", "mean top probability", "pixels drawn otherwise than argmax", "speckle added")
        table("Drawing layouts", head, [[name, *draw_rows(models_of(run, name))] for name in ("none", "both")])
    features = real_features()
    names = [f"{name}{words}" for name in features for words in ("", ", one side mirrored at random")]
    table("Real against other real, five draws", ("N", *names), real_rows(features))


if __name__ == "__main__":
    main()
