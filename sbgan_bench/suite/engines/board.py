"""What the processes that torchrun started tell each other beside gradients: the next job, and how it ended.

It goes through the key-value store of torchrun's own agent, which outlives any of them and takes part in no
all-reduce: a process that fails can say so while the others still wait for its gradients.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from torch.distributed.distributed_c10d import PrefixStore
from torch.distributed.rendezvous import rendezvous

from sbgan_bench.errors import ConfigError
from sbgan_bench.suite.worker import Outcome
from sbgan_bench.workers import Workers

#: How long one process waits for another inside an exchange. One that died or failed is noticed at once, by others.
PATIENCE = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of this process among those that torchrun started."""

    workers: Workers
    local_rank: int  #: among those of this machine; its GPU
    attempt: int  #: how often torchrun has started them anew

    @property
    def leads(self) -> bool:
        """Whether this is the process that plans, writes and talks to the user."""
        return self.workers.writes

    def check(self, device: str) -> None:
        """Refuse a device that processes cannot share, or of which there are too few.

        Raises:
            ConfigError: It is so.
        """
        if device not in ("cpu", "cuda"):
            raise ConfigError(f"Several processes cannot share {device!r}: start them with --device cpu, or only one.")
        there = torch.cuda.device_count()
        if device == "cuda" and self.local_rank >= there:
            raise ConfigError(
                f"Process {self.workers.rank} has no GPU of its own, since this machine has {there}. Start at most "
                f"that many on each machine (--nproc-per-node {there})."
            )


def taken_seat(environment: Mapping[str, str]) -> Seat | None:
    """Return the seat that torchrun gave to this process; None where it was started by something else.

    Raises:
        ConfigError: torchrun would restart processes over several machines, where each of its agents counts restarts
            for itself, so that those started anew would wait for others that are not.
    """
    if "TORCHELASTIC_RUN_ID" not in environment:
        return None
    machines, restarts = environment.get("GROUP_WORLD_SIZE", "1"), environment.get("TORCHELASTIC_MAX_RESTARTS", "0")
    if int(machines) > 1 and int(restarts) > 0:
        raise ConfigError(
            f"--max-restarts {restarts} restarts the processes of one machine, not those of all {machines}: leave it "
            "out, and give the same command on every machine again to go on from the last checkpoint."
        )
    return Seat(
        Workers(int(environment["RANK"]), int(environment["WORLD_SIZE"])),
        int(environment["LOCAL_RANK"]),
        int(environment["TORCHELASTIC_RESTART_COUNT"]),
    )


@dataclass(frozen=True, slots=True)
class Call:
    """A job that all processes are to do together."""

    job: str  #: id in the graph, which every process has planned
    key: str
    inputs: Mapping[str, str]  #: role -> folder of a finished job, below the run folder


@dataclass(frozen=True, slots=True)
class Post:
    """How a job ended for one process."""

    rank: int
    turn: int  #: the how-manieth to end
    outcome: Outcome


class Board:
    """Where all processes read and write; calls are numbered from 1."""

    def __init__(self, seat: Seat) -> None:
        self._seat = seat
        store, _, _ = next(iter(rendezvous("env://", timeout=PATIENCE)))
        self._store = PrefixStore(f"crew/{seat.attempt}", store)

    def announce(self, number: int, call: Call | None) -> None:
        """Tell the others what is next; None: they may go."""
        self._store.set(f"{number}/call", json.dumps(asdict(call) if call else None))

    def announced(self, number: int) -> bool:
        """Whether it has been told what call ``number`` is."""
        return bool(self._store.check([f"{number}/call"]))

    def call(self, number: int) -> Call | None:
        """Return what was announced."""
        told = json.loads(self._store.get(f"{number}/call"))
        return Call(**told) if told else None

    def post(self, number: int, outcome: Outcome) -> None:
        """Tell how a call ended for this process."""
        turn = self._store.add(f"{number}/turn", 1)
        self._store.set(f"{number}/{self._seat.workers.rank}", json.dumps([turn, asdict(outcome)]))
        if outcome.reason:
            self._store.set(f"{number}/failed", "")

    def posted(self, number: int) -> bool:
        """Whether this process has told how a call ended."""
        return bool(self._store.check([f"{number}/{self._seat.workers.rank}"]))

    def failed(self, number: int) -> bool:
        """Whether a call has failed for some process."""
        return bool(self._store.check([f"{number}/failed"]))

    def posts(self, number: int) -> list[Post]:
        """Return how a call ended for every process, in order of rank; nothing until all of them have told."""
        ranks = range(self._seat.workers.world)
        if not self._store.check([f"{number}/{rank}" for rank in ranks]):
            return []
        told = [json.loads(self._store.get(f"{number}/{rank}")) for rank in ranks]
        return [Post(rank, turn, Outcome(**fields)) for rank, (turn, fields) in zip(ranks, told, strict=True)]

    def leave(self) -> None:
        """Tell that this process was asked to stop, and does no more."""
        self._store.set("left", str(self._seat.workers.rank))

    def left(self) -> str:
        """Return a process that was asked to stop; "" if there is none."""
        return self._store.get("left").decode() if self._store.check(["left"]) else ""

    def beat(self) -> None:
        """Give a sign of life."""
        self._store.add(f"pulse/{self._seat.workers.rank}", 1)

    def beats(self, rank: int) -> int:
        """Return how many signs of life a process has given."""
        return int(self._store.add(f"pulse/{rank}", 0))

    def join(self, number: int, device: str) -> None:
        """Join the processes of a call, for exchanges of tensors on ``device``; waits until all of them are here."""
        if device == "cuda":
            torch.cuda.set_device(self._seat.local_rank)
        workers = self._seat.workers
        dist.init_process_group(
            "nccl" if device == "cuda" else "gloo",
            store=PrefixStore(f"{number}/group", self._store),
            rank=workers.rank,
            world_size=workers.world,
            timeout=PATIENCE,
        )
