"""Who is paid."""

import stat
from pathlib import Path

import pytest
from rating.studies import make_study

from sbgan_bench.rating.crowd.assignments import Assignment, Fate
from sbgan_bench.rating.crowd.result_file import read_results
from sbgan_bench.rating.crowd.verdicts import Verdict, gold_failures, judge, write_verdicts
from sbgan_bench.rating.store.records import Answer
from sbgan_bench.rating.study import Exclusion, OwnerKey, Role

APPROVED = Verdict(True)


@pytest.fixture
def owned(tmp_path: Path) -> tuple[OwnerKey, list[str], list[str]]:
    """Return a key, main images and gold images, which deserve a 1."""
    folder = make_study(tmp_path / "study", gold=3, exclusion=Exclusion(gold_failures=1))
    study = folder.read()
    main, gold = ([image.id for image in study.of_role(role)] for role in (Role.MAIN, Role.GOLD))
    return folder.read_key(), main, gold


def assignment(row: int, worker: str, answers: dict[str, int], *, submitted: bool = True) -> Assignment:
    return Assignment(row, worker, submitted, tuple(Answer(image, score, 0) for image, score in answers.items()))


def test_complete_answers_are_paid_and_missing_ones_are_not(owned: tuple[OwnerKey, list[str], list[str]]) -> None:
    _, main, _ = owned
    incomplete = Assignment(3, "A", True, (), Fate.REFUSED, "2 of 5 images have no answer", incomplete=True)
    verdicts = judge([assignment(2, "A", {main[0]: 1}), incomplete])
    assert verdicts[2] == APPROVED
    assert not verdicts[3].approve
    assert "2 of 5 images" in verdicts[3].reason


def test_nobody_is_rejected_for_columns_that_fit_nobody() -> None:
    everybody = [Assignment(row, "A", True, (), Fate.REFUSED, "nothing", incomplete=True) for row in range(2, 9)]
    assert judge(everybody) == {}


def test_what_need_not_be_the_workers_fault_is_left_to_the_owner(owned: tuple[OwnerKey, list[str], list[str]]) -> None:
    _, main, _ = owned
    good = assignment(2, "A", {main[0]: 1})
    odd = Assignment(3, "B", True, (), Fate.REFUSED, "shows an image that is not of this study")
    done = assignment(4, "C", {main[0]: 1}, submitted=False)
    again = Assignment(5, "A", True, (), Fate.SKIPPED, "a second row of an assignment")
    assert judge([good, odd, done, again]) == {2: APPROVED}


def test_failed_gold_is_paid_unless_the_owner_says_otherwise(owned: tuple[OwnerKey, list[str], list[str]]) -> None:
    key, main, gold = owned
    rows = [
        assignment(2, "A", {gold[0]: 4, main[0]: 1}),
        assignment(3, "A", {gold[1]: 2, main[1]: 1}),
        assignment(4, "A", {gold[2]: 1, main[2]: 1}),
        assignment(5, "B", {gold[0]: 4, main[0]: 1}),
    ]
    assert set(judge(rows).values()) == {APPROVED}
    assert set(judge(rows, key).values()) == {APPROVED}
    strict = judge(rows, key, reject_gold=True)
    assert {row: verdict.approve for row, verdict in strict.items()} == {2: False, 3: False, 4: True, 5: True}
    assert gold_failures(rows, key) == {2: 1, 3: 1, 4: 0}
    lenient = key.model_copy(update={"exclusion": Exclusion(gold_failures=None)})
    assert set(judge(rows, lenient, reject_gold=True).values()) == {APPROVED}
    never = key.model_copy(update={"exclusion": Exclusion(gold_failures=0)})
    assert not judge(rows, never, reject_gold=True)[5].approve


def test_the_file_to_upload_is_the_result_file_with_two_columns_filled(tmp_path: Path) -> None:
    text = (
        "AssignmentId,WorkerId,AssignmentStatus,Answer.comment,Approve,Reject\r\n"
        'a1,AW1,Submitted,"fine,\nthanks",,\r\n'
        "a2,AW2,Submitted,=cmd|' /C calc'!A0,,\r\n"
        "a3,AW3,Submitted,+1,,by hand\r\n"
        "a4,AW4,Approved,@x,,\r\n"
    )
    (tmp_path / "r.csv").write_text(text, encoding="utf-8", newline="")
    results = read_results(tmp_path / "r.csv")
    out = tmp_path / "r.review.csv"
    write_verdicts(out, results, {2: APPROVED, 3: Verdict(False, "Not all images were rated."), 4: APPROVED})
    assert out.read_bytes().decode() == (
        "AssignmentId,WorkerId,AssignmentStatus,Answer.comment,Approve,Reject\r\n"
        'a1,AW1,Submitted,"fine,\nthanks",X,\r\n'
        "a2,AW2,Submitted,'=cmd|' /C calc'!A0,,Not all images were rated.\r\n"
        "a3,AW3,Submitted,'+1,,by hand\r\n"
        "a4,AW4,Approved,'@x,,\r\n"
    )
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert len(read_results(out).rows) == 4


def test_columns_to_fill_are_added_where_they_are_missing(tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text("AssignmentId,WorkerId,AssignmentStatus\na1,A,Submitted\n", encoding="utf-8")
    write_verdicts(tmp_path / "out.csv", read_results(tmp_path / "r.csv"), {2: APPROVED})
    assert read_results(tmp_path / "out.csv").rows[0].cells["Approve"] == "X"
