"""Features of photographs: images per second against torch-fidelity's own loop, and against what the machine can do.

    python benchmarks/extraction.py [--images 64] [--threads 1 2] [--repeats 2] [--device cuda]

torch-fidelity's own loop is its function for folders, at the batch of 64 that it takes unless told otherwise, and at
the batch that this project found best for a CPU. With decoding, this project goes through its store of features, from
an empty one. Both programs are bound to as many cores as threads.

The roofline is what the device reaches in multiplying large float32 matrices without TF32, measured in the same run; a
network's share of it is its multiplications and additions (``torch.utils.flop_counter``) per second over that.
"""

import argparse
import tempfile
import warnings
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from materials import HEIGHT, WIDTH, write_photographs, write_weights
from measuring import Spent, heading, limit, row, threads, timed, timed_in_turn
from numpy.typing import NDArray
from torch.utils.flop_counter import FlopCounterMode
from torch_fidelity.datasets import ImagesPathDataset
from torch_fidelity.feature_extractor_inceptionv3 import FeatureExtractorInceptionV3
from torch_fidelity.utils import get_featuresdict_from_dataset

from sbgan_bench.features import FeatureStore
from sbgan_bench.image_sets import ImageSet, open_images
from sbgan_bench.metric import FEATURES
from sbgan_bench.numerics import batch_size, exactly
from sbgan_bench.protocol import Opening
from sbgan_bench.protocols.inception import CompatProtocol
from sbgan_bench.samples import SampleBatch

#: Of the square matrices of the roofline.
SIZE = {"cpu": 2048, "cuda": 8192}


def opened(weights: Path, device: str) -> CompatProtocol:
    """Open tf-compat."""
    return CompatProtocol.open(Opening(device=torch.device(device), weights=weights, trusted=True))


def own_loop(network: FeatureExtractorInceptionV3, folder: Path, batch: int, count: int) -> NDArray[np.float32]:
    """Run torch-fidelity's loop over a folder."""
    data = ImagesPathDataset([str(path) for path in sorted(folder.iterdir())])
    found = get_featuresdict_from_dataset(data, network, batch, False, count == 1, False)
    return np.asarray(found["2048"])


def own_network(network: FeatureExtractorInceptionV3, images: NDArray[np.uint8], batch: int) -> NDArray[np.float32]:
    """Run torch-fidelity's network over images that are decoded already."""
    with torch.no_grad():
        parts = [network(part)[0] for part in torch.from_numpy(images).split(batch)]
    return torch.cat(parts).numpy()


def from_files(protocol: CompatProtocol, images: ImageSet) -> NDArray[np.float32]:
    """Extract into a store that is empty."""
    with tempfile.TemporaryDirectory() as folder:
        return FeatureStore(Path(folder)).features(images.source(), [protocol], len(images))[protocol.name]


def compare(weights: Path, folder: Path, count: int, repeats: int) -> None:
    """Print rows at one number of threads."""
    images, protocol = open_images(folder), opened(weights, "cpu")
    network = FeatureExtractorInceptionV3("compat", ["2048"], feature_extractor_weights_path=str(weights))
    pixels = images.images(0, len(images))
    block, small = protocol.info.block(FEATURES), batch_size(torch.device("cpu"))
    heading(f"tf-compat of {len(images)} PNG files of {HEIGHT}x{WIDTH}, {count} thread(s), cheapest of {repeats}")
    promised = "torch-fidelity, batches of 64"
    ways: dict[str, dict[str, Callable[[], NDArray[np.float32]]]] = {
        "decoding included": {
            "this project": lambda: from_files(protocol, images),
            promised: lambda: own_loop(network, folder, 64, count),
            f"torch-fidelity, batches of {small}": lambda: own_loop(network, folder, small, count),
        },
        "decoded already": {
            "this project": lambda: protocol.features(SampleBatch(pixels)),
            promised: lambda: own_network(network, pixels, 64),
        },
    }
    for what, forms in ways.items():
        with threads(count):
            results = dict(zip(forms, timed_in_turn(list(forms.values()), repeats), strict=True))
        (features, ours), (others, _) = results["this project"], results[promised]
        for name, (_, spent) in results.items():
            ratio = None if name == "this project" else spent.cpu / ours.cpu
            row(f"{name}, {what}: {rate(len(images), spent)}", spent, ratio, 1.7 if name == promised else None)
        limit("relative difference", float(np.abs(features[:, block] - others).max() / np.abs(others).max()), 1e-5)


def rate(images: int, spent: Spent) -> str:
    """Return images per second in words."""
    return f"{images / spent.wall:.1f}/s, {images / spent.cpu:.1f} per CPU s"


def roofline(weights: Path, device: str, images: int, count: int) -> None:
    """Print the network's images per second, and the share of what the device can do."""
    protocol = opened(weights, device)
    pixels = np.random.default_rng(0).integers(0, 256, (images, 3, HEIGHT, WIDTH), np.uint8)
    with FlopCounterMode(display=False) as counter:
        protocol.features(SampleBatch(pixels[:1]))
    each = counter.get_total_flops()
    size = SIZE[torch.device(device).type]
    matrix = torch.randn(size, size, device=device)

    def product() -> float:
        return float((matrix @ matrix)[0, 0])  # waits for the device

    with exactly(), threads(count):
        _, multiplying = timed(product, repeats=5)
        _, spent = timed(lambda: protocol.features(SampleBatch(pixels)), repeats=3)
    on_cpu = torch.device(device).type == "cpu"  # where others may be busy: what its threads worked, not waited
    multiplied, took = ((one.cpu / count if on_cpu else one.wall) for one in (multiplying, spent))
    where = f"CPU, {count} thread(s)" if on_cpu else torch.cuda.get_device_name()
    peak, reached = 2 * size**3 / multiplied / 1e12, each * images / took / 1e12
    print(f"{where}: {images / took:.1f} images/s of {each / 1e9:.1f} GFLOP: {reached:.3g} TFLOP/s, "
          f"{reached / peak:.0%} of {peak:.3g} TFLOP/s in {size}x{size} float32 matrices")  # fmt: skip


def main() -> None:
    """Compare at every number of threads, then hold against the roofline."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=64)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--repeats", type=int, default=2)
    parser.add_argument("--device", help="of the roofline; by default the CPU, and a GPU if there is one")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")  # of the other library's age
    devices = [options.device] if options.device else ["cpu", *(["cuda"] if torch.cuda.is_available() else [])]
    with tempfile.TemporaryDirectory() as root:
        weights = write_weights(Path(root) / "weights.pth")
        photographs = write_photographs(Path(root) / "photographs", options.images)
        for count in options.threads:
            compare(weights, photographs, count, options.repeats)
        print("\nThe network against its roofline")
        for device in devices:
            roofline(weights, device, 512 if device.startswith("cuda") else options.images, options.threads[0])
    if not any(device.startswith("cuda") for device in devices):
        print("GPU: none here, nothing was measured on one")


if __name__ == "__main__":
    main()
