"""From a result file to ratings: every shape, every damage, nothing twice and nothing half."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rating.crowd.turk_results import Shape, Worker, result_csv, result_rows
from rating.studies import make_study

from sbgan_bench.errors import ConfigError, DataError
from sbgan_bench.rating.crowd.assignments import (
    HASHED,
    Assignment,
    Fate,
    Record,
    read_assignments,
    record_assignments,
    worker_hash,
)
from sbgan_bench.rating.crowd.batch import Batch, BatchFolder
from sbgan_bench.rating.crowd.columns import item_columns
from sbgan_bench.rating.crowd.exporting import export_batch
from sbgan_bench.rating.crowd.identity import platform_hash, read_platform_key
from sbgan_bench.rating.crowd.result_file import ResultFile, read_results
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.records import Answer, Platform
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Purpose, Role

SHAPES = list(Shape)
#: Scores by HIT and worker, as hypothesis draws them: index modulo the HITs, then one score per place.
DRAWN = st.lists(
    st.tuples(st.integers(0, 99), st.sampled_from("ABCDE"), st.lists(st.integers(1, 4), min_size=9, max_size=9)),
    min_size=1,
    max_size=12,
    unique_by=lambda drawn: (drawn[0] % 3, drawn[1]),
)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with a study of ten images in two cells and three gold ones, and its batch of three HITs."""
    home = tmp_path_factory.mktemp("crowd")
    folder = make_study(home / "study", cells=2, images_per_cell=5, ratings_per_image=2, gold=3)
    export_batch(folder, home / "batch", url_base="https://lab.example.org/a", images_per_hit=4)
    return home


@pytest.fixture
def folder(home: Path) -> StudyFolder:
    return StudyFolder(home / "study")


@pytest.fixture
def batch(home: Path, folder: StudyFolder) -> Batch:
    return BatchFolder(home / "batch").read(folder.read())


@pytest.fixture
def store(folder: StudyFolder, tmp_path: Path) -> Iterator[RatingStore]:
    store = create_store(f"sqlite:///{tmp_path / 'ratings.db'}", folder.read())
    yield store
    store.dispose()


def workers_of(batch: Batch, drawn: Sequence[tuple[int, str, list[int]]]) -> list[Worker]:
    return [
        Worker(
            f"A{name}", place % len(batch.hits), dict(zip(batch.hits[place % len(batch.hits)], scores, strict=False))
        )
        for place, name, scores in drawn
    ]


def file_of(rows: Sequence[dict[str, str]], path: Path) -> ResultFile:
    path.write_text(result_csv(rows), encoding="utf-8", newline="")
    return read_results(path)


def read(
    home: Path, rows: Sequence[dict[str, str]], path: Path, columns: Sequence[str] = ()
) -> tuple[Assignment, ...]:
    results = file_of(rows, path)
    return read_assignments(results, item_columns(results, columns), StudyFolder(home / "study").read())


def one_row(home: Path, batch: Batch, shape: Shape = Shape.OPTIONS) -> dict[str, str]:
    scores = dict.fromkeys(batch.hits[0], 3)
    return result_rows(BatchFolder(home / "batch"), [Worker("ALICE", 0, scores, seconds=50)], shape)[0]


@pytest.mark.parametrize("shape", SHAPES)
@given(drawn=DRAWN)
@settings(max_examples=30, deadline=None)
def test_what_workers_say_is_what_is_read(
    home: Path, tmp_path_factory: pytest.TempPathFactory, shape: Shape, drawn: list[tuple[int, str, list[int]]]
) -> None:
    place = BatchFolder(home / "batch")
    workers = workers_of(place.read(StudyFolder(home / "study").read()), drawn)
    path = tmp_path_factory.getbasetemp() / "answers.csv"
    found = read(home, result_rows(place, workers, shape), path)
    assert [{answer.image: answer.score for answer in assignment.answers} for assignment in found] == [
        worker.scores for worker in workers
    ]
    assert all(
        assignment.answers[0].response_ms == 60_000 // len(worker.scores)
        for assignment, worker in zip(found, workers, strict=True)
    )


@pytest.mark.parametrize("shape", SHAPES)
def test_the_store_holds_what_workers_said_and_a_second_import_changes_nothing(
    home: Path, folder: StudyFolder, batch: Batch, store: RatingStore, shape: Shape, tmp_path: Path
) -> None:
    drawn = [(hit, name, [(hit + ord(name) + k) % 4 + 1 for k in range(9)]) for hit in range(3) for name in "AB"]
    workers = workers_of(batch, drawn)
    key = read_platform_key(folder)
    assignments = read(home, result_rows(BatchFolder(home / "batch"), workers, shape), tmp_path / "r.csv")
    records = list(record_assignments(store, key, assignments))
    assert all(record.fate is Fate.RECORDED and not record.surplus for record in records)
    said = sorted((image, score) for worker in workers for image, score in worker.scores.items())
    ratings = store.ratings()
    assert sorted((rating.image, rating.score) for rating in ratings) == said
    assert {rating.platform for rating in ratings} == {Platform.MTURK}
    gold = {image.id for image in folder.read().of_role(Role.GOLD)}
    assert all((rating.purpose is Purpose.GOLD) == (rating.image in gold) for rating in ratings)
    assert len({rating.rater for rating in ratings}) == 2
    assert store.overview().complete_images == 10

    again = list(record_assignments(store, key, assignments))
    assert [record.fate for record in again] == [Fate.ALREADY] * 6
    assert store.ratings() == ratings
    late = read(home, result_rows(BatchFolder(home / "batch"), [Worker("ALATE", 0, workers[0].scores)], shape),
                tmp_path / "late.csv")  # fmt: skip
    (record,) = record_assignments(store, key, late)
    assert record.surplus == len(batch.hits[0]) - sum(image in gold for image in batch.hits[0])


@pytest.mark.parametrize("shape", SHAPES)
@given(drawn=DRAWN)
@settings(max_examples=6, deadline=None)
def test_the_store_holds_the_first_k_answers_of_every_image(
    home: Path, tmp_path_factory: pytest.TempPathFactory, shape: Shape, drawn: list[tuple[int, str, list[int]]]
) -> None:
    folder, place = StudyFolder(home / "study"), BatchFolder(home / "batch")
    study, here = folder.read(), tmp_path_factory.mktemp("round")
    workers = workers_of(place.read(study), drawn)
    store = create_store(f"sqlite:///{here / 'ratings.db'}", study)
    try:
        assignments = read(home, result_rows(place, workers, shape), here / "r.csv")
        records = list(record_assignments(store, read_platform_key(folder), assignments))
        ratings = store.ratings()
    finally:
        store.dispose()
    gold = {image.id for image in study.of_role(Role.GOLD)}
    expected: list[tuple[str, int]] = []
    for worker in workers:
        counts = Counter(image for image, _ in expected)
        kept = [said for said in worker.scores.items() if said[0] in gold or counts[said[0]] < study.ratings_per_image]
        expected += kept
    assert sorted((rating.image, rating.score) for rating in ratings) == sorted(expected)
    assert sum(record.recorded for record in records) == len(expected)
    assert sum(record.surplus for record in records) == sum(len(worker.scores) for worker in workers) - len(expected)


def test_no_worker_id_reaches_the_store(
    home: Path, folder: StudyFolder, batch: Batch, store: RatingStore, tmp_path: Path
) -> None:
    assignments = read(home, [one_row(home, batch)], tmp_path / "r.csv")
    list(record_assignments(store, read_platform_key(folder), assignments))
    store.dispose()
    assert not any(b"ALICE" in path.read_bytes() for path in tmp_path.glob("ratings.db*"))
    assert "ALICE" not in repr(assignments)
    assert "ALICE" not in repr(read_results(tmp_path / "r.csv"))


def test_a_worker_hashed_before_is_the_same_worker() -> None:
    key = bytes(32)
    hashed = platform_hash(key, Platform.MTURK, "ALICE")
    assert worker_hash(key, "ALICE") == worker_hash(key, HASHED + hashed) == hashed
    assert worker_hash(key, HASHED + "oops") == platform_hash(key, Platform.MTURK, HASHED + "oops")


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252", "utf-16"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_files_that_went_through_a_spreadsheet_are_read(
    home: Path, batch: Batch, shape: Shape, encoding: str, separator: str, tmp_path: Path
) -> None:
    row = one_row(home, batch, shape) | {"Title": "Größe\r\n“quoted”, with; all\tof it", "RequesterFeedback": "ça\nva"}
    text = result_csv([row, row | {"AssignmentId": "other", "WorkerId": "ABOB"}])
    if separator != ",":
        text = text.replace('","', f'"{separator}"')
    path = tmp_path / "r.csv"
    path.write_bytes(text.encode(encoding))
    results = read_results(path)
    assert results.rows[0].cells["Title"] == row["Title"]
    found = read_assignments(results, item_columns(results), StudyFolder(home / "study").read())
    assert [assignment.fate for assignment in found] == [None, None]
    assert [assignment.row for assignment in found] == [2, 3]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_ends_of_every_system(home: Path, batch: Batch, ending: str, tmp_path: Path) -> None:
    path = tmp_path / "r.csv"
    text = result_csv([one_row(home, batch)]).replace("\r\n", ending) + ending * 2
    path.write_text(text, encoding="utf-8", newline="")
    assert len(read_results(path).rows) == 1


def test_cells_that_a_spreadsheet_changed(home: Path, batch: Batch, tmp_path: Path) -> None:
    row = one_row(home, batch)
    shouted = {name: cell.upper() if name.startswith("Answer.") else cell for name, cell in row.items()}
    assert read(home, [shouted], tmp_path / "r.csv")[0].fate is None
    row = one_row(home, batch, Shape.VALUES)
    decimals = {name: f" {cell}.0 " if name.startswith("Answer.score") else cell for name, cell in row.items()}
    assert read(home, [decimals], tmp_path / "r.csv")[0].answers[0].score == 3


def test_extra_columns_and_rows_cut_short_do_no_harm(home: Path, batch: Batch, tmp_path: Path) -> None:
    row = one_row(home, batch)
    assert (
        read(home, [row | {"Answer.comment": "=HYPERLINK()", "Input.note": "x"}], tmp_path / "r.csv")[0].fate is None
    )
    lines = result_csv([row]).splitlines()
    (tmp_path / "short.csv").write_text(f"{lines[0]}\n{lines[1].removesuffix(',,')}\n,,,\n", encoding="utf-8")
    assert len(read_results(tmp_path / "short.csv").rows) == 1


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "lacks the column AssignmentId and WorkerId and AssignmentStatus.*There is nothing"),
        ("HITId,WorkerId,Answer.x\n", "lacks the column AssignmentId and AssignmentStatus.*HITId, WorkerId, Answer.x"),
        ("AssignmentId,WorkerId,AssignmentStatus,WorkerId\n", "WorkerId more than once"),
        ("AssignmentId,WorkerId,AssignmentStatus\na,b,Submitted,d\n", "row 2 has 4 cells and the header 3"),
        ('AssignmentId,WorkerId,AssignmentStatus\n"a,b,Submitted\n', "no CSV"),
        ("\0" * 50, "lacks the column"),
    ],
)
def test_a_file_that_is_none_is_told_what_it_lacks(text: str, words: str, tmp_path: Path) -> None:
    (tmp_path / "r.csv").write_text(text, encoding="utf-8")
    with pytest.raises(DataError, match=words):
        read_results(tmp_path / "r.csv")


@given(st.binary(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_bytes_are_read_or_refused_in_words(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.getbasetemp() / "junk.csv"
    path.write_bytes(b"AssignmentId,WorkerId,AssignmentStatus\n" + data)
    try:
        read_results(path)
    except DataError as error:
        assert str(path) in str(error)  # noqa: PT017


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="cannot be read"):
        read_results(tmp_path / "none.csv")


def test_columns_that_are_missing_are_named_with_those_there_are(home: Path, batch: Batch, tmp_path: Path) -> None:
    row = one_row(home, batch)
    dropped = {name: cell for name, cell in row.items() if not name.startswith("Answer.score_2")}
    with pytest.raises(ConfigError, match=r"no answers for Input.image_2.*There is .*Answer.score_1.1.*--column"):
        read(home, [dropped], tmp_path / "r.csv")
    foreign = {name.replace("image_", "picture"): cell for name, cell in row.items()}
    with pytest.raises(ConfigError, match=r"no column Input.image_1.*Input.picture1"):
        read(home, [foreign], tmp_path / "r.csv")
    with pytest.raises(ConfigError, match=r"no column Input.nothing"):
        read(home, [row], tmp_path / "r.csv", ["nothing=score_1"])
    with pytest.raises(ConfigError, match="write IMAGE=ANSWER"):
        read(home, [row], tmp_path / "r.csv", ["image_1"])


@pytest.mark.parametrize(
    "columns", [{"Answer.q.good": "true", "Answer.q.poor": "false"}, {"Answer.q": "Good"},
                {"Answer.taskAnswers": json.dumps([{"q": {"good": True, "poor": False}}])},
                {"Answer.taskAnswers": json.dumps({"q": 3, "comment": None})},
                {"Answer.taskAnswers": json.dumps([{"other": 1}, {"q": {"3": True}}])}]
)  # fmt: skip
def test_templates_of_ones_own_are_read_with_a_mapping(
    home: Path, batch: Batch, columns: dict[str, str], tmp_path: Path
) -> None:
    image = batch.hits[0][0]
    row = {
        "AssignmentId": "1",
        "WorkerId": "A",
        "AssignmentStatus": "Approved",
        "Input.url": f"http://x/y/{image}.png?v=1#2",
    }
    for mapping in ("url=q", "Input.url=Answer.q"):
        (assignment,) = read(home, [row | columns], tmp_path / "r.csv", [mapping])
        assert assignment.answers == (Answer(image, 3, 0),)


UNKNOWN = "https://lab.example.org/a/" + "f" * 24 + ".png"
CHANGES = [
    ({"AssignmentStatus": "Rejected"}, Fate.SKIPPED, "rejected on the platform"),
    ({"AssignmentStatus": "Returned"}, Fate.SKIPPED, "neither submitted nor approved"),
    ({"AssignmentStatus": ""}, Fate.SKIPPED, "neither submitted nor approved"),
    ({"WorkerId": " "}, Fate.REFUSED, "names no assignment or no worker"),
    ({"AssignmentId": ""}, Fate.REFUSED, "names no assignment or no worker"),
    ({"Input.image_1": UNKNOWN}, Fate.REFUSED, "not of this study"),
    ({"Input.image_1": "=1+1"}, Fate.REFUSED, "not of this study"),
    ({"Answer.score_2.3": "false"}, Fate.REFUSED, "1 of 5 images have no answer"),
    ({"Answer.score_2.4": "true"}, Fate.REFUSED, "two scores"),
    ({"Answer.score_2.4": "maybe"}, Fate.REFUSED, "something else than true or false"),
    ({"Answer.score_2.3": "", "Answer.score_2.7": "true"}, Fate.REFUSED, "no score"),
    ({"Answer.consent.yes": "false"}, Fate.REFUSED, "did not consent"),
]


@pytest.mark.parametrize(("change", "fate", "words"), CHANGES)
def test_rows_that_cannot_be_kept_say_why_and_leave_the_others_alone(
    home: Path, batch: Batch, change: dict[str, str], fate: Fate, words: str, tmp_path: Path
) -> None:
    row = one_row(home, batch)
    good = row | {"AssignmentId": "other", "WorkerId": "ABOB"}
    bad, other = read(home, [row | change, good], tmp_path / "r.csv")
    assert bad.fate is fate
    assert words in bad.reason
    assert bad.answers == ()
    assert other.fate is None


@pytest.mark.parametrize("value", ["0", "5", "-1", "2.5", "3 4", "NaN", "٣", "9" * 5000, "goodish", "=3"])
def test_values_off_the_scale_are_refused(home: Path, batch: Batch, value: str, tmp_path: Path) -> None:
    row = one_row(home, batch, Shape.VALUES) | {"Answer.score_1": value}
    assert read(home, [row], tmp_path / "r.csv")[0].reason == "has an answer that is no score"
    json_row = one_row(home, batch, Shape.JSON)
    told = json.loads(json_row["Answer.taskAnswers"])
    told[0]["score_1"] = value
    (assignment,) = read(home, [json_row | {"Answer.taskAnswers": json.dumps(told)}], tmp_path / "r.csv")
    assert assignment.reason == "has an answer that is no score"


@pytest.mark.parametrize("text", ["{", "3", '["a"]', "[" * 3000, "9" * 5000, "null"])
def test_json_that_is_none_is_refused(home: Path, batch: Batch, text: str, tmp_path: Path) -> None:
    row = one_row(home, batch, Shape.JSON) | {"Answer.taskAnswers": text}
    (assignment,) = read(home, [row], tmp_path / "r.csv")
    assert assignment.fate is Fate.REFUSED
    assert "Answer.taskAnswers" in assignment.reason


def test_an_image_twice_and_no_image_are_refused(home: Path, batch: Batch, tmp_path: Path) -> None:
    row = one_row(home, batch)
    twice = read(home, [row | {"Input.image_1": row["Input.image_2"]}], tmp_path / "r.csv")
    assert twice[0].reason == "shows an image twice"
    nothing = read(home, [row | {name: "" for name in row if name.startswith("Input.")}], tmp_path / "r.csv")
    assert nothing[0].reason == "shows no image"


def test_a_second_row_of_an_assignment_is_skipped(
    home: Path, batch: Batch, store: RatingStore, tmp_path: Path
) -> None:
    row = one_row(home, batch)
    assignments = read(home, [row, row], tmp_path / "r.csv")
    records = list(record_assignments(store, bytes(32), assignments))
    assert records == [Record(2, Fate.RECORDED, recorded=5),
                       Record(3, Fate.SKIPPED, reason="a second row of an assignment")]  # fmt: skip


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [("50", 10_000), ("50.0", 10_000), ("", 0), ("-3", 0), ("fast", 0), ("1e9", 0), ("999999999", 429_496_729)],
)
def test_the_time_is_spread_over_the_images(
    home: Path, batch: Batch, seconds: str, expected: int, tmp_path: Path
) -> None:
    (assignment,) = read(home, [one_row(home, batch) | {"WorkTimeInSeconds": seconds}], tmp_path / "r.csv")
    assert {answer.response_ms for answer in assignment.answers} == {expected}
