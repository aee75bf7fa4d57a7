"""What every registered checkpoint format must do, whoever wrote it."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from sbgan_bench.errors import CheckpointError
from sbgan_bench.importing.combine import import_files, recognise
from sbgan_bench.importing.format import AbstractFormat, Request
from sbgan_bench.importing.source import Source
from sbgan_bench.importing.writing import write_import
from sbgan_bench.plugins import PluginGroup, installed, load_plugin

NAMES = sorted(installed(PluginGroup.FORMATS))
#: What the smallest examples cannot say of themselves; settings that a model lacks are not given to it.
REQUEST = Request(resolution=(32, 64), settings={"image": {"upsampling": "normal"}})
every_format = pytest.mark.parametrize("name", NAMES)


def load(name: str) -> AbstractFormat:
    kind = load_plugin(PluginGroup.FORMATS, name)()
    assert isinstance(kind, AbstractFormat)
    return kind


def write(folder: Path, contents: Mapping[str, Any]) -> list[Path]:
    folder.mkdir(exist_ok=True)
    for name, content in contents.items():
        torch.save(content, folder / name)
    return [folder / name for name in contents]


def bring_in(files: list[Path]) -> Any:
    """Import, saying size and settings only where they are asked for."""
    try:
        return import_files(files, Request())
    except CheckpointError as error:
        if "--resolution" not in str(error):
            raise
        return import_files(files, REQUEST)


def tensors(content: Any, place: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Tensor]]:
    for key, value in content.items() if isinstance(content, Mapping) else ():
        if isinstance(value, Tensor):
            yield (*place, key), value
        else:
            yield from tensors(value, (*place, str(key)))


def changed(content: Any, place: tuple[str, ...], tensor: Tensor | None) -> Any:
    """A copy with another tensor in a place, or none."""
    key, *rest = place
    copy = dict(content)
    if rest:
        copy[key] = changed(copy[key], tuple(rest), tensor)
    elif tensor is None:
        del copy[key]
    else:
        copy[key] = tensor
    return copy


def outcome(files: list[Path]) -> str:
    """The error, or the notes."""
    try:
        return "; ".join(bring_in(files).design.notes)
    except CheckpointError as error:
        return str(error)


@every_format
def test_it_says_what_it_is(name: str) -> None:
    kind = load(name)
    assert kind.name == name
    assert kind.title
    assert kind.files
    assert kind.assemblies()
    assert kind.examples()


@every_format
def test_it_recognises_its_own_files_and_no_other_format_does(name: str, tmp_path: Path) -> None:
    for file in write(tmp_path, load(name).examples()):
        source = Source.read(file)
        takers = [other for other in NAMES if load(other).parts(source)]
        assert takers == [name]


@every_format
def test_what_is_not_its_own_is_left_to_others(name: str, tmp_path: Path) -> None:
    contents = {"list.pth": [torch.ones(2)], "tensor.pth": torch.ones(2), "empty.pth": {}, "number.pth": 3,
                "words.pth": {"state_dict": "none"}, "other.pth": {"net.0.weight": torch.ones(2, 2)},
                "optimiser.pth": torch.optim.Adam([torch.ones(2)]).state_dict()}  # fmt: skip
    for file in write(tmp_path, contents):
        source = Source.read(file)
        assert load(name).parts(source) == ()
        with pytest.raises(CheckpointError, match=file.name):
            recognise(source, [load(name)])


@every_format
def test_its_examples_together_make_something(name: str, tmp_path: Path) -> None:
    found = bring_in(write(tmp_path / "files", load(name).examples()) if name != "spade" else _of_spade(tmp_path))
    assert found.design.found
    written = write_import(tmp_path / "run", found)
    assert any(written.iterdir())
    assert {source.name for source in found.provenance.sources} <= set(load(name).examples())


def _of_spade(folder: Path) -> list[Path]:
    """D2 belongs to SB-GAN, which needs a layout stage as well."""
    return [file for file in write(folder / "files", load("spade").examples()) if "D2" not in file.name]


@every_format
def test_a_wrong_shape_and_a_missing_key_are_named(name: str, tmp_path: Path) -> None:
    """Whichever tensor it is: a file is named, and the key that is missing, or keys that fit no longer.

    What follows from the rest may be missing, if a note says so.
    """
    examples = {file: content for file, content in load(name).examples().items() if "D2" not in file}
    for file, content in examples.items():
        places = list(tensors(content))
        for place, tensor in places[:: max(1, len(places) // 8)]:
            larger = torch.cat([tensor, tensor]) if tensor.ndim else torch.zeros(2)
            with pytest.raises(CheckpointError, match="expected") as caught:
                bring_in(write(tmp_path, {**examples, file: changed(content, place, larger)}))
            assert any(other in str(caught.value) for other in examples)
            key = place[-1].removeprefix("module.")
            said = outcome(write(tmp_path, {**examples, file: changed(content, place, None)}))
            assert (file in said and key in said) or f"{key.rsplit('.', 1)[-1]}, which" in said
