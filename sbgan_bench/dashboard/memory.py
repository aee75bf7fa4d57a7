"""Pictures that were drawn lately, kept up to so many bytes."""

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeAlias

#: A picture and its media type; None for what is no picture.
Drawn: TypeAlias = tuple[bytes, str] | None
#: Bytes that an entry takes beside those of its picture, about.
_ENTRY = 1024


class Memory:
    """What was asked for lately; those asked for longest ago are forgotten first. Safe for threads."""

    def __init__(self, most: int) -> None:
        """Make an empty one that holds up to ``most`` bytes."""
        self._most, self._held = most, 0
        self._made: OrderedDict[Hashable, Drawn] = OrderedDict()
        self._lock = threading.Lock()

    def once(self, key: Hashable, make: Callable[[], Drawn]) -> Drawn:
        """Return what ``make`` made the last time that it was asked for under ``key``, if that is still held."""
        with self._lock:
            if key in self._made:
                self._made.move_to_end(key)
                return self._made[key]
        made = make()  # outside the lock: pictures are drawn side by side
        with self._lock:
            self._forget(key)
            self._made[key] = made
            self._held += _size(made)
            while self._held > self._most:
                self._forget(next(iter(self._made)))
        return made

    def _forget(self, key: Hashable) -> None:
        if key in self._made:
            self._held -= _size(self._made.pop(key))

    def clear(self) -> None:
        """Forget everything."""
        with self._lock:
            self._made.clear()
            self._held = 0


def _size(made: Drawn) -> int:
    return _ENTRY + (len(made[0]) if made is not None else 0)
