"""Asking the process that paints: it is started by the first layout, and ends when nobody asks for a while."""

import atexit
import base64
import binascii
import contextlib
import json
import os
import queue
import subprocess
import sys
import threading
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sbgan_bench.errors import BenchError

#: Seconds until the process ends unasked, and those that an answer may take: the first loads libraries and weights.
IDLE, PATIENCE = 600.0, 180.0
_MODULE = "sbgan_bench.dashboard.editor.painter"


class Painting:
    """A process that paints layouts, at most one for all readers; they take turns."""

    def __init__(self, idle: float = IDLE, patience: float = PATIENCE) -> None:
        self._idle, self._patience = idle, patience
        self._lock = threading.Lock()
        self._process: subprocess.Popen[str] | None = None
        self._answers: queue.SimpleQueue[str] = queue.SimpleQueue()
        self._timer: threading.Timer | None = None
        atexit.register(self.close)

    @property
    def running(self) -> bool:
        """Whether there is a process at the moment."""
        return self._process is not None and self._process.poll() is None

    def paint(self, model: Path, layout: NDArray[np.uint8]) -> bytes:
        """Return the image, as PNG, that a saved model paints from an ``(H, W)`` layout of class ids.

        Raises:
            BenchError: The model cannot be loaded or cannot paint this, or the process died or takes too long.
        """
        request = {
            "model": str(model.resolve()),
            "shape": list(layout.shape),
            "layout": base64.b64encode(layout.tobytes()).decode("ascii"),
        }
        with self._lock:
            self._stop_timer()
            try:
                answer = self._ask(json.dumps(request))
            finally:
                self._start_timer()
        if "image" not in answer:
            raise BenchError(str(answer.get("error", "The painting process gave no answer.")))
        try:
            return base64.b64decode(answer["image"])
        except (binascii.Error, TypeError) as error:
            raise BenchError("The painting process gave no picture; try again.") from error

    def _ask(self, request: str) -> dict[str, Any]:
        process = self._process if self.running else None
        process = process or self._start()
        assert process.stdin is not None
        try:
            process.stdin.write(request + "\n")
            process.stdin.flush()
            line = self._answers.get(timeout=self._patience)
        except queue.Empty as error:
            self._end()
            raise BenchError(
                f"Painting took longer than {self._patience:.0f} s and was stopped; try again."
            ) from error
        except OSError:
            line = ""
        if not line:
            self._end()
            raise BenchError(
                "The painting process died, perhaps for want of memory; try again or use a smaller model."
            )
        answer: dict[str, Any] = json.loads(line)  # the process writes nothing else
        return answer

    def _start(self) -> "subprocess.Popen[str]":
        self._end()  # of one that died unasked
        package = Path(__file__).parents[3]  # of the package: it need not be installed
        paths = os.pathsep.join(filter(None, (str(package), os.environ.get("PYTHONPATH", ""))))
        self._answers = queue.SimpleQueue()
        self._process = subprocess.Popen(  # noqa: S603  # this interpreter and a module of ours
            [sys.executable, "-m", _MODULE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": paths},
        )
        threading.Thread(target=_listen, args=(self._process, self._answers), daemon=True).start()
        return self._process

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()

    def _start_timer(self) -> None:
        self._timer = threading.Timer(self._idle, self.close)
        self._timer.daemon = True
        self._timer.start()

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            with contextlib.suppress(OSError):  # what it was not told any more
                process.stdin.close()  # type: ignore[union-attr]

    def close(self) -> None:
        """End the process, if there is one."""
        with self._lock:
            self._stop_timer()
            self._end()


def _listen(process: "subprocess.Popen[str]", answers: "queue.SimpleQueue[str]") -> None:
    assert process.stdout is not None
    with process.stdout:
        for line in process.stdout:
            answers.put(line)
    answers.put("")  # it is dead


#: The one of this process.
PAINTING = Painting()
