"""What would be measured, before any network runs."""

from typing import Any

from sbgan_bench.evaluation.contest import Contest
from sbgan_bench.protocol import AbstractProtocol


def outline(contest: Contest) -> dict[str, Any]:
    """Return what a contest would measure, as plain values: sets, draws, and every protocol with its metrics."""
    draws, reals = contest.draws, contest.reals
    return {
        "reals": {"dataset": reals.facts["dataset"], "images": reals.count, "resolution": reals.facts["resolution"]},
        "training_images": reals.train_count,
        "generated": {one.name: one.count for one in contest.sets},
        "num": draws.num,
        "trials": draws.trials,
        "draws": draws.words(reals.count),
        "protocols": {protocol.name: _protocol(contest, protocol) for protocol in contest.protocols},
    }


def _protocol(contest: Contest, protocol: AbstractProtocol) -> dict[str, Any]:
    info, train = protocol.info, contest.reals.train is not None
    return {
        "weights_hash": info.weights_hash,
        "published": info.published,
        "input": info.input,
        "layers": info.layers,
        "metrics": [metric.name for metric in contest.metrics if metric.applies(protocol.blocks, train=train)],
    }


def outline_lines(values: dict[str, Any]) -> list[str]:
    """Return the outline in words, a line each."""
    reals = values["reals"]
    lines = [f"{reals['images']} reals of {reals['dataset']}, {reals['resolution']}: {values['draws']}"]
    if values["training_images"]:
        lines.append(f"{values['training_images']} training images")
    lines += [f"{count} images of {name}" for name, count in values["generated"].items()]
    lines.append(f"{values['trials']} trials of N = {values['num']}")
    for name, protocol in values["protocols"].items():
        other = "" if protocol["published"] else ", not the published weights"
        lines.append(f"{name} {protocol['weights_hash'][:8]}{other}: {protocol['input']}; {protocol['layers']}")
        lines.append(f"  {', '.join(protocol['metrics'])}")
    return lines
