"""Under which terms a run's pictures stand, and what was left out of a published one: the same words everywhere."""

from sbgan_bench.manifest import Manifest
from sbgan_bench.publication import Publication
from sbgan_bench.report.run_folder import RunFolder


def restrictions(run: RunFolder) -> tuple[str, ...]:
    """Say what must not be missed before a picture of the run is passed on."""
    bound = ("This run contains images that may not be redistributed.",) if _holds_bound(run.manifest) else ()
    licences = run.publication.licences if run.publication is not None else ()
    return (*bound, *(one.words for one in licences if not one.redistributable))


def _holds_bound(manifest: Manifest) -> bool:
    """Whether a picture in the run folder may not be redistributed; a dataset without a sheet shows none itself."""
    free = [one.redistributable for one in manifest.datasets if one.sheet]
    return not all((*free, *(one.redistributable for one in (*manifest.galleries, *manifest.nearest))))


def published(record: Publication) -> tuple[str, ...]:
    """Say what readers of a published run must know beside that: its date, free terms, notes, what was left out."""
    left = "; ".join(f"{one.what} ({one.why})" for one in record.dropped)
    free = (one.words for one in record.licences if one.redistributable)
    return (f"Published {record.published}.", *free, *record.notes, *([f"Left out: {left}."] if left else []))
