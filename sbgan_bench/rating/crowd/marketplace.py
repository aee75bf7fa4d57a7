"""The way to Mechanical Turk: the sandbox unless told otherwise, and its errors in words."""

import contextlib
from collections.abc import Iterator
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.rating.study import FrozenStudy

_REGION = "us-east-1"  # the only one Mechanical Turk has


class MTurkError(BenchError):
    """Mechanical Turk refused, or cannot be reached."""


class Marketplace(StrEnum):
    """Where HITs are."""

    SANDBOX = "sandbox"  #: nobody is paid and no strangers come
    LIVE = "live"

    @property
    def endpoint(self) -> str:
        """Address of the requester's interface."""
        name = "mturk-requester-sandbox" if self is Marketplace.SANDBOX else "mturk-requester"
        return f"https://{name}.{_REGION}.amazonaws.com"

    def preview_url(self, group: str) -> str:
        """Return where workers find a group of HITs."""
        site = "workersandbox" if self is Marketplace.SANDBOX else "worker"
        return f"https://{site}.mturk.com/mturk/preview?groupId={group}"


def connect(marketplace: Marketplace) -> Any:
    """Return a boto3 client; credentials come from where boto3 looks for them.

    Raises:
        ConfigError: boto3 is not installed.
        MTurkError: There are no credentials, or their configuration is broken.
    """
    try:
        import boto3
    except ImportError as error:
        raise ConfigError(
            "Mechanical Turk is reached through boto3, which is not installed: pip install 'sbgan-bench[mturk]'. "
            "Export and import work without it; upload and download by hand."
        ) from error
    with told("connect"):
        session = boto3.session.Session()
        if session.get_credentials() is None:
            raise MTurkError(
                "No AWS credentials: run aws configure, or set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, of the "
                "account that is linked with your requester account."
            )
        return session.client("mturk", region_name=_REGION, endpoint_url=marketplace.endpoint)


@contextlib.contextmanager
def told(doing: str) -> Iterator[None]:
    """Turn the errors of a block that talks to Mechanical Turk into words.

    Args:
        doing: What the block does, after "Mechanical Turk: cannot".

    Raises:
        MTurkError: Anything that boto3 reports.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except (BotoCoreError, ClientError) as error:
        raise MTurkError(
            f"Mechanical Turk: cannot {doing}: {error}. What was done before stands; the same command goes on."
        ) from error


def turk_code(error: Any) -> str:
    """Return Mechanical Turk's own code of a refusal, "AWS.MechanicalTurk.HITAlreadyExists" say; "" without one."""
    return str(error.response.get("TurkErrorCode", "") or error.response.get("Error", {}).get("Message", ""))


def annotation(study: FrozenStudy, token: str = "") -> str:
    """Return what marks a HIT as one of this study; no worker can read it.

    Args:
        study: The study.
        token: The HIT's own; "" for the beginning that all HITs of the study share.
    """
    return f"sbgan-bench {study.hash[:16]} {token}"


def study_hits(client: Any, study: FrozenStudy) -> dict[str, dict[str, Any]]:
    """Return all HITs of a study that the marketplace knows, by their tokens.

    Raises:
        MTurkError: It cannot be asked.
    """
    mark = annotation(study)
    with told("list HITs"):
        pages = client.get_paginator("list_hits").paginate(PaginationConfig={"PageSize": 100})
        hits = [hit for page in pages for hit in page["HITs"]]
    marks = [(hit.get("RequesterAnnotation", ""), hit) for hit in hits]
    return {text.removeprefix(mark): hit for text, hit in marks if text.startswith(mark)}


def check_balance(client: Any, needed: Decimal) -> None:
    """Refuse to begin what cannot be paid.

    Raises:
        MTurkError: The account holds less than ``needed`` US dollars, or cannot be asked.
    """
    with told("look up the balance"):
        there = Decimal(client.get_account_balance()["AvailableBalance"])
    if there < needed:
        raise MTurkError(f"The account holds ${there} and ${needed} are needed; prepay the difference first.")
