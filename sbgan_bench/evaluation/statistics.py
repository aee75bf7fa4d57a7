"""The plain Fréchet distance to a mean and covariance that somebody else kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.evaluation.terms import Terms
from sbgan_bench.feature_cache import features_root
from sbgan_bench.features import FeatureStore
from sbgan_bench.hashing import hash_file
from sbgan_bench.image_sets import Kind, Statistics, kind_of, open_images, open_statistics
from sbgan_bench.metric import FEATURES
from sbgan_bench.metrics.frechet import METRIC, frechet_from_statistics
from sbgan_bench.protocol import AbstractProtocol
from sbgan_bench.results import Origin, Reals, ResultRow
from sbgan_bench.versions import component_versions

#: Name of the protocol where nobody knows it, since both sides are statistics.
UNKNOWN = "statistics"


@dataclass(frozen=True, slots=True)
class _Side:
    """One of two sets between which there is a distance."""

    path: Path
    moments: Statistics
    images: int  #: of which they are; 0 where the path holds somebody else's statistics


def holds_statistics(path: Path) -> bool:
    """Whether a path holds a mean and covariance in place of images."""
    return kind_of(path) is Kind.STATISTICS


def statistics_rows(real: Path, generated: Sequence[Path], terms: Terms) -> list[ResultRow]:
    """Return the Fréchet distance of every generated set; no trials, no floor, no other metric can be had.

    Args:
        real: Images or statistics.
        generated: Likewise; where both are statistics, the protocol they were made with is unknown.
        terms: Names the one protocol that images are turned into features by.

    Raises:
        ConfigError: Images, and not exactly one protocol; or a metric that needs more than two moments.
        DataError: Dimensions differ.
        BenchError: A file or image cannot be used.
    """
    strange = [name for name in terms.metrics if name != METRIC.name]
    if strange:
        raise ConfigError(f"Statistics (mu, sigma) serve {METRIC.name} alone; --metric {strange[0]} needs the images.")
    protocol = None if all(map(holds_statistics, (real, *generated))) else _only_protocol(terms)
    if protocol is None and terms.protocols:
        raise ConfigError(f"--protocol {terms.protocols[0]} has no effect on statistics, made by whatever made them; "
                          "leave it out.")  # fmt: skip
    mine = _side(real, protocol, terms)
    return [_row(mine, _side(path, protocol, terms), protocol, terms) for path in generated]


def _only_protocol(terms: Terms) -> AbstractProtocol:
    names = list(terms.protocols or terms.weights)
    if len(names) != 1:
        raise ConfigError("Images against statistics need the one protocol that made the statistics: pass --protocol.")
    return terms.opened(None, frozenset(), names)[0]


def _side(path: Path, protocol: AbstractProtocol | None, terms: Terms) -> _Side:
    if protocol is None or holds_statistics(path):
        return _Side(path, open_statistics(path), 0)
    images = open_images(path)
    store = FeatureStore(features_root(), terms.device)
    array = store.features(images.source(), [protocol], len(images), terms.stage(images.name))[protocol.name]
    features = array[:, protocol.info.block(FEATURES)].astype(np.float64)
    return _Side(path, Statistics(features.mean(axis=0), np.atleast_2d(np.cov(features, rowvar=False))), len(images))


def _row(real: _Side, generated: _Side, protocol: AbstractProtocol | None, terms: Terms) -> ResultRow:
    mine, theirs = real.moments, generated.moments
    notes = [
        f"mean and covariance of {one.path.name} (sha256 {hash_file(one.path)}) are somebody else's: with which "
        "protocol and how many images they were made is not in the file"
        for one in (real, generated)
        if not one.images
    ]
    if mine.dim != theirs.dim:
        raise DataError(
            f"{real.path} has {mine.dim} dimensions and {generated.path} has {theirs.dim}: they were made with "
            "different protocols, and no distance between them means anything."
        )
    info: dict[str, Any] = {"protocol": UNKNOWN}
    if protocol is not None:
        told = protocol.info
        info = {"protocol": told.name, "weights_hash": told.weights_hash, "published": told.published}
    return ResultRow(
        suite="evaluate",
        model=generated.path.resolve().name,
        origin=Origin.IMPORTED,
        dataset=real.path.resolve().name,
        resolution="",
        **info,
        metric=METRIC.name,
        better=METRIC.better.value,
        value=frechet_from_statistics(mine.mu, mine.sigma, theirs.mu, theirs.sigma),
        trials=1,
        dim=mine.dim,
        reals=Reals.ALL,
        num_real=real.images,
        num_generated=generated.images,
        real_pool="all reals, once" if real.images else "statistics",
        versions=component_versions("scipy"),
        threads=torch.get_num_threads(),
        device=terms.device,
        unranked="compared with statistics whose making nobody can check",
        notes=tuple(notes),
    )
