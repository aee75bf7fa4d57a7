"""Cityscapes on disk, as its archives unpack: ``leftImg8bit/train/aachen/aachen_000000_000019_leftImg8bit.png``, …."""

import enum
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.dataset import Problem
from sbgan_bench.datasets.digests import file_digests
from sbgan_bench.datasets.nearby import hint
from sbgan_bench.datasets.pair_files import FilePair
from sbgan_bench.datasets.reading import FileFaultError, glance
from sbgan_bench.errors import DataError

IMAGES, FINE = "leftImg8bit", "gtFine"
_IMAGE_END, _LABEL_END = "_leftImg8bit.png", "_gtFine_labelIds.png"
#: Other files of the release that lie beside the label maps.
_BESIDE_LABELS = re.compile(r".*_gtFine_((color|instanceIds|labelTrainIds|instanceTrainIds)\.png|polygons\.json)")
_SCENE = re.compile(r"(?P<city>[a-z][a-z-]*)_\d{6}_\d{6}")


class Part(enum.StrEnum):
    """Folders of the release."""

    TRAIN = "train"
    VAL = "val"
    EXTRA = "train_extra"


#: Images with fine annotations by city.
FINE_IMAGES: Mapping[Part, Mapping[str, int]] = {
    Part.TRAIN: {
        "aachen": 174, "bochum": 96, "bremen": 316, "cologne": 154, "darmstadt": 85, "dusseldorf": 221, "erfurt": 109,
        "hamburg": 248, "hanover": 196, "jena": 119, "krefeld": 99, "monchengladbach": 94, "strasbourg": 365,
        "stuttgart": 196, "tubingen": 144, "ulm": 95, "weimar": 142, "zurich": 122,
    },
    Part.VAL: {"frankfurt": 267, "lindau": 59, "munster": 174},
}  # fmt: skip
_EXTRA_CITIES = (
    "augsburg", "bad-honnef", "bamberg", "bayreuth", "dortmund", "dresden", "duisburg", "erlangen", "freiburg",
    "heidelberg", "heilbronn", "karlsruhe", "konigswinter", "konstanz", "mannheim", "muhlheim-ruhr", "nuremberg",
    "oberhausen", "saarbrucken", "schweinfurt", "troisdorf", "wuppertal", "wurzburg",
)  # fmt: skip
CITIES: Mapping[Part, tuple[str, ...]] = {
    **{part: tuple(images) for part, images in FINE_IMAGES.items()},
    Part.EXTRA: _EXTRA_CITIES,
}
#: A black picture in the published archive of extra images.
_DAMAGED = "troisdorf/troisdorf_000000_000073"


@dataclass(frozen=True, slots=True)
class CityPairs:
    """The pairs of one part."""

    pairs: Mapping[str, FilePair]  #: by key, "train/aachen/aachen_000000_000019", in order
    faults: tuple[Problem, ...]  #: files that were left out, cities that are not there


def check_folders(root: Path, folders: Iterable[str]) -> None:
    """Look for the folders that a dataset is read from.

    Raises:
        DataError: Some are not there; says which, and where they seem to be.
    """
    wanted = tuple(folders)
    missing = [name for name in wanted if not (root / name).is_dir()]
    if missing:
        place = hint(root, lambda folder: all((folder / name).is_dir() for name in wanted))
        raise DataError(
            f"{root} has no {' and no '.join(f'{name}/' for name in missing)}. Point `root` to the folder into which "
            f"the archives of cityscapes-dataset.com were unpacked.{place}"
        )


def fine_pairs(root: Path, part: Part) -> CityPairs:
    """Pair the images of ``train`` or ``val`` with their label maps of ids."""
    images = _list(_Folder(root / IMAGES / part, f"{IMAGES}/{part}"), part, _IMAGE_END)
    labels = _list(_Folder(root / FINE / part, f"{FINE}/{part}"), part, _LABEL_END, _BESIDE_LABELS)
    return _matched(images, labels, part, "label map")


def extra_pairs(root: Path, labels_root: Path) -> CityPairs:
    """Pair the images of ``train_extra`` with the label maps that somebody's segmenter made of them.

    Args:
        root: Folder with leftImg8bit/.
        labels_root: Folder with CITY/CITY_000000_000000_leftImg8bit.png: label maps named like their images.
    """
    name = labels_root.relative_to(root) if labels_root.is_relative_to(root) else labels_root
    part = Part.EXTRA
    images = _list(_Folder(root / IMAGES / part, f"{IMAGES}/{part}"), part, _IMAGE_END)
    labels = _list(_Folder(labels_root, name.as_posix()), part, _IMAGE_END)
    for listed in (images, labels):
        listed.files.pop(_DAMAGED, None)
    return _matched(images, labels, part, "pseudo-label")


def besides(found: list[Problem], more: Iterable[Problem]) -> list[Problem]:
    """Return what was found, and more about files that are not among it yet."""
    named = {problem.file for problem in found}
    return [*found, *(problem for problem in more if problem.file not in named)]


def odd_sizes(root: Path, pairs: Mapping[str, FilePair]) -> Iterator[Problem]:
    """Yield images of another size than most, which the release does not have (all are 1024x2048)."""
    sizes = {}
    for pair in pairs.values():
        try:
            sizes[pair.image] = glance(pair.image).size
        except FileFaultError:  # reported where files are read
            continue
    if not sizes:
        return
    usual = Counter(sizes.values()).most_common(1)[0][0]
    for path, size in sizes.items():
        if size != usual:
            words = f"is {size[0]}x{size[1]} where the others are {usual[0]}x{usual[1]} (height x width); restore it"
            yield Problem(path.relative_to(root).as_posix(), words)


def copies(root: Path, pairs: Mapping[str, FilePair]) -> Iterator[Problem]:
    """Yield images with the same bytes as an earlier one: a copy in another split would be tested on."""
    first: dict[str, str] = {}
    for name, digest in sorted(file_digests(root, [pair.image for pair in pairs.values()]).items()):
        if digest in first:
            yield Problem(name, f"has the same bytes as {first[digest]}; restore the one that is wrong")
        first.setdefault(digest, name)


@dataclass(frozen=True, slots=True)
class _Folder:
    """Where the cities of one kind of file lie."""

    path: Path
    name: str  #: for people


@dataclass(frozen=True, slots=True)
class _Listed:
    """The files of one folder."""

    folder: _Folder
    end: str
    files: dict[str, Path]  #: by "CITY/CITY_000000_000000"
    faults: list[Problem]

    def name(self, scene: str) -> str:
        """Return how the file of a scene is or would be called."""
        return f"{self.folder.name}/{scene}{self.end}"


def _list(folder: _Folder, part: Part, end: str, passed_over: re.Pattern[str] | None = None) -> _Listed:
    """List the scenes of a folder; what has no business there becomes a fault."""
    listed = _Listed(folder, end, {}, [])
    for path in sorted(folder.path.rglob("*")):
        inside = path.relative_to(folder.path)
        if any(name.startswith(".") for name in inside.parts) or path.is_dir():
            continue
        if passed_over is not None and passed_over.fullmatch(path.name):
            continue
        message = _misplaced(inside, part, end)
        if message:
            listed.faults.append(Problem(f"{folder.name}/{inside.as_posix()}", message))
        else:
            listed.files[inside.as_posix().removesuffix(end)] = path
    return listed


def _matched(images: _Listed, labels: _Listed, part: Part, label: str) -> CityPairs:
    scenes = sorted(images.files.keys() & labels.files.keys())
    pairs = {f"{part}/{scene}": FilePair(images.files[scene], labels.files[scene]) for scene in scenes}
    faults = (
        *_missing_cities(images.folder, part),
        *images.faults,
        *labels.faults,
        *_alone(images, labels, label),
        *_alone(labels, images, "image"),
    )
    return CityPairs(pairs, faults)


def _misplaced(inside: Path, part: Part, end: str) -> str:
    """Return what is wrong with where a file lies and how it is called; "" if nothing."""
    match = _SCENE.fullmatch(inside.name.removesuffix(end)) if inside.name.endswith(end) else None
    if match is None:
        return f"is not called CITY_000000_000000{end}; rename or remove it"
    city = match["city"]
    if inside.parts[:-1] != (city,):
        return f"is named after {city} but does not lie in {city}/; put the right file in its place"
    if city not in CITIES[part]:
        home = next((other for other in Part if city in CITIES[other]), None)
        words = f"is of {city}, which is no city of {part}/"
        return f"{words} but of {home}/; move it there" if home else f"{words}; remove it"
    return ""


def _missing_cities(folder: _Folder, part: Part) -> Iterator[Problem]:
    for city in CITIES[part]:
        if not (folder.path / city).is_dir():
            images = FINE_IMAGES.get(part, {}).get(city)
            known = f" ({images} images in the release)" if images else ""
            yield Problem(f"{folder.name}/{city}", f"is missing{known}; restore it")


def _alone(files: _Listed, partners: _Listed, what: str) -> Iterator[Problem]:
    """Yield files without a partner; where the partners of a whole city are missing, their folder."""
    lonely = sorted(files.files.keys() - partners.files.keys())
    by_city = Counter(scene.split("/")[0] for scene in lonely)
    gone = {city for city in by_city if not (partners.folder.path / city).is_dir()}
    for city in sorted(gone):
        words = f"is missing, so that {by_city[city]} files have no {what}; restore it"
        yield Problem(f"{partners.folder.name}/{city}", words)
    for scene in lonely:
        if scene.split("/")[0] not in gone:
            words = f"has no {what} {partners.name(scene)}; restore it or remove this file"
            yield Problem(files.name(scene), words)
