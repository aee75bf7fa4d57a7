"""What was run, on what, in a line of facts; and what a reader must be warned of."""

from sbgan_bench.dashboard.inert import html
from sbgan_bench.dashboard.view import View
from sbgan_bench.report.terms import published, restrictions
from sbgan_bench.report.wording import count, duration, size_text
from sbgan_bench.results import Origin, Status


def facts(view: View) -> list[str]:
    """Return the facts as HTML, those that a reader asks for first."""
    manifest, rows = view.manifest, view.opened.run.rows
    places = list(dict.fromkeys(f"{record.dataset} {size_text(record.resolution)}" for record in manifest.datasets))
    seeds = {row.training_seed for row in rows if row.training_seed is not None}
    measured = {(row.model, row.recipe, row.variant) for row in rows}
    models = measured or {(fit.model, fit.recipe, fit.variant) for fit in manifest.fits}
    named = [
        ("data", ", ".join(places[:4]) + (", …" if len(places) > 4 else "")),
        ("N", _range(sorted({row.num_real for row in rows if row.num_real}))),
        ("suite", manifest.suite),
        ("device", manifest.device),
        ("processor time", duration(manifest.cpu_seconds) if manifest.cpu_seconds else ""),
    ]
    counted = [(len(models), "model"), (len(seeds), "training seed"), (len(rows), "row")]
    return [
        *(f"{name} <b>{html(value, 90)}</b>" for name, value in named if value),
        *(f"<b>{count(number)}</b> {what}{'s' if number != 1 else ''}" for number, what in counted if number),
        f"<b>{'complete' if manifest.complete else 'not complete'}</b>",
    ]


def _range(numbers: list[int]) -> str:
    ends = dict.fromkeys(numbers[:1] + numbers[-1:])
    return " to ".join(map(count, ends))


def warnings(view: View) -> list[str]:
    """Return what must not be missed: what was skipped, what is not finished, what nobody measured."""
    manifest = view.manifest
    said = list(view.opened.notes)
    if not manifest.complete:
        failed = sum(job.status is Status.FAILED for job in manifest.jobs)
        jobs = f"{failed} job{'s' if failed > 1 else ''} failed, with reasons on the page Provenance"
        said.append(f"The run is not complete: {jobs if failed else 'some jobs have not finished'}.")
    if any(row.origin is Origin.SIMULATED for row in view.opened.run.rows):
        said.append("Some rows are simulated: they show how things look, and say nothing about any model.")
    return said


def terms(view: View) -> tuple[str, ...]:
    """Return under which terms the pictures may be used, and what a published run left out."""
    run = view.opened.run
    return (*(published(run.publication) if run.publication is not None else ()), *restrictions(run))
