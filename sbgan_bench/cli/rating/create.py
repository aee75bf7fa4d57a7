"""``sbgan-bench rate create``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sbgan_bench.cli.options import device_option, echo_json, echo_table, format_option
from sbgan_bench.cli.rating.options import store_option

if TYPE_CHECKING:
    from sbgan_bench.rating.freezing import Outcome, Plan


@click.command()
@click.argument("spec", metavar="STUDY.toml", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the study. Default: studies/NAME-OF-THE-FILE.")
@store_option
@click.option("--replace", is_flag=True, help="Replace a study that nobody rated yet. Never one with ratings.")
@click.option("--dry-run", is_flag=True, help="Check everything and say what to expect; sample and write nothing.")
@device_option
@format_option
def create(
    spec: Path, out: Path | None, store: str | None, replace: bool, dry_run: bool, device: str, output: str
) -> None:
    """Freeze a study: choose its images, bring them to one size, hide whose they are.

    STUDY.toml says which runs, models or folders of images are rated, how often, and in which words; docs/rating.md
    lists every key. What is frozen stays: once somebody rated, nothing can change it.

    \b
    Examples:
      sbgan-bench rate create study.toml --dry-run
      sbgan-bench rate create study.toml --out studies/first
      sbgan-bench rate create study.toml --out studies/first --store postgresql+psycopg://lab@db/ratings
    """
    out = out or Path("studies") / spec.stem

    from sbgan_bench.cli.stages import shown_stages
    from sbgan_bench.devices import choose_device
    from sbgan_bench.rating.freezing import check_place, freeze_plan, plan_study

    chosen = choose_device(device)
    check_place(spec, out, store=store, replace=replace)
    with shown_stages(quiet=20.0) as stages:
        plan = plan_study(spec, stages.show)
        if dry_run:
            outcome = None
        else:
            outcome = freeze_plan(plan, out, store=store, replace=replace, device=chosen, report=stages.show)
    if output == "json":
        echo_json(_values(plan, outcome, out))
    else:
        _echo(plan, outcome, out)


def _values(plan: "Plan", outcome: "Outcome | None", out: Path) -> dict[str, Any]:
    """Return what is printed, as plain values; nothing in it says more than the owner's file does."""
    from dataclasses import asdict

    from sbgan_bench.rating.folder import StudyFolder

    expected = plan.expectation
    cells = [
        {"dataset": one.images.identity.dataset, "model": one.images.identity.title, **asdict(cell)}
        for one, cell in zip(plan.cells, expected.cells, strict=True)
    ]
    done = {"outcome": str(outcome), "folder": str(out), "hash": StudyFolder(out).read().hash} if outcome else {}
    return {
        "title": plan.spec.title,
        **asdict(expected),
        "cells": cells,
        "display": list(plan.size),
        "ratings_per_image": plan.spec.ratings_per_image,
        "notes": list(plan.advice),
        **({"dry_run": True} if outcome is None else done),
    }


def _echo(plan: "Plan", outcome: "Outcome | None", out: Path) -> None:
    values = _values(plan, outcome, out)
    rows = [{**cell, "half_width": _width(cell["half_width"])} for cell in values["cells"]]
    columns = {"dataset": "dataset", "model": "model", "images": "images", "ratings": "ratings"}
    echo_table(rows, {**columns, "half_width": "expected 95 % interval"})
    click.echo()
    click.echo(
        f"{values['images']} images at {values['display'][0]}x{values['display'][1]}, "
        f"{values['ratings_per_image']} ratings each: {values['ratings']} ratings."
    )
    click.echo(
        f"{values['raters']} raters if each gives all that is asked: {values['showings_per_rater']} images at most, "
        f"about {values['minutes_per_rater']:.0f} minutes."
    )
    _echo_differences(values)
    for note in values["notes"]:
        click.echo(f"Note: {note}.")
    if outcome is None:
        click.echo("Nothing was written. Without --dry-run this study is frozen.")
        return
    words = {
        "created": f"Frozen in {out}",
        "replaced": f"Frozen in {out}, in place of another study that nobody rated",
        "unchanged": f"Nothing changed: {out} holds this very study",
        "restored": f"{out} holds this very study; images that were missing or damaged are whole again",
    }
    click.echo(f"{words[str(outcome)]} (hash {values['hash'][:12]}).")
    click.echo(f"Keep {out / 'owner'} and {out / 'platform.key'}: without them nobody can say whose images these are.")


def _echo_differences(values: dict[str, Any]) -> None:
    if values["difference"] is None:
        return
    click.echo(
        f"Two cells that differ by {values['difference']:.2f} are told apart with 80 % power by one test"
        + (f"; by {values['difference_holm']:.2f} if all {values['pairs']} pairs of a dataset are tested (Holm)"
           if values["pairs"] > 1 else "") + ".",
    )  # fmt: skip


def _width(half_width: float | None) -> str:
    return "cannot be had" if half_width is None else f"± {half_width:.2f}"
