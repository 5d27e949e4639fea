"""The command `worth`: which of several policies is best for a party, and what it would be worth to know more."""

from __future__ import annotations

from functools import partial
from typing import Annotated

import typer

from sim.cli.arguments import MOST_DRAWS
from sim.cli.asking import Asked, study_command
from sim.studies.worth import DRAWS


@study_command
def worth(
    names: Annotated[list[str], typer.Argument(metavar="SCENARIO...", help="What is chosen from, two at least.")],
    party: Annotated[
        str | None,
        typer.Option(
            "--for", metavar="PARTY", show_default="the host of the focus market",
            help="A country, us_vendors, a vendor, partners or customers.",
        ),
    ] = None,
    kpi: Annotated[
        str | None, typer.Option("--by", metavar="KPI", show_default="the party's own", help="Figure that counts.")
    ] = None,
    draws: Annotated[int, typer.Option(min=4, max=MOST_DRAWS, help="Draws of each scenario.")] = DRAWS,
    *,
    asked: Asked,
) -> None:  # fmt: skip
    """Say which scenario is best for a party, how much each regrets, and what knowing more first would be worth."""
    from sim.runs.manifest import WORTH
    from sim.studies.worth.worth_page import folder_of
    from sim.studies.worth.worth_study import worth as study

    scenarios = asked.load(names)
    made = partial(study, scenarios, party, kpi, draws=draws)
    asked.answer(WORTH, f"worth_{kpi or party or 'of'}_{scenarios[-1].name}", made, folder_of)
