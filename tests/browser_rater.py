"""Somebody who rates with a real browser, and a wire that keeps everything that the browser receives."""

import contextlib
import re
import socket
import threading

from playwright.sync_api import BrowserContext, Locator, Page, expect

#: Ways to compress, as requests ask for them.
_COMPRESSION = re.compile(rb"gzip|deflate|zstd|\bbr\b")
#: Milliseconds that anything on the page may take on a busy machine.
PATIENCE = 20_000


class Visitor:
    """One rater in a browser window of their own."""

    def __init__(self, context: BrowserContext, address: str, token: str) -> None:
        context.set_default_timeout(PATIENCE)
        self.context = context
        self.address = address
        self.token = token
        self.page: Page = context.new_page()
        self.elsewhere: list[str] = []  #: addresses of others that the page asked for
        self.page.on("request", lambda request: self._check(request.url))

    def _check(self, url: str) -> None:
        if not url.startswith((self.address, self.address.replace("http", "ws"), "blob:", "data:")):
            self.elsewhere.append(url)

    @property
    def link(self) -> str:
        return f"{self.address}/?token={self.token}"

    def open(self) -> None:
        """Open the link that the rater was given."""
        self.page.goto(self.link)

    def begin(self) -> None:
        """Open the link, read the instructions, begin."""
        self.open()
        self.page.get_by_role("button", name="Begin").click()
        self.wait_for_image("Practice 1 of 2")

    def score_button(self, score: int) -> Locator:
        return self.page.locator(f"button.score >> nth={score - 1}")

    @property
    def place(self) -> str:
        """What the page says about which image this is."""
        return self.page.locator(".place").text_content() or ""

    def wait_for_image(self, place: str) -> None:
        """Return when that image is shown and can be scored."""
        expect(self.page.locator(".place")).to_have_text(place, timeout=PATIENCE)
        expect(self.score_button(1)).to_have_attribute("aria-disabled", "false", timeout=PATIENCE)

    def look(self, milliseconds: int = 280) -> None:
        """Look at the image as long as the study asks, and a little longer."""
        self.page.wait_for_timeout(milliseconds)

    def wait_for_change(self, place: str) -> bool:
        """Return when another image is shown, or the thanks; whether it is an image."""
        another = self.page.locator(".place").filter(has_not_text=re.compile(f"^{place}$"))
        thanks = self.page.get_by_role("heading", name="Thank you")
        expect(another.or_(thanks).first).to_be_visible(timeout=PATIENCE)
        if thanks.count():
            return False
        self.wait_for_image(self.place)
        return True

    def image(self) -> bytes:
        """Return the bytes that the browser has of the image on the screen."""
        script = "async node => Array.from(new Uint8Array(await (await fetch(node.src)).arrayBuffer()))"
        return bytes(self.page.locator(".stage img").evaluate(script))

    def code(self) -> str:
        """Return the completion code on the page of thanks."""
        expect(self.page.get_by_role("heading", name="Thank you")).to_be_visible(timeout=PATIENCE)
        return (self.page.locator(".stCode code").text_content() or "").strip()


class Wire:
    """A relay between browser and server that keeps every byte from the server.

    Requests are made to ask for nothing compressed, and servers do not mask WebSocket frames: what is kept can be
    searched as it is.
    """

    def __init__(self, port: int) -> None:
        self._port = port
        self._entrance = socket.create_server(("127.0.0.1", 0))
        self._connections: list[tuple[socket.socket, socket.socket, bytearray]] = []
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._entrance.getsockname()[1]}"

    @property
    def received(self) -> list[bytes]:
        """What the browser received, by connection."""
        return [bytes(kept) for _, _, kept in self._connections]

    def close(self) -> None:
        for end in [self._entrance, *(end for pair in self._connections for end in pair[:2])]:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
            end.close()

    def _accept(self) -> None:
        with contextlib.suppress(OSError):  # closed
            while True:
                browser, _ = self._entrance.accept()
                server = socket.create_connection(("127.0.0.1", self._port))
                kept = bytearray()
                self._connections.append((browser, server, kept))
                threading.Thread(target=self._carry, args=(server, browser, kept), daemon=True).start()
                threading.Thread(target=self._carry, args=(browser, server, None), daemon=True).start()

    def _carry(self, source: socket.socket, target: socket.socket, kept: bytearray | None) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if kept is None:
                    target.sendall(_COMPRESSION.sub(lambda word: b"x" * len(word[0]), piece))
                else:
                    kept += piece
                    target.sendall(piece)
        with contextlib.suppress(OSError):
            target.shutdown(socket.SHUT_WR)
