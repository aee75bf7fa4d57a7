"""How far rating studies are, for their owner: counts alone, no scores; and only on the owner's own machine."""

from dataclasses import dataclass
from pathlib import Path

import streamlit as st

from sbgan_bench.errors import BenchError

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a study is."""

    title: str
    facts: tuple[tuple[str, str], ...]  #: what, how many
    share: float  #: of the ratings wanted, in [0, 1]
    fault: str = ""  #: why it cannot be said


def may_be_shown() -> bool:
    """Whether nobody but this machine's users can see the page."""
    return st.get_option("server.address") in _LOOPBACK


def progress(folder: Path) -> Progress:
    """Return how far a study is; one that cannot be read says why. Nothing of it is changed."""
    from sqlalchemy.exc import SQLAlchemyError  # takes a while, and only owners of studies need it

    from sbgan_bench.rating.folder import StudyFolder
    from sbgan_bench.rating.store.opening import read_store, store_url

    study = StudyFolder(folder)
    try:
        frozen = study.read()
        store = read_store(store_url(study, None), frozen)
        try:
            seen = store.overview()
        finally:
            store.dispose()
    except BenchError as error:
        return Progress(folder.name, (), 0.0, str(error))
    except SQLAlchemyError as error:
        reason = str(error).partition("\n")[0]
        return Progress(
            folder.name, (), 0.0, f"Its ratings cannot be counted ({reason}); see: sbgan-bench rate status."
        )
    facts = (
        ("ratings", f"{seen.ratings} of {seen.wanted}"),
        ("images that have all of theirs", str(seen.complete_images)),
        ("raters who began", str(seen.raters)),
        ("raters who are done", str(seen.finished)),
        ("images out with raters now", str(seen.live)),
    )
    return Progress(frozen.title, facts, min(1.0, seen.ratings / seen.wanted) if seen.wanted else 1.0)
