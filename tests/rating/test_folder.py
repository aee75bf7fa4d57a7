"""What is said of a study's files that cannot be read."""

from collections.abc import Callable
from pathlib import Path

import pytest
from rating.studies import make_study

from sbgan_bench.errors import BenchError, ConfigError, CorruptFileError, DataError
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.freezing.existing import Existing

READERS = [StudyFolder.read, StudyFolder.read_key]


@pytest.fixture
def place(tmp_path: Path) -> StudyFolder:
    return make_study(tmp_path / "study")


def _file(place: StudyFolder, read: Callable[[StudyFolder], object]) -> Path:
    return place.frozen if read is StudyFolder.read else place.key


@pytest.mark.parametrize("read", READERS)
@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"{}", b"\xff\xfe"])
def test_a_damaged_file_is_to_be_restored_and_never_deleted(
    place: StudyFolder, read: Callable[[StudyFolder], object], content: bytes
) -> None:
    _file(place, read).write_bytes(content)
    with pytest.raises(CorruptFileError, match=r"is damaged \(.*\): restore it from your backup") as raised:
        read(place)
    assert "delete" not in str(raised.value)


@pytest.mark.parametrize("read", READERS)
def test_a_file_of_somebody_else_is_not_called_damaged(
    place: StudyFolder, read: Callable[[StudyFolder], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    _forbid(_file(place, read), monkeypatch)
    with pytest.raises(ConfigError, match=r"cannot be read: permission denied; run this as the user who owns it"):
        read(place)


def test_what_cannot_be_looked_at_is_no_reason_to_choose_another_place(
    place: StudyFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    _forbid(place.frozen, monkeypatch)
    with pytest.raises(ConfigError, match="run this as the user who owns it"):
        Existing.at(place, place.default_store)


def test_what_is_missing_is_said_to_be(place: StudyFolder) -> None:
    place.key.unlink()
    with pytest.raises(DataError, match="only the study's owner"):
        place.read_key()
    place.frozen.unlink()
    with pytest.raises(BenchError, match="holds no study"):
        place.read()


def _forbid(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Refuse one file as the system does; by hand, since nothing is forbidden to root."""
    read = Path.read_bytes

    def refused(self: Path) -> bytes:
        if self == path:
            raise PermissionError(13, "Permission denied", str(self))
        return read(self)

    monkeypatch.setattr(Path, "read_bytes", refused)
