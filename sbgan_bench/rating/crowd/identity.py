"""Who a platform's rater is, without keeping what the platform calls them.

Ids become keyed hashes (HMAC-SHA256, RFC 2104) under the study's own secret: nobody can tell from the store who rated,
not even by hashing a list of known ids, and the hashes of two studies have nothing in common.
"""

import base64
import hmac
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from urllib.parse import quote

from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.records import Platform
from sbgan_bench.rating.study import FrozenStudy

#: Bytes of the study's secret.
KEY_BYTES = 32

_PROLIFIC_PERSON = re.compile(r"[0-9a-f]{24}")
_PROLIFIC_SESSION = re.compile(r"[A-Za-z0-9_-]{0,64}")
_COMPLETED = "https://app.prolific.com/submissions/complete?cc="


class VisitError(BenchError):
    """Somebody came by an address that cannot be used; the message is for them to read."""


def read_platform_key(folder: StudyFolder) -> bytes:
    """Return the study's secret.

    Raises:
        ConfigError: It is missing or damaged. A new one would make strangers of all who rated before.
    """
    path = folder.platform_key
    try:
        key = path.read_bytes()
    except OSError as error:
        raise ConfigError(
            f"{path} cannot be read ({error.strerror}): without it nobody from a platform can be told from another. "
            "Restore the one that the study was made with."
        ) from error
    if len(key) != KEY_BYTES:
        raise ConfigError(f"{path} has {len(key)} bytes instead of {KEY_BYTES}; restore the study's own.")
    return key


def platform_hash(key: bytes, platform: Platform, identifier: str) -> str:
    """Return the keyed hash of a platform's id: 64 hexadecimal digits.

    Args:
        key: The study's secret.
        platform: Whose id it is; the same id on two platforms is two people.
        identifier: As the platform gives it, without blanks around it.
    """
    return _keyed(key, "id", platform, identifier).hex()


def derived_token(key: bytes, platform: Platform, identifier: str) -> str:
    """Return the token of a platform's rater, the same at every visit: 43 characters, safe in an address."""
    return base64.urlsafe_b64encode(_keyed(key, "token", platform, identifier)).rstrip(b"=").decode("ascii")


def _keyed(key: bytes, use: str, platform: Platform, identifier: str) -> bytes:
    """Return 32 bytes that differ by use, platform and id, and tell nothing of one another."""
    label = f"sbgan-bench rating {use} {platform.value}".encode()
    return hmac.digest(key, label + b"\0" + identifier.encode("utf-8"), "sha256")


@dataclass(frozen=True, slots=True)
class ProlificVisit:
    """Somebody whom Prolific sent; their id is not shown when this is printed."""

    person: str = field(repr=False)  #: PROLIFIC_PID, 24 hexadecimal digits
    session: str = field(repr=False, default="")  #: SESSION_ID; not kept

    @classmethod
    def parse(cls, study: FrozenStudy, query: Mapping[str, str]) -> "ProlificVisit":
        """Read the parameters that Prolific puts behind the address.

        Args:
            study: Where they want to go.
            query: Parameters of the address, by name.

        Raises:
            VisitError: The study is not on Prolific, or a parameter is missing or is not what Prolific sends.
        """
        if study.prolific is None:
            raise VisitError("This study does not take part through Prolific. Please return the submission there.")
        person = query.get("PROLIFIC_PID", "").strip().lower()
        again = "Please open the study from its page on Prolific once more; should it not help, return the submission."
        if not _PROLIFIC_PERSON.fullmatch(person):
            raise VisitError(f"The address carries no Prolific ID that can be used (PROLIFIC_PID). {again}")
        if query.get("STUDY_ID", "").strip() != study.prolific.study_id:
            raise VisitError(f"The address belongs to another study on Prolific (STUDY_ID). {again}")
        session = query.get("SESSION_ID", "").strip()
        if not _PROLIFIC_SESSION.fullmatch(session):
            raise VisitError(f"The address carries no session that can be used (SESSION_ID). {again}")
        return cls(person, session)

    def identifier_hash(self, key: bytes) -> str:
        """Return what the store knows this person by."""
        return platform_hash(key, Platform.PROLIFIC, self.person)

    def token(self, key: bytes) -> str:
        """Return this person's token."""
        return derived_token(key, Platform.PROLIFIC, self.person)


def prolific_completion_url(code: str) -> str:
    """Return the address that tells Prolific a submission is complete."""
    return _COMPLETED + quote(code, safe="")
