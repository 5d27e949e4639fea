"""The server of the explorer: this machine only, one page, and the reports that were asked for."""

from __future__ import annotations

import errno
import secrets
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import panel as pn
from tornado.web import HTTPError, RequestHandler

from sim.errors import ScenarioError
from sim.explorer.app import Explorer
from sim.explorer.door import HERE, Address, refusals
from sim.explorer.session import Session
from sim.explorer.tabs import Shown, Tabs

MOST_BYTES = 1_000_000
"""Size of a message or request above which a browser is cut off; where all controls stand takes some thousands."""
REPORT_POLICY = "sandbox allow-scripts; frame-ancestors 'none'"
"""A report is a page by itself, and knows nothing of the explorer; which script it may run it says itself."""
TAB = "tab"
"""What the address says of a tab, so that it can be loaded again."""
NOT_FOUND = 404
LAST_PORT = 65535
ENDED = "The explorer has ended. Saved scenarios and reports are kept."

Say = Callable[[str], None]


@dataclass(frozen=True)
class Pages:
    """Reports that the server gives out, by words that nobody can guess."""

    files: dict[str, Path] = field(default_factory=dict)

    def publish(self, page: Path) -> str:
        """Let the server give out one file, and name its address there."""
        word = secrets.token_urlsafe()
        self.files[word] = page.resolve()
        return f"report/{word}"


class ReportHandler(RequestHandler):
    """Gives out a report that was published, and nothing else."""

    def initialize(self, pages: Pages) -> None:
        """Take over what may be given out."""
        self.pages = pages

    def get(self, word: str) -> None:
        """Answer with the file."""
        page = self.pages.files.get(word)
        if page is None or not page.is_file():
            raise HTTPError(NOT_FOUND)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.set_header("Content-Security-Policy", REPORT_POLICY)
        self.finish(page.read_bytes())


def serve(session: Session, port: int, say: Say, say_address: Say, open_browser: bool = True) -> None:
    """Serve the explorer until Ctrl-C.

    Parameters
    ----------
    session
        What is explored; every tab begins with it.
    port
        Port on 127.0.0.1 that `check_port` has tried.
    say
        Takes what the user should read.
    say_address
        Takes the address once somebody listens there.
    open_browser
        Whether to open a browser; where there is none the address is said.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, after the server has ended.
    """
    address = Address(port)
    server = _server(session, address)
    try:
        server.start()
        say_address(address.text)
        if open_browser and not _opened(address.text):
            say(f"No browser was found; open {address.text} in one on this machine")
        server.io_loop.start()  # until Ctrl-C, for which Panel stops the loop
    finally:
        server.stop()
    raise KeyboardInterrupt(ENDED)


def _server(session: Session, address: Address) -> Any:
    pages, tabs = Pages(), Tabs(Shown(session))
    server = pn.serve(  # type: ignore[no-untyped-call]
        {"/": lambda: _opened_tab(tabs, pages).page(address.nonce)},
        port=address.port,
        address=HERE,
        prefix=address.word,
        websocket_origin=[address.host],
        title="cloudtrade explorer",
        show=False,
        start=False,
        verbose=False,
        extra_patterns=[(r"/report/([A-Za-z0-9_-]+)", ReportHandler, {"pages": pages})],
        transforms=[address.transform()],
        websocket_max_message_size=MOST_BYTES,
        http_server_kwargs={"max_body_size": MOST_BYTES, "max_buffer_size": MOST_BYTES},
    )
    application = server._tornado  # noqa: SLF001 (Panel gives no other way to rules that come before all others)
    application.add_handlers(".*", refusals(address, lambda: len(server.get_sessions("/"))))
    return server


def _opened_tab(tabs: Tabs, pages: Pages) -> Explorer:
    """Show what the tab has shown before, if its address says that it is loaded again, or else what a new one does."""
    (asked, *_) = pn.state.session_args.get(TAB, [b""])
    word, shown = tabs.opened(asked.decode(errors="replace"))
    explorer = Explorer(shown.session, pages.publish, partial(tabs.keep, word))
    explorer.restore(shown, f"?{TAB}={word}")
    return explorer


def check_port(port: int) -> None:
    """Try a port before anything is computed.

    Raises
    ------
    ScenarioError
        If it is in use or not allowed.
    """
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HERE, port))
        except OSError as error:
            raise _refused(error, port) from None


def _refused(error: OSError, port: int) -> ScenarioError:
    if error.errno == errno.EADDRINUSE:
        other = port + 1 if port < LAST_PORT else port - 1
        return ScenarioError(f"port {port} is in use, perhaps by another explorer; try --port {other}")
    return ScenarioError(f"port {port} cannot be used: {error.strerror or error}; try another --port")


def _opened(address: str) -> bool:
    try:
        return webbrowser.open(address)
    except (webbrowser.Error, OSError):
        return False
