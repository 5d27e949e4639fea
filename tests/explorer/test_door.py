"""Nobody is let in but a browser that calls the announced address; what a browser says is read, not trusted."""

from __future__ import annotations

import http.client
from pathlib import Path

import pytest
from tornado.httputil import HTTPHeaders, HTTPServerRequest, RequestStartLine

import sim
from sim.explorer.app import Explorer
from sim.explorer.door import MOST_PAGES, Address, refusals

SLOTS = "policies.guiyang_pilot.slots"
UPGRADE = {
    "Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "MDEyMzQ1Njc4OWFiY2RlZg==", "Sec-WebSocket-Protocol": "bokeh, nothing",
}  # fmt: skip
PLACES = {
    "page": "",
    "websocket": "ws",
    "script": "static/js/bokeh.min.js",
    "report": "report/any",
    "about": "metadata",
}
CALLERS = {
    "a foreign name that leads here": lambda here: {"Host": f"evil.example:{here}"},
    "the same, its page being the origin": lambda here: {
        "Host": f"evil.example:{here}", "Origin": f"http://evil.example:{here}"},
    "the same, as browsers mark it": lambda here: {
        "Host": f"evil.example:{here}", "Origin": f"http://evil.example:{here}", "Sec-Fetch-Site": "same-origin"},
    "another name of this machine": lambda here: {"Host": f"localhost:{here}"},
    "a name that goes on": lambda here: {"Host": f"127.0.0.1:{here}.evil.example"},
    "another port": lambda _: {"Host": "127.0.0.1:80"},
    "no port": lambda _: {"Host": "127.0.0.1"},
    "a foreign page": lambda _: {"Origin": "http://evil.example"},
    "a page of another port": lambda _: {"Origin": "http://127.0.0.1:1"},
    "a page of nowhere": lambda _: {"Origin": "null"},
    "another scheme": lambda here: {"Origin": f"https://127.0.0.1:{here}"},
}  # fmt: skip


def asked(server, path: str, **headers: str) -> tuple[int, http.client.HTTPMessage, str]:
    """Status, headers and text of an answer to the very headers that are given."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    held = {"Host": f"127.0.0.1:{server.port}"} | headers
    connection.putrequest("GET", path, skip_host=True, skip_accept_encoding=True)
    for name, value in held.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    text = "" if response.status == 101 else response.read().decode(errors="replace")
    connection.close()
    return response.status, response.headers, text


def word(server) -> str:
    return server.address.split("/")[3]


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("caller", CALLERS)
def test_strangers_are_refused_everywhere(server, caller, place):
    upgrade = UPGRADE if place == "websocket" else {}
    for path in (f"/{word(server)}/{PLACES[place]}", f"/{PLACES[place]}"):
        status, _, text = asked(server, path, **upgrade, **CALLERS[caller](server.port))
        assert status == 403
        assert f"http://127.0.0.1:{server.port}" in text
        assert word(server) not in text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("said", ["", "wrong/"])
def test_without_the_word_of_the_address_nothing_is_there(server, place, said):
    upgrade = UPGRADE if place == "websocket" else {}
    assert asked(server, f"/{said}{PLACES[place]}", **upgrade)[0] == 404


def test_whoever_has_the_address_is_let_in(server):
    assert len(word(server)) >= 32
    assert asked(server, f"/{word(server)}/")[0] == 200
    assert asked(server, f"/{word(server)}/", Origin=f"http://127.0.0.1:{server.port}")[0] == 200
    assert asked(server, f"/{word(server)}/ws", **UPGRADE, Origin=f"http://127.0.0.1:{server.port}")[0] == 101


def test_a_page_says_what_it_may_load_and_who_may_frame_it(server):
    _, headers, text = asked(server, f"/{word(server)}/")
    policy = dict(part.split(" ", 1) for part in headers["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert "unsafe" not in policy["script-src"]
    nonce = policy["script-src"].split("nonce-")[1].rstrip("'")
    assert text.count("<script") == text.count(f'<script nonce="{nonce}"') > 3
    assert headers["Referrer-Policy"] == "no-referrer"


def test_too_large_a_request_is_cut_off(server):
    with pytest.raises((http.client.HTTPException, OSError)):  # it hangs up, at once or in the middle
        asked(server, f"/{word(server)}/", **{"X-Large": "x" * 2_000_000})
    assert asked(server, f"/{word(server)}/")[0] == 200


def test_one_page_too_many_is_refused_in_words():
    address = Address(5006)
    for already, is_refused in ((MOST_PAGES - 1, False), (MOST_PAGES, True)):
        _, crowd = refusals(address, lambda already=already: already)
        line = RequestStartLine("GET", f"/{address.word}/", "HTTP/1.1")
        request = HTTPServerRequest(headers=HTTPHeaders({"Host": address.host}), start_line=line)
        assert (crowd.matcher.match(request) is not None) == is_refused
    assert str(MOST_PAGES) in crowd.target_kwargs["words"]


# What the browser says ------------------------------------------------------------------------------------------------


@pytest.fixture
def page(session, tmp_path, monkeypatch) -> Explorer:
    monkeypatch.chdir(tmp_path)
    page = Explorer(session)
    page._controls.request = {"number": 1, "moved": {SLOTS: 1}}
    return page


def act(page: Explorer, number: int, action: str, **more: object) -> dict:
    page._actions.asked = {"number": number, "action": action, "name": "", **more}
    return page._actions.done


def slots_kept() -> int:
    return sim.load("mine.yaml").policies["guiyang_pilot"].slots


@pytest.mark.depth
def test_a_file_is_replaced_only_where_the_user_was_asked_about_it(page):
    assert not act(page, 1, "save", name="mine")["refused"]
    page._controls.request = {"number": 2, "moved": {SLOTS: 2}}

    assert act(page, 2, "replace", name="mine")["refused"], "nobody was asked"
    assert act(page, 3, "save", name="mine", replace=True)["question"] == "Replace mine.yaml"
    assert act(page, 4, "reset")["question"] == ""
    page._controls.request = {"number": 3, "moved": {SLOTS: 2}}
    assert act(page, 5, "replace", name="mine")["refused"], "the question was withdrawn"
    assert slots_kept() == 1

    Path("other.yaml").write_text("kept\n", encoding="utf-8")
    act(page, 6, "save", name="mine")
    assert not act(page, 7, "replace", name="other")["refused"]
    assert Path("other.yaml").read_text(encoding="utf-8") == "kept\n", "only what was asked about is replaced"
    assert slots_kept() == 2
    assert act(page, 8, "replace", name="mine")["refused"], "a question is answered once"


NONSENSE = (
    {}, {"number": "1", "moved": {}}, {"number": 9}, {"number": 9, "moved": []}, {"number": 9, "moved": None},
    {"moved": {SLOTS: 3}},
)  # fmt: skip


@pytest.mark.parametrize("said", NONSENSE)
def test_what_is_no_question_gets_no_answer(page, said):
    page._controls.request = said
    assert page._controls.answered == 1
    assert page.changes == {SLOTS: 1}


@pytest.mark.parametrize("value", [[1], {"a": 1}, "9" * 5000, 1e308, -1e308, float("nan"), None, True, "<script>"])
def test_a_control_that_is_moved_to_nonsense_is_refused_in_words(page, value):
    page._controls.request = {"number": 2, "moved": {SLOTS: value}}
    assert page._controls.answered == 2
    assert 'role="alert"' in page._table.html
    assert "<script" not in page._table.html


@pytest.mark.parametrize(
    "said", [{}, {"number": 1, "action": "__init__", "name": ""}, {"number": 1, "action": ["save"], "name": "mine"},
             {"number": 1, "action": "save", "name": 5}, {"action": "save", "name": "mine"}],
)  # fmt: skip
def test_what_is_no_action_is_not_done(page, said):
    page._actions.asked = said
    assert page._actions.done == {}
    assert not list(Path().iterdir())
