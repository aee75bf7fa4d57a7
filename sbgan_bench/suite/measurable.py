"""What of a suite can be measured: which metric reads which protocol, and which protocol sees which scenes."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from sbgan_bench.errors import ConfigError
from sbgan_bench.hashing import hash_path
from sbgan_bench.metric import Metric
from sbgan_bench.model import AbstractModel
from sbgan_bench.plugins import PluginGroup, load_plugin
from sbgan_bench.protocol import AbstractProtocol, Content, Weights
from sbgan_bench.samples import LayoutSource
from sbgan_bench.weights import ChosenWeights, chosen_weights, known_weights


def protocol_kind(name: str) -> type[AbstractProtocol]:
    """Import a registered protocol."""
    kind: type[AbstractProtocol] = load_plugin(PluginGroup.PROTOCOLS, name)
    return kind


def metric_record(name: str) -> Metric:
    """Import a registered metric."""
    metric: Metric = load_plugin(PluginGroup.METRICS, name)
    return metric


def readable(protocols: Sequence[str], metrics: Sequence[str]) -> list[tuple[str, str]]:
    """Return every pair of a protocol and a metric that reads it."""
    blocks = {name: protocol_kind(name).blocks for name in protocols}
    reads = {name: metric_record(name).reads for name in metrics}
    return [(protocol, metric) for protocol in protocols for metric in metrics if reads[metric] in blocks[protocol]]


def check_readable(protocols: Sequence[str], metrics: Sequence[str], origin: str) -> None:
    """Refuse a metric that none of the protocols can be read by, and a protocol that no metric reads.

    Raises:
        ConfigError: Names it.
    """
    pairs = readable(protocols, metrics)
    for kind, names, used in (("protocol", protocols, 0), ("metric", metrics, 1)):
        idle = [name for name in names if name not in {pair[used] for pair in pairs}]
        if idle:
            others = ", ".join(metrics if kind == "protocol" else protocols)
            raise ConfigError(
                f"{origin}: {kind} {idle[0]!r} goes with none of {others}; leave it out, or add what it goes with."
            )


def check_compared(metrics: Sequence[str], compared: Sequence[str], origin: str) -> None:
    """Refuse to compare models by a metric that is not measured, or that ranks nothing.

    Raises:
        ConfigError: Names it.
    """
    for name in compared:
        if name not in metrics:
            raise ConfigError(
                f"{origin}: models are to be compared by {name!r}, which is not measured; add it to metrics "
                f"({', '.join(metrics)}), or leave it out of compared."
            )
        if not metric_record(name).ranks:
            raise ConfigError(
                f"{origin}: models are to be compared by {name!r}, which does not rank them; leave it out of compared."
            )


def protocol_weights(name: str, given: Mapping[str, Path], *, trusted: bool) -> ChosenWeights | None:
    """Return the weights of a protocol, given or fetched earlier; None where it needs none, or takes the judge.

    In the place of the judge a file or folder can be given for one protocol: another segmenter.

    Raises:
        BenchError: It needs a file that is not here, is damaged, or is not the published one and not trusted.
    """
    kind = protocol_kind(name)
    if kind.weights is Weights.JUDGE and name in given:
        return ChosenWeights(given[name], hash_path(given[name]), published=True)
    if kind.weights is not Weights.FILE:
        return None
    return chosen_weights(known_weights(kind.file), given.get(name), trusted=trusted)


def unseen(protocol: str, kind: type[AbstractModel], source: LayoutSource) -> str:
    """Return why a protocol has nothing to look at in the scenes of a model; "" if it has."""
    needs = protocol_kind(protocol).needs
    if Content.IMAGES in needs and not kind.draws_images:
        return f"{kind.title} draws layouts and no images; there is nothing to score"
    if Content.LAYOUTS not in needs:
        return ""
    if source is LayoutSource.NONE:
        return f"{kind.title} draws no layouts, which protocol {protocol} looks at"
    own = source is LayoutSource.REAL and Content.IMAGES not in needs
    return f"the layouts are real ones; protocol {protocol} would measure the data" if own else ""
