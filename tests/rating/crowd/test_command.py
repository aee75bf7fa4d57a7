"""``sbgan-bench rate mturk`` from a study to paid workers."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from rating.crowd.turk_results import Shape, Worker, result_csv, result_rows
from rating.studies import make_study

from sbgan_bench.cli import main
from sbgan_bench.rating.crowd.batch import BatchFolder
from sbgan_bench.rating.crowd.marketplace import Marketplace
from sbgan_bench.rating.crowd.publishing import hit_tokens
from sbgan_bench.rating.crowd.result_file import read_results
from sbgan_bench.rating.folder import STORE_VARIABLE, StudyFolder
from sbgan_bench.rating.store.opening import open_store

boto3 = pytest.importorskip("boto3")
Command = Callable[..., Result]


@pytest.fixture
def command(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Command:
    """Return a call of ``sbgan-bench rate mturk`` in a folder with a study and its batch."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv(STORE_VARIABLE, raising=False)
    make_study(Path("study"), cells=2, images_per_cell=2, ratings_per_image=2, gold=1)

    def run(*arguments: str, answer: str | None = None) -> Result:
        return CliRunner().invoke(main, ["rate", "mturk", *arguments], input=answer)

    done = run("export", "study", "--out", "batch", "--url-base", "https://lab.example.org/a", "--images-per-hit", "2")
    assert done.exit_code == 0, done.output
    assert "batch: 2 HITs of up to 3 images, 2 assignments each, 4 in all" in done.output
    return run


def write_results(workers: list[Worker], path: Path = Path("results.csv"), shape: Shape = Shape.OPTIONS) -> None:
    path.write_text(result_csv(result_rows(BatchFolder(Path("batch")), workers, shape)), encoding="utf-8", newline="")


def hits() -> tuple[tuple[str, ...], ...]:
    return BatchFolder(Path("batch")).read(StudyFolder(Path("study")).read()).hits


def whole_batch(score: int = 2) -> list[Worker]:
    return [Worker(f"AWORKER{name}", hit, dict.fromkeys(hits()[hit], score)) for name in range(2) for hit in range(2)]


def test_results_become_ratings_and_payments(command: Command) -> None:
    workers = whole_batch()
    workers[3].scores = dict(list(workers[3].scores.items())[:1])
    write_results(workers)
    done = command("import", "study", "results.csv")
    assert done.exit_code == 0, done.output
    assert "4 assignments (3 recorded, 1 refused): 8 new ratings." in done.output  # the gold image once per worker
    assert "2 of 3 images have no answer" in done.output
    verdicts = [
        (row.cells["Approve"], bool(row.cells["Reject"])) for row in read_results(Path("results.review.csv")).rows
    ]
    assert verdicts == [("X", False)] * 3 + [("", True)]
    assert "AWORKER" not in done.output
    again = json.loads(command("import", "study", "results.csv", "--format", "json").output)
    assert again["ratings"]["recorded"] == 0
    assert [row["fate"] for row in again["assignments"]] == ["here before"] * 3 + ["refused"]
    folder = StudyFolder(Path("study"))
    store = open_store(folder.default_store, folder.read())
    assert len(store.ratings()) == 8
    store.dispose()
    assert not any(b"AWORKER" in path.read_bytes() for path in Path("study").rglob("*") if path.is_file())


def test_numbers_of_an_export_as_json(command: Command) -> None:
    address = ["--url-base", "https://a.example.org"]
    done = command("export", "study", "--out", "single", *address, "--images-per-hit", "1", "--gold-per-hit", "0",
                   "--format", "json")  # fmt: skip
    assert json.loads(done.output) == {
        "batch": "single", "hits": 4, "images_per_hit": 1, "assignments_per_hit": 2, "assignments": 8,
    }  # fmt: skip


def test_gold_is_rejected_on_demand_and_only_with_the_owners_key(command: Command) -> None:
    write_results(whole_batch(score=4))  # the gold image, twice per worker, deserves a 1
    assert command("import", "study", "results.csv").output.count("approve") == 4
    assert command("import", "study", "results.csv", "--reject-gold").output.count("reject\n") == 4
    Path("study/owner").rename("elsewhere")
    assert command("import", "study", "results.csv").exit_code == 0
    done = command("import", "study", "results.csv", "--reject-gold")
    assert done.exit_code == 2
    assert "key.json is missing" in done.output


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["import", "study", "results.csv", "--review", "results.csv"], "is the result file itself"),
        (["import", "study", "results.csv", "--column", "a"], "write IMAGE=ANSWER"),
        (["export", "study", "--out", "batch", "--url-base", "https://a.example.org"], "exists"),
        (["publish", "study", "study", "--reward", "1"], "holds no batch"),
        (["publish", "study", "batch", "--reward", "free"], "command line: reward"),
        (["publish", "study", "batch", "--reward", "1", "--country", "Mars"], "countries"),
    ],
)
def test_mistakes_are_one_line(
    command: Command, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.setattr("sbgan_bench.rating.crowd.marketplace.connect", lambda place: None)
    write_results(whole_batch())
    done = command(*arguments)
    assert done.exit_code == 2
    assert words in done.output
    assert len(done.output.splitlines()) == 1


def test_answers_from_the_sandbox_are_kept_apart(command: Command) -> None:
    write_results(whole_batch())
    text = Path("results.csv").read_text(encoding="utf-8").splitlines()
    marked = [text[0] + ',"Marketplace"', *(f'{line},"sandbox"' for line in text[1:])]
    Path("results.csv").write_text("\n".join(marked), encoding="utf-8")
    refused = command("import", "study", "results.csv")
    assert refused.exit_code == 2
    assert "--store sqlite:///trial.db" in refused.output
    assert not Path("study/ratings.db").exists()
    assert command("import", "study", "results.csv", "--store", "sqlite:///trial.db").exit_code == 0
    assert not Path("study/ratings.db").exists()


@pytest.fixture
def stub(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Return what the marketplace will answer, and hand its client to whoever connects."""
    from botocore.stub import Stubber

    session = boto3.session.Session(aws_access_key_id="none", aws_secret_access_key="none")
    client = session.client("mturk", region_name="us-east-1")
    places: list[Marketplace] = []
    monkeypatch.setattr(
        "sbgan_bench.rating.crowd.marketplace.connect", lambda place: (places.append(place), client)[1]
    )
    with Stubber(client) as stubber:
        stubber.places = places
        yield stubber
        stubber.assert_no_pending_responses()


def creations(stub: Any) -> None:
    stub.add_response("create_hit_type", {"HITTypeId": "TYPE"})
    for number in range(2):
        created = {"HIT": {"HITId": f"HIT{number}", "HITGroupId": "GROUP"}}
        stub.add_response("create_hit_with_hit_type", created)


def test_the_sandbox_is_the_default_and_free(command: Command, stub: Any) -> None:
    stub.add_response("list_hits", {"HITs": []})
    creations(stub)
    done = command("publish", "study", "batch", "--reward", "0.90")
    assert done.exit_code == 0, done.output
    assert "$4.32 if it were live; the sandbox is free" in done.output
    assert "https://workersandbox.mturk.com/mturk/preview?groupId=GROUP" in done.output
    assert stub.places == [Marketplace.SANDBOX]
    stub.add_response("list_hits", {"HITs": []})
    assert "All 2 HITs exist on the sandbox" in command("publish", "study", "batch", "--reward", "0.90").output


@pytest.mark.parametrize("answer", ["n\n", "\n", ""])
def test_nothing_is_created_live_without_a_yes(command: Command, stub: Any, answer: str) -> None:
    stub.add_response("list_hits", {"HITs": []})
    stub.add_response("get_account_balance", {"AvailableBalance": "100.00"})
    done = command("publish", "study", "batch", "--reward", "0.90", "--live", answer=answer)
    assert done.exit_code == 1
    assert "4 assignments x ($0.90 reward + $0.18 fee) = $4.32" in done.output
    assert "Create them on the LIVE marketplace, for up to $4.32?" in done.output
    assert stub.places == [Marketplace.LIVE]
    assert not list(Path("batch").glob("published-*"))


def test_live_with_a_yes(command: Command, stub: Any) -> None:
    stub.add_response("list_hits", {"HITs": []})
    stub.add_response("get_account_balance", {"AvailableBalance": "100.00"})
    creations(stub)
    done = command("publish", "study", "batch", "--reward", "0.90", "--live", answer="y\n")
    assert done.exit_code == 0, done.output
    assert "https://worker.mturk.com/mturk/preview?groupId=GROUP" in done.output
    ledger = json.loads(Path("batch/published-live.json").read_text(encoding="utf-8"))
    batch = BatchFolder(Path("batch")).read(StudyFolder(Path("study")).read())
    assert list(ledger) == list(hit_tokens(batch))


def test_payments_are_made_after_a_yes(command: Command, stub: Any) -> None:
    write_results(whole_batch())
    command("import", "study", "results.csv")
    refused = command("review", "results.review.csv", "--live", answer="n\n")
    assert refused.exit_code == 1
    assert "Pay 4 assignments on the LIVE marketplace ($3.60 and the fee on it) and reject 0?" in refused.output
    for _ in range(4):
        stub.add_response("approve_assignment", {})
    done = command("review", "results.review.csv", "--live", answer="y\n")
    assert done.output.endswith("4 approved.\n")


def test_a_file_that_decides_nothing(command: Command) -> None:
    write_results(whole_batch())
    assert "decides about no assignment" in command("review", "results.csv").output


def test_answers_are_fetched(command: Command, stub: Any) -> None:
    stub.add_response("list_hits", {"HITs": []})
    done = command("fetch", "study", "batch", "--out", "fetched.csv")
    assert done.exit_code == 2
    assert "No HIT of batch is on the sandbox marketplace" in done.output
