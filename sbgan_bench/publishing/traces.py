"""Traces of people and machines: paths, user names, host names. Some are taken out, the others found."""

import getpass
import re
import shlex
import socket
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any

#: Folders in which people and machines keep what is theirs.
_ROOTS = "home|Users|root|mnt|media|scratch|data|srv|tmp|var|opt"
#: An absolute path: of two parts or more, or below one of these whatever is written right before it (":/home/x",
#: "-I/home/x"), where that is not the rest of an address or of a path inside the project.
_ABSOLUTE = r"(?<![\w:/.<>)\]-])/[\w.~+-]+/[^\s\"',;:)\]]*"
_BELOW = rf"(?:(?<=[\s\"'=]-[A-Za-z])|(?<![\w.~-]))/(?:{_ROOTS})/\w[^\s\"',;:)\]]*"
#: What is looked for in JSON, where every backslash is doubled.
_PATTERNS = {
    "an absolute path": re.compile(f"{_ABSOLUTE}|{_BELOW}"),
    "a path in a home folder": re.compile(r"(?<![\w/])~[\w.-]*/[\w.]+"),
    "a Windows path": re.compile(r"(?:\b[A-Za-z]:\\\\|\\\\\\\\\w)[\w\\. -]*"),
    "the address of a file": re.compile(r"\bfile:/+\S+"),
    "a mail address": re.compile(r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)*\.[A-Za-z]{2,}\b"),
}
#: Names that say nothing of anybody.
_NOBODY = frozenset({"root", "user", "admin", "runner", "ubuntu", "debian", "nobody", "guest", "build", "localhost"})
_SHORTEST_NAME = 4
#: Options of commands that say where to write, which a reader need not repeat.
_OUTPUT_OPTIONS = ("--out",)


def own_names(words: Collection[str] = ()) -> tuple[str, ...]:
    """Return the names of this user, home folder and machine that would give them away.

    Args:
        words: Names of the run itself (suite, datasets, models): a machine called like one of them is none the wiser.
    """
    host = socket.gethostname()
    candidates = {*_user(), Path.home().name, host, host.partition(".")[0]}
    known = _NOBODY | {word.lower() for word in words}
    return tuple(sorted(name for name in candidates if len(name) >= _SHORTEST_NAME and name.lower() not in known))


def _user() -> tuple[str, ...]:
    try:
        return (getpass.getuser(),)
    except (KeyError, OSError):  # a user without a name, as in some containers
        return ()


def find_traces(text: str, names: Collection[str]) -> Iterator[str]:
    """Yield what gives away a person or a machine in JSON, with what was found: "an absolute path (/data/mine)"."""
    for what, pattern in _PATTERNS.items():
        for found in dict.fromkeys(pattern.findall(text)):
            yield f"{what} ({found[:80]})"
    for name in names:
        if re.search(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
            yield f"the name of this user or machine ({name})"


def without_places(command: str) -> str:
    """Return a command without the folders of the machine it ran on: "--data camvid=path/to/camvid"."""
    try:
        words = shlex.split(command)
    except ValueError:  # quotes that do not close: no command of ours
        return command
    kept: list[str] = []
    option = ""
    for word in words:
        name, equals, value = word.rpartition("=")
        if option not in _OUTPUT_OPTIONS and not (equals and name in _OUTPUT_OPTIONS):
            kept.append(f"{name}{equals}{_stand_in(name or option)}" if _is_place(value) else word)
        elif option in _OUTPUT_OPTIONS:
            kept.pop()
        option = word if word.startswith("--") else ""
    return shlex.join(kept)


def without_places_in(value: Any, name: str = "") -> Any:
    """Return plain JSON values with every path of a machine replaced by "path/to/KEY"."""
    match value:
        case dict():
            return {key: without_places_in(inner, str(key)) for key, inner in value.items()}
        case list():
            return [without_places_in(inner, name) for inner in value]
        case str() if _is_place(value):
            return _stand_in(name)
        case _:
            return value


def _is_place(text: str) -> bool:
    return text.startswith(("/", "~", "..", "file:")) or re.match(r"[A-Za-z]:\\", text) is not None


def _stand_in(name: str) -> str:
    return f"path/to/{name.lstrip('-') or 'it'}"
