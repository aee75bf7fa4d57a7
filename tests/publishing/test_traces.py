"""What gives away a person or a machine is found wherever it is written, and ordinary words are not taken for it."""

import pytest

from sbgan_bench.publishing.shelf import faults_of_content
from sbgan_bench.publishing.traces import find_traces


@pytest.mark.parametrize(
    "text",
    ["/home/jane/run", "PATH:/home/jane/run", "jane@host:/home/jane", "cc -I/home/jane/inc", "-I/data/mine",
     "log>/scratch/x", "a]/home/jane/b", "<b>/Users/jane", "see (/mnt/disk)", "rsync://host//home/jane", "a|/root/x",
     "~/run/x", "C:\\\\\\\\Users"],
)  # fmt: skip
def test_paths_are_found_whatever_stands_before_them(text: str) -> None:
    assert list(find_traces(f'{{"note": "{text}"}}', ()))


@pytest.mark.parametrize(
    "text",
    ["precision/recall", "shared/data/camvid", "runs/tmp/x", "run-a/data/x", "./data/x", "../home", "path/to/data",
     "https://example.org/data/x", "https://example.org/home/jane", "and/or", "1 / 2", "km/home", "/home"],
)  # fmt: skip
def test_ordinary_words_and_paths_inside_a_project_are_not(text: str) -> None:
    assert not list(find_traces(f'{{"note": "{text}"}}', ()))


def test_names_of_files_are_looked_at_too() -> None:
    assert list(faults_of_content("previews/jane.doe@example.org.txt", b"")) == [
        "the name 'previews/jane.doe@example.org.txt' holds a mail address (jane.doe@example.org.txt)"
    ]
    assert list(faults_of_content("a/janedoe.txt", b"", ("janedoe",)))
    assert not list(faults_of_content("jobs/gallery-sbgan-both@no-root-32x64/stats.jsonl", b"\xff{}"))
