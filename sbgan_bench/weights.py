"""Weights made by others that this project can use: what they are, where they are kept, whether they are the ones.

A file counts as what a record describes only if its size and sha256 say so. Nothing is downloaded unless somebody asks
for it (``sbgan-bench weights fetch``), and no file is read by executing pickled code.
"""

import shutil
from dataclasses import dataclass
from pathlib import Path

from sbgan_bench.config import did_you_mean
from sbgan_bench.datasets.digests import file_digests
from sbgan_bench.datasets.locations import cache_root
from sbgan_bench.errors import BenchError, CorruptFileError, DataError
from sbgan_bench.storage import atomic_file


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightsFile:
    """One published file."""

    name: str  #: as typed: "vgg19"
    file: str  #: the file's own name
    url: str  #: where its owners offer it
    sha256: str  #: whole, or as many of its first digits as are known
    size: int  #: in bytes
    licence: str
    used_for: str  #: in words

    def in_folder(self, folder: Path | None = None) -> Path:
        """Where the file lies, or would lie: in ``folder``, by default ``weights/`` of the cache."""
        return (folder or cache_root() / "weights") / self.file

    @property
    def by_hand(self) -> str:
        """How to come by the file without this program, as the end of an error message."""
        return f"Fetch {self.url} by hand and pass it on: sbgan-bench weights fetch {self.name} --from FILE"


VGG19 = WeightsFile(
    name="vgg19",
    file="vgg19-dcbb9e9d.pth",
    url="https://download.pytorch.org/models/vgg19-dcbb9e9d.pth",
    sha256="dcbb9e9dad569fff7a846263a77324fc34978fea2bfb039c012d710e1776ae44",
    size=574_673_361,
    licence="BSD 3-Clause (torchvision); trained on ImageNet, whose own terms are for research",
    used_for='the perceptual loss of SPADE and SB-GAN (perceptual = "vgg19")',
)

#: Everything that ``weights fetch`` knows, by name.
KNOWN = {record.name: record for record in (VGG19,)}


def known_weights(name: str) -> WeightsFile:
    """Return the record of a name.

    Raises:
        BenchError: There is none.
    """
    if name not in KNOWN:
        raise BenchError(f"No weights named {name!r}. Known: {', '.join(KNOWN)}.{did_you_mean(name, list(KNOWN))}")
    return KNOWN[name]


def check_weights(path: Path, record: WeightsFile) -> None:
    """Make sure that a file is the published one; its digest is remembered, so that asking again is instant.

    Raises:
        DataError: There is no such file.
        CorruptFileError: It is another file, or part of one.
    """
    if not path.is_file():
        raise DataError(f"{path} does not exist. Run: sbgan-bench weights fetch {record.name}")
    size = path.stat().st_size
    if size != record.size:
        raise CorruptFileError(
            f"{path} has {size:,} bytes, and {record.file} has {record.size:,}: it is cut short or another file. "
            f"{record.by_hand}"
        )
    found = file_digests(path.parent, [path])[path.name]
    if not found.startswith(record.sha256):
        raise CorruptFileError(
            f"{path} has sha256 {found[:8]}…, and {record.file} has {record.sha256[:8]}…{_really(found)}; it "
            f"is not used as {record.name}. {record.by_hand}"
        )


def present_weights(record: WeightsFile, folder: Path | None = None) -> Path | None:
    """Return where a verified file of ``record`` lies, or None if there is no file of its name.

    Raises:
        CorruptFileError: There is one, and it is not the published one.
    """
    path = record.in_folder(folder)
    if not path.exists():
        return None
    check_weights(path, record)
    return path


def adopt_weights(given: Path, record: WeightsFile, folder: Path | None = None) -> Path:
    """Copy a file that the user fetched to where it is looked for, if it is the published one.

    Raises:
        DataError: There is no such file.
        CorruptFileError: It is another file, or part of one; nothing was copied.
    """
    check_weights(given, record)
    target = record.in_folder(folder)
    if not (target.exists() and target.samefile(given)):
        with atomic_file(target) as temporary:
            shutil.copyfile(given, temporary)
    check_weights(target, record)
    return target


def _really(digest: str) -> str:
    other = next((record for record in KNOWN.values() if digest.startswith(record.sha256)), None)
    return "" if other is None else f" (it is {other.name})"
