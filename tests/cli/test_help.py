"""Help is instant, complete and pasteable."""

import re
import shlex
import subprocess
import sys
import time
from collections.abc import Iterator
from importlib import import_module

import click
import pytest
from click.testing import CliRunner

from sbgan_bench.cli import COMMANDS, main


def commands() -> Iterator[tuple[str, click.Command]]:
    for name, (module, attribute, _) in COMMANDS.items():
        command = getattr(import_module(module), attribute)
        if isinstance(command, click.Group):
            for child, inner in command.commands.items():
                yield f"{name} {child}", inner
        else:
            yield name, command


def test_help_answers_in_half_a_second() -> None:
    times = []
    for _ in range(5):
        started = time.perf_counter()
        subprocess.run([sys.executable, "-m", "sbgan_bench", "--help"], check=True, capture_output=True)
        times.append(time.perf_counter() - started)
    assert min(times) < 0.5, times


def test_help_imports_nothing_heavy() -> None:
    code = "import sys; from sbgan_bench.cli import main; main(['--help'], standalone_mode=False)"
    probe = f"{code}; sys.exit(any(m in sys.modules for m in ('torch', 'numpy', 'pydantic', 'scipy', 'pandas')))"
    assert subprocess.run([sys.executable, "-c", probe], capture_output=True, check=False).returncode == 0


@pytest.mark.parametrize(("name", "command"), list(commands()))
def test_every_command_has_an_example_that_parses(name: str, command: click.Command) -> None:
    assert command.help, f"'{name}' has no help"
    examples = re.findall(r"^\s*(sbgan-bench .*)$", command.help, flags=re.MULTILINE)
    assert examples, f"'{name}' has no example in its help"
    for example in examples:
        words = shlex.split(example)[1 + len(name.split()) :]
        command.make_context(name, words, resilient_parsing=True)
        known = {option for parameter in command.params for option in parameter.opts}
        assert all(word in known for word in words if word.startswith("--")), example


@pytest.mark.parametrize(("name", "command"), [("", main), *commands()])
def test_examples_stand_on_lines_of_their_own(name: str, command: click.Command) -> None:
    shown = CliRunner().invoke(main, [*name.split(), "--help"]).output
    assert "\\b" not in shown
    assert command.help is not None
    for example in re.findall(r"^\s*(sbgan-bench .*)$", command.help, flags=re.MULTILINE):
        assert any(line.strip() == example.strip() for line in shown.splitlines()), example


def test_version_and_unknown_command() -> None:
    runner = CliRunner()
    assert runner.invoke(main, ["--version"]).exit_code == 0
    wrong = runner.invoke(main, ["rnu"])
    assert wrong.exit_code == 2
    assert "rnu" in wrong.output


def test_module_and_command_are_the_same() -> None:
    shown = subprocess.run(
        [sys.executable, "-m", "sbgan_bench", "--version"], capture_output=True, text=True, check=True
    )
    assert "sbgan-bench" in shown.stdout


def test_shell_completion_lists_commands() -> None:
    from click.shell_completion import ShellComplete

    found = ShellComplete(main, {}, "sbgan-bench", "_SBGAN_BENCH_COMPLETE").get_completions([], "ev")
    assert [item.value for item in found] == ["evaluate"]
