"""Processes of raters: ``python rater_process.py URL STUDY.json``.

For a line "PROCESSES RATERS" on the standard input, so many processes begin, each with so many new raters, threads of
their own, who score all that they are asked. What is said: "process ID" as one begins, "rated SLOT SCORE" once the
store has a score, "ended STATUS" when a process is over.
"""

import os
import pathlib
import sys
import traceback
from concurrent.futures import ThreadPoolExecutor

from sbgan_bench.rating.store.opening import create_store
from sbgan_bench.rating.store.records import Outcome
from sbgan_bench.rating.store.store import RatingStore
from sbgan_bench.rating.study import FrozenStudy


def say(*words: object) -> None:
    os.write(sys.stdout.fileno(), (" ".join(map(str, words)) + "\n").encode())  # whole, whoever writes beside


def rate_all(store: RatingStore, token: str) -> None:
    who = store.rater_by_token(token).id
    store.consent(who, "hash of a text")
    while (trial := store.next_trial(who)) is not None:
        store.deliver(trial.slot)
        score = 1 + sum(trial.image.encode()) % 4
        assert store.record(who, trial.slot, score) is Outcome.RECORDED
        say("rated", trial.slot, score)


def work(url: str, study: FrozenStudy, raters: int) -> None:
    """Make or open the store, and rate."""
    store = create_store(url, study)
    with ThreadPoolExecutor(raters) as pool:
        list(pool.map(lambda token: rate_all(store, token), store.invite(raters)))
    store.dispose()


def main(url: str, path: str) -> None:
    study = FrozenStudy.model_validate_json(pathlib.Path(path).read_text(encoding="utf-8"))
    for line in sys.stdin:
        processes, raters = map(int, line.split())
        for _ in range(processes):
            child = os.fork()
            if child == 0:
                try:
                    work(url, study, raters)
                except BaseException:
                    traceback.print_exc()
                    os._exit(1)
                os._exit(0)
            say("process", child)
        for _ in range(processes):
            say("ended", os.wait()[1])


if __name__ == "__main__":
    main(*sys.argv[1:])
