"""The contract of a family of networks: how a case of it is built and what is computed."""

import abc
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from torch import Tensor, nn

from sbgan_bench.errors import BenchError
from sbgan_bench.parity.case import Case, CaseFacts
from sbgan_bench.parity.checks import TOLERANCE
from sbgan_bench.plugins import PluginGroup, installed, load_plugin


class AbstractFamily(abc.ABC):
    """One case of a family. Built from a case, it makes the networks, which are then checked, filled and run.

    Everything is read from the case: the same class serves every size, width and class count.
    """

    name: ClassVar[str]  #: of the entry point
    words: ClassVar[tuple[str, ...]]  #: what the field "network" of its cases holds, in lower case; one suffices
    inputs: ClassVar[tuple[str, ...]] = ()  #: beginnings of the names of stored arrays that are inputs
    kept: ClassVar[tuple[str, ...]] = ()  #: keys that the fill rule leaves alone

    case: Case
    facts: CaseFacts  #: what was read of it

    @abc.abstractmethod
    def __init__(self, case: Case) -> None:
        """Read a case.

        Raises:
            BenchError: Something is missing, or no network of this family is configured like that.
        """

    @classmethod
    def recognises(cls, facts: Mapping[str, Any]) -> bool:
        """Whether a case, given its .json file, is one of this family."""
        return any(word in str(facts.get("network", "")).lower() for word in cls.words)

    @abc.abstractmethod
    def networks(self) -> Mapping[str, nn.Module]:
        """Build the networks, in training mode, by the field of the case that lists their keys."""

    @abc.abstractmethod
    def outputs(self, networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, Tensor]]:
        """Go through what the case prescribes, with the filled networks.

        Yields:
            The name of each reference array and the tensor that should equal it; of several tensors of one name, in
            different arithmetic, the nearest counts.
        """

    def tolerance(self, output: str) -> float:
        """Return how far an output may be off: max |difference| / max |reference| must be below it."""
        del output
        return TOLERANCE


def family_of(case: Case) -> type[AbstractFamily]:
    """Return the installed family that a case belongs to.

    Raises:
        BenchError: None recognises it; the message names those there are.
    """
    families: list[type[AbstractFamily]] = [load_plugin(PluginGroup.NETWORKS, name) for name in families_installed()]
    for family in families:
        if family.recognises(case.facts):
            return family
    network = case.facts.get("network")
    named = f"network {network!r} is not known" if network else "nothing says which network it is of"
    known = ", ".join(f"{family.name} ({', '.join(map(repr, family.words))})" for family in families)
    raise BenchError(f"{case.origin}: {named}. Known families, and the words they are recognised by: {known}.")


def families_installed() -> tuple[str, ...]:
    """Return the names of the installed families."""
    return tuple(installed(PluginGroup.NETWORKS))
