"""``sbgan-bench parity``."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from sbgan_bench.cli.options import echo_json, echo_table, format_option

if TYPE_CHECKING:
    from sbgan_bench.parity.checks import CaseResult, OutputCheck


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path))
@click.option("--case", "chosen", multiple=True, metavar="NAME", help="Only this case; repeatable.")
@format_option
def parity(folder: Path, chosen: tuple[str, ...], output: str) -> None:
    """Hold the networks here against recorded outputs of the released ones: every case in DIR.

    A case is a .json and a .npz file. The table shows the largest relative difference of each output. Exit code 1 if
    one is over its tolerance, or a state-dict key or shape differs.

    \b
    Example:
      sbgan-bench parity tests/parity/cases
    """
    from sbgan_bench.parity.case import find_cases
    from sbgan_bench.parity.running import check_case

    results = []
    names = find_cases(folder, chosen)
    for number, name in enumerate(names, start=1):
        click.echo(f"start  {name} [{number}/{len(names)}]", err=True)
        results.append(check_case(folder, name))
        click.echo(f"{'done' if results[-1].ok else 'FAILED':6} {name} ({results[-1].seconds:.1f} s)", err=True)
    if output == "json":
        echo_json([result.to_json() for result in results])
    else:
        columns = {"case": "case", "what": "what", "error": "largest difference", "tolerance": "tolerance"}
        echo_table([row for result in results for row in _rows(result)], {**columns, "verdict": "verdict"})
        _echo_summary(results)
    if not all(result.ok for result in results):
        raise SystemExit(1)


def _rows(result: "CaseResult") -> list[dict[str, Any]]:
    """Return the lines of one case."""
    rows: list[dict[str, Any]] = [
        {"what": f"{check.count} {check.network.replace('_', ' ')}", "verdict": check.words or "ok"}
        for check in result.keys
    ]
    for check in result.outputs:
        error = "–" if check.error is None else f"{check.error:.1e}"
        verdict = _verdict(check)
        rows.append({"what": check.output, "error": error, "tolerance": f"{check.tolerance:g}", "verdict": verdict})
    rows += [{"what": "run", "verdict": result.fault}] if result.fault else []
    return [{"case": result.case, **row} for row in rows]


def _verdict(check: "OutputCheck") -> str:
    if check.ok:
        return "ok" if check.arithmetic == "float32" else f"ok in {check.arithmetic}"
    return check.reason or "OVER"


def _echo_summary(results: "list[CaseResult]") -> None:
    outputs = sum(len(result.outputs) for result in results)
    failed = [result for result in results if not result.ok]
    verdict = f"{len(failed)} FAILED: {', '.join(result.case for result in failed)}." if failed else "All agree."
    click.echo(f"\nCases: {len(results)}, outputs: {outputs}. {verdict}")
    for note in (note for result in failed for note in result.notes):
        click.echo(f"Note: {note}.")
