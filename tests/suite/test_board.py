"""What a crew makes of the fates of its members, and of the places it is given."""

from dataclasses import replace

import pytest
import torch

from sbgan_bench.errors import ConfigError
from sbgan_bench.suite.engines.board import Post, Seat, taken_seat
from sbgan_bench.suite.engines.crew import agreed
from sbgan_bench.suite.worker import Outcome
from sbgan_bench.workers import Workers

DONE = Outcome(content="abc", seconds=1.0)


def ended(*outcomes: Outcome, turns: tuple[int, ...] = (1, 2, 3)) -> Outcome:
    return agreed([Post(rank, turns[rank], outcome) for rank, outcome in enumerate(outcomes)])


def test_a_job_is_done_as_the_first_process_did_it() -> None:
    assert ended(DONE, replace(DONE, content=""), replace(DONE, content="")) == DONE


def test_what_went_wrong_first_is_the_reason_and_its_process_is_named() -> None:
    broken, full = Outcome(reason="connection closed"), Outcome(reason="out of memory")
    assert ended(broken, full, broken, turns=(2, 1, 3)).reason == "process 1 of 3: out of memory"
    assert ended(DONE, DONE, full).reason == "process 2 of 3: out of memory"


def test_a_process_that_died_is_the_reason_even_if_it_was_noticed_late() -> None:
    found = ended(Outcome(reason="connection closed"), Outcome(reason="ended by SIGKILL", lost=True), DONE)
    assert found.lost
    assert found.reason == "process 1 of 3: ended by SIGKILL"


def test_what_all_say_is_said_once() -> None:
    small = Outcome(reason="too small a batch")
    assert ended(small, small, small, turns=(3, 1, 2)) == small


def test_a_seat_is_what_torchrun_says() -> None:
    given = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "TORCHELASTIC_RESTART_COUNT": "2"}
    assert taken_seat(given) is None, "other launchers set ranks too"
    assert taken_seat({**given, "TORCHELASTIC_RUN_ID": "x"}) == Seat(Workers(3, 4), 1, 2)


def test_restarts_over_several_machines_are_refused() -> None:
    given = {"RANK": "3", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "TORCHELASTIC_RESTART_COUNT": "0"}
    given |= {"TORCHELASTIC_RUN_ID": "x", "GROUP_WORLD_SIZE": "2", "TORCHELASTIC_MAX_RESTARTS": "3"}
    with pytest.raises(ConfigError, match="--max-restarts 3 restarts the processes of one machine, not those of all"):
        taken_seat(given)
    assert taken_seat({**given, "TORCHELASTIC_MAX_RESTARTS": "0"})
    assert taken_seat({**given, "GROUP_WORLD_SIZE": "1"})


def test_devices_that_cannot_be_shared_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    Seat(Workers(1, 4), 1, 0).check("cuda")
    with pytest.raises(ConfigError, match="Process 2 has no GPU of its own, since this machine has 2"):
        Seat(Workers(2, 4), 2, 0).check("cuda")
    with pytest.raises(ConfigError, match="cannot share 'mps'"):
        Seat(Workers(1, 4), 1, 0).check("mps")
