"""Many raters at once: as threads of one process, and as processes."""

import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import rating.rater_process as program
from rating.sessions import Clock, ask, check, come, frozen_study, walk

from sbgan_bench.rating.store.opening import open_store
from sbgan_bench.rating.store.records import Outcome, Platform, SlotGoneError
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import Timing

Make = Callable[..., RatingStore]
THREADS = 12


def test_twelve_threads_fill_a_study_exactly(make_store: Make) -> None:
    store = make_store(cells=3, images_per_cell=5, ratings_per_image=3, practice=1, gold=1, repeats_per_rater=1)
    barrier = Barrier(THREADS)

    def session(who: int) -> list[str]:
        barrier.wait()
        return [trial.image for trial in walk(store, who)]

    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(session, come(store, THREADS)))
    overview = store.overview()
    assert (overview.ratings, overview.complete_images, overview.live) == (45, 15, 0)


def test_one_rater_in_many_windows_has_one_image_and_gives_one_score(make_store: Make) -> None:
    store = make_store()
    (who,) = come(store)
    barrier = Barrier(THREADS)

    def window(score: int) -> tuple[str, Outcome]:
        barrier.wait()
        trial = ask(store, who)
        store.deliver(trial.slot)
        barrier.wait()
        return trial.slot, store.record(who, trial.slot, 1 + score % 4)

    with ThreadPoolExecutor(THREADS) as pool:
        outcomes = list(pool.map(window, range(THREADS)))
    assert len({slot for slot, _ in outcomes}) == 1
    assert Counter(outcome for _, outcome in outcomes) == {Outcome.RECORDED: 1, Outcome.ALREADY_RATED: THREADS - 1}
    assert len(store.ratings()) == 1


def test_a_platforms_rater_who_comes_many_times_at_once_is_one(make_store: Make) -> None:
    store = make_store()
    barrier = Barrier(THREADS)

    def arrive(_: int) -> int:
        barrier.wait()
        return store.platform_rater(Platform.PROLIFIC, "hash", "token").id

    with ThreadPoolExecutor(THREADS) as pool:
        assert len(set(pool.map(arrive, range(THREADS)))) == 1


def test_late_scores_race_with_those_who_were_given_their_images(make_store: Make, clock: Clock) -> None:
    """Whoever comes first has the last place; the other learns that it is gone."""
    store = make_store(cells=1, images_per_cell=8, ratings_per_image=1, timing=Timing(minimum_ms=0, lease_minutes=10))
    early = come(store, 8)
    late = {who: ask(store, who) for who in early}
    for trial in late.values():
        store.deliver(trial.slot)
    clock.advance(minutes=11)
    barrier = Barrier(THREADS)

    def score_late(who: int) -> bool:
        barrier.wait()
        try:
            return store.record(who, late[who].slot, 1) is Outcome.RECORDED
        except SlotGoneError:
            return False

    def score_instead(who: int) -> int:
        barrier.wait()
        return sum(1 for _ in walk(store, who))

    with ThreadPoolExecutor(THREADS) as pool:
        slow = [pool.submit(score_late, who) for who in early]
        fresh = [pool.submit(score_instead, who) for who in come(store, THREADS - len(early))]
    check(store)
    assert sum(future.result() for future in slow) + sum(future.result() for future in fresh) == 8
    assert store.overview().complete_images == 8


def test_processes_make_one_store_and_fill_it_exactly(database_url: str, tmp_path: Path) -> None:
    study = frozen_study(cells=2, images_per_cell=8, ratings_per_image=3)
    (tmp_path / "study.json").write_text(study.model_dump_json(), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-W", "error", str(program.__file__), database_url, str(tmp_path / "study.json")],
        input="4 2\n", capture_output=True, text=True, timeout=120, check=True,
    )  # fmt: skip
    said = Counter(line.split()[0] for line in done.stdout.splitlines())
    assert done.stdout.count("ended 0") == 4, done.stderr
    store = open_store(database_url, study)
    check(store)
    assert len(store.ratings()) == store.overview().ratings == said["rated"] == 48
    assert store.overview().invited == 8
    (late,) = come(store)
    assert store.next_trial(late) is None
    store.dispose()
