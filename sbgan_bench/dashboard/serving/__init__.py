"""The server of the dashboard: Streamlit with a route for pictures, on this machine alone unless told otherwise."""

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

from starlette.routing import Route
from streamlit import App

from sbgan_bench.dashboard.arguments import Arguments
from sbgan_bench.dashboard.pictures import serve

#: What Streamlit runs for every reader.
SCRIPT = Path(__file__).with_name("script.py")

#: Streamlit's options; ``.streamlit/config.toml`` of the checkout says the same to ``streamlit run``.
OPTIONS: dict[str, Any] = {
    "server.address": "127.0.0.1",
    "server.fileWatcherType": "none",
    "server.headless": True,
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "type",
    "client.toolbarMode": "viewer",
    "theme.primaryColor": "#2f6fb1",
}


def routes() -> list[Route]:
    """Return what is served beside Streamlit's own."""
    return [Route("/pictures/{place:path}", serve)]


@contextlib.asynccontextmanager
async def lifespan(app: App) -> AsyncIterator[None]:
    """End what was started for readers together with the server."""
    del app
    yield


def start(arguments: Arguments, address: str, port: int | None) -> None:
    """Serve the dashboard until interrupted.

    Args:
        arguments: What to show.
        address: To listen on.
        port: To listen on; None for 8501, or the next that is free.
    """
    sys.argv = [sys.argv[0], *arguments.words()]  # pages read it there, as under "streamlit run"
    chosen = {**OPTIONS, "server.address": address} | ({} if port is None else {"server.port": port})
    App(SCRIPT, routes=routes(), lifespan=lifespan).run(config=chosen)
