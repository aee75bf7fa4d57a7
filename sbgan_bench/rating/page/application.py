"""The web application of one worker process: our routes beside a Streamlit script, with its settings pinned."""

import gc
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import streamlit as st
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from streamlit.web import bootstrap

from sbgan_bench.rating.page import script
from sbgan_bench.rating.page.desk import open_desk
from sbgan_bench.rating.page.routes import rating_routes

#: Whatever a configuration file says, a rater's page shows no code, watches no file and calls nobody.
SETTINGS = {
    "browser.gatherUsageStats": False,
    "client.showErrorDetails": "none",
    "client.showErrorLinks": False,
    "client.toolbarMode": "minimal",
    "global.developmentMode": False,
    "logger.level": "warning",
    "runner.magicEnabled": False,
    "runner.postScriptGC": False,  # four fifths of what a run of the script costs
    "server.allowRunOnSave": False,
    "server.baseUrlPath": "",
    "server.enableAgentApi": False,
    "server.enableStaticServing": False,
    "server.fileWatcherType": "none",
    "server.headless": True,
    "server.maxUploadSize": 1,
    "server.runOnSave": False,
    "theme.dark.primaryColor": "#3182ce",  # neither red nor green, which would be a verdict
    "theme.light.primaryColor": "#2b6cb0",
}

#: A rater's address holds their token: it is told to no other site and to no search engine.
_HEADERS = {
    "Referrer-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex, nofollow",
}

#: What Streamlit's page asks about the site that it may be shown in: there is none, nobody is told what raters do, and
#: no dialog covers the image when the connection is lost, which the page says in its own words.
_HOST = {
    "allowedOrigins": [],
    "blockErrorDialogs": True,
    "enableCustomParentMessages": False,
    "enforceDownloadInNewTab": False,
    "metricsUrl": "",
    "resourceCrossOriginMode": None,
    "useExternalAuthToken": False,
}


def create_application(folder: Path, url: str) -> ASGIApp:
    """Return the application that serves one study; each worker process makes its own.

    Streamlit tells browsers the path of its script. The script therefore runs as a copy in a folder of its own, so
    that neither the folder of the study nor the name of this package can be read there.

    Args:
        folder: Of the study; nothing below ``owner/`` is read.
        url: Of the store.

    Raises:
        ConfigError: The folder holds no study, or the store is not there or belongs to another one.
    """
    bootstrap.load_config_options(SETTINGS)
    desk = open_desk(folder, url)
    scratch = tempfile.TemporaryDirectory(prefix="rating-")
    page = Path(scratch.name) / "page.py"
    page.write_bytes(Path(script.__file__).read_bytes())

    @asynccontextmanager
    async def lifespan(_: st.App) -> AsyncIterator[None]:
        gc.freeze()  # what is loaded by now stays: nobody need look through it again
        try:
            yield
        finally:
            desk.store.dispose()
            scratch.cleanup()

    application: ASGIApp = st.App(
        page,
        secrets={"rating": {"folder": str(folder), "store": url}},  # for the script; they stay in this process
        lifespan=lifespan,
        routes=rating_routes(desk),
        middleware=[Middleware(_Discreet)],
    )
    return application


class _Discreet:
    """Adds the headers above to every response, answers what browsers ask about the host, and tells no metrics."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self._own: dict[str, ASGIApp] = {
            "/_stcore/host-config": JSONResponse(_HOST),
            "/_stcore/metrics": Response(status_code=404),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def sending(message: Message) -> None:
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message).update(_HEADERS)
            await send(message)

        app = self._own.get(scope.get("path", ""), self._app)
        await app(scope, receive, sending if scope["type"] == "http" else send)
