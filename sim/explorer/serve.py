"""The server of the explorer: this machine only, one page, and the reports that were asked for."""

from __future__ import annotations

import errno
import secrets
import socket
import webbrowser
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import panel as pn
from tornado.web import HTTPError, RequestHandler

from sim.errors import ScenarioError
from sim.explorer.app import Explorer
from sim.explorer.session import Session

ADDRESS = "127.0.0.1"
HOSTS = (ADDRESS, "localhost")
"""Names by which a browser on this machine may call the server."""
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

    def initialize(self, pages: Pages, hosts: tuple[str, ...]) -> None:
        """Take over what may be given out, and to whom."""
        self.pages, self.hosts = pages, hosts

    def get(self, word: str) -> None:
        """Answer with the file."""
        page = self.pages.files.get(word)
        if page is None or self.request.host not in self.hosts or not page.is_file():
            raise HTTPError(NOT_FOUND)
        self.set_header("Content-Type", "text/html; charset=utf-8")
        self.set_header("Cache-Control", "no-store")
        self.finish(page.read_bytes())


def serve(session: Session, port: int, say: Say, open_browser: bool = True) -> None:
    """Serve the explorer until Ctrl-C.

    Parameters
    ----------
    session
        What is explored; every tab begins with it.
    port
        Port on 127.0.0.1 that `check_port` has tried.
    say
        Takes what the user should read.
    open_browser
        Whether to open a browser; where there is none the address is said.

    Raises
    ------
    KeyboardInterrupt
        At Ctrl-C, after the server has ended.
    """
    server = _server(session, port)
    try:
        server.start()
        address = f"http://{ADDRESS}:{port}/"
        say(f"The explorer is at {address} (Ctrl-C ends it)")
        if open_browser and not _opened(address):
            say(f"No browser was found; open {address} in one on this machine")
        server.io_loop.start()  # until Ctrl-C, for which Panel stops the loop
    finally:
        server.stop()
    raise KeyboardInterrupt(ENDED)


def _server(session: Session, port: int) -> Any:
    pages, hosts = Pages(), tuple(f"{host}:{port}" for host in HOSTS)
    route = (r"/report/([A-Za-z0-9_-]+)", ReportHandler, {"pages": pages, "hosts": hosts})
    return pn.serve(  # type: ignore[no-untyped-call]
        {"/": lambda: Explorer(session, pages.publish).page()},
        port=port,
        address=ADDRESS,
        websocket_origin=list(hosts),
        title="cloudtrade explorer",
        show=False,
        start=False,
        verbose=False,
        extra_patterns=[route],
    )


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
            probe.bind((ADDRESS, port))
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
