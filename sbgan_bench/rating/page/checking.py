"""Whether the images of a study are there, as they were frozen."""

from sbgan_bench.errors import DataError
from sbgan_bench.hashing import hash_file
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.study import FrozenAnchor, FrozenImage, FrozenStudy

#: What an owner does about a file that is not there.
REMEDY = "sbgan-bench rate create SPEC --out STUDY"


def check_images(folder: StudyFolder, study: FrozenStudy) -> None:
    """Check that every image and every example is the file that was frozen.

    Raises:
        DataError: Some are missing or changed.
    """
    members: tuple[FrozenImage | FrozenAnchor, ...] = (*study.images, *study.anchors)
    wrong = [member.id for member in members if not _as_frozen(folder, member.id, member.sha256)]
    if wrong:
        raise DataError(
            f"{len(wrong)} of {len(members)} images of {folder.path} are missing or changed, the first is "
            f"{folder.image(wrong[0])}; {REMEDY} puts them back."
        )


def _as_frozen(folder: StudyFolder, identifier: str, sha256: str) -> bool:
    path = folder.image(identifier)
    return path.is_file() and hash_file(path) == sha256
