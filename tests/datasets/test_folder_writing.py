import pytest
from hypothesis import given
from hypothesis import strategies as st

from sbgan_bench.config import read_toml
from sbgan_bench.datasets.folder import DESCRIPTION, FolderDescription
from sbgan_bench.datasets.folder_writing import link, write_description
from sbgan_bench.storage import CannotWriteError

words = st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\x7f"), min_size=1, max_size=8)


@given(
    st.lists(words, min_size=1, max_size=4, unique=True), words, st.dictionaries(words, st.lists(words), max_size=2)
)
def test_what_is_written_is_read_again(tmp_path_factory, names, licence, groups):
    root = tmp_path_factory.mktemp("folder")
    members = iter(range(100))
    description = FolderDescription(
        class_names=tuple(names),
        palette=tuple((i, 2, 255) for i in range(len(names))),
        licence=licence,
        redistributable=True,
        splits={"kind": "listed", "train": names, "selection": [], "test": [licence]},
        groups={name: tuple(f"{stem} {next(members)}" for stem in stems) for name, stems in groups.items()},
    )
    write_description(root, description)
    assert FolderDescription.parse(read_toml(root / DESCRIPTION), "test") == description


def test_the_least_there_is_to_say_is_read_again(tmp_path):
    description = FolderDescription(class_names=("a",))
    write_description(tmp_path, description)
    assert FolderDescription.parse(read_toml(tmp_path / DESCRIPTION), "test") == description


def test_links_are_made_renewed_and_left(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    for name in ("a", "a", "b"):
        link(tmp_path / name, tmp_path / "sub" / "link")
        assert (tmp_path / "sub" / "link").read_text() == name


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(CannotWriteError, match="link"):
        link(tmp_path / "a", tmp_path / "file" / "link")
