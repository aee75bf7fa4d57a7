"""The server of the dashboard: Streamlit with a route for pictures, on this machine alone unless told otherwise."""

import contextlib
import sys
import threading
from collections.abc import AsyncIterator
from importlib import import_module
from pathlib import Path
from typing import Any

from starlette.routing import Route
from streamlit import App

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.editor.painting import PAINTING
from sbgan_bench.dashboard.pictures import serve
from sbgan_bench.dashboard.shell import PAGES

#: What Streamlit runs for every reader. It lies apart: a folder "pages" beside it would be taken for pages of its own.
SCRIPT = Path(__file__).with_name("script.py")

#: Names of this machine: a page of another site that claims a name for it is not answered.
LOOPBACK = ("localhost", "127.0.0.1", "::1")
#: Streamlit's options; ``.streamlit/config.toml`` of the checkout says the same to ``streamlit run``.
OPTIONS: dict[str, Any] = {
    "server.address": "127.0.0.1",
    "server.allowedHosts": list(LOOPBACK),
    "server.fileWatcherType": "none",
    "server.headless": True,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "type",
    "client.toolbarMode": "viewer",
    "theme.light.primaryColor": "#2f6fb1",
    "theme.dark.primaryColor": "#5f9bd8",
}


def routes() -> list[Route]:
    """Return what is served beside Streamlit's own."""
    return [Route("/pictures/{place:path}", serve)]


@contextlib.asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """Import what pages need before the first reader comes, and end what was started for readers with the server."""
    del app
    threading.Thread(target=_import_pages, daemon=True).start()
    yield
    PAINTING.close()


def _import_pages() -> None:
    for page in PAGES:
        import_module(f"sbgan_bench.dashboard.pages.{page}")


def start(arguments: Arguments, address: str, port: int | None) -> None:
    """Serve the dashboard until interrupted.

    Args:
        arguments: What to show.
        address: To listen on.
        port: To listen on; None for 8501, or the next that is free.
    """
    sys.argv = [sys.argv[0], *arguments.words()]  # pages read it there, as under "streamlit run"
    hosts = (
        list(LOOPBACK) if address in LOOPBACK else []
    )  # a public server is known by names that only its owner knows
    chosen = {**OPTIONS, "server.address": address, "server.allowedHosts": hosts}
    chosen |= {} if port is None else {"server.port": port}
    App(SCRIPT, routes=routes(), lifespan=lifespan).run(config=chosen)
