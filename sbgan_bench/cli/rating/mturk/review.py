"""``sbgan-bench rate mturk review``."""

from collections import Counter
from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.rating.mturk.arguments import live_option, results_argument


@click.command()
@results_argument
@live_option
def review(results: Path, live: bool) -> None:
    """Approve and reject assignments as a CSV says: X under Approve, or a reason under Reject.

    `import` writes such a file; look at it before you use it. Approving pays, and live it has to be confirmed.

    \b
    Example:
      sbgan-bench rate mturk review results.review.csv --live
    """
    from sbgan_bench.rating.crowd.marketplace import Marketplace, connect
    from sbgan_bench.rating.crowd.result_file import read_results
    from sbgan_bench.rating.crowd.settling import read_decisions, settle

    decisions = read_decisions(read_results(results))
    if not decisions:
        click.echo(f"{results} decides about no assignment that waits.")
        return
    if live:
        click.confirm(_question(decisions), abort=True)
    client = connect(Marketplace.LIVE if live else Marketplace.SANDBOX)
    with click.progressbar(settle(client, decisions), length=len(decisions), label="Deciding") as bar:
        counts = Counter(settled.value for settled in bar)
    click.echo(", ".join(f"{count} {word}" for word, count in counts.items()) + ".")


def _question(decisions: Any) -> str:
    """Say what is about to be paid."""
    approved = [decision for decision in decisions if not decision.reason]
    rewards = [decision.reward for decision in approved]
    known = [reward for reward in rewards if reward is not None]
    money = f"${sum(known):.2f} and the fee on it" if len(known) == len(rewards) else "their rewards"
    rejected = len(decisions) - len(approved)
    return f"Pay {len(approved)} assignments on the LIVE marketplace ({money}) and reject {rejected}?"
