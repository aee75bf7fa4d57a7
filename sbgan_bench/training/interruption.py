"""Ctrl-C and SIGTERM during training: finish the step and save first."""

import contextlib
import signal
import threading
from collections.abc import Iterator
from types import FrameType

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class StopRequest:
    """Set when the user, or the system, asked the run to stop."""

    name: str = ""  #: of the first signal, "" while nobody asked

    def __bool__(self) -> bool:
        return bool(self.name)


@contextlib.contextmanager
def stop_requests() -> Iterator[StopRequest]:
    """Note SIGINT and SIGTERM instead of dying of them, for as long as the block runs: saving is not to be cut short.

    A signal that is ignored stays ignored: Ctrl-C reaches every process of a terminal, and a worker leaves it to its
    parent, which then asks with SIGTERM. Nor are handlers replaced that Python did not install, or outside the main
    thread, where Python allows none. The handlers found are put back at the end.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return

    def note(number: int, frame: FrameType | None) -> None:
        del frame
        request.name = request.name or signal.Signals(number).name

    found = {number: signal.getsignal(number) for number in _SIGNALS}
    caught = {number: handler for number, handler in found.items() if handler not in (signal.SIG_IGN, None)}
    for number in caught:
        signal.signal(number, note)
    try:
        yield request
    finally:
        for number, handler in caught.items():
            signal.signal(number, handler)
