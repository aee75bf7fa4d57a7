"""``sbgan-bench rate mturk publish``."""

from pathlib import Path
from typing import Any

import click

from sbgan_bench.cli.rating.mturk.arguments import batch_argument, live_option, study_argument


@click.command()
@study_argument
@batch_argument
@click.option("--reward", required=True, metavar="DOLLARS", help="For one assignment, such as 0.90.")
@click.option(
    "--title", default="Rate the quality of images", show_default=True, help="What workers read in the list of tasks."
)
@click.option("--description", default="Score the quality of images.", show_default=True, help="Likewise, below it.")
@click.option("--minutes", default=30, show_default=True, help="Time allotted for one assignment.")
@click.option("--days", default=7, show_default=True, help="How long tasks can be found.")
@click.option("--auto-approve-days", default=3, show_default=True, help="After these an assignment is paid unasked.")
@click.option(
    "--percent-approved", type=int, help="Only workers with at least so many percent of their work approved."
)
@click.option("--number-approved", type=int, help="Only workers with at least so many approved assignments.")
@click.option("--country", "countries", multiple=True, help="Only workers from here (two letters); repeatable.")
@live_option
def publish(study: Path, batch: Path, reward: str, live: bool, **offer: Any) -> None:
    """Create the HITs of a batch; in the sandbox, where nobody is paid, unless you say --live.

    The images must be on the web already. A publication that was cut off is completed by the same command: no HIT is
    created twice. Before anything is created live, the cost is said and has to be confirmed.

    \b
    Examples:
      sbgan-bench rate mturk publish studies/first batch --reward 0.90
      sbgan-bench rate mturk publish studies/first batch --reward 0.90 --percent-approved 95 --live
    """
    from sbgan_bench.rating.crowd.batch import BatchFolder
    from sbgan_bench.rating.crowd.marketplace import Marketplace, connect
    from sbgan_bench.rating.crowd.publishing import plan_publication
    from sbgan_bench.rating.crowd.publishing import publish as create_hits
    from sbgan_bench.rating.crowd.terms import Terms
    from sbgan_bench.rating.folder import StudyFolder

    frozen, folder = StudyFolder(study).read(), BatchFolder(batch)
    terms = Terms.parse({"reward": reward, **offer}, "command line")
    marketplace = Marketplace.LIVE if live else Marketplace.SANDBOX
    client = connect(marketplace)
    publication = plan_publication(client, folder, frozen, marketplace)
    if not publication.missing:
        click.echo(f"All {len(publication.batch.hits)} HITs exist on the {marketplace} marketplace; nothing to do.")
        return
    _confirm(client, publication, terms, live)
    created = create_hits(client, folder, frozen, marketplace, terms, publication)
    with click.progressbar(created, length=len(publication.missing), label="Creating HITs") as bar:
        groups = sorted(set(filter(None, bar)))
    click.echo(f"{len(publication.missing)} HITs created on the {marketplace} marketplace.")
    for group in groups:
        click.echo(f"Workers find them at {marketplace.preview_url(group)}")


def _confirm(client: Any, publication: Any, terms: Any, live: bool) -> None:
    """Say what it costs; ask before real money is spent, and refuse if it is not there.

    Raises:
        MTurkError: The account holds less.
    """
    from sbgan_bench.rating.crowd.marketplace import check_balance
    from sbgan_bench.rating.crowd.terms import cost

    price = cost(publication.assignments, publication.batch.ratings_per_image, terms.reward)
    click.echo(f"{len(publication.missing)} HITs: {price}{'' if live else ' if it were live; the sandbox is free'}.")
    if live:
        check_balance(client, price.total)
        click.confirm(f"Create them on the LIVE marketplace, for up to ${price.total}?", abort=True)
