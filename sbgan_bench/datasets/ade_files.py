"""ADE-Indoor and ADE20K on disk: which folders hold what, and which pairs belong to the ten kinds of room."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.dataset import Problem
from sbgan_bench.datasets.ade_classes import ADE20K_IDS, CLASSES
from sbgan_bench.datasets.ade_scenes import SCENE_FILE, SCENES, Scenes, read_scenes
from sbgan_bench.datasets.nearby import hint
from sbgan_bench.datasets.pair_files import FilePair, Listing, match_folders
from sbgan_bench.datasets.reading import FileFaultError, read_layout
from sbgan_bench.errors import DataError

#: Label maps that are looked at where nothing else tells ADE20K from the authors' files.
_PEEKED = 32
#: More images than these without a scene are one fault of the list, not one each of the images.
_MOST_STRANGERS = 50


@dataclass(frozen=True, slots=True)
class Folders:
    """Names of the four folders, relative to the root."""

    train_images: str
    train_labels: str
    val_images: str
    val_labels: str

    @property
    def names(self) -> tuple[str, ...]:
        """All four."""
        return self.train_images, self.train_labels, self.val_images, self.val_labels

    def are_in(self, root: Path) -> bool:
        """Whether all four are there."""
        return all((root / name).is_dir() for name in self.names)

    def missing(self, root: Path) -> list[str]:
        """Those that are not there."""
        return [name for name in self.names if not (root / name).is_dir()]


#: ADE20K as ADEChallengeData2016.zip unpacks.
CHALLENGE = Folders("images/training", "annotations/training", "images/validation", "annotations/validation")
#: ADE-Indoor as ADE_indoor.tar.gz unpacks: the folders that ``download_ade.sh`` of azadis/SB-GAN takes out of it, with
#: a subfolder for each kind of room.
AS_DISTRIBUTED = Folders("ADE15c_indoor_img", "ADE15c_indoor_lbl", "ADE15c_indoor_val_img", "ADE15c_indoor_val_lbl")
#: Every arrangement that is understood; the third is what that script makes of the second.
ARRANGEMENTS = (
    CHALLENGE,
    AS_DISTRIBUTED,
    Folders("ADE15c_indoor_train_im", "ADE15c_indoor_train_lbl", "ADE15c_indoor_val_im", "ADE15c_indoor_val_lbl"),
    Folders("train_img", "train_label", "val_img", "val_label"),
)


@dataclass(frozen=True, slots=True)
class AdeTree:
    """The pairs of a folder that belong to ADE-Indoor."""

    root: Path
    pairs: Mapping[str, FilePair]  #: by key, "train/ADE_train_00000001", in order
    scenes: Mapping[str, str]  #: key -> scene, as far as known
    problems: tuple[Problem, ...]
    selectable: bool  #: False if nothing says which pairs belong; ``pairs`` then holds all there are


def find_folders(root: Path) -> Folders:
    """Return how the four folders are called.

    Raises:
        DataError: They are not all there; says which are missing, and where they seem to be.
    """
    found = next((folders for folders in ARRANGEMENTS if folders.are_in(root)), None)
    if found is not None:
        return found
    begun = min(ARRANGEMENTS, key=lambda folders: len(folders.missing(root)))
    lacking = begun.missing(root)
    wanted = " or ".join(", ".join(f"{name}/" for name in folders.names) for folders in ARRANGEMENTS[:2])
    what = (
        f"has no {' and no '.join(f'{name}/' for name in lacking)}" if len(lacking) < 4 else f"does not hold {wanted}"
    )
    raise DataError(
        f"{root} {what}. Point `root` to ADE-Indoor as the authors distribute it, or to ADEChallengeData2016."
        f"{hint(root, lambda folder: any(each.are_in(folder) for each in ARRANGEMENTS))}"
    )


def is_ade20k(root: Path, folders: Folders) -> bool:
    """Whether a folder is ADE20K itself rather than the authors' selection.

    Both may lie in ``images/training`` and its sisters. ADE20K has ``sceneCategories.txt`` or ``objectInfo150.txt``
    beside them; where both were lost, a quarter of some label maps with ids beyond the authors' 94 tell.
    """
    if folders != CHALLENGE:
        return False
    if (root / SCENE_FILE).exists() or (root / "objectInfo150.txt").exists():
        return True
    labels = sorted((root / folders.train_labels).rglob("*.png"))
    peeked = labels[:: max(1, len(labels) // _PEEKED)]
    return sum(_is_beyond_the_authors(path) for path in peeked) * 4 > len(peeked)


def read_authors(root: Path, folders: Folders) -> AdeTree:
    """List the authors' pairs. A subfolder named like one of the ten kinds of room says what its images show.

    Their archive has a folder for each kind; other kinds in it are left out, as the release's lists leave them out.
    """
    pairs, shown, problems = {}, {}, []
    for half, listing in _halves(root, folders):
        others: Counter[str] = Counter()
        for stem, pair in listing.pairs.items():
            scene = stem.split("/")[0] if "/" in stem else ""
            if scene in SCENES:
                shown[f"{half}/{stem}"] = scene
            elif folders == AS_DISTRIBUTED and scene:
                others[scene] += 1
                continue
            pairs[f"{half}/{stem}"] = pair
        problems += [*listing.faults, *_left_out(folders, half, others)]
    return AdeTree(root, pairs, shown, tuple(problems), selectable=True)


def _left_out(folders: Folders, half: str, others: Mapping[str, int]) -> list[Problem]:
    images = folders.train_images if half == "train" else folders.val_images
    return [
        Problem(f"{images}/{scene}", f"is none of the ten kinds of room; its {count} pairs are left out")
        for scene, count in others.items()
    ]


def read_ade20k(root: Path, folders: Folders) -> AdeTree:
    """List the pairs of ADE20K that show one of the ten kinds of room; all pairs if nothing says which do."""
    scenes = read_scenes(root / SCENE_FILE)
    if scenes is not None and scenes.of:
        return _selected(root, folders, scenes)
    missing = Problem(
        SCENE_FILE,
        "is missing, and says which images show the ten kinds of room: restore it from ADEChallengeData2016.zip "
        "(or set source = \"authors\" if the ids are the authors' 95 and not ADE20K's 150)",
        stops=True,
    )
    empty = Problem(SCENE_FILE, "names no scene; restore it from ADEChallengeData2016.zip", stops=True)
    faults = (missing,) if scenes is None else scenes.problems or (empty,)
    everything = read_authors(root, folders)
    return AdeTree(root, everything.pairs, {}, (*faults, *everything.problems), selectable=False)


def _selected(root: Path, folders: Folders, scenes: Scenes) -> AdeTree:
    pairs, shown, problems = {}, {}, [*scenes.problems]
    seen: set[str] = set()
    strangers: list[str] = []
    for half, listing in _halves(root, folders):
        for stem, pair in listing.pairs.items():
            name = Path(stem).name
            seen.add(name)
            scene = scenes.of.get(name)
            if scene is None:
                strangers.append(pair.image.relative_to(root).as_posix())
            elif scene in SCENES:
                pairs[f"{half}/{stem}"] = pair
                shown[f"{half}/{stem}"] = scene
        seen |= {Path(fault.file).stem for fault in listing.faults}
        problems += [fault for fault in listing.faults if scenes.concern(Path(fault.file).stem)]
    problems += _without_scene(strangers)
    problems += [
        Problem(SCENE_FILE, f"names {stem} ({scene}), and there is no image of that name; restore it")
        for stem, scene in scenes.of.items()
        if scene in SCENES and stem not in seen
    ]
    return AdeTree(root, pairs, shown, tuple(problems), selectable=True)


def _without_scene(images: Sequence[str]) -> list[Problem]:
    """Name images that no line speaks of; where there are many, the list itself is at fault."""
    if len(images) > _MOST_STRANGERS:
        words = f"has no line for {len(images)} images ({images[0]}, …), which are left out: it seems cut short"
        return [Problem(SCENE_FILE, f"{words}; restore it")]
    return [Problem(image, f"has no line in {SCENE_FILE}, so it is left out; add its scene there") for image in images]


def _halves(root: Path, folders: Folders) -> Iterator[tuple[str, Listing]]:
    yield "train", match_folders(root, folders.train_images, folders.train_labels)
    yield "val", match_folders(root, folders.val_images, folders.val_labels)


def _is_beyond_the_authors(path: Path) -> bool:
    try:
        highest = int(read_layout(path).max())
    except FileFaultError:
        return False
    return CLASSES <= highest < ADE20K_IDS
