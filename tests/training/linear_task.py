"""The smallest thing the loop can train: a linear generator and critic on 4x8 scenes. Also a script to be killed."""

import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from sbgan_bench.dataset import DatasetInfo, PairTable, Split
from sbgan_bench.noise import NoiseSource, generator
from sbgan_bench.samples import SampleBatch
from sbgan_bench.training.loop import train
from sbgan_bench.training.run import TrainingRun
from sbgan_bench.training.task import Losses, Phase, TrainingBatch, TrainingTask, Update

RESOLUTION = (4, 8)
INFO = DatasetInfo(
    name="noise", class_names=("a", "b"), palette=((0, 0, 0), (255, 0, 0)), ignore_index=None, licence="none",
    redistributable=True,
)  # fmt: skip


def table(pairs: int = 11) -> PairTable:
    draw = generator("test table", pairs)
    images = draw.integers(0, 256, (pairs, 3, *RESOLUTION), np.uint8)
    layouts = draw.integers(0, 2, (pairs, *RESOLUTION), np.uint8)
    split = Split("train", tuple(str(i) for i in range(pairs)))
    return PairTable(INFO, split, "fingerprint", images, layouts)


def fill(module: nn.Module, key: int) -> nn.Module:
    with torch.no_grad():
        for i, parameter in enumerate(module.parameters()):
            values = generator("test weights", key, i).standard_normal(tuple(parameter.shape), np.float32)
            parameter.copy_(torch.from_numpy(values) * 0.1)
    return module


class LinearGAN:
    """A generator that is a linear map and a critic with one convolution, trained by hinge-free differences."""

    def __init__(self, scale: float = 1.0) -> None:
        self.generator = fill(nn.Linear(5, 3 * 4 * 8), 0)
        self.critic = fill(nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.Flatten(), nn.Linear(48, 1)), 1)
        self.scale = scale
        self.seen: list[TrainingBatch] = []
        self.snapshots: list[Path] = []

    def task(self, *phases: Phase, flip: bool = True) -> TrainingTask:
        return TrainingTask(
            modules={"generator": self.generator, "critic": self.critic},
            optimizers={
                "generator": torch.optim.Adam(self.generator.parameters(), 1e-2, betas=(0.0, 0.9)),
                "critic": torch.optim.SGD(self.critic.parameters(), 1e-2, momentum=0.5),
            },
            phases=phases or (phase(),),
            updates=(
                Update("generator", ("generator",), self.generator_losses),
                Update("critic", ("critic",), self.critic_losses),
            ),
            sample=self.sample,
            save_snapshot=self.snapshots.append,
            flip=flip,
        )

    def images(self, noise: NoiseSource) -> Tensor:
        return self.generator(noise.normal("z", 5)).view(-1, 3, *RESOLUTION) * self.scale

    def generator_losses(self, batch: TrainingBatch) -> Losses:
        self.seen.append(batch)
        return {"generator": self.critic(self.images(batch.noise)).square().mean()}

    def critic_losses(self, batch: TrainingBatch) -> Losses:
        layouts = F.one_hot(batch.layouts, 2).float().mean()
        return {"real": (self.critic(batch.images) - 1).square().mean(), "layout": layouts * 0}

    def sample(self, noise: NoiseSource) -> SampleBatch:
        images = (self.images(noise).clamp(-1, 1) * 127.5 + 127.5).byte()
        return SampleBatch(images=images.numpy())


def phase(images: int = 60, batch_size: int = 4, name: str = "train") -> Phase:
    return Phase(name, images, batch_size, RESOLUTION)


def weights(gan: LinearGAN) -> dict[str, Tensor]:
    return {**gan.generator.state_dict(prefix="g."), **gan.critic.state_dict(prefix="c.")}


def same(first: LinearGAN, second: LinearGAN) -> bool:
    a, b = weights(first), weights(second)
    return a.keys() == b.keys() and all(torch.equal(a[key], b[key]) for key in a)


LONG = (phase(240, 4, "first"), phase(150, 3, "second"))

if __name__ == "__main__":  # trains until done, or until killed
    torch.set_num_threads(1)
    gan = LinearGAN()
    train(gan.task(*LONG), table(), TrainingRun(folder=Path(sys.argv[1]), seed=3, checkpoint_every=0.0, previews=3))
