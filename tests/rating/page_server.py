"""The rating page as tests talk to it: its routes in a thread, or the whole server as a process of its own."""

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import uvicorn
from starlette.applications import Starlette

from sbgan_bench.rating.page.desk import Desk
from sbgan_bench.rating.page.routes import rating_routes


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)


@dataclass(frozen=True)
class Client:
    """Requests to a server, each on a connection of its own."""

    host: str
    port: int

    def ask(
        self, method: str, path: str, token: str = "", body: Any = None, headers: dict[str, str] | None = None
    ) -> Answer:
        connection = http.client.HTTPConnection(self.host, self.port, timeout=30)
        content = body if isinstance(body, bytes | None) else json.dumps(body).encode()
        sent = {"Authorization": f"Bearer {token}"} if token else {}
        with contextlib.closing(connection):
            connection.request(method, path, content, {**sent, **(headers or {})})
            response = connection.getresponse()
            names = {name.lower(): value for name, value in response.getheaders()}
            return Answer(response.status, names, response.read())

    def next(self, token: str) -> Answer:
        return self.ask("POST", "/rating/next", token, {})

    def score(self, token: str, slot: str, score: Any) -> Answer:
        return self.ask("POST", "/rating/score", token, {"slot": slot, "score": score})

    def image(self, slot: str) -> Answer:
        return self.ask("GET", f"/rating/image/{slot}.png")


@contextlib.contextmanager
def routes_of(desk: Desk) -> Iterator[Client]:
    """Serve the routes alone, without Streamlit."""
    settings = uvicorn.Config(Starlette(routes=rating_routes(desk)), port=0, log_level="error", lifespan="off")
    server = uvicorn.Server(settings)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield Client("127.0.0.1", server.servers[0].sockets[0].getsockname()[1])
    finally:
        server.should_exit = True
        thread.join()


@dataclass(frozen=True)
class RunningServer:
    """``sbgan-bench rate serve`` as a process."""

    process: subprocess.Popen[str]
    client: Client
    log: Path  #: what it wrote

    @property
    def address(self) -> str:
        return f"http://{self.client.host}:{self.client.port}"

    def stop(self, number: int = signal.SIGTERM) -> int:
        """Send a signal; return the exit status."""
        self.process.send_signal(number)
        return self.process.wait(20)


@contextlib.contextmanager
def served(study: Path, log: Path, *options: str) -> Iterator[RunningServer]:
    """Serve a study until the block ends, whatever happens in it."""
    command = [sys.executable, "-m", "sbgan_bench", "rate", "serve", str(study), "--port", "0", *options]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SBGAN_BENCH")}
    with log.open("w") as errors, tempfile.TemporaryDirectory() as scratch:
        environment["TMPDIR"] = scratch  # what a killed server leaves there goes as well
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=errors, text=True, env=environment, cwd=study.parent
        )
        with process:
            try:
                line = process.stdout.readline() if process.stdout else ""
                assert "http://" in line, log.read_text()
                port = int(line.partition("http://")[2].split()[0].partition(":")[2])
                yield RunningServer(process, Client("127.0.0.1", port), log)
            finally:
                if process.poll() is None:
                    process.terminate()
                    with contextlib.suppress(subprocess.TimeoutExpired):
                        process.wait(20)
                process.kill()
