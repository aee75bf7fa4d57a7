"""From files to one design: which format each is of, and what all of them make together."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.errors import CheckpointError, PluginImportError
from sbgan_bench.importing.format import AbstractFormat, Assembly, Design, Part, Request
from sbgan_bench.importing.samples import Samples
from sbgan_bench.importing.samples_design import SamplesDesign
from sbgan_bench.importing.source import Source
from sbgan_bench.model import Provenance, SourceFile
from sbgan_bench.plugins import PluginGroup, installed, load_plugin
from sbgan_bench.results import Origin

#: Keys shown of a file that nobody recognises.
SHOWN = 4


@dataclass(frozen=True, slots=True)
class Imported:
    """A design and where it comes from."""

    design: Design
    makes: str  #: registered model, or "segmenter"
    formats: tuple[str, ...]  #: titles of the formats, file by file
    provenance: Provenance


def formats() -> tuple[AbstractFormat, ...]:
    """Return every registered format; one whose package is broken is left out."""
    found = []
    for name in installed(PluginGroup.FORMATS):
        try:
            found.append(load_plugin(PluginGroup.FORMATS, name)())
        except PluginImportError:
            continue  # 'sbgan-bench list formats --details' shows what is wrong with it
    return tuple(found)


def import_files(paths: Sequence[Path], request: Request, model: str | None = None) -> Imported:
    """Read files, recognise them, and make what they are the parts of.

    Args:
        paths: The files of one model.
        request: What the user says that no tensor does.
        model: What to make, where the files could be several things; None for the first.

    Raises:
        CheckpointError: A file cannot be read, is of no known format, or they make nothing together.
        BenchError: A setting or size that cannot be.
    """
    folders = [path for path in paths if path.is_dir()]
    if folders:
        return _import_folder(paths, request, model)
    known = formats()
    parts: dict[str, Part] = {}
    titles = []
    for path in paths:
        source = Source.read(path)
        kind, found = recognise(source, known)
        titles.append(kind.title)
        for part in found:
            if part.role in parts:
                raise CheckpointError(
                    f"{parts[part.role].source.path} and {path} both hold: {_words([part.role])}; give one of them."
                )
            parts[part.role] = part
    assembly = _choose(parts, [assembly for kind in known for assembly in kind.assemblies()], model)
    files = {part.source.path: part.source for part in parts.values()}
    sources = tuple(SourceFile(name=path.name, sha256=source.sha256) for path, source in files.items())
    return _checked(assembly.design(parts, request), assembly.makes, tuple(titles), sources, request)


def _import_folder(paths: Sequence[Path], request: Request, model: str | None) -> Imported:
    if len(paths) > 1 or model not in (None, Samples.name):
        raise CheckpointError(
            f"{next(path for path in paths if path.is_dir())} is a folder: a folder of samples is imported alone, as "
            "model 'samples'; of checkpoints give the files."
        )
    design = SamplesDesign(paths[0], request)
    sources = (SourceFile(name=paths[0].resolve().name, sha256=design.fingerprint),)
    return _checked(design, Samples.name, ("a folder of samples",), sources, request)


def _checked(
    design: Design, makes: str, titles: tuple[str, ...], sources: tuple[SourceFile, ...], request: Request
) -> Imported:
    """Hold a design against the dataset, if there is one, and note where it comes from."""
    provenance = Provenance(origin=Origin.IMPORTED, sources=sources)
    if request.dataset is not None:
        design.notes = (*design.notes, *design.check(request.dataset))
        info = request.dataset.info
        provenance = provenance.model_copy(update={"dataset": info.name, "class_names": info.class_names})
    return Imported(design, makes, titles, provenance)


def recognise(source: Source, known: Iterable[AbstractFormat]) -> tuple[AbstractFormat, tuple[Part, ...]]:
    """Return the format of a file and its parts.

    Raises:
        CheckpointError: It is of no known format, or of a kind that is not built here.
    """
    for kind in known:
        parts = kind.parts(source)
        if parts:
            return kind, parts
    known_files = "; ".join(f"{kind.title}: {', '.join(kind.files)}" for kind in known)
    raise CheckpointError(f"{source.path} is of no format known here: {_contents(source)}. Known are {known_files}.")


def _contents(source: Source) -> str:
    content = source.content
    if not isinstance(content, Mapping):
        return f"it holds a {type(content).__name__}, not a dictionary of tensors"
    if {"state", "param_groups"} <= content.keys():
        return "it holds the state of an optimiser, which nothing here needs; leave it out"
    keys = [str(key) for key in content]
    more = ", …" if len(keys) > SHOWN else ""
    return f"its keys are {', '.join(keys[:SHOWN])}{more}" if keys else "it is empty"


def _choose(parts: Mapping[str, Part], assemblies: Sequence[Assembly], model: str | None) -> Assembly:
    have = frozenset(parts)
    fitting = [one for one in assemblies if one.needs <= have <= one.needs | one.takes]
    chosen = [one for one in fitting if model is None or one.makes == model]
    if chosen:
        return chosen[0]
    if fitting:
        names = " or ".join(one.makes for one in fitting)
        raise CheckpointError(f"--model {model}: these files make {names}; leave the option out, or give other files.")
    near = [one for one in assemblies if one.needs & have or one.takes & have]
    ways = "; ".join(f"{one.makes} takes {_words(one.needs)}{_perhaps(one.takes)}" for one in near)
    raise CheckpointError(f"These files hold {_words(have)} and make no model: {ways}.")


def _words(roles: Iterable[str]) -> str:
    return " and ".join(role.replace("-", " ") for role in sorted(roles))


def _perhaps(roles: Iterable[str]) -> str:
    return f" (also {_words(roles)})" if roles else ""
