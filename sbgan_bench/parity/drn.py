"""Parity of the DRN-D segmenters."""

from collections.abc import Iterator, Mapping
from typing import Literal, cast

import torch
from torch import Tensor, nn

from sbgan_bench.networks.drn import DRNArch, DRNSegmenter
from sbgan_bench.parity.case import Case, CaseFacts, CaseSettings
from sbgan_bench.parity.family import AbstractFamily


class _Config(CaseSettings):
    arch: DRNArch
    classes: int


class _Facts(CaseFacts):
    config: _Config
    input: str
    output_stride: int = 1
    mode: Literal["eval"] = "eval"
    up_weight: str = ""  #: in words: the enlarging kernel is fixed, not filled


class DRNParity(AbstractFamily):
    """The DRN-D segmenters: scores at an eighth of the size, and log-probabilities."""

    name = "drn"
    words = ("drn",)
    kept = ("up.weight",)
    facts: _Facts

    def __init__(self, case: Case) -> None:
        self.case = case
        self.facts = _Facts.parse(dict(case.facts), case.origin)

    def networks(self) -> Mapping[str, nn.Module]:
        """Build the segmenter."""
        return {"keys": DRNSegmenter(self.facts.config.arch, self.facts.config.classes)}

    def outputs(self, networks: Mapping[str, nn.Module]) -> Iterator[tuple[str, Tensor]]:
        """Segment the input in evaluation mode."""
        network, stride = cast("DRNSegmenter", networks["keys"].eval()), self.facts.output_stride
        images = self.case.draw(self.facts.input)
        with torch.no_grad():
            yield "scores", network.scores(images)
            yield "log_probs", network(images)[..., ::stride, ::stride]
