"""Reading ``study.toml``, and refusing by what it says alone."""

import re
from collections.abc import Iterator
from pathlib import Path

from sbgan_bench.config import read_toml
from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.study import Cell, StudySpec
from sbgan_bench.results import FLOOR

#: Names of models shorter than this are found in too many ordinary words.
_SHORTEST = 3


def read_spec(path: Path) -> StudySpec:
    """Read a study as its owner wrote it.

    Raises:
        ConfigError: The file cannot be read or has a fault: an unknown key, a cell without or with two sources, a cell
            that stands there twice, a text that names a model, more repeats than there are images to repeat.
    """
    origin = f"study {path.name}"
    spec = StudySpec.parse(read_toml(path), origin)
    for cell in spec.cells:
        _check_source(cell, origin)
    _check_twice(spec.cells, origin)
    _check_wording(spec, origin)
    if spec.repeats_per_rater >= spec.per_rater:
        raise ConfigError(
            f"{origin}: repeats_per_rater = {spec.repeats_per_rater} of per_rater = {spec.per_rater} images; repeat "
            "fewer than a rater sees."
        )
    return spec


def name_of(cell: Cell) -> str:
    """Return what a cell is called in messages, "camvid / sbgan, both"."""
    source = f"{cell.layout_source} layouts" if cell.layout_source else ""
    return f"{cell.dataset} / " + ", ".join(filter(None, (cell.model, cell.recipe, cell.variant, source)))


def _check_source(cell: Cell, origin: str) -> None:
    """Make sure that it is clear where a cell's images come from."""
    given = [key for key in ("images", "saved", "run") if getattr(cell, key)]
    if len(given) > 1:
        raise ConfigError(f"{origin}: {name_of(cell)} has {' and '.join(given)}; its images come from one of them.")
    if not given and cell.model != FLOOR:
        raise ConfigError(
            f'{origin}: {name_of(cell)} does not say where its images come from; add images = "FOLDER", '
            'saved = "MODEL FOLDER" or run = "RUN FOLDER".'
        )
    if cell.model == FLOOR and cell.saved:
        raise ConfigError(f"{origin}: {name_of(cell)} is no model that could be sampled; give images, data or run.")
    if cell.images and cell.data:
        raise ConfigError(f"{origin}: {name_of(cell)} has images and data; the images are all there is to it.")


def _check_twice(cells: tuple[Cell, ...], origin: str) -> None:
    names = [name_of(cell) for cell in cells]
    for name in names:
        if names.count(name) > 1:
            raise ConfigError(f"{origin}: {name} stands there twice; tell the two apart by recipe or variant.")


def _check_wording(spec: StudySpec, origin: str) -> None:
    """Refuse texts that tell raters which models there are: who knows that may guess whose image is before them."""
    models = {_plain(cell.model) for cell in spec.cells if cell.model != FLOOR}
    for key, text in _texts(spec):
        named = sorted(model for model in models if len(model) >= _SHORTEST and _is_named(model, text))
        if named:
            raise ConfigError(
                f"{origin}: {key} names {named[0]!r}, a model of this study, and raters read it; word it otherwise."
            )


def _is_named(model: str, text: str) -> bool:
    """Whether a text has the letters of a name, whatever their case and the punctuation in between.

    Also as a part of a longer word, "SPADE_vs_ours" or "SPADEs", but not of one that is spelt like any other:
    "alphabets" does not name "alpha".
    """
    letters = r"(?:[^\w\s]|_)*".join(model)
    return any(not _is_within_a_word(found) for found in re.finditer(letters, text, re.IGNORECASE))


def _is_within_a_word(found: re.Match[str]) -> bool:
    """Whether a match is a piece of an ordinary word that goes on for more than a plural's "s"."""
    text = found.string
    before = re.search(r"[^\W\d_]*$", text[: found.start()])
    after = re.match(r"[^\W\d_]*", text[found.end() :])
    around = (before[0] if before else "", after[0] if after else "")
    word = found[0].join(around)
    return len("".join(around)) > 1 and (word.islower() or word.istitle() or word.isupper())


def _texts(spec: StudySpec) -> Iterator[tuple[str, str]]:
    """Yield everything that raters read, with its key."""
    yield from (("title", spec.title), ("instructions", spec.instructions), ("consent", spec.consent))
    yield from (("contact", spec.contact), ("completion_code", spec.completion_code))
    yield "scale.question", spec.scale.question
    yield from (("scale.labels", label) for label in spec.scale.labels)
    yield from (("anchors.note", anchor.note) for anchor in spec.anchors)


def _plain(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())
