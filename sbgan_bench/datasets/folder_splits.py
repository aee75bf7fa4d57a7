"""The three ways a ``folder`` dataset can be split, as its ``dataset.toml`` says.

.. code-block:: toml

    [splits]                    # by list: stems, or a text file with one stem per line
    kind = "listed"
    train = "train.txt"
    selection = ["a", "b"]
    test = "test.txt"

    [splits]                    # by chance, for scenes that have nothing to do with each other
    kind = "random"
    seed = 0
    train = 0.6
    selection = 0.1
    test = 0.3

    [splits]                    # in order of stem, for frames of a video: train first, test last
    kind = "contiguous"
    gap = 5                     # pairs dropped at each of the two borders
"""

import abc
import enum
import hashlib
import itertools
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from sbgan_bench.config import Settings, did_you_mean
from sbgan_bench.dataset import Problem
from sbgan_bench.errors import ConfigError, DataError

SPLIT_NAMES = ("train", "selection", "test")

_Fraction = Annotated[float, Field(gt=0, lt=1)]


class SplitKind(enum.StrEnum):
    """How the pairs are dealt out."""

    LISTED = "listed"
    RANDOM = "random"
    CONTIGUOUS = "contiguous"


class SplitRule(Settings, abc.ABC):
    """A way to deal stems to the three splits."""

    @abc.abstractmethod
    def deal(self, stems: Sequence[str], root: Path) -> tuple[dict[str, list[str]], list[Problem]]:
        """Deal ``stems`` (sorted) out, disjointly.

        Returns:
            The stems of each split, and what was wrong with the rule's own lists.
        """


class ListedSplits(SplitRule):
    """Stems given one by one, or in text files (relative to the dataset's folder)."""

    train: str | tuple[str, ...]
    selection: str | tuple[str, ...]
    test: str | tuple[str, ...]

    def deal(self, stems: Sequence[str], root: Path) -> tuple[dict[str, list[str]], list[Problem]]:
        """Take the lists as they are; a stem stays in the first split that names it."""
        present = set(stems)
        owner: dict[str, str] = {}
        problems = []
        for name, source in zip(SPLIT_NAMES, (self.train, self.selection, self.test), strict=True):
            where = source if isinstance(source, str) else "dataset.toml"
            for stem in _stems_of(source, root):
                if stem not in present:
                    problems.append(Problem(where, f"split {name!r} names {stem!r}, which has no sound pair of files"))
                elif stem in owner:
                    problems.append(Problem(where, f"{stem!r} is in {name!r} and in {owner[stem]!r}; name it once"))
                else:
                    owner[stem] = name
        return {name: [stem for stem, split in owner.items() if split == name] for name in SPLIT_NAMES}, problems


class _Fractions(SplitRule):
    """Shares of the pairs."""

    train: _Fraction = 0.6
    selection: _Fraction = 0.1
    test: _Fraction = 0.3

    @model_validator(mode="after")
    def _sum_to_one(self) -> Self:
        total = self.train + self.selection + self.test
        if abs(total - 1) > 1e-6:
            raise ValueError(f"train, selection and test sum to {total:g}; they must sum to 1")
        return self

    def _cut(self, stems: Sequence[str]) -> list[Sequence[str]]:
        shares = itertools.accumulate((self.train, self.selection, self.test), initial=0.0)
        ends = [round(len(stems) * share) for share in shares]
        return [stems[start:end] for start, end in itertools.pairwise(ends)]


class RandomSplits(_Fractions):
    """By chance. A stem's place depends on the seed and the stem alone, not on how files are listed."""

    seed: int = Field(default=0, ge=0)

    def deal(self, stems: Sequence[str], root: Path) -> tuple[dict[str, list[str]], list[Problem]]:
        """Cut the stems in an order that a hash decides; each split is sorted by stem."""
        shuffled = sorted(stems, key=lambda stem: hashlib.sha256(f"{self.seed}:{stem}".encode()).digest())
        parts = self._cut(shuffled)
        return {name: sorted(part) for name, part in zip(SPLIT_NAMES, parts, strict=True)}, []


class ContiguousSplits(_Fractions):
    """In order of stem: train, then selection, then test, with ``gap`` pairs dropped at both borders."""

    gap: int = Field(default=0, ge=0)

    def deal(self, stems: Sequence[str], root: Path) -> tuple[dict[str, list[str]], list[Problem]]:
        """Cut what remains after the gaps by the fractions."""
        usable = list(stems[: max(0, len(stems) - 2 * self.gap)])
        lengths = [len(part) for part in self._cut(usable)]
        starts = [0, lengths[0] + self.gap, lengths[0] + lengths[1] + 2 * self.gap]
        dealt = {
            name: list(stems[start : start + length])
            for name, start, length in zip(SPLIT_NAMES, starts, lengths, strict=True)
        }
        return dealt, []


_RULES: Mapping[SplitKind, type[SplitRule]] = {
    SplitKind.LISTED: ListedSplits,
    SplitKind.RANDOM: RandomSplits,
    SplitKind.CONTIGUOUS: ContiguousSplits,
}


def parse_splits(values: Mapping[str, Any], origin: str) -> tuple[SplitKind, SplitRule]:
    """Read the ``[splits]`` table.

    Raises:
        ConfigError: ``kind`` is missing or unknown, or the other keys do not fit it.
    """
    kinds = [kind.value for kind in SplitKind]
    word = str(values.get("kind", ""))
    if word not in kinds:
        fault = f"kind = {word!r} is not known." if word else "key 'kind' is missing."
        raise ConfigError(f"{origin}: {fault}{did_you_mean(word, kinds)} Choose one of {', '.join(kinds)}.")
    kind = SplitKind(word)
    return kind, _RULES[kind].parse({key: value for key, value in values.items() if key != "kind"}, origin)


def _stems_of(source: str | tuple[str, ...], root: Path) -> list[str]:
    if not isinstance(source, str):
        return list(source)
    try:
        lines = (root / source).read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{root / source}: cannot be read ({error}); [splits] of dataset.toml names it.") from error
    return [line.strip() for line in lines if line.strip()]
