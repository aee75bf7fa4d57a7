"""Where a study may be frozen, and what stays when something goes wrong."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import image_trees
import pytest
from PIL import Image
from rating.owners import spec_file

from sbgan_bench.errors import BenchError, ConfigError
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.freezing import Outcome, check_place, freeze, freeze_plan, plan_study, writing
from sbgan_bench.rating.store.opening import open_store
from sbgan_bench.storage import CannotWriteError


def rate_once(folder: StudyFolder, url: str = "") -> None:
    store = open_store(url or folder.default_store, folder.read())
    (token,) = store.invite(1)
    rater = store.rater_by_token(token).id
    store.consent(rater, "text")
    trial = store.next_trial(rater)
    store.deliver(trial.slot)
    store.record(rater, trial.slot, 3)
    store.dispose()


def everything(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("rated", [False, True])
@pytest.mark.parametrize("changed", [False, True])
@pytest.mark.parametrize("replace", [False, True])
def test_a_study_changes_only_before_it_is_rated_and_on_demand(
    tmp_path: Path, rated: bool, changed: bool, replace: bool
) -> None:
    timing = {"timing": {"minimum_ms": 0}}
    folder = freeze(spec_file(tmp_path, **timing), tmp_path / "study")
    if rated:
        rate_once(folder)
    before, content = folder.read().hash, everything(folder.path)
    spec = spec_file(tmp_path, **timing, **({"consent": "I do."} if changed else {}))
    if not changed:
        assert freeze_plan(plan_study(spec), folder.path, replace=replace) is Outcome.UNCHANGED
    elif replace and not rated:
        assert freeze_plan(plan_study(spec), folder.path, replace=True) is Outcome.REPLACED
        assert folder.read().hash != before
        assert open_store(folder.default_store, folder.read()).overview().open
        assert not [path.name for path in tmp_path.glob(".study*")]
        return
    else:
        message = r"has 1 ratings: .* --out ANOTHER" if rated else "Add --replace"
        with pytest.raises(ConfigError, match=message):
            freeze(spec, folder.path, replace=replace)
        with pytest.raises(ConfigError, match=message):
            freeze_plan(plan_study(spec), folder.path, replace=replace)
    assert everything(folder.path) == content
    assert not [path.name for path in tmp_path.glob(".study*")]


def test_changed_images_are_another_study_though_the_file_is_the_same(tmp_path: Path) -> None:
    spec = spec_file(tmp_path, images_per_cell=6, practice_images=0)
    folder = freeze(spec, tmp_path / "study")
    Image.fromarray(image_trees.pixels(1, seed=5)[0]).save(tmp_path / "a" / "0000.png")
    with pytest.raises(ConfigError, match="holds another study"):
        freeze(spec, folder.path)
    assert len(freeze(spec, folder.path, replace=True).read().images) == 12


def test_missing_and_damaged_images_of_the_same_study_are_put_back(tmp_path: Path) -> None:
    spec = spec_file(tmp_path)
    folder = freeze(spec, tmp_path / "study")
    content = everything(folder.path)
    one, two = folder.read().images[:2]
    folder.image(one.id).unlink()
    folder.image(two.id).write_bytes(b"nothing")
    assert freeze_plan(plan_study(spec), folder.path) is Outcome.RESTORED
    assert everything(folder.path) == content
    assert len({path.stat().st_mtime for path in folder.images.iterdir()}) == 1


def test_a_rating_that_comes_during_the_work_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = freeze(spec_file(tmp_path, timing={"minimum_ms": 0}), tmp_path / "study")
    spec = spec_file(tmp_path, title="Another", timing={"minimum_ms": 0})
    plan, before = plan_study(spec), folder.read().hash
    write, left = writing.write_dateless, [3]

    def slow(path: Path, content: bytes) -> None:
        left[0] -= 1
        if not left[0]:
            rate_once(folder)
        write(path, content)

    monkeypatch.setattr(writing, "write_dateless", slow)
    with pytest.raises(ConfigError, match="has 1 ratings"):
        freeze_plan(plan, folder.path, replace=True)
    assert folder.read().hash == before
    store = open_store(folder.default_store, folder.read())
    assert store.overview().open
    store.dispose()


def test_other_things_are_left_alone(tmp_path: Path) -> None:
    spec = spec_file(tmp_path)
    with pytest.raises(ConfigError, match="is there already and holds no study"):
        freeze(spec, tmp_path / "a", replace=True)
    with pytest.raises(ConfigError, match="is there already and holds no study"):
        freeze(spec, spec, replace=True)
    (tmp_path / "empty").mkdir()
    assert freeze(spec, tmp_path / "empty").read().title == "A study"


def test_ratings_may_be_kept_elsewhere(tmp_path: Path, database_url: str) -> None:
    timing = {"timing": {"minimum_ms": 0}}
    folder = freeze(spec_file(tmp_path, **timing), tmp_path / "study", store=database_url)
    assert not (folder.path / "ratings.db").exists()
    changed = plan_study(spec_file(tmp_path, title="Another", **timing))
    assert freeze_plan(changed, folder.path, store=database_url, replace=True) is Outcome.REPLACED
    rate_once(folder, database_url)
    assert freeze_plan(changed, folder.path, store=database_url) is Outcome.UNCHANGED
    with pytest.raises(ConfigError, match="has 1 ratings"):
        freeze(spec_file(tmp_path, **timing), folder.path, store=database_url, replace=True)


@pytest.mark.parametrize(
    ("url", "message"),
    [
        ("sqlite:////nowhere/at/all.db", "there is no folder"),
        ("postgresql+psycopg://nobody@127.0.0.1:1/none", "did not answer"),
        ("mysql://here/there", "kept in SQLite or PostgreSQL"),
        ("nonsense", "is no database URL"),
    ],
)
def test_a_store_that_cannot_be_is_refused_before_any_work(tmp_path: Path, url: str, message: str) -> None:
    with pytest.raises(BenchError, match=message):
        check_place(spec_file(tmp_path), tmp_path / "study", store=url, replace=False)


def test_without_its_store_nobody_can_tell_whether_a_study_has_ratings(tmp_path: Path) -> None:
    folder = freeze(spec_file(tmp_path), tmp_path / "study", store=f"sqlite:///{tmp_path / 'elsewhere.db'}")
    assert not (folder.path / "ratings.db").exists()
    with pytest.raises(ConfigError, match=r"Whether .*study has ratings cannot be seen: .* Name its store by --store"):
        freeze(spec_file(tmp_path, title="Another"), folder.path, replace=True)


def test_a_file_that_cannot_be_read_is_not_taken_for_another_study(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = spec_file(tmp_path)
    folder, read = freeze(spec, tmp_path / "study"), Path.read_text

    def refused(self: Path, encoding: str | None = None, errors: str | None = None) -> str:
        if self == folder.spec:
            raise PermissionError(13, "Permission denied", str(self))
        return read(self, encoding, errors)

    monkeypatch.setattr(Path, "read_text", refused)
    with pytest.raises(ConfigError, match=r"study\.toml cannot be read: permission denied; run this as the user"):
        check_place(spec, folder.path, store=None, replace=False)


_KILLED = """
import os, signal, sys
from pathlib import Path
from sbgan_bench.rating.freezing import freeze, writing
write, left = writing.write_dateless, [4]
def dying(path, content):
    left[0] -= 1
    if not left[0]:
        os.kill(os.getpid(), signal.SIGKILL)
    write(path, content)
writing.write_dateless = dying
freeze(Path(sys.argv[1]), Path(sys.argv[2]))
"""


def test_a_killed_create_leaves_no_study_and_can_be_repeated(tmp_path: Path) -> None:
    spec, out = spec_file(tmp_path), tmp_path / "study"
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    command = [sys.executable, "-c", _KILLED, spec, out]
    done = subprocess.run(command, capture_output=True, env=environment, check=False)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert not out.exists()
    assert len(freeze(spec, out).read().images) == 10


@pytest.mark.parametrize(
    ("error", "raised", "message"),
    [
        (OSError(28, "No space left on device"), CannotWriteError, r"Cannot write .*study: No space left on device"),
        (KeyboardInterrupt(), KeyboardInterrupt, None),
    ],
)
def test_a_full_disk_and_an_interruption_leave_nothing(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    error: BaseException,
    raised: type[BaseException],
    message: str | None,
) -> None:
    spec = spec_file(tmp_path)

    def stopped(path: Path, content: bytes) -> None:
        raise error

    monkeypatch.setattr(writing, "write_dateless", stopped)
    with pytest.raises(raised, match=message):
        freeze(spec, tmp_path / "study")
    assert not (tmp_path / "study").exists()
    assert not list(tmp_path.glob(".study*"))
