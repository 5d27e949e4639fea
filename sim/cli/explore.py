"""The command `explore`: sliders and live charts in a browser."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.answering import answer
from sim.cli.arguments import MOST_DRAWS, SeedOption
from sim.runs import DEFAULT_SEED, EXPLORED_DRAWS

EXPLORED_SCENARIO = "guiyang_pilot"
EXPLORER_PORT = 5006


def explore(
    scenario: Annotated[
        str, typer.Argument(metavar="SCENARIO", help="Path in this folder, or a name.")
    ] = EXPLORED_SCENARIO,
    reference: Annotated[
        str | None,
        typer.Option(show_default="the scenario that it extends", help="Scenario to compare with.", metavar="SCENARIO"),
    ] = None,
    draws: Annotated[int, typer.Option(min=1, max=MOST_DRAWS, help="How many draws answer each question.")] = (
        EXPLORED_DRAWS
    ),
    seed: SeedOption = DEFAULT_SEED,
    port: Annotated[int, typer.Option(min=1024, max=65535, help="Port on this machine.")] = EXPLORER_PORT,
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="Open a browser.")] = True,
) -> None:
    """Move sliders and see the market answer at once, in a browser (needs the extra `explore`)."""
    from sim.explorer.opening import check_installed
    from sim.explorer.session import open_session

    check_installed()
    from sim.explorer.serve import check_port, serve

    check_port(port)
    session = open_session(scenario, reference, draws, seed)
    serve(session, port, typer.echo, _say_address, open_browser=browser)


def _say_address(address: str) -> None:
    answer(lambda: {"address": address}, lambda: typer.echo(f"The explorer is at {address} (Ctrl-C ends it)"))
