"""The small print as tables of words: data, compute, protocols, versions, jobs."""

from sbgan_bench.report import human_words
from sbgan_bench.report.differences import comparisons, correlations
from sbgan_bench.report.document import PlainTable
from sbgan_bench.report.run_folder import RunFolder
from sbgan_bench.report.wording import DASH, count, duration, settings_text, size_text
from sbgan_bench.results import ResultRow, Status


def everything(run: RunFolder) -> tuple[PlainTable, ...]:
    """All tables of words that have rows."""
    parts = (human_scores, comparisons, correlations, datasets, compute, provenance, jobs)
    return tuple(table for part in parts for table in part(run))


def human_scores(run: RunFolder) -> tuple[PlainTable, ...]:
    """What people said: Table 3, its differences, and how metrics agree with it."""
    return human_words.words(run.human, run.rows, run.rated_title)


def datasets(run: RunFolder) -> tuple[PlainTable, ...]:
    """Size, licence and fingerprint of every dataset."""
    rows = tuple(
        (
            record.dataset,
            size_text(record.resolution),
            record.split,
            ", ".join(f"{count(size)} {name}" for name, size in record.sizes.items()),
            str(len(record.class_names)),
            record.licence + ("" if record.redistributable else " (not to be redistributed)"),
            record.fingerprint[:12],
        )
        for record in run.manifest.datasets
    )
    header = ("Dataset", "Size", "Split", "Pairs", "Classes", "Licence", "Fingerprint")
    return _if_any(PlainTable("datasets", "Datasets", "", header, rows))


def compute(run: RunFolder) -> tuple[PlainTable, ...]:
    """What every trained model cost."""
    rows = tuple(
        (
            fit.title,
            settings_text(fit.recipe, fit.variant),
            f"{fit.dataset} {size_text(fit.resolution)}",
            str(fit.training_seed),
            count(fit.training_images),
            count(fit.parameters),
            count(fit.images_seen),
            duration(fit.train_seconds),
            count(fit.total_images_seen),
            duration(fit.total_train_seconds),
            fit.collapsed,
        )
        for fit in run.manifest.fits
    )
    header = (
        "Model", "Recipe", "Data", "Seed", "Training images", "Parameters", "Images seen",
        "Wall time", "Images seen, all stages", "Wall time, all stages", "Collapse",
    )  # fmt: skip
    caption = "“All stages” adds the stages a model started from. Parameters include the discriminators."
    return _if_any(PlainTable("compute", "Compute spent", caption, header, rows, frozenset(range(3, 10))))


def provenance(run: RunFolder) -> tuple[PlainTable, ...]:
    """Protocols and how images were drawn; then what ran, and where."""
    rows = tuple(dict.fromkeys(_protocol_row(row) for row in run.rows if row.value is not None and row.trial is None))
    header = ("Protocol", "Weights (sha256)", "Dimensions", "N", "Reals", "Sampling seeds", "Threads", "Device")
    protocols = PlainTable("protocols", "Protocols", "How images became numbers.", header, rows, frozenset({2, 6}))
    manifest = run.manifest
    revisions = sorted({row.git_revision for row in run.rows if row.git_revision})
    training_seeds = sorted({row.training_seed for row in run.rows if row.training_seed is not None})
    facts = [
        ("Command", manifest.command),
        ("Configuration (sha256)", manifest.config_hash),
        ("Preset", manifest.preset),
        ("Training seeds", ", ".join(map(str, training_seeds))),
        ("Revision", ", ".join(revisions)),
        ("Device", manifest.device),
        ("Threads per job", str(manifest.threads)),
        *sorted(manifest.versions.items()),
    ]
    shown = tuple((name, value) for name, value in facts if value)
    return (*_if_any(protocols), PlainTable("provenance", "To repeat this", "", ("What", "Value"), shown))


def _protocol_row(row: ResultRow) -> tuple[str, ...]:
    numbers = count(row.num_real) if row.num_real == row.num_generated else f"{row.num_real} / {row.num_generated}"
    weights = row.weights_hash[:16] + ("" if row.published else " (not the published ones)")
    return (
        row.protocol, weights, count(row.dim), numbers, row.real_pool or DASH,
        row.sampling_seeds or DASH, str(row.threads or DASH), row.device or DASH,
    )  # fmt: skip


def jobs(run: RunFolder) -> tuple[PlainTable, ...]:
    """What was skipped or failed, with its reason; then every job with its time."""
    missing = tuple(
        (job.title, str(job.status), job.reason) for job in run.manifest.jobs if job.status is not Status.DONE
    )
    everything = tuple(
        (
            job.kind,
            job.title,
            str(job.status),
            duration(job.seconds),
            f"{job.peak_memory_mib:.0f} MiB" if job.peak_memory_mib else DASH,
            job.reason,
        )
        for job in run.manifest.jobs
    )
    header = ("Kind", "Job", "Status", "Time", "Peak memory", "Reason")
    return (
        *_if_any(PlainTable("missing", "Skipped and failed jobs", "", ("Job", "Status", "Reason"), missing)),
        *_if_any(PlainTable("jobs", "All jobs", "", header, everything, frozenset({3, 4}), folded=True)),
    )


def _if_any(table: PlainTable) -> tuple[PlainTable, ...]:
    return (table,) if table.rows else ()
