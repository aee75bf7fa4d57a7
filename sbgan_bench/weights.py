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

#: pytorch-fid offers the same bytes as ``pt_inception-2015-12-05-6726825d.pth``: a file is known by what it holds.
INCEPTION = WeightsFile(
    name="inception",
    file="weights-inception-2015-12-05-6726825d.pth",
    url="https://github.com/toshas/torch-fidelity/releases/download/v0.2.0/weights-inception-2015-12-05-6726825d.pth",
    sha256="6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2",
    size=95_628_359,
    licence="Apache 2.0 (TensorFlow models); trained on ImageNet, whose own terms are for research",
    used_for="protocols tf-compat and clean (FID, KID, Inception Score)",
)

#: The digits after those in the file's name are as several public repositories note them.
INCEPTION_IMAGENET = WeightsFile(
    name="inception-imagenet",
    file="inception_v3_google-0cc3c7bd.pth",
    url="https://download.pytorch.org/models/inception_v3_google-0cc3c7bd.pth",
    sha256="0cc3c7bd75056d25e46cba549dc184522069b81e9787eff6df84f397bd52a5ef",
    size=108_949_747,
    licence="BSD 3-Clause (torchvision); trained on ImageNet, whose own terms are for research",
    used_for="protocol sbgan-legacy",
)

#: Its owners publish no digest; this one is as several public repositories note it.
DINOV2_VITL14 = WeightsFile(
    name="dinov2-vitl14",
    file="dinov2_vitl14_pretrain.pth",
    url="https://dl.fbaipublicfiles.com/dinov2/dinov2_vitl14/dinov2_vitl14_pretrain.pth",
    sha256="d5383ea8f4877b2472eb973e0fd72d557c7da5d3611bd527ceeb1d7162cbf428",
    size=1_217_586_395,
    licence="Apache 2.0 (DINOv2); trained on LVD-142M, which is not public",
    used_for="protocol dinov2 (FD-DINOv2)",
)

#: Everything that ``weights fetch`` knows, by name.
KNOWN = {record.name: record for record in (VGG19, INCEPTION, INCEPTION_IMAGENET, DINOV2_VITL14)}


@dataclass(frozen=True, slots=True)
class ChosenWeights:
    """A file that may be used."""

    path: Path
    sha256: str  #: of the file, all 64 digits
    published: bool  #: False if it is another file than the published one, and the user vouched for it


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
    found = _sha256(path)
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


def chosen_weights(record: WeightsFile, given: Path | None, *, trusted: bool) -> ChosenWeights:
    """Decide which file of weights is used, before anything reads it.

    Args:
        record: The published file.
        given: The user's file, whatever its name; None to take the published one from where it is looked for.
        trusted: Whether ``given`` may be another file than the published one.

    Raises:
        DataError: There is no file, or it cannot be read.
        CorruptFileError: It is not the published one, and nobody vouched for it.
    """
    if given is None:
        path = record.in_folder()
        if not path.exists():
            raise DataError(
                f"The weights {record.name} ({record.file}), for {record.used_for}, are not here. Run: sbgan-bench "
                f"weights fetch {record.name}. Or give the file: --weights FILE. {record.by_hand}"
            )
        check_weights(path, record)
        return ChosenWeights(path, _sha256(path), published=True)
    if not given.is_file():
        raise DataError(f"{given}: no such file of weights. Run: sbgan-bench weights fetch {record.name}")
    found = _sha256(given)
    published = found.startswith(record.sha256)
    if not (published or trusted):
        raise CorruptFileError(
            f"{given} has sha256 {found}, and the published {record.file} has {record.sha256}{_really(found)}. Give "
            f"that one (sbgan-bench weights fetch {record.name}), or vouch for this one with --trust-weights: rows "
            "measured with it are marked."
        )
    return ChosenWeights(given, found, published)


def _sha256(path: Path) -> str:
    """Return a file's digest; it is remembered, so that asking again is instant."""
    return file_digests(path.parent, [path])[path.name]


def _really(digest: str) -> str:
    other = next((record for record in KNOWN.values() if digest.startswith(record.sha256)), None)
    return "" if other is None else f" (it is {other.name})"
