"""The most memory that ``sbgan-bench evaluate`` holds, with N images on either side and with 4N.

    python benchmarks/memory.py [--images 200] [--protocol texture]

Each evaluation, by all metrics, has a process of its own. The default protocol needs no weights and is quick; with
``--protocol tf-compat`` a file of random weights is made. Were images kept, 4N would add the pixels of 3N; what they
add beyond their features must stay below the two chunks that are in memory at a time.
"""

import argparse
import contextlib
import io
import multiprocessing
import os
import tempfile
from multiprocessing.connection import Connection
from pathlib import Path

from materials import HEIGHT, WIDTH, write_photographs, write_weights
from measuring import heading, limit

from sbgan_bench.cli import main as command
from sbgan_bench.datasets.locations import CACHE_VARIABLE
from sbgan_bench.features import CHUNK

#: Bytes of one decoded photograph.
PIXELS = 3 * HEIGHT * WIDTH
#: Photographs that are drawn.
DISTINCT = 50
#: Length of a feature vector.
DIM = {"texture": 192, "tf-compat": 3056}


def most_memory() -> float:
    """Return the most bytes that this process held since it began; ``ru_maxrss`` would count its parent's."""
    status = Path("/proc/self/status").read_text()
    (line,) = (line for line in status.splitlines() if line.startswith("VmHWM"))
    return 1024 * float(line.split()[1])


def link_photographs(root: Path, name: str, count: int, first: int = 0) -> None:
    """Make a folder of links to a few photographs, in turn: what they show does not matter here."""
    drawn = sorted((root / "drawn").iterdir())
    (root / name).mkdir()
    for index in range(count):
        os.link(drawn[(first + index) % len(drawn)], root / name / f"{index:06d}.png")


def evaluate(root: Path, images: int, protocol: str, answer: Connection) -> None:
    """Evaluate from an empty cache in this process, and answer with its peak."""
    os.environ[CACHE_VARIABLE] = str(root / f"cache-{images}")
    words = ["evaluate", "--real", root / f"real-{images}", "--generated", root / f"generated-{images}",
             "--protocol", protocol, "--reals", "whole", "--format", "json"]  # fmt: skip
    if protocol == "tf-compat":
        words += ["--weights", f"{protocol}={root / 'weights.pth'}", "--trust-weights"]
    with contextlib.redirect_stdout(io.StringIO()):
        command([str(word) for word in words], standalone_mode=False)
    answer.send(most_memory())


def peak(root: Path, images: int, protocol: str) -> float:
    """Return the peak of an evaluation in a process of its own, in bytes."""
    link_photographs(root, f"real-{images}", images)
    link_photographs(root, f"generated-{images}", images, first=1)
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=evaluate, args=(root, images, protocol, there))
    process.start()
    there.close()
    result = float(here.recv())
    process.join()
    return result


def main() -> None:
    """Print what both evaluations took at most."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--images", type=int, default=200, help="N; below two chunks less is read ahead")
    parser.add_argument("--protocol", choices=list(DIM), default="texture")
    options = parser.parse_args()
    if not Path("/proc/self/status").exists():
        print("The peak of a process is read from /proc, which this system does not have.")
        return
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write_weights(root / "weights.pth")
        write_photographs(root / "drawn", DISTINCT)
        counts = (options.images, 4 * options.images)
        few, many = (peak(root, count, options.protocol) for count in counts)
    heading(f"Peak memory of evaluate by {options.protocol}, all metrics")
    for count, size in zip(counts, (few, many), strict=True):
        features = 2 * count * DIM[options.protocol] * 4
        print(f"N = {count}: {size / 2**20:.0f} MiB, features {features / 2**20:.1f} MiB, "
              f"all pixels would be {2 * count * PIXELS / 2**20:.0f} MiB")  # fmt: skip
    beyond = many - few - 2 * (counts[1] - counts[0]) * DIM[options.protocol] * 4
    limit("4N in place of N adds beyond the features", beyond / 2**20, 2 * CHUNK * PIXELS / 2**20, "MiB")


if __name__ == "__main__":
    main()
