"""Curves for TensorBoard, written at once and in this thread: a full disk is noticed where it can be answered."""

import time
from collections.abc import Mapping
from pathlib import Path

from tensorboard.compat.proto.event_pb2 import Event, SessionLog
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.record_writer import RecordWriter

from sbgan_bench.storage import writing


class Curves:
    """Scalars over the number of images shown, in one event file per attempt at a run."""

    def __init__(self, folder: Path, resumed_images: int) -> None:
        """Begin a new event file in ``folder``; what earlier ones hold beyond ``resumed_images`` is no longer shown.

        Raises:
            CannotWriteError: The operating system refused.
        """
        self._path = folder / f"events.out.tfevents.{time.time_ns()}"  # TensorBoard reads files in this order
        with writing(folder):
            folder.mkdir(parents=True, exist_ok=True)
        self._write(Event(file_version="brain.Event:2"))
        if resumed_images:
            # Scalars are logged at the images shown after a step, and the mark removes those from its own step on.
            self._write(Event(session_log=SessionLog(status=SessionLog.START), step=resumed_images + 1))

    def add(self, images: int, values: Mapping[str, float]) -> None:
        """Write one point of each named curve.

        Raises:
            CannotWriteError: The operating system refused.
        """
        points = [Summary.Value(tag=name, simple_value=value) for name, value in values.items()]
        self._write(Event(step=images, summary=Summary(value=points)))

    def _write(self, event: Event) -> None:
        event.wall_time = time.time()
        with writing(self._path), self._path.open("ab") as stream:
            RecordWriter(stream).write(event.SerializeToString())
