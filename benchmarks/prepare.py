"""Print how fast Cityscapes is prepared at 128x256 on this machine, and how much memory it takes.

    python benchmarks/prepare.py [PAIRS]

Makes a generated tree of 2048x1024 pairs whose files cost what the originals cost: images of 2.3 MB that Pillow
decodes in some 65 ms. Three ways are timed one after the other on the same files, hashing them included: one thread
with Pillow alone, then one and two threads with the fast decoder. CPU time per pair counts all threads, and is what a
busy machine does not change.
"""

import logging
import multiprocessing
import os
import resource
import shutil
import sys
import tempfile
import time
from multiprocessing.connection import Connection
from pathlib import Path

import numpy as np
from PIL import Image

from sbgan_bench.datasets import png
from sbgan_bench.datasets.cache import prepare
from sbgan_bench.datasets.cityscapes_5k import Cityscapes5K, Cityscapes5KSettings
from sbgan_bench.datasets.locations import CACHE_VARIABLE

HEIGHT, WIDTH = 1024, 2048
RESOLUTION = (128, 256)
PAIRS = 24
#: Different pairs; the rest are copies, which cost as much.
SCENES = 6


def smooth(rng: np.random.Generator, cells: int) -> np.ndarray:
    """Return an ``(H, W)`` field of about unit variance that changes over ``W / cells`` pixels."""
    coarse = rng.standard_normal((cells // 2, cells)).astype(np.float32)
    return np.asarray(Image.fromarray(coarse).resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC))


def write_scene(image: Path, label: Path, seed: int) -> None:
    """Write a photo-like image, gradients with grain, and a label map of large regions with soft borders."""
    rng = np.random.default_rng(seed)
    grain = rng.normal(0, 0.5, (HEIGHT, WIDTH))
    channels = [100 + 40 * smooth(rng, 32) + 12 * smooth(rng, 256) + grain for _ in range(3)]
    Image.fromarray(np.clip(np.stack(channels, axis=2), 0, 255).astype(np.uint8)).save(image)
    fields = np.stack([smooth(rng, 16) + 0.1 * smooth(rng, 256) for _ in range(20)])
    Image.fromarray((7 + fields.argmax(axis=0)).astype(np.uint8)).save(label)


def write_tree(root: Path, pairs: int) -> None:
    """Write ``pairs`` training pairs of one city, and one validation pair."""
    for part, city, count in (("train", "aachen", pairs), ("val", "lindau", 1)):
        images, labels = root / "leftImg8bit" / part / city, root / "gtFine" / part / city
        images.mkdir(parents=True)
        labels.mkdir(parents=True)
        for i in range(count):
            scene = f"{city}_{i:06d}_000019"
            image, label = images / f"{scene}_leftImg8bit.png", labels / f"{scene}_gtFine_labelIds.png"
            if i < SCENES:
                write_scene(image, label, i)
            else:
                first = f"{city}_{i % SCENES:06d}_000019"
                shutil.copyfile(images / f"{first}_leftImg8bit.png", image)
                shutil.copyfile(labels / f"{first}_gtFine_labelIds.png", label)


def make(root: Path, workers: int) -> int:
    """Prepare the training pairs of a tree in a cache of their own, and return their number."""
    logging.disable()  # most cities are missing
    with tempfile.TemporaryDirectory() as cache:
        os.environ[CACHE_VARIABLE] = cache
        return len(
            prepare(
                Cityscapes5K.open(Cityscapes5KSettings(root=root)), "train", RESOLUTION, Path(cache), workers=workers
            )
        )


def timed(name: str, root: Path, workers: int, than: float = 0.0) -> float:
    """Print and return pairs per second."""
    wall, cpu = time.perf_counter(), time.process_time()
    pairs = make(root, workers)
    rate = pairs / (time.perf_counter() - wall)
    spent = 1000 * (time.process_time() - cpu) / pairs
    ratio = f", {rate / than:.2f} times as fast" if than else ""
    print(f"{name}: {rate:.1f} pairs/s, {spent:.0f} ms of CPU per pair{ratio}", flush=True)
    return rate


def most_memory() -> float:
    """Return the most memory this process held since it began, in MiB."""
    status = Path("/proc/self/status")
    if not status.exists():
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20  # bytes on macOS
    (line,) = (line for line in status.read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) / 1024  # ru_maxrss would count the parent's


def measure_peak(root: Path, answer: Connection) -> None:
    """Prepare in a process of its own with two threads, and answer with its peak before and after."""
    before = most_memory()
    make(root, 2)
    answer.send((before, most_memory()))


def peak(root: Path) -> tuple[float, float]:
    """Return the peak memory of a process in MiB, before it prepares a tree and after."""
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=measure_peak, args=(root, there))
    process.start()
    before, after = here.recv()
    process.join()
    return float(before), float(after)


def main() -> None:
    """Time the three ways, then measure memory for n and 2n pairs."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else PAIRS
    with tempfile.TemporaryDirectory() as folder:
        once, twice = Path(folder) / "once", Path(folder) / "twice"
        write_tree(once, pairs)
        write_tree(twice, 2 * pairs)
        make(once, 2)  # imports, file cache
        fast = png._decoder
        png._decoder = lambda: None
        slow = timed("Pillow alone, 1 thread", once, 1)
        png._decoder = fast
        name = "the fast decoder" if fast() else "Pillow (imagecodecs is not installed)"
        timed(f"{name}, 1 thread", once, 1, slow)
        timed(f"{name}, 2 threads", once, 2, slow)
        for root, count in ((once, pairs), (twice, 2 * pairs)):
            before, after = peak(root)
            print(f"peak memory, {count} pairs, 2 threads: {after:.0f} MiB, of which {before:.0f} are the libraries'")


if __name__ == "__main__":
    main()
