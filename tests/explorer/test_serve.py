"""The server is there for this machine alone, says what is wrong, and ends when it is told to."""

from __future__ import annotations

import http.client
import socket
import subprocess

import pytest

from sim.cli import main
from tests.explorer.served import command, environment, served

LOOP_BACK = "127.0.0.2"


def refused(capsys, *arguments: str) -> str:
    """What a command says that ends with exit code 2."""
    with pytest.raises(SystemExit) as ended:
        main(["explore", *arguments])
    assert ended.value.code == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def other_addresses() -> list[str]:
    """Addresses of this machine that are not 127.0.0.1; another one of the loop back to itself is always there."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))  # nothing is sent: this only asks which address would be used
        except OSError:
            return [LOOP_BACK]
        return [LOOP_BACK, probe.getsockname()[0]]


def asked(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    connection.close()
    return response


def test_it_says_its_address_and_that_there_is_no_browser(server):
    assert asked(server.port, server.address.removeprefix(f"http://127.0.0.1:{server.port}")).status == 200
    assert f"The explorer is at {server.address}" in server.said
    assert "No browser was found" in server.said


def test_other_machines_cannot_connect(server):
    for address in other_addresses():
        with socket.socket() as probe:
            probe.settimeout(10)
            assert probe.connect_ex((address, server.port)) != 0


@pytest.mark.parametrize("path", ["/report/anything", "/report/..%2f..%2fetc%2fpasswd", "/report/"])
def test_nothing_is_given_out_that_was_not_asked_for(server, path):
    assert asked(server.port, f"/{server.address.split('/')[3]}{path}").status == 404


def test_a_port_in_use_is_said_with_the_next_one(server, capsys):
    said = refused(capsys, "--port", str(server.port), "--no-browser", "--draws", "2")
    assert f"port {server.port} is in use" in said
    assert f"--port {server.port + 1}" in said


def test_a_scenario_outside_the_working_folder_is_refused(capsys, tmp_path, monkeypatch):
    outside = tmp_path / "far.yaml"
    outside.write_text("extends: status_quo\ntitle: Far\nquestion: Why?\n", encoding="utf-8")
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    assert "outside the working folder" in refused(capsys, "../far.yaml", "--no-browser")


def test_an_unknown_scenario_is_refused_with_the_nearest_name(capsys):
    assert "guiyang_pilot" in refused(capsys, "guiyang_pilott", "--no-browser")


def test_without_its_libraries_it_says_what_to_install(capsys, monkeypatch):
    monkeypatch.setattr("sim.explorer.opening.LIBRARY", "a_library_that_is_not_there")
    assert "pip install 'cloudtrade[explore]'" in refused(capsys, "--no-browser")


@pytest.mark.depth
def test_ctrl_c_ends_it_with_code_130_and_without_a_traceback(tmp_path):
    with served(tmp_path, "--draws", "2", "--no-browser") as started:
        assert started.interrupt() == 130
    assert "The explorer has ended" in started.said
    assert "Traceback" not in started.said
    assert "No browser" not in started.said


def test_help_says_what_it_needs():
    said = subprocess.run(command("--help"), capture_output=True, text=True, check=True, env=environment()).stdout
    assert "needs the extra `explore`" in " ".join(said.split())
