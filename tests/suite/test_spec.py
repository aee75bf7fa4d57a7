"""A suite is checked whole before anything starts, and says what is wrong."""

from pathlib import Path

import pytest

from sbgan_bench.errors import ConfigError
from sbgan_bench.suite.files import bundled_suites
from sbgan_bench.suite.spec import Suite, parse_resolution, read_suite

GOOD = """
title = "t"
[grid]
datasets = ["toy-streets"]
resolutions = ["16x32"]
[[entries]]
model = "constant"
"""


def written(folder: Path, text: str) -> str:
    path = folder / "suite.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_a_suite_survives_being_written_and_read(tmp_path: Path) -> None:
    suite = read_suite(written(tmp_path, GOOD))
    assert Suite.parse(suite.to_json(), "again") == suite


@pytest.mark.parametrize("name", sorted(bundled_suites()))
def test_bundled_suites_are_valid(name: str) -> None:
    assert read_suite(name).title


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (("datasets =", "datasest ="), ["datasest", "Did you mean 'datasets'"]),
        (('"constant"', '"constnat"'), ["no model named 'constnat'", "Did you mean 'constant'"]),
        (('"toy-streets"', '"toy-street"'), ["no dataset named 'toy-street'", "'toy-streets'"]),
        (('"16x32"', '"16by32"'), ["16by32", "32x64"]),
        (("[[entries]]", "[evaluation]\nnum_samples = 0\n[[entries]]"), ["evaluation.num_samples", "0"]),
        (('model = "constant"', 'mdoel = "constant"'), ["mdoel"]),
        (("[grid]", "[grid"), ["not valid TOML"]),
    ],
)
def test_every_fault_is_named_with_the_remedy(tmp_path: Path, change: tuple[str, str], words: list[str]) -> None:
    with pytest.raises(ConfigError) as caught:
        read_suite(written(tmp_path, GOOD.replace(*change)))
    assert all(word in str(caught.value) for word in words), str(caught.value)


def test_all_unknown_names_are_reported_at_once(tmp_path: Path) -> None:
    text = GOOD.replace("constant", "pgan").replace("toy-streets", "kitti")
    with pytest.raises(ConfigError, match=r"(?s)(pgan.*kitti|kitti.*pgan)"):
        read_suite(written(tmp_path, text))


def test_an_unknown_suite_is_answered_with_the_bundled_ones() -> None:
    with pytest.raises(ConfigError, match="demo"):
        read_suite("dmeo")


def test_resolutions_are_height_by_width() -> None:
    assert parse_resolution("32x64") == (32, 64)
    with pytest.raises(ValueError, match="HEIGHTxWIDTH"):
        parse_resolution("32*64")


def test_entries_that_differ_in_settings_need_labels_that_differ(tmp_path: Path) -> None:
    own = '[[entries]]\nmodel = "sbgan"\nvariant = "x"\n[entries.models.sbgan]\nd2_width = {}\n'
    read_suite(written(tmp_path, GOOD + own.format(8) + own.format(8)))
    with pytest.raises(ConfigError, match=r"two entries are both 'sbgan \(x\)'"):
        read_suite(written(tmp_path, GOOD + own.format(8) + own.format(9)))
    with pytest.raises(ConfigError, match='add variant = "'):
        read_suite(written(tmp_path, GOOD + own.format(8).replace('variant = "x"', "")))
    with pytest.raises(ConfigError, match=r"entries\.1\.variant"):
        read_suite(written(tmp_path, GOOD + own.format(8).replace('"x"', '"no root/x"')))
    with pytest.raises(ConfigError, match="no model named 'sbgna'"):
        read_suite(written(tmp_path, GOOD + own.format(8).replace("models.sbgan", "models.sbgna")))
