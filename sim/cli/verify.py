"""The command `verify`: run kept draws again."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.answering import answer
from sim.cli.exits import EXIT_DIFFERS


def verify(
    result: Annotated[str, typer.Argument(metavar="RESULT", help="Result folder.")],
    sample: Annotated[int, typer.Option(min=1, help="How many draws to run again.")] = 32,
) -> None:
    """Run some draws of a kept result again and compare them bit by bit."""
    from sim.runs.run_data import read
    from sim.runs.verify import verify as verified

    report = verified(read(result), sample)
    answer(
        lambda: {"folder": result, "agrees": report.agrees, "answer": report.text.splitlines()},
        lambda: typer.echo(report.text),
    )
    if not report.agrees:
        raise typer.Exit(EXIT_DIFFERS)
