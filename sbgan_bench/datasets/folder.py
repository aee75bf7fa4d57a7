"""Any user's pictures: a folder with ``images/``, ``labels/`` of the same stems, and a ``dataset.toml``.

.. code-block:: toml

    class_names = ["sky", "road", "car"]    # one per id, in order
    palette = [[70, 130, 180], [128, 64, 128], [0, 0, 142]]     # optional
    ignore_id = 255                         # optional: the id of unlabelled pixels
    licence = "CC BY 4.0"                   # optional
    redistributable = true                  # optional: may tiles be published with results?

    [splits]                                # optional, see sbgan_bench.datasets.folder_splits
    kind = "random"

    [groups]                                # optional: near-copies (frames of one moment), kept together by draws
    noon = ["drive/0001", "drive/0002"]     # a pair that is named nowhere stands alone
"""

from collections import Counter
from collections.abc import Mapping
from functools import cached_property
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import Field, model_validator

from sbgan_bench.config import Settings, read_toml
from sbgan_bench.dataset import AbstractDataset, DatasetInfo, Pair, Problem, PublishedCount, Resolution, Split
from sbgan_bench.datasets.folder_splits import SplitKind, parse_splits
from sbgan_bench.datasets.pair_files import PairFiles, match_folders
from sbgan_bench.datasets.palettes import distinct_palette
from sbgan_bench.datasets.reading import LabelIds
from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_json

DESCRIPTION = "dataset.toml"
#: Name and colour of the extra last class that ``ignore_id`` becomes.
UNLABELLED = "unlabelled"
_UNLABELLED_COLOUR = (0, 0, 0)

_Byte = Annotated[int, Field(ge=0, le=255)]


class FolderSettings(Settings):
    """Where the folder is; all else is in its ``dataset.toml``."""

    root: Path  #: folder with images/, labels/ and dataset.toml


class FolderDescription(Settings):
    """The content of ``dataset.toml``."""

    class_names: tuple[str, ...] = Field(min_length=1)
    palette: tuple[tuple[_Byte, _Byte, _Byte], ...] | None = None
    ignore_id: _Byte | None = None
    licence: str = "not stated"
    redistributable: bool = False
    splits: dict[str, Any] = Field(default_factory=lambda: {"kind": SplitKind.RANDOM.value})
    groups: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        names = self.class_names + ((UNLABELLED,) if self.ignore_id is not None else ())
        twice = sorted({name for name in names if names.count(name) > 1})
        if twice:
            raise ValueError(f"class_names has {', '.join(twice)} twice (ignore_id adds the class {UNLABELLED!r})")
        if len(names) > 256:
            raise ValueError(f"{len(names)} classes; a label map of 8 bits holds at most 256")
        if self.palette is not None and len(self.palette) != len(self.class_names):
            raise ValueError(f"palette has {len(self.palette)} colours for {len(self.class_names)} class_names")
        if self.ignore_id is not None and self.ignore_id < len(self.class_names):
            raise ValueError(
                f"ignore_id {self.ignore_id} is also the id of class {self.class_names[self.ignore_id]!r}; "
                "give unlabelled pixels an id beyond the classes, or leave ignore_id out"
            )
        members = Counter(stem for stems in self.groups.values() for stem in stems)
        shared = sorted(stem for stem, count in members.items() if count > 1)
        if shared:
            raise ValueError(f"groups names {', '.join(shared[:5])} twice; a pair belongs to one group")
        return self

    def info(self) -> DatasetInfo:
        """Names and colours, the class of unlabelled pixels last if there is one."""
        palette = self.palette or distinct_palette(len(self.class_names))
        ignored = self.ignore_id is not None
        return DatasetInfo(
            name="folder",
            class_names=self.class_names + (UNLABELLED,) * ignored,
            palette=palette + (_UNLABELLED_COLOUR,) * ignored,
            ignore_index=len(self.class_names) if ignored else None,
            licence=self.licence,
            redistributable=self.redistributable,
        )


class Folder(AbstractDataset):
    """The pairs of ``images/`` and ``labels/`` (subfolders included), of any sizes."""

    Settings = FolderSettings

    def __init__(
        self,
        files: PairFiles,
        info: DatasetInfo,
        kind: SplitKind,
        dealt: Mapping[str, list[str]],
        list_faults: list[Problem],
        groups: Mapping[str, tuple[str, ...]],
    ):
        self._files = files
        self._info = info
        self._kind = kind
        self._dealt = dealt
        self._list_faults = list_faults
        self._groups = groups

    @classmethod
    def open(cls, settings: FolderSettings) -> Self:
        """Read ``dataset.toml`` and list the files; see the base class.

        Raises:
            ConfigError: ``dataset.toml`` has a fault.
            DataError: A folder or ``dataset.toml`` is missing.
        """
        root = settings.root.expanduser()
        for name in ("images", "labels"):
            if not (root / name).is_dir():
                raise DataError(f"{root} has no folder {name}/; a folder dataset needs images/ and labels/.")
        toml = root / DESCRIPTION
        if not toml.is_file():
            raise DataError(f'{root} has no {DESCRIPTION}; write one with at least: class_names = ["sky", "road"]')
        description = FolderDescription.parse(read_toml(toml), str(toml))
        kind, rule = parse_splits(description.splits, f"{toml} [splits]")
        listing = match_folders(root, "images", "labels")
        remedy = f"change them, add their classes to class_names or name the id as ignore_id in {DESCRIPTION}"
        ids = LabelIds(len(description.class_names), description.ignore_id, remedy)
        files = PairFiles(root, listing.pairs, ids, listing.faults)
        files.warn_of_faults("folder")
        dealt, faults = rule.deal(list(listing.pairs), root)
        faults = [*faults, *_strangers(description.groups, listing.pairs)]
        return cls(files, description.info(), kind, dealt, faults, description.groups)

    @property
    def info(self) -> DatasetInfo:
        """What ``dataset.toml`` says."""
        return self._info

    @property
    def split_name(self) -> str:
        """The kind of split and a digest of who is in which, groups included."""
        content: Any = [dict(self._dealt), dict(self._groups)] if self._groups else dict(self._dealt)
        return f"{self._kind.value}-{hash_json(content)[:8]}"

    def splits(self) -> Mapping[str, Split]:
        """The three splits; keys are stems."""
        if not self._groups:
            return {name: Split(name, tuple(stems)) for name, stems in self._dealt.items()}
        group = {stem: f"group {name}" for name, stems in self._groups.items() for stem in stems}
        return {
            name: Split(name, tuple(stems), groups=tuple(group.get(stem, stem) for stem in stems))
            for name, stems in self._dealt.items()
        }

    def unsupported(self, resolution: Resolution) -> str:
        """Any size will do: pairs are cropped and resized."""
        return ""

    def fingerprint(self) -> str:
        """Digest of all files, the class names and the ignored id."""
        return self._fingerprint

    @cached_property
    def _fingerprint(self) -> str:
        return self._files.fingerprint([list(self._info.class_names), self._files.ids.ignore_id])

    def read(self, key: str, resolution: Resolution) -> Pair:
        """Read one pair at its native size; ``resolution`` is left to the cache."""
        return self._files.read(key)

    def counts(self) -> tuple[PublishedCount, ...]:
        """Nothing was published to compare with."""
        return ()

    def problems(self) -> list[Problem]:
        """Faults of the files, of the lists of splits and groups, and splits without pairs."""
        return [*self._files.problems(), *self._list_faults, *self._empty_splits()]

    def quick_problems(self) -> list[Problem]:
        """The same, without decoding."""
        return [*self._files.quick_problems(), *self._list_faults, *self._empty_splits()]

    def _empty_splits(self) -> list[Problem]:
        return [
            Problem(DESCRIPTION, f"split {name!r} ({self._kind}) has no pairs; add pairs or change [splits]")
            for name, stems in self._dealt.items()
            if not stems
        ]


def _strangers(groups: Mapping[str, tuple[str, ...]], known: Mapping[str, Any]) -> list[Problem]:
    """Say which members of groups are no pairs."""
    return [
        Problem(DESCRIPTION, f"group {name!r} names {stem!r}, which has no sound pair of files")
        for name, stems in groups.items()
        for stem in stems
        if stem not in known
    ]
