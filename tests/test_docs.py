"""The documents are true: commands parse, links lead somewhere, and everything registered is described."""

import re
import shlex
from pathlib import Path

import click
import pytest

from sbgan_bench.cli import COMMANDS, main
from sbgan_bench.plugins import PluginGroup, installed
from sbgan_bench.suite.files import bundled_suites

ROOT = Path(__file__).parent.parent
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")])
TEXT = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)


def commands() -> list[str]:
    blocks = re.findall(r"```[a-z]*\n(.*?)```", TEXT, flags=re.DOTALL)
    inline = re.findall(r"`(sbgan-bench [^`]+)`", TEXT)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    shown = [line for line in [*lines, *inline] if line.startswith("sbgan-bench ")]
    return sorted({line for line in shown if not line.isupper()})


@pytest.mark.parametrize("line", commands())
def test_every_command_shown_is_one(line: str) -> None:
    words = shlex.split(line)[1:]
    context = main.make_context("sbgan-bench", [], resilient_parsing=True)
    command: click.Command = main
    while words and isinstance(command, click.Group) and not words[0].startswith("-"):
        found = command.get_command(context, words[0])
        assert found is not None, f"{line}: no command {words[0]!r}"
        command, words = found, words[1:]
    options = {option for parameter in command.params for option in parameter.opts} | {"--help"}
    assert all(word in options for word in words if word.startswith("--")), line


def test_every_command_is_described() -> None:
    assert all(f"sbgan-bench {name}" in TEXT for name in COMMANDS)


@pytest.mark.parametrize("group", list(PluginGroup))
def test_everything_registered_here_is_described(group: PluginGroup) -> None:
    ours = [name for name, point in installed(group).items() if point.value.startswith("sbgan_")]
    missing = [name for name in ours if f"`{name}`" not in TEXT]
    assert not missing


def test_every_suite_is_described() -> None:
    assert all(f"`{name}`" in TEXT for name in bundled_suites())


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_and_pictures_lead_somewhere(path: Path) -> None:
    targets = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    missing = [t for t in targets if not t.startswith("http") and not (path.parent / t).exists()]
    assert not missing


def test_the_readme_opens_with_the_two_lines() -> None:
    first = (ROOT / "README.md").read_text(encoding="utf-8")[:1500]
    assert "python3 -m pip install tox && python3 -m tox -e demo" in first
    assert "python3 -m pip install tox && python3 -m tox " in first
