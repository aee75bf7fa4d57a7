"""Whether a run may be published: complete, measured, and each number with all that it takes to repeat it."""

from collections.abc import Callable, Iterator, Sequence

from sbgan_bench.manifest import Manifest
from sbgan_bench.results import FLOOR, HUMAN_SCORE, Origin, ResultRow, Status


def faults_of_manifest(manifest: Manifest) -> Iterator[str]:
    """Yield why the run as a whole may not be published."""
    if not manifest.complete:
        yield "the run is not complete; finish it with the same command"
    failed = [job.title for job in manifest.jobs if job.status is Status.FAILED]
    if failed:
        yield f"{_number(failed, 'job')} failed (first: {failed[0]}); run the same command again"
    for what, value in (("configuration hash", manifest.config_hash), ("command", manifest.command),
                        ("device", manifest.device), ("versions", manifest.versions),
                        ("title", manifest.title), ("datasets", manifest.datasets)):  # fmt: skip
        if not value:
            yield f"run.json has no {what}"
    yield from (f"run.json has no version of {name}" for name, version in manifest.versions.items() if not version)


def faults_of_rows(rows: Sequence[ResultRow], manifest: Manifest) -> Iterator[str]:
    """Yield why rows may not be published; the same fault of many rows is one line."""
    if not any(row.value is not None for row in rows):
        yield "nothing was measured"
    simulated = [row for row in rows if row.origin is Origin.SIMULATED]
    if simulated:
        yield f"{_number(simulated, 'row')} simulated (first: {_who(simulated[0])}); simulations are never published"
    failed = [row for row in rows if row.status is Status.FAILED]
    if failed:
        yield f"{_number(failed, 'row')} failed (first: {_who(failed[0])}: {failed[0].reason}); run the suite again"
    silent = [row for row in rows if row.status is Status.SKIPPED and not row.reason]
    if silent:
        yield f"{_number(silent, 'row')} skipped without a reason (first: {_who(silent[0])})"
    measured = [row for row in rows if row.status is Status.DONE]
    for what, holds in _PROVENANCE.items():
        lacking = [row for row in measured if not holds(row)]
        if lacking:
            yield f"{_number(lacking, 'measured row')} without {what} (first: {_who(lacking[0])})"
    yield from _strangers([row for row in rows if not _is_human(row)], manifest)


def _strangers(rows: Sequence[ResultRow], manifest: Manifest) -> Iterator[str]:
    """Yield that rows belong to another suite or configuration, or to data that the run does not describe."""
    others = [row for row in rows if row.suite != manifest.suite]
    if others:
        yield f"{_number(others, 'row')} of another suite than run.json (first: {_who(others[0])}: {others[0].suite})"
    measured = [row for row in rows if row.status is Status.DONE]
    strange = [row for row in measured if row.config_hash not in (manifest.config_hash, *manifest.row_hashes)]
    if strange:
        yield f"{_number(strange, 'row')} of another configuration than run.json (first: {_who(strange[0])})"
    known = {(record.dataset, record.fingerprint) for record in manifest.datasets}
    unknown = [row for row in measured if (row.dataset, row.fingerprint) not in known]
    if unknown:
        yield f"{_number(unknown, 'row')} of data that run.json does not describe (first: {_who(unknown[0])})"


def faults_of_collection(results: Sequence[ResultRow], left: Sequence[ResultRow]) -> Iterator[str]:
    """Yield that the results are not what the jobs of the run ``left``, which the revision of the code is added to."""
    there = set(map(_as_left, results))
    lost = [row for row in left if _as_left(row) not in there]
    if lost:
        number = _number(lost, "row")
        yield f"{number} of {len(left)} that jobs left not in results.jsonl as measured (first: {_who(lost[0])})"


def _as_left(row: ResultRow) -> str:
    return row.model_copy(update={"git_revision": ""}).model_dump_json()


def _is_human(row: ResultRow) -> bool:
    return row.metric == HUMAN_SCORE


def _is_drawn(row: ResultRow) -> bool:
    """Whether a model of ours drew what was measured."""
    return row.model != FLOOR and row.origin in (Origin.TRAINED, Origin.UNTRAINED) and not _is_human(row)


def _is_trained(row: ResultRow) -> bool:
    """Whether the row is about one training run, which every fact is known of."""
    return _is_drawn(row) and row.origin is Origin.TRAINED and row.training_seed is not None


#: What a measured row must say: in words, and as a law.
_PROVENANCE: dict[str, Callable[[ResultRow], bool]] = {
    "a value": lambda row: row.value is not None,
    "the dataset's fingerprint": lambda row: bool(row.fingerprint) or _is_human(row),
    "the hash of the protocol's weights": lambda row: bool(row.weights_hash) or _is_human(row),
    "the hash of the configuration": lambda row: bool(row.config_hash) or _is_human(row),
    "versions": lambda row: (bool(row.versions) and all(row.versions.values())) or _is_human(row),
    "the revision of the code": lambda row: bool(row.git_revision) or _is_human(row),
    "the device": lambda row: bool(row.device) or _is_human(row),
    "the numbers of real and generated images": lambda row: row.num_real > 0 < row.num_generated or _is_human(row),
    "the numbers of ratings and raters": lambda row: row.num_ratings > 0 < row.num_raters or not _is_human(row),
    "the hash of the checkpoint": lambda row: bool(row.checkpoint_hash) or not _is_trained(row),
    "the number of images seen in training": lambda row: row.images_seen is not None or not _is_trained(row),
    "the hash of the images": lambda row: (
        bool(row.images_hash or row.checkpoint_hash) or row.origin is not Origin.IMPORTED
    ),
}


def notes_of_rows(rows: Sequence[ResultRow]) -> Iterator[str]:
    """Yield what is no reason to refuse, but a reader must know."""
    changed = sorted({row.git_revision.rstrip("+") for row in rows if row.git_revision.endswith("+")})
    if changed:
        yield f"Made by code with changes that were not committed, on top of revision {', '.join(changed)}."
    if any(not row.published for row in rows):
        yield "Some protocols used other weights than the ones they are known by; their rows say so."
    seeds = {row.training_seed for row in rows if row.training_seed is not None}
    if len(seeds) == 1:
        yield "One training seed: the numbers speak of these weights, not of the methods."


def _number(things: Sequence[object], noun: str) -> str:
    return f"{len(things)} {noun}{'s' if len(things) != 1 else ''}"


def _who(row: ResultRow) -> str:
    parts = (row.model, row.recipe, row.variant, row.protocol, row.metric)
    return " ".join(part for part in parts if part)
