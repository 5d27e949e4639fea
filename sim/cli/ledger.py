"""The command `ledger`: what each instrument of a package brings, and through whom."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS, ReferenceArgument
from sim.cli.asking import Asked, study_command
from sim.errors import ScenarioError
from sim.studies.instruments import DRAWS, PAIRS

MOST_PAIRS = 10_000


@study_command
def ledger(
    reference: ReferenceArgument,
    package: Annotated[str, typer.Argument(metavar="PACKAGE", help="Scenario of which the difference is divided.")],
    kpi: Annotated[
        str | None,
        typer.Option(
            show_default="profit, surplus, partners' income, welfare", help="Figure, as kpis.parquet calls it."
        ),
    ] = None,
    draws: Annotated[int, typer.Option(min=2, max=MOST_DRAWS, help="Draws of each run.")] = DRAWS,
    pairs: Annotated[
        int, typer.Option(min=2, max=MOST_PAIRS, help="Pairs of orders where there are more than six instruments.")
    ] = PAIRS,
    *,
    asked: Asked,
) -> None:
    """Divide a difference among the instruments of a package: policies, and other parts that can be exchanged alone."""
    from sim.runs.manifest import LEDGER
    from sim.studies.instruments.instruments_page import folder_of, instrument_table
    from sim.studies.instruments.instruments_study import ledger_of

    if reference == package:
        raise ScenarioError(f"{reference}: is given twice, so there is no difference to divide")
    before, after = asked.load([reference, package])
    made = partial(ledger_of, before, after, kpi, draws=draws, pairs=pairs)
    asked.answer(
        LEDGER, f"{after.name}_ledger_{before.name}", made, folder_of,
        lambda found, study: [instrument_table(found, study.kept[0], name) for name in found.kpis],
    )  # fmt: skip
