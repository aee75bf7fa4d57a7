"""Starting the web server: one process, or several that share a socket."""

import contextlib
import http.client
import logging
import multiprocessing
import os
import signal
import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

import uvicorn
from starlette.types import ASGIApp
from uvicorn.supervisors import Multiprocess

from sbgan_bench.errors import ConfigError
from sbgan_bench.rating.folder import StudyFolder
from sbgan_bench.rating.page.application import create_application
from sbgan_bench.rating.page.checking import check_images
from sbgan_bench.rating.store.opening import open_store

_LOG = logging.getLogger(__name__)

#: Seconds that requests under way have to end in when the server is asked to stop.
_LAST_REQUESTS = 10
#: Seconds that a worker may say nothing before it is taken for hung; on a busy machine it may take long to start.
_SILENCE = 120
#: Seconds between two looks whether it serves by now.
_AGAIN = 0.1
#: Seconds that one look may take.
_LOOK = 5


def serve_study(folder: Path, url: str, address: str, port: int, processes: int, ready: Callable[[str], None]) -> None:
    """Serve the rating page until SIGTERM or Ctrl-C; requests under way are finished.

    Nothing is logged of requests: addresses hold tokens and platform ids.

    Args:
        folder: Of the study.
        url: Of the store.
        address: To listen at; 127.0.0.1 for this machine alone.
        port: To listen at; 0 for any that is free.
        processes: Workers; they share nothing but the store.
        ready: Told the page's address, from another thread, once somebody answers there.

    Raises:
        ConfigError: The address or port cannot be had; the study or its store cannot be opened.
        DataError: Images are missing or changed.
    """
    place = StudyFolder(folder)
    study = place.read()
    open_store(url, study).dispose()  # what is wrong is said before anybody is let in
    check_images(place, study)
    listening = _listen(address, port)
    settings = uvicorn.Config(
        partial(create_application if processes == 1 else _worker_application, folder, url),
        factory=True,
        workers=processes,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_keep_alive=75,  # raters think
        timeout_graceful_shutdown=_LAST_REQUESTS,
        timeout_worker_healthcheck=_SILENCE,
        ws_ping_interval=30,
        ws_ping_timeout=30,
        ws_per_message_deflate=False,
    )
    page = _shown(address, listening.getsockname()[1])
    threading.Thread(target=_announce, args=(page, ready), daemon=True).start()
    if processes == 1:
        uvicorn.Server(settings).run([listening])
    else:
        Multiprocess(settings, [listening]).run()


def _announce(page: str, ready: Callable[[str], None]) -> None:
    """Tell where the page is, once it is there; if it never is, tell nobody."""
    connection = http.client.HTTPConnection(page.removeprefix("http://"), timeout=_LOOK)
    end = time.monotonic() + _SILENCE
    while time.monotonic() < end:
        if _answers(connection):
            ready(page)
            return
        time.sleep(_AGAIN)
    _LOG.error("Nobody answered at %s for %d seconds.", page, _SILENCE)


def _answers(connection: http.client.HTTPConnection) -> bool:
    with contextlib.suppress(OSError, http.client.HTTPException), contextlib.closing(connection):
        connection.request("GET", "/_stcore/health")
        return connection.getresponse().status == http.client.OK
    return False


def _worker_application(folder: Path, url: str) -> ASGIApp:
    """Make the application of one of several workers, which ends when the process that started it is no more."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    return create_application(folder, url)


def _end_with_parent() -> None:
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os.kill(os.getpid(), signal.SIGTERM)


def _listen(address: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    listening = socket.socket(family)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((address, port))
        listening.listen(2048)
    except (OSError, OverflowError) as error:
        listening.close()
        raise ConfigError(
            f"Cannot listen at {address}, port {port}: {error}. Choose another --port (0 for any that is free) or "
            "--address."
        ) from error
    listening.set_inheritable(True)
    return listening


def _shown(address: str, port: int) -> str:
    host = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(address, f"[{address}]" if ":" in address else address)  # noqa: S104
    return f"http://{host}:{port}"
