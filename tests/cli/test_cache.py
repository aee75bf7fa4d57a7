"""Looking at, checking and pruning what is kept."""

import json
import os
import time
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from feature_tools import Corner, Images

from sbgan_bench.cli import main
from sbgan_bench.features import FeatureSource, FeatureStore


@pytest.fixture(autouse=True)
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SBGAN_BENCH_CACHE", str(tmp_path / "cache"))
    return tmp_path / "cache"


def run(*words: str) -> Result:
    return CliRunner().invoke(main, ["cache", *words])


def answer(*words: str) -> dict:
    return json.loads(run(*words, "--format", "json").stdout)


def fill(root: Path) -> None:
    """Three sets of one chunk each: used 40 days ago, 20 days ago and just now."""
    keys = [
        {"model": "abcdef0123", "sampler": {}, "sampling_seed": 1_000_000, "layouts": ""},
        {"real": "camvid", "fingerprint": "f", "keys": "k", "resolution": [64, 128]},
        {"files": "0123456789abcdef"},
    ]
    for key, days in zip(keys, (40, 20, 0), strict=True):
        source = FeatureSource(key, Images().cut, title="photos" if "files" in key else "")
        FeatureStore(root / "features").features(source, [Corner(), Corner("other")], 50)
        for path in (root / "features").glob("*/source.json"):
            if json.loads(path.read_text()) == key:
                os.utime(path, (time.time() - days * 86_400,) * 2)
    for part in ("pairs/camvid-test-64x128-0123", "weights"):
        (root / part).mkdir(parents=True)
        (root / part / "file").write_bytes(bytes(5000))


def test_an_empty_cache_is_no_error(root: Path) -> None:
    for words in (["info"], ["list"], ["verify"], ["prune", "--all"]):
        assert run(*words).exit_code == 0, words
    assert not root.exists()


def test_info_says_where_how_large_and_how_much_is_allowed(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fill(root)
    found = answer("info")
    assert (found["root"], found["sets"], found["limit"]) == (str(root), 3, 20 * 10**9)
    assert (found["parts"]["pairs"], found["parts"]["weights"]) == (5000, 5000)
    assert found["parts"]["features"] > 3 * 2 * 50 * 3 * 4
    shown = run("info").output
    assert "of 3 sets of images (limit 20 GB)" in shown
    assert "weights: 5 kB (not limited, never pruned)" in shown
    monkeypatch.setenv("SBGAN_BENCH_CACHE_LIMIT", "none")
    assert "(no limit)" in run("info").output
    monkeypatch.setenv("SBGAN_BENCH_CACHE_LIMIT", "plenty")
    wrong = run("info")
    assert (wrong.exit_code, wrong.output.count("\n")) == (2, 1)


def test_list_says_what_every_set_is(root: Path) -> None:
    fill(root)
    sets = answer("list")["sets"]
    assert [one["set"] for one in sets] == [
        "photos (images 01234567)",
        "reals of camvid at 64x128",
        "model abcdef01, alone, seeds from 1000000",
    ]
    assert {(one["images"], *one["protocols"]) for one in sets} == {(50, "corner", "other")}
    shown = run("list").output
    assert "corner, other" in shown
    assert "Table of pairs camvid-test-64x128-0123: 5 kB" in shown


def test_verify_finds_damage_and_removes_it(root: Path) -> None:
    fill(root)
    assert run("verify").output == "6 files read, 0 damaged.\n"
    path = sorted(root.rglob("*.safetensors"))[3]
    content = bytearray(path.read_bytes())
    content[-1] ^= 1
    path.write_bytes(content)
    found = run("verify")
    assert (found.exit_code, f"damaged: {path}" in found.output) == (1, True)
    assert answer("verify") == {"files": 6, "damaged": [str(path)]}
    assert run("verify", "--remove").exit_code == 0
    assert not path.exists()
    assert run("verify").output == "5 files read, 0 damaged.\n"


def test_prune_by_age_by_size_and_altogether(root: Path) -> None:
    fill(root)
    assert run("prune", "--older-than", "30", "--dry-run").output.splitlines()[-1].startswith("Would remove 1 sets, ")
    assert len(answer("list")["sets"]) == 3
    assert [one["set"][:5] for one in answer("prune", "--older-than", "30")["sets"]] == ["model"]
    size = answer("list")["sets"][0]["bytes"]
    assert [one["set"][:5] for one in answer("prune", "--to", f"{size}B")["sets"]] == ["reals"]
    assert "Removed 1 sets" in run("prune", "--all").output
    assert not list(root.rglob("*.safetensors"))
    assert (root / "weights" / "file").exists()
    assert (root / "pairs" / "camvid-test-64x128-0123" / "file").exists()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["prune"], "one of --older-than DAYS, --to SIZE and --all"),
        (["prune", "--all", "--to", "2GB"], "one of --older-than DAYS, --to SIZE and --all"),
        (["prune", "--to", "lots"], "'lots': expected a size"),
    ],
)
def test_bad_input_is_one_line(words: list[str], message: str) -> None:
    result = run(*words)
    assert (result.exit_code, message in result.output) == (2, True), result.output
