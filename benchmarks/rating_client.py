"""A rater without a browser: Streamlit's protocol over a WebSocket, images and scores over one kept connection.

The WebSocket stays open while images are rated, as a browser's does, and consent is given by the same clicks.
"""

import asyncio
import contextlib
import json
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ClientState_pb2 import ClientState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed


@dataclass
class Diary:
    """What happened to one rater."""

    token: str
    acknowledged: list[int] = field(default_factory=list)  #: scores that the server said it has, in order
    waits: list[float] = field(default_factory=list)  #: seconds from sending a score to the next image's last byte
    refusals: dict[str, int] = field(default_factory=dict)  #: by kind
    entered: float = 0.0  #: seconds from the first byte to the first image's last
    finished: bool = False


class Http:
    """One kept connection."""

    def __init__(self, host: str, port: int) -> None:
        self._host, self._port = host, port
        self._reader: asyncio.StreamReader | None = None
        self._writer: asyncio.StreamWriter | None = None

    async def ask(self, method: str, path: str, token: str = "", body: Any = None) -> tuple[int, bytes]:
        """Send a request; return the status code and the body."""
        if self._reader is None or self._writer is None:
            self._reader, self._writer = await asyncio.open_connection(self._host, self._port)
        content = b"" if body is None else json.dumps(body).encode()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(content)}"]
        lines += [f"Authorization: Bearer {token}"] if token else []
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        sizes = [int(line.split(":")[1]) for line in head if line.lower().startswith("content-length:")]
        return int(head[0].split()[1]), await self._reader.readexactly(sizes[0] if sizes else 0)

    def close(self) -> None:
        """Give the connection back."""
        if self._writer is not None:
            self._writer.close()


class Page:
    """The Streamlit side of a rater's page."""

    def __init__(self, socket: ClientConnection, token: str) -> None:
        self._socket = socket
        self._query = f"token={token}"
        self._states: list[WidgetState] = []

    async def begin(self) -> None:
        """Agree, read the instructions, begin: until the block of buttons is there."""
        shown = await self._run()
        while "bidi_component" not in shown:
            if "checkbox" in shown:
                self._states = [WidgetState(id=shown["checkbox"], bool_value=True)]
                shown = await self._run()
            pressed = WidgetState(id=shown["button"], trigger_value=True)
            shown = await self._run(pressed)

    async def stay(self) -> None:
        """Read whatever comes until the connection ends."""
        with contextlib.suppress(ConnectionClosed):
            async for _ in self._socket:
                pass

    async def _run(self, *pressed: WidgetState) -> dict[str, str]:
        """Run the script; return the ids of its widgets by kind."""
        message = BackMsg(rerun_script=ClientState(query_string=self._query))
        message.rerun_script.widget_states.widgets.extend([*self._states, *pressed])
        await self._socket.send(message.SerializeToString())
        shown: dict[str, str] = {}
        async for frame in self._socket:
            received = ForwardMsg.FromString(frame)
            kind = received.WhichOneof("type")
            if kind == "new_session":
                shown = {}
            elif kind == "delta" and received.delta.WhichOneof("type") == "new_element":
                element = received.delta.new_element
                name = element.WhichOneof("type")
                if name in ("checkbox", "button", "bidi_component"):
                    shown[name] = getattr(element, name).id
            elif kind == "script_finished" and received.script_finished == ForwardMsg.FINISHED_SUCCESSFULLY:
                return shown
        raise ConnectionError("the page closed")


async def rate(address: str, diary: Diary, delay: float, think: float, until: float, draw: random.Random) -> None:
    """Rate as one person until the last image or ``until``, by the clock of ``time.perf_counter``.

    Args:
        address: Of the page.
        diary: Where it is written down.
        delay: Seconds before they come.
        think: Seconds that they look at an image, half to one and a half times.
        until: When they stop.
        draw: Where their scores and times come from.
    """
    await asyncio.sleep(delay)
    host, _, port = address.removeprefix("http://").partition(":")
    http = Http(host, int(port))
    start = time.perf_counter()
    async with connect(f"ws://{host}:{port}/_stcore/stream", subprotocols=["streamlit"], max_size=None) as socket:
        page = Page(socket, diary.token)
        await page.begin()
        staying = asyncio.create_task(page.stay())
        trial = await _trial(http, diary, "/rating/next", {})
        await _image(http, diary, trial)
        diary.entered = time.perf_counter() - start
        while trial is not None and time.perf_counter() < until:
            await asyncio.sleep(think * draw.uniform(0.5, 1.5))
            score = draw.choice((1, 2, 3, 4))
            sent = time.perf_counter()
            trial = await _trial(http, diary, "/rating/score", {"slot": trial["slot"], "score": score}, score)
            if trial is not None:
                await _image(http, diary, trial)
                diary.waits.append(time.perf_counter() - sent)
        diary.finished = trial is None
        staying.cancel()
    http.close()


async def _trial(http: Http, diary: Diary, path: str, body: Any, score: int | None = None) -> Any:
    """Ask for a trial; what is refused is counted and asked again."""
    while True:
        status, content = await http.ask("POST", path, diary.token, body)
        answer = json.loads(content)
        if status == 200:
            diary.acknowledged += [score] if score is not None else []
            return answer["trial"]
        _count(diary, answer["error"])
        if answer["error"] == "gone":
            path, body, score = "/rating/next", {}, None
        await asyncio.sleep(answer.get("wait_ms", 500) / 1000)


async def _image(http: Http, diary: Diary, trial: Any) -> None:
    status, content = await http.ask("GET", f"/rating/image/{trial['slot']}.png")
    if status != 200 or not content.startswith(b"\x89PNG"):
        _count(diary, f"image {status}")


def _count(diary: Diary, kind: str) -> None:
    diary.refusals[kind] = diary.refusals.get(kind, 0) + 1


def percentiles(values: list[float]) -> Iterator[int]:
    """Yield the median, the 95th percentile and the largest of some seconds, as milliseconds."""
    ordered = sorted(values) or [float("nan")]
    for share in (0.5, 0.95, 1.0):
        yield round(1000 * ordered[min(int(share * len(ordered)), len(ordered) - 1)])
