"""Who comes, and which page they are at: all of it is in the address and in the store."""

import logging
from hashlib import sha256
from pathlib import Path

import streamlit as st

from sbgan_bench.errors import BenchError
from sbgan_bench.rating.crowd.identity import ProlificVisit, VisitError, read_platform_key
from sbgan_bench.rating.page import pages
from sbgan_bench.rating.page.desk import Desk, open_desk
from sbgan_bench.rating.page.trial import trial_block
from sbgan_bench.rating.store.records import Platform, Rater, StudyClosedError, Trial, UnknownTokenError
from sbgan_bench.rating.study import FrozenStudy, Role

_LOG = logging.getLogger(__name__)
#: What Prolific puts into the address.
_PERSON = "PROLIFIC_PID"
#: Whether this visit has seen the instructions.
_INSTRUCTED = "instructed"


def main() -> None:
    """Draw the page that whoever opened the address is at."""
    place = st.secrets["rating"]
    desk = open_desk(Path(place["folder"]), place["store"])
    pages.frame(desk.study)
    try:
        _visit(desk)
    except (UnknownTokenError, VisitError) as error:
        pages.refused(desk.study, error)
    except StudyClosedError:
        pages.closed(desk.study)
    except BenchError as error:
        _LOG.error("%s: %s", type(error).__name__, error)  # one line for the owner's terminal
        pages.unavailable()


def _visit(desk: Desk) -> None:
    if _PERSON in st.query_params:
        _arrive(desk)
    token = st.query_params.get("token", "").strip()
    if not token:
        pages.entrance(desk.study)
        return
    rater = desk.store.rater_by_token(token)
    if rater.consented:
        try:
            _rate(desk, rater, token)
        except StudyClosedError:
            pages.closed(desk.study, desk.store.rater(rater.id))
    else:
        _ask_consent(desk, rater)


def _arrive(desk: Desk) -> None:
    """Turn what Prolific put into the address into a token, so that their id leaves the address."""
    visit = ProlificVisit.parse(desk.study, st.query_params.to_dict())
    key = read_platform_key(desk.folder)
    token = visit.token(key)
    desk.store.platform_rater(Platform.PROLIFIC, visit.identifier_hash(key), token)
    st.query_params.from_dict({"token": token})
    st.rerun()


def _ask_consent(desk: Desk, rater: Rater) -> None:
    if not desk.store.is_open():
        pages.closed(desk.study)
    elif pages.consent(desk.study):
        desk.store.consent(rater.id, sha256(desk.study.consent.encode()).hexdigest())
        st.rerun()


def _rate(desk: Desk, rater: Rater, token: str) -> None:
    """Show the images; before the first one, unless they were read in this visit, the instructions.

    Who had nothing left is asked again when leases of others ran out.
    """
    trial = desk.store.next_trial(rater.id)
    if trial is None:
        now = desk.store.rater(rater.id)
        if now.rated:
            pages.thanks(desk.study, now)
        else:
            pages.full(desk.study)
    elif _first(desk.study, trial) and not st.session_state.get(_INSTRUCTED):
        if pages.instructions(desk.study):
            st.session_state[_INSTRUCTED] = True
            st.rerun()
    else:
        if trial_block(desk.study, token):
            st.rerun()
        pages.reminder(desk.study)


def _first(study: FrozenStudy, trial: Trial) -> bool:
    return trial.number == 1 and (trial.practice or not study.of_role(Role.PRACTICE))
