import hashlib
import hmac
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rating.studies import make_study

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.crowd.identity import (
    ProlificVisit,
    VisitError,
    derived_token,
    platform_hash,
    prolific_completion_url,
    read_platform_key,
)
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.records import Platform
from sbgan_bench.rating.study import FrozenStudy, Prolific

KEY = bytes(range(32))
PERSON = "5f1b2c3d4e5f60718293a4b5"
QUERY = {"PROLIFIC_PID": PERSON, "STUDY_ID": "64b7c0ffee64b7c0ffee64b7", "SESSION_ID": "64b7aaaaaaaaaaaaaaaaaaaa"}


@pytest.fixture
def study(tmp_path: Path) -> FrozenStudy:
    return make_study(tmp_path / "study").read().model_copy(update={"prolific": Prolific(study_id=QUERY["STUDY_ID"])})


def test_a_hash_is_the_hmac_of_a_labelled_id() -> None:
    text = b"sbgan-bench rating id mturk\0A1B2C3"
    assert platform_hash(KEY, Platform.MTURK, "A1B2C3") == hmac.new(KEY, text, hashlib.sha256).hexdigest()


@given(st.text(), st.text())
def test_ids_keys_platforms_and_uses_make_different_hashes(one: str, other: str) -> None:
    made = {platform_hash(KEY, platform, identifier) for platform in Platform for identifier in {one, other}}
    assert len(made) == len(Platform) * len({one, other})
    assert platform_hash(bytes(32), Platform.MTURK, one) not in made
    assert derived_token(KEY, Platform.MTURK, one) != derived_token(KEY, Platform.MTURK, other) or one == other


def test_a_token_is_fit_for_an_address_and_stays_the_same() -> None:
    token = derived_token(KEY, Platform.PROLIFIC, PERSON)
    assert token == derived_token(KEY, Platform.PROLIFIC, PERSON)
    assert len(token) == 43
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_")


def test_the_key_is_read_and_nothing_is_made_up_in_its_place(tmp_path: Path) -> None:
    folder = make_study(tmp_path / "study")
    assert read_platform_key(folder) == folder.platform_key.read_bytes()
    folder.platform_key.write_bytes(b"short")
    with pytest.raises(ConfigError, match="5 bytes"):
        read_platform_key(folder)
    folder.platform_key.unlink()
    with pytest.raises(ConfigError, match="Restore"):
        read_platform_key(StudyFolder(folder.path))


def test_prolific_parameters_lead_to_the_same_person_every_time(study: FrozenStudy) -> None:
    visit = ProlificVisit.parse(study, QUERY)
    shouting = ProlificVisit.parse(study, QUERY | {"PROLIFIC_PID": f" {PERSON.upper()} ", "SESSION_ID": "another"})
    assert visit.token(KEY) == shouting.token(KEY) == derived_token(KEY, Platform.PROLIFIC, PERSON)
    assert visit.identifier_hash(KEY) == platform_hash(KEY, Platform.PROLIFIC, PERSON)
    assert PERSON not in repr(visit)


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("PROLIFIC_PID", "", "no Prolific ID"),
        ("PROLIFIC_PID", "{{%PROLIFIC_PID%}}", "no Prolific ID"),
        ("PROLIFIC_PID", PERSON + "0", "no Prolific ID"),
        ("PROLIFIC_PID", "g" * 24, "no Prolific ID"),
        ("PROLIFIC_PID", PERSON + "\n" + PERSON, "no Prolific ID"),
        ("STUDY_ID", "", "another study"),
        ("STUDY_ID", "64b7c0ffee64b7c0ffee64b8", "another study"),
        ("SESSION_ID", "<script>", "no session"),
    ],
)
def test_other_parameters_are_refused_in_words_for_people(
    study: FrozenStudy, name: str, value: str, words: str
) -> None:
    with pytest.raises(VisitError, match=words) as caught:
        ProlificVisit.parse(study, QUERY | {name: value})
    assert not value or value not in str(caught.value)


def test_a_study_that_is_not_on_prolific_takes_nobody_from_there(study: FrozenStudy) -> None:
    with pytest.raises(VisitError, match="does not take part"):
        ProlificVisit.parse(study.model_copy(update={"prolific": None}), QUERY)


def test_the_completion_address_carries_the_code() -> None:
    assert prolific_completion_url("C1A2B3") == "https://app.prolific.com/submissions/complete?cc=C1A2B3"
    assert prolific_completion_url("a&b=c").endswith("?cc=a%26b%3Dc")
