"""Signs of life of the processes that torchrun started: over several machines no agent tells the others of a death."""

import threading
import time

from sbgan_bench.errors import BenchError
from sbgan_bench.suite.engines.board import PATIENCE, Board, Seat

#: Seconds between two signs of life, and between two looks at those of the others.
BEAT = 5.0
#: Seconds without one after which a process is taken for dead.
SILENCE = 60.0


class Pulse:
    """Beats for this process in a thread of its own, until it is closed, and notices whose beat has ceased.

    Only this process's clock is asked: how long it is since it saw another's count of beats change.
    """

    def __init__(self, seat: Seat) -> None:
        self._board = Board(seat)
        self._rank, self._world = seat.workers.rank, seat.workers.world
        self._seen = {rank: (0, time.monotonic()) for rank in range(self._world) if rank != self._rank}
        self._looked = time.monotonic()
        self._over = threading.Event()
        # With a board of its own: one connection carries one question at a time.
        self._thread = threading.Thread(target=self._beat, args=(Board(seat),), name="pulse", daemon=True)
        self._thread.start()

    def check(self) -> None:
        """Look, if the last look was a while ago, whether all others live. One that has not come yet has an hour.

        Raises:
            BenchError: One does not.
        """
        if time.monotonic() - self._looked < BEAT:
            return
        self._looked = time.monotonic()
        for rank, (before, since) in self._seen.items():
            beats = self._board.beats(rank)
            if beats != before:
                self._seen[rank] = beats, time.monotonic()
            elif time.monotonic() - since > (SILENCE if beats else PATIENCE.total_seconds()):
                raise BenchError(
                    f"Process {rank} of {self._world} has not been heard of for {time.monotonic() - since:.0f} s: it "
                    "died, or its machine did; what it printed may say why. Run the same command on every machine "
                    "again to go on from the last checkpoint."
                )

    def close(self) -> None:
        """Beat no more."""
        self._over.set()
        self._thread.join(BEAT)

    def _beat(self, board: Board) -> None:
        try:
            board.beat()
            while not self._over.wait(BEAT):
                board.beat()
        except RuntimeError:  # torchrun's agent is gone, and soon this process
            return
