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


TABLE = '[[tables]]\nname = "{}"\ntitle = "T"\nkind = "unconditional"\n'


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
        (("[[entries]]", f"{TABLE.format('a')}{TABLE.format('a')}[[entries]]"), ["two tables", "'a'", "its own"]),
        (("[[entries]]", f"{TABLE.format('layouts')}[[entries]]"), ["'layouts'", "choose another name"]),
        (("[[entries]]", f"{TABLE.format('paper-table-2')}[[entries]]"), ["'paper-table-2'", "another name"]),
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


COLUMNS = """
title = "t"
[grid]
columns = ["toy-streets/32x64", "camvid/32x64", "camvid/64x128"]
[models.biggan]
batch_size = 4
[columns.camvid.models.biggan]
batch_size = 8
images = 100
[columns."camvid/64x128".models.biggan]
batch_size = 16
[columns.camvid.evaluation]
num_samples = 7
[columns.camvid.judge]
width = 16
[[entries]]
model = "biggan"
only = ["camvid"]
"""


def test_the_settings_nearest_to_a_column_win(tmp_path: Path) -> None:
    suite = read_suite(written(tmp_path, COLUMNS))
    toy, small, large = (suite.at(*place) for place in suite.grid.places)
    assert [one.models["biggan"]["batch_size"] for one in (toy, small, large)] == [4, 8, 16]
    assert [one.models["biggan"].get("images") for one in (toy, small, large)] == [None, 100, 100]
    assert [one.evaluation.num_samples for one in (toy, small, large)] == [500, 7, 7]
    assert [one.judge for one in (toy, small, large)] == [{}, {"width": 16}, {"width": 16}]
    assert Suite.parse(suite.to_json(), "again") == suite


@pytest.mark.parametrize(
    ("datasets", "resolutions", "places"),
    [
        ([], [], ["toy-streets/32x64", "camvid/32x64", "camvid/64x128"]),
        (["camvid"], [], ["camvid/32x64", "camvid/64x128"]),
        (["camvid"], ["64x128"], ["camvid/64x128"]),
        ([], ["64x128"], ["camvid/64x128"]),
        (["camvid"], ["16x32"], ["camvid/16x32"]),
        (["folder"], [], ["folder/32x64", "folder/64x128"]),
        ([], ["16x32"], ["toy-streets/16x32", "camvid/16x32"]),
    ],
)
def test_a_suite_of_columns_is_narrowed_to_what_is_asked_for(
    tmp_path: Path, datasets: list[str], resolutions: list[str], places: list[str]
) -> None:
    grid = {key: value for key, value in (("datasets", datasets), ("resolutions", resolutions)) if value}
    suite = read_suite(written(tmp_path, COLUMNS), {"grid": grid})
    assert ["/".join(place) for place in suite.grid.places] == places
    if "camvid/64x128" in places:
        assert suite.at("camvid", "64x128").models["biggan"]["batch_size"] == 16


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (('"camvid/32x64"', '"camvid"'), "'camvid' is not DATASET/HEIGHTxWIDTH"),
        (('"camvid/32x64"', '"camvid/32"'), "HEIGHTxWIDTH"),
        (("columns = [", 'datasets = ["camvid"]\ncolumns = ['), "columns in place of both"),
        (('only = ["camvid"]', 'only = ["camvdi"]'), "no dataset named 'camvdi'"),
        (("[columns.camvid.judge]", "[columns.camvdi.judge]"), "no dataset named 'camvdi'"),
        (('"camvid/64x128".models.biggan', '"camvid/64x128".models.bigan'), "no model named 'bigan'"),
        (("num_samples = 7", "nmu_samples = 7"), "Did you mean 'num_samples'"),
        (("width = 16", "width = 16\n[columns.camvid.jugde]"), "unknown key"),
        (('only = ["camvid"]', 'saved = "x"\nrecipes = ["none"]'), "leave out recipes"),
    ],
)
def test_faults_in_columns_are_named(tmp_path: Path, change: tuple[str, str], words: str) -> None:
    assert change[0] in COLUMNS
    with pytest.raises(ConfigError) as caught:
        read_suite(written(tmp_path, COLUMNS.replace(*change)))
    assert words in str(caught.value)


def test_a_suite_may_take_another_apart_into_columns(tmp_path: Path) -> None:
    suite = read_suite(
        written(tmp_path, 'extends = "demo"\n[grid]\ncolumns = ["toy-streets/32x64", "camvid/32x64"]\n')
    )
    assert suite.grid.places == (("toy-streets", "32x64"), ("camvid", "32x64"))
    assert suite.grid.training_seeds == (0,)
