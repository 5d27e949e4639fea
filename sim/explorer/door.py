"""Who is let in: a browser that calls the address as it was announced, with the word in it; and what pages may do."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tornado.httputil import HTTPHeaders, HTTPServerRequest
from tornado.routing import Matcher, Rule
from tornado.web import OutputTransform, RequestHandler

HERE = "127.0.0.1"
"""The only name by which the server answers: a foreign name that leads here belongs to a foreign page."""
MOST_PAGES = 24
"""Pages that may be open at the same time."""
FORBIDDEN, TOO_MANY = 403, 503


@dataclass(frozen=True)
class Address:
    """Where the server is, and what only those know who were told.

    Attributes
    ----------
    port
        Port of this machine.
    word
        First part of every path, which nobody can guess.
    nonce
        Mark of the scripts that pages may run; what is written in a scenario cannot know it.
    """

    port: int
    word: str = field(default_factory=secrets.token_urlsafe)
    nonce: str = field(default_factory=secrets.token_urlsafe)

    @property
    def host(self) -> str:
        """What a browser names as the host."""
        return f"{HERE}:{self.port}"

    @property
    def origin(self) -> str:
        """What a browser names as the origin of a page."""
        return f"http://{self.host}"

    @property
    def text(self) -> str:
        """What the user opens."""
        return f"{self.origin}/{self.word}/"

    @property
    def headers(self) -> dict[str, str]:
        """What browsers are told with every answer: nothing from elsewhere, and no script but those of the program.

        Panel imports the scripts of its components from blobs, and styles come as text.
        """
        policy = (
            "default-src 'none'", f"script-src 'self' blob: 'nonce-{self.nonce}'", "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:", "font-src 'self' data:", f"connect-src 'self' ws://{self.host} blob:",
            "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        )  # fmt: skip
        return {
            "Content-Security-Policy": "; ".join(policy), "Referrer-Policy": "no-referrer",
            "X-Content-Type-Options": "nosniff", "Cross-Origin-Resource-Policy": "same-origin",
        }  # fmt: skip

    def transform(self) -> type[OutputTransform]:
        """Give what adds the headers to every answer that has no own ones of that name."""
        added = self.headers

        class WithHeaders(OutputTransform):
            def transform_first_chunk(
                self, status_code: int, headers: HTTPHeaders, chunk: bytes, finishing: bool
            ) -> tuple[int, HTTPHeaders, bytes]:
                for name, value in added.items():
                    headers.setdefault(name, value)
                return super().transform_first_chunk(status_code, headers, chunk, finishing)

        return WithHeaders


class _Found(Matcher):
    """Finds the requests of which something is true."""

    def __init__(self, is_so: Callable[[HTTPServerRequest], bool]) -> None:
        self._is_so = is_so

    def match(self, request: HTTPServerRequest) -> dict[str, Any] | None:
        return {} if self._is_so(request) else None


class Refusal(RequestHandler):
    """Answers any request, also one for a websocket, with a status and one sentence."""

    def initialize(self, status: int, words: str) -> None:
        """Take over what is said."""
        self.status, self.words = status, words

    def prepare(self) -> None:
        """Answer."""
        self.set_status(self.status)
        self.set_header("Content-Type", "text/plain; charset=utf-8")
        self.finish(self.words)


def refusals(address: Address, open_pages: Callable[[], int]) -> list[Rule]:
    """Give rules for those who are not let in, to be asked before all others.

    Tornado itself compares the origin of a websocket with the host that the request names; where both are foreign,
    because a foreign name leads here, it lets them in.
    """

    def is_stranger(request: HTTPServerRequest) -> bool:
        return request.host != address.host or request.headers.get("Origin", address.origin) != address.origin

    def is_one_too_many(request: HTTPServerRequest) -> bool:
        return request.path == f"/{address.word}/" and open_pages() >= MOST_PAGES

    stranger = f"The explorer answers only at the address that it said when it started, at {address.origin}."
    crowd = f"{MOST_PAGES} pages of the explorer are open; close some, wait half a minute, and load this one again."
    return [
        Rule(_Found(is_stranger), Refusal, {"status": FORBIDDEN, "words": stranger}),
        Rule(_Found(is_one_too_many), Refusal, {"status": TOO_MANY, "words": crowd}),
    ]
