"""Names after a Tab."""

import click
import pytest
from click.shell_completion import ShellComplete

from sbgan_bench.cli import main


def offered(*words: str) -> list[str]:
    *before, typed = words
    completion = ShellComplete(main, {}, "sbgan-bench", "_SBGAN_BENCH_COMPLETE")
    return [item.value for item in completion.get_completions(list(before), typed)]


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("tr",), "train"),
        (("train", "sb"), "sbgan"),
        (("train", "sbgan", "--suite", "de"), "demo"),
        (("train", "sbgan", "--dataset", "toy"), "toy-streets"),
    ],
)
def test_names_are_offered(words: tuple[str, ...], expected: str) -> None:
    assert expected in offered(*words)


def test_a_path_is_left_to_the_shell() -> None:
    completion = ShellComplete(main, {}, "sbgan-bench", "_SBGAN_BENCH_COMPLETE")
    (item,) = completion.get_completions(["train", "sbgan", "--suite"], "./my")
    assert isinstance(item, click.shell_completion.CompletionItem)
    assert item.type == "file"
