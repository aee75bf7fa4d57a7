"""Print how many toy street scenes one core renders per second."""

import time

from sbgan_bench.dataset import Resolution, resolution_text
from sbgan_bench.datasets.toy_streets import ToyStreets, ToyStreetsSettings

SIZES: tuple[Resolution, ...] = ((32, 64), (64, 128), (128, 256))
SCENES = 100


def main() -> None:
    """Render the first scenes at each size."""
    dataset = ToyStreets.open(ToyStreetsSettings())
    keys = dataset.splits()["train"].keys[:SCENES]
    dataset.read(keys[0], SIZES[0])  # builds the noise tiles
    for size in SIZES:
        start = time.process_time()
        for key in keys:
            dataset.read(key, size)
        print(f"{resolution_text(size)}: {SCENES / (time.process_time() - start):.1f} scenes per CPU-second")


if __name__ == "__main__":
    main()
