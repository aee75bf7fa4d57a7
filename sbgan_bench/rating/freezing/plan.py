"""What a study will be, with everything checked that can be checked before a network draws."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.dataset import Resolution
from sbgan_bench.datasets.reading import load
from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.rating.expectation import Expectation, expect
from sbgan_bench.rating.freezing.advice import advice
from sbgan_bench.rating.freezing.choosing import Chosen, choose
from sbgan_bench.rating.freezing.display import check_size, display_size, shown
from sbgan_bench.rating.freezing.opening import open_cells
from sbgan_bench.rating.freezing.spec_file import read_spec
from sbgan_bench.rating.study import Anchor, Gold, Role, StudySpec
from sbgan_bench.reporting import no_report

#: Told (what is worked on, parts done, parts in all).
Report = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Picture:
    """One picture as it is shown, and what its owner knows of it."""

    pixels: NDArray[np.uint8]  #: (H, W, 3) RGB, at the display size
    role: Role | None  #: None for an anchor
    name: str  #: in messages
    source: str  #: for the owner
    cell: int | None = None
    gold: Gold | None = None
    anchor: Anchor | None = None

    @property
    def digest(self) -> bytes:
        """The sha256 of the pixels."""
        return hashlib.sha256(np.ascontiguousarray(self.pixels).tobytes()).digest()


@dataclass(frozen=True)
class Plan:
    """A study that can be frozen."""

    spec: StudySpec
    text: bytes  #: of the owner's file
    base: Path  #: the folder that its paths are relative to
    cells: tuple[Chosen, ...]
    size: Resolution  #: of the display

    @cached_property
    def expectation(self) -> Expectation:
        """What the design promises."""
        return expect(self.spec, [len(chosen.members) for chosen in self.cells])

    @property
    def advice(self) -> tuple[str, ...]:
        """Remarks for the owner."""
        return advice(self.spec, [chosen.images for chosen in self.cells], self.expectation)

    def lying_there(self, report: Report = no_report) -> Iterator[Picture]:
        """Yield the pictures that no network draws.

        Raises:
            DataError: One cannot be read.
        """
        yield from self._single()
        for index, chosen in enumerate(self.cells):
            if not chosen.images.sampled:
                yield from self._of_cell(index, "cpu", report)

    def sampled(self, device: str, report: Report = no_report) -> Iterator[Picture]:
        """Yield the pictures that models draw.

        Args:
            device: Where the models run.
            report: Told how far each is.
        """
        for index, chosen in enumerate(self.cells):
            if chosen.images.sampled:
                yield from self._of_cell(index, device, report)

    def _of_cell(self, index: int, device: str, report: Report) -> Iterator[Picture]:
        chosen, size = self.cells[index], self.size
        images, members = chosen.images, (*chosen.members, *chosen.practice)
        for done, (member, picture) in enumerate(zip(members, images.read(members, device), strict=True), start=1):
            main, source = done <= len(chosen.members), images.source(member)
            yield Picture(
                pixels=shown(picture, size, self.spec.enlarging),
                role=Role.MAIN if main else Role.PRACTICE,
                name=f"{images.name}, {source}",
                source=source if main else f"{images.name}, {source}",
                cell=index if main else None,
            )
            report(images.name, done, len(members))

    def _single(self) -> Iterator[Picture]:
        """Yield the pictures that are named one by one."""
        for path in self.spec.practice:
            yield self._read(path, Role.PRACTICE, "practice")
        for gold in self.spec.gold:
            yield self._read(gold.image, Role.GOLD, "gold", gold=gold)
        for anchor in self.spec.anchors:
            yield self._read(anchor.image, None, "anchors", anchor=anchor)

    def _read(
        self, text: str, role: Role | None, key: str, gold: Gold | None = None, anchor: Anchor | None = None
    ) -> Picture:
        name, path = f"{key}: {text}", self.base / Path(text).expanduser()
        if not path.is_file():
            raise ConfigError(f"{name}: there is no file {path}; mend the path.")
        raster = load(path)
        raster.check_upright()
        picture = raster.to_rgb()
        check_size(name, (picture.shape[0], picture.shape[1]), self.size, self.spec.enlarging)
        return Picture(
            pixels=shown(picture, self.size, self.spec.enlarging),
            role=role, name=name, source=text, gold=gold, anchor=anchor,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Seen:
    """Pictures so far: none may be there twice, for nobody rates one picture twice without knowing."""

    _names: dict[bytes, str] = field(default_factory=dict)

    def add(self, picture: Picture) -> bytes:
        """Remember a picture.

        Returns:
            Its digest.

        Raises:
            DataError: The same pixels were there before.
        """
        digest = picture.digest
        first = self._names.setdefault(digest, picture.name)
        if first is not picture.name:
            raise DataError(
                f"These are one and the same picture: {first}; {picture.name}. Each is shown once: leave one out, or "
                "where a model repeats itself set a lower count for its cell."
            )
        return digest


def plan_study(path: Path, report: Report = no_report) -> Plan:
    """Read a study and check it: sources, sizes, numbers, duplicates. Nothing is sampled and nothing written.

    Args:
        path: ``study.toml``; paths in it are relative to its folder.
        report: Told how far the checks are.

    Raises:
        BenchError: The first fault, with the thing, the value and the remedy.
    """
    spec, base = read_spec(path), path.parent
    opened = open_cells(spec, base, lambda done, total: report("open cells", done, total))
    chosen = choose(spec, opened)
    size = display_size(spec, {images.name: images.size for images in opened})
    plan = Plan(spec, path.read_bytes(), base, chosen, size)
    seen = Seen()
    for picture in plan.lying_there(lambda name, done, total: report(f"check {name}", done, total)):
        seen.add(picture)
    return plan
