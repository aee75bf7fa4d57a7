"""``sbgan-bench run``."""

import sys
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.engines import engine_options, engine_settings
from sbgan_bench.cli.options import data_folders, data_option, device_option, echo_json, format_option
from sbgan_bench.cli.terms import trust_option, weights_files, weights_option


@click.command()
@click.argument("suite")
@click.option("--out", type=click.Path(path_type=Path, file_okay=False), help="Run folder. Default: runs/SUITE.")
@data_option
@click.option("--dataset", help="Use this dataset instead of the suite's.")
@click.option("--resolution", multiple=True, metavar="HEIGHTxWIDTH", help="Use this size instead; repeatable.")
@click.option("--seed", multiple=True, type=click.IntRange(min=0), help="Training seed instead; repeatable.")
@click.option("--num-samples", type=click.IntRange(min=2), help="N real against N generated, instead of the suite's.")
@click.option("--judge", type=click.Path(path_type=Path, exists=True, dir_okay=False), help="A judge made elsewhere.")
@weights_option
@trust_option
@click.option(
    "--jobs",
    type=click.IntRange(min=1),
    help="Most jobs at a time. Default: cores / threads per job, 1 on a GPU; on other engines what there is room for.",
)
@device_option
@engine_options
@click.option("--dry-run", is_flag=True, help="Print the jobs, their sizes, an estimate and the skips; run nothing.")
@format_option
def run(
    suite: str,
    out: Path | None,
    data: tuple[str, ...],
    dataset: str | None,
    resolution: tuple[str, ...],
    seed: tuple[int, ...],
    num_samples: int | None,
    judge: Path | None,
    weights: tuple[str, ...],
    trust_weights: bool,
    jobs: int | None,
    device: str,
    engine: str,
    address: str | None,
    slurm: tuple[str, ...],
    dry_run: bool,
    output: str,
) -> None:
    """Run a suite: the name of a bundled one (see 'list suites'), or a TOML file.

    Interrupt it whenever you like: the same command goes on where it stopped, and finished jobs cost nothing.

    \b
    Examples:
      sbgan-bench run demo
      sbgan-bench run camvid-quick --data path/to/CamVid --jobs 2
      sbgan-bench run camvid-quick --dataset folder --data path/to/mine --out runs/mine
      sbgan-bench run demo --dry-run
      sbgan-bench run paper-tables --engine ray --address auto --device cuda
    """
    from sbgan_bench.suite.spec import read_suite

    grid = {"datasets": [dataset] if dataset else None, "resolutions": resolution, "training_seeds": seed}
    overrides: dict[str, Any] = {"grid": {key: list(value) for key, value in grid.items() if value}}
    if num_samples is not None:
        overrides["evaluation"] = {"num_samples": num_samples}
    spec = read_suite(suite, overrides)
    folders = data_folders(data, spec.grid.dataset_names)

    from sbgan_bench.cli.running import check_engine
    from sbgan_bench.suite.engines.engine import choose_engine
    from sbgan_bench.suite.plan import Sources  # heavy; mistakes in the suite have been said by now
    from sbgan_bench.suite.planning import plan_suite

    check_engine(engine)
    sources = Sources(folders, judge, weights_files(weights, spec.evaluation.protocols), trust_weights)
    plan = plan_suite(spec, sources)
    workers = jobs or (default_workers(spec.execution.threads, device) if engine == "local" else None)
    given = engine_settings(jobs=workers, threads=spec.execution.threads, address=address, slurm=slurm)
    opener = choose_engine(engine, given)
    if dry_run:
        changed = size_changes(suite, spec)
        echo_dry_run(plan, sources, workers or 1, output, changed)
        return
    folder = out or Path("runs") / spec.name
    execute_plan(plan, sources, folder, device=device, engine=opener, workers=workers or 1, output=output)


def echo_dry_run(plan: Any, sources: Any, workers: int, output: str, changed: tuple[str, ...] = ()) -> None:
    """Print the cells and jobs of a plan, an estimate and the skips; nothing need be there to describe it."""
    from sbgan_bench.cli.dry_run import describe
    from sbgan_bench.cli.dry_run_text import lines_of
    from sbgan_bench.suite.planning import imagine_absent

    description = describe(plan, imagine_absent(plan, sources), workers, changed)
    if output == "json":
        echo_json(description.to_json())
    else:
        click.echo("\n".join(lines_of(description)))


def size_changes(reference: str, spec: Any) -> tuple[str, ...]:
    """Return the options that gave a suite sizes that its estimates are not for."""
    from sbgan_bench.suite.spec import read_suite

    own = read_suite(reference)
    strange = set(spec.grid.places) - set(own.grid.places)
    datasets, sizes = set(own.grid.dataset_names), {size for _, size in own.grid.places}
    changed = {
        "--dataset": any(size in sizes for _, size in strange),
        "--resolution": any(dataset in datasets for dataset, _ in strange),
        "--num-samples": spec.evaluation.num_samples != own.evaluation.num_samples,
    }
    return tuple(option for option, different in changed.items() if different)


def default_workers(threads: int, device: str) -> int:
    """Return how many jobs run at a time: one on an accelerator, else as many as fit the cores at ``threads`` each.

    Args:
        threads: Threads of one job.
        device: As given with --device, "auto" included.
    """
    import os

    from sbgan_bench.devices import choose_device

    if (choose_device(device) if device == "auto" else device) != "cpu":
        return 1
    cores = len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
    return max(1, cores // threads)


def execute_plan(plan: Any, sources: Any, out: Path, *, device: str, engine: Any, workers: int, output: str) -> None:
    """Run a plan with progress on the screen, render its report, and say where everything is."""
    from sbgan_bench.cli.running import command_line, run_with_progress
    from sbgan_bench.errors import BenchError
    from sbgan_bench.report import ReportFormat, render

    summary = run_with_progress(plan, sources, out, device=device, engine=engine, workers=workers)
    if summary.interrupted:
        raise BenchError(f"Stopped. What is finished stays in {out}; go on with: {command_line()}")
    pages = render(out, out / "report", list(ReportFormat))
    result = {
        "run": str(out),
        "report": str(out / "report" / "index.html"),
        "done": summary.done,
        "reused": summary.reused,
        "skipped_cells": summary.skipped,
        "failed": dict(summary.failed),
        "seconds": round(summary.seconds, 1),
        "files": len(pages),
    }
    if output == "json":
        echo_json(result)
    else:
        click.echo(
            f"{summary.done} jobs done, {summary.reused} found done, {len(summary.failed)} failed, "
            f"{summary.skipped} cells skipped, in {summary.seconds / 60:.1f} min."
        )
        for name, reason in summary.failed.items():
            click.echo(f"  failed: {name}: {reason}")
        click.echo(f"Results: {out / 'results.jsonl'}\nReport:  {out / 'report' / 'index.html'}")
    if summary.failed:
        raise SystemExit(1)


def execute_training(plan: Any, sources: Any, out: Path, *, device: str, engine: Any, workers: int) -> Path:
    """Run a plan that trains one model, and return the folder where that model was put."""
    import shutil

    from sbgan_bench.cli.running import command_line, run_with_progress
    from sbgan_bench.errors import BenchError
    from sbgan_bench.manifest import Manifest
    from sbgan_bench.storage import atomic_file, atomic_folder
    from sbgan_bench.suite.single import trained_job

    summary = run_with_progress(plan, sources, out, device=device, engine=engine, workers=workers)
    if summary.interrupted:
        raise BenchError(f"Stopped. What is finished stays in {out}; go on with: {command_line()}")
    if summary.failed:
        raise BenchError(next(iter(summary.failed.values())))
    target = trained_job(plan)
    folder = next(job.folder for job in Manifest.read(out).jobs if job.title == target)
    with atomic_folder(out / "model") as temporary:
        shutil.copytree(out / folder / "model", temporary, dirs_exist_ok=True)
    with atomic_file(out / "training.json") as record:
        shutil.copyfile(out / folder / "training.json", record)
    return out / "model"
