"""Mechanical Turk's interface, played by botocore's stubber."""

import csv
import io
import json
import stat
import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

import pytest
from rating.crowd.turk_results import OFFICIAL, Form, image_of
from rating.studies import make_study

from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.rating.crowd import marketplace as marketplaces
from sbgan_bench.rating.crowd.assignments import HASHED, read_assignments
from sbgan_bench.rating.crowd.batch import BatchFolder
from sbgan_bench.rating.crowd.columns import item_columns
from sbgan_bench.rating.crowd.exporting import export_batch
from sbgan_bench.rating.crowd.fetching import fetch_results
from sbgan_bench.rating.crowd.identity import platform_hash, read_platform_key
from sbgan_bench.rating.crowd.marketplace import Marketplace, MTurkError, annotation, check_balance, connect
from sbgan_bench.rating.crowd.publishing import hit_tokens, plan_publication, publish
from sbgan_bench.rating.crowd.result_file import came_from_sandbox, read_results
from sbgan_bench.rating.crowd.settling import Settled, read_decisions, settle
from sbgan_bench.rating.crowd.terms import Terms, cost
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.records import Platform

botocore_stub = pytest.importorskip("botocore.stub")
boto3 = pytest.importorskip("boto3")

SANDBOX = Marketplace.SANDBOX
NOW = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)
TERMS = Terms.parse({"title": "Rate", "description": "Score images.", "reward": "0.90"}, "test")


@pytest.fixture
def folder(tmp_path: Path) -> StudyFolder:
    return make_study(tmp_path / "study", images_per_cell=3, ratings_per_image=3)


@pytest.fixture
def batch(folder: StudyFolder, tmp_path: Path) -> BatchFolder:
    export_batch(folder, tmp_path / "batch", url_base="https://lab.example.org/a", images_per_hit=2)
    return BatchFolder(tmp_path / "batch")


@pytest.fixture
def client() -> Any:
    session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none")
    return session.client("mturk", region_name="us-east-1", endpoint_url=SANDBOX.endpoint)


@pytest.fixture
def stub(client: Any) -> Iterator[Any]:
    """Yield what the marketplace will answer; every answer must be asked for, and nothing else."""
    with botocore_stub.Stubber(client) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()


class Asked:
    """A parameter that may be anything, and is remembered."""

    def __init__(self) -> None:
        self.value: Any = None

    def __eq__(self, other: object) -> bool:
        self.value = other
        return True

    __hash__ = None  # type: ignore[assignment]


def listing(stub: Any, *pages: list[dict[str, Any]]) -> None:
    """Answer ListHITs, page by page."""
    for number, hits in enumerate(pages, start=1):
        asked = {"MaxResults": 100} | ({"NextToken": f"page{number}"} if number > 1 else {})
        more = {"NextToken": f"page{number + 1}"} if number < len(pages) else {}
        stub.add_response("list_hits", {"HITs": hits, "NumResults": len(hits)} | more, asked)


def creation(stub: Any, folder: StudyFolder, token: str, hit: str) -> Asked:
    """Answer CreateHITWithHITType and return what the question was."""
    question = Asked()
    asked = {
        "HITTypeId": "TYPE", "MaxAssignments": 3, "LifetimeInSeconds": 7 * 86_400, "Question": question,
        "RequesterAnnotation": annotation(folder.read(), token), "UniqueRequestToken": token,
    }  # fmt: skip
    stub.add_response("create_hit_with_hit_type", {"HIT": {"HITId": hit, "HITGroupId": "GROUP"}}, asked)
    return question


def kind(stub: Any) -> None:
    stub.add_response("create_hit_type", {"HITTypeId": "TYPE"}, TERMS.hit_type())


def tokens(folder: StudyFolder, batch: BatchFolder) -> list[str]:
    return list(hit_tokens(batch.read(folder.read())))


def hit_of(folder: StudyFolder, token: str, number: int) -> dict[str, Any]:
    return {"HITId": f"HIT{number}", "HITGroupId": "GROUP", "RequesterAnnotation": annotation(folder.read(), token),
            "Title": "Rate", "Reward": "0.90", "CreationTime": NOW, "MaxAssignments": 3}  # fmt: skip


def run(client: Any, folder: StudyFolder, batch: BatchFolder) -> list[str]:
    study = folder.read()
    plan = plan_publication(client, batch, study, SANDBOX)
    return list(publish(client, batch, study, SANDBOX, TERMS, plan))


def test_every_hit_is_created_with_its_images(client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder) -> None:
    listing(stub, [], [{"HITId": "OTHER", "RequesterAnnotation": "BatchId:1;"}, {"HITId": "BARE"}])
    kind(stub)
    questions = [creation(stub, folder, token, f"HIT{n}") for n, token in enumerate(tokens(folder, batch))]
    assert run(client, folder, batch) == ["GROUP"] * 3
    for question, images in zip(questions, batch.read(folder.read()).hits, strict=True):
        root = ElementTree.fromstring(question.value)
        assert root.tag.endswith("2011-11-11/HTMLQuestion.xsd}HTMLQuestion")
        html = root.findtext("{*}HTMLContent")
        assert html is not None
        assert tuple(image_of(url) for url, _, _ in Form(html).trials) == images
        assert root.findtext("{*}FrameHeight") == "0"
    ledger = json.loads(batch.published(SANDBOX).read_text(encoding="utf-8"))
    assert ledger == {token: f"HIT{n}" for n, token in enumerate(tokens(folder, batch))}


def test_a_publication_that_was_killed_goes_on_and_pays_nothing_twice(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder
) -> None:
    first, second, third = tokens(folder, batch)
    listing(stub, [])
    kind(stub)
    creation(stub, folder, first, "HIT0")
    study = folder.read()
    killed = publish(client, batch, study, SANDBOX, TERMS, plan_publication(client, batch, study, SANDBOX))
    next(killed)
    killed.close()
    # The second HIT was created, but its answer never came; the listing does not have it yet.
    listing(stub, [hit_of(folder, first, 0)])
    kind(stub)
    stub.add_client_error(
        "create_hit_with_hit_type", "RequestError", "There is such a HIT.",
        modeled_fields={"TurkErrorCode": "AWS.MechanicalTurk.HITAlreadyExists"},
    )  # fmt: skip
    listing(stub, [hit_of(folder, first, 0), hit_of(folder, second, 1)])
    creation(stub, folder, third, "HIT2")
    assert len(run(client, folder, batch)) == 2
    # All of them forgotten by the marketplace, but not by the batch.
    listing(stub, [])
    assert plan_publication(client, batch, study, SANDBOX).missing == ()
    listing(stub, [])
    assert len(plan_publication(client, batch, study, Marketplace.LIVE).missing) == 3


def test_hits_that_the_marketplace_lists_exist_even_if_the_batch_forgot(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder
) -> None:
    listing(stub, [hit_of(folder, token, n) for n, token in enumerate(tokens(folder, batch))])
    assert plan_publication(client, batch, folder.read(), SANDBOX).missing == ()


def test_other_refusals_are_told_and_what_exists_is_remembered(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder
) -> None:
    first, *_ = tokens(folder, batch)
    listing(stub, [])
    kind(stub)
    creation(stub, folder, first, "HIT0")
    stub.add_client_error("create_hit_with_hit_type", "RequestError", "Insufficient funds.")
    with pytest.raises(MTurkError, match=r"cannot create a HIT.*Insufficient funds.*the same command goes on"):
        run(client, folder, batch)
    assert json.loads(batch.published(SANDBOX).read_text(encoding="utf-8")) == {first: "HIT0"}


def test_two_batches_of_a_study_are_not_out_at_once(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder
) -> None:
    listing(stub, [hit_of(folder, "f" * 64, 0)])
    with pytest.raises(ConfigError, match="1 HITs of another batch"):
        plan_publication(client, batch, folder.read(), SANDBOX)


def test_tokens_follow_from_the_study_and_differ(folder: StudyFolder, batch: BatchFolder, tmp_path: Path) -> None:
    export_batch(folder, tmp_path / "again", url_base="https://elsewhere.example.org", images_per_hit=2)
    made = tokens(folder, batch)
    assert tokens(folder, BatchFolder(tmp_path / "again")) == made
    assert len(set(made)) == 3
    assert all(len(token) <= 64 for token in made)
    assert all(len(annotation(folder.read(), token)) <= 255 for token in made)


def test_a_template_of_ones_own_is_used_and_one_too_large_is_refused(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder
) -> None:
    batch.template.write_text("<p>${image_1} a]]>b</p>", encoding="utf-8")
    listing(stub, [])
    missing = plan_publication(client, batch, folder.read(), SANDBOX).missing
    assert "a]]>b" in (ElementTree.fromstring(missing[0].question).findtext("{*}HTMLContent") or "")
    batch.template.write_text("x" * 66_000, encoding="utf-8")
    with pytest.raises(ConfigError, match="65535 are allowed"):
        plan_publication(client, batch, folder.read(), SANDBOX)


def answer_xml(fields: dict[str, str]) -> str:
    inner = "".join(
        f"<Answer><QuestionIdentifier>{escape(name)}</QuestionIdentifier><FreeText>{escape(value)}</FreeText></Answer>"
        for name, value in fields.items()
    )
    schema = "http://mechanicalturk.amazonaws.com/AWSMechanicalTurkDataSchemas/2005-10-01/QuestionFormAnswers.xsd"
    return f'<?xml version="1.0" encoding="UTF-8"?><QuestionFormAnswers xmlns="{schema}">{inner}</QuestionFormAnswers>'


def assignment(number: int, worker: str, fields: dict[str, str]) -> dict[str, Any]:
    return {
        "AssignmentId": f"ASSIGNMENT{number}", "WorkerId": worker, "HITId": "HIT0", "AssignmentStatus": "Submitted",
        "AcceptTime": NOW, "SubmitTime": NOW + timedelta(seconds=30), "Answer": answer_xml(fields),
    }  # fmt: skip


FIELDS = {"score_1.2": "true", "score_1.1": "false", "score_2.4": "true", "consent.yes": "true", "note": "<&> é"}


def fetched(client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder, out: Path) -> int:
    """Fetch two assignments, on two pages, of the only HIT that was published."""
    listing(stub, [hit_of(folder, tokens(folder, batch)[0], 0)])
    asked = {"HITId": "HIT0", "MaxResults": 100}
    first = {"Assignments": [assignment(0, "ALICE", FIELDS)], "NextToken": "more"}
    stub.add_response("list_assignments_for_hit", first, asked)
    together = '[{"score_1": {"1": true}, "score_2": 3, "consent": {"yes": true}}]'
    second = {"Assignments": [assignment(1, "ABOB", {"taskAnswers": together})]}
    stub.add_response("list_assignments_for_hit", second, asked | {"NextToken": "more"})
    return fetch_results(client, batch, folder.read(), SANDBOX, read_platform_key(folder), out)


def test_fetched_answers_are_a_result_file_without_worker_ids(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder, tmp_path: Path
) -> None:
    out = tmp_path / "results.csv"
    assert fetched(client, stub, folder, batch, out) == 2
    text = out.read_text(encoding="utf-8")
    assert "ALICE" not in text
    assert "ABOB" not in text
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    lines = list(csv.DictReader(io.StringIO(text)))
    assert list(lines[0])[: len(OFFICIAL)] == OFFICIAL
    assert list(lines[0])[-2:] == ["Approve", "Reject"]
    assert lines[0]["Answer.note"] == "<&> é"
    assert lines[0]["Reward"] == "0.90"
    key = read_platform_key(folder)
    assert lines[0]["WorkerId"] == HASHED + platform_hash(key, Platform.MTURK, "ALICE")
    results = read_results(out)
    assert came_from_sandbox(results)
    found = read_assignments(results, item_columns(results), folder.read())
    assert [[answer.score for answer in one.answers] for one in found] == [[2, 4], [1, 3]]
    assert found[0].answers[0].response_ms == 15_000


def test_nothing_published_is_told(client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder) -> None:
    listing(stub, [])
    with pytest.raises(ConfigError, match=r"No HIT of .* is on the sandbox"):
        fetch_results(client, batch, folder.read(), SANDBOX, bytes(32), batch.path / "r.csv")


@pytest.mark.parametrize("document", ["<a", "", '<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>'])
def test_answers_that_are_no_answers_are_refused(
    client: Any, stub: Any, folder: StudyFolder, batch: BatchFolder, document: str
) -> None:
    listing(stub, [hit_of(folder, tokens(folder, batch)[0], 0)])
    broken = assignment(0, "ALICE", {}) | {"Answer": document}
    stub.add_response("list_assignments_for_hit", {"Assignments": [broken]}, {"HITId": "HIT0", "MaxResults": 100})
    with pytest.raises(MTurkError, match="cannot be read"):
        fetch_results(client, batch, folder.read(), SANDBOX, bytes(32), batch.path / "r.csv")
    assert not (batch.path / "r.csv").exists()


def decisions_file(path: Path, *lines: str) -> Path:
    header = "AssignmentId,WorkerId,AssignmentStatus,Reward,Approve,Reject"
    path.write_text("\n".join([header, *lines, ""]), encoding="utf-8")
    return path


def test_assignments_are_approved_and_rejected_once(client: Any, stub: Any, tmp_path: Path) -> None:
    path = decisions_file(
        tmp_path / "r.csv", "a1,A,Submitted,$0.90,X,", "a2,B,Submitted,0.90,,Not rated.", "a3,C,Submitted,,x,",
        "a4,D,Approved,$0.90,X,", "a5,E,Submitted,$0.90,,",
    )  # fmt: skip
    decisions = read_decisions(read_results(path))
    assert [decision.reward for decision in decisions] == [Decimal("0.90"), Decimal("0.90"), None]
    stub.add_response("approve_assignment", {}, {"AssignmentId": "a1"})
    stub.add_response("reject_assignment", {}, {"AssignmentId": "a2", "RequesterFeedback": "Not rated."})
    stub.add_client_error(
        "approve_assignment", "RequestError", "no",
        modeled_fields={"TurkErrorCode": "AWS.MechanicalTurk.InvalidAssignmentState"},
    )  # fmt: skip
    assert list(settle(client, decisions)) == [Settled.APPROVED, Settled.REJECTED, Settled.BEFORE]
    stub.add_client_error("approve_assignment", "RequestError", "no such assignment")
    with pytest.raises(MTurkError, match="no such assignment"):
        list(settle(client, decisions[:1]))


def test_contradictions_are_refused_before_anything_is_done(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="Row 2 has both"):
        read_decisions(read_results(decisions_file(tmp_path / "r.csv", "a1,A,Submitted,,X,because")))
    (tmp_path / "bare.csv").write_text("AssignmentId,WorkerId,AssignmentStatus\n", encoding="utf-8")
    with pytest.raises(DataError, match="lacks the column Approve and Reject"):
        read_decisions(read_results(tmp_path / "bare.csv"))


@pytest.mark.parametrize(
    ("assignments", "per_hit", "reward", "total"),
    [
        (60, 3, "0.90", "64.80"),
        (60, 10, "0.90", "75.60"),
        (60, 3, "0.01", "1.20"),
        (1, 3, "0.33", "0.40"),
        (0, 3, "1", "0"),
    ],
)
def test_the_cost_is_rewards_and_fees(assignments: int, per_hit: int, reward: str, total: str) -> None:
    price = cost(assignments, per_hit, Decimal(reward))
    assert price.total == Decimal(total)
    assert f"${price.total}" in str(price)


@pytest.mark.parametrize("reward", ["0", "-1", "0.005", "NaN", "much"])
def test_rewards_that_are_none_are_refused(reward: str) -> None:
    with pytest.raises(ConfigError, match="reward"):
        Terms.parse({"title": "t", "description": "d", "reward": reward}, "command line")


def test_qualifications_are_asked_for() -> None:
    asked = TERMS.model_copy(update={"percent_approved": 95, "number_approved": 100, "countries": ("US", "CA")})
    requirements = asked.hit_type()["QualificationRequirements"]
    assert [requirement["QualificationTypeId"] for requirement in requirements] == [
        "000000000000000000L0", "00000000000000000040", "00000000000000000071",
    ]  # fmt: skip
    assert requirements[2]["LocaleValues"] == [{"Country": "US"}, {"Country": "CA"}]
    assert TERMS.hit_type()["QualificationRequirements"] == []


def test_the_balance_is_looked_at(client: Any, stub: Any) -> None:
    stub.add_response("get_account_balance", {"AvailableBalance": "10.00"}, {})
    check_balance(client, Decimal("10.00"))
    stub.add_response("get_account_balance", {"AvailableBalance": "9.99"}, {})
    with pytest.raises(MTurkError, match=r"holds \$9.99 and \$10.00 are needed"):
        check_balance(client, Decimal("10.00"))


def test_the_sandbox_and_the_marketplace_are_two_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "none")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "none")
    endpoints = {place: connect(place).meta.endpoint_url for place in Marketplace}
    assert endpoints == {
        Marketplace.SANDBOX: "https://mturk-requester-sandbox.us-east-1.amazonaws.com",
        Marketplace.LIVE: "https://mturk-requester.us-east-1.amazonaws.com",
    }
    assert Marketplace.SANDBOX.preview_url("G") == "https://workersandbox.mturk.com/mturk/preview?groupId=G"


def test_without_credentials_the_way_to_them_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in (
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "AWS_PROFILE",
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    ):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_CONFIG_FILE", str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    with pytest.raises(MTurkError, match="aws configure"):
        connect(SANDBOX)


def test_without_boto3_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "boto3", None)
    with pytest.raises(ConfigError, match=r"pip install 'sbgan-bench\[mturk\]'"):
        marketplaces.connect(SANDBOX)
