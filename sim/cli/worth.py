"""The command `worth`: which of several policies is best for a party, and what it would be worth to know more."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    OutOption,
    QuietOption,
    SeedOption,
    SetOption,
    WorkersOption,
    all_changes,
    load_all,
)
from sim.cli.output import RESULTS, report_study, study_in, under
from sim.runs import DEFAULT_SEED
from sim.studies.worth import DRAWS


def worth(  # noqa: PLR0913, PLR0917 (each option is an argument)
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
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:  # fmt: skip
    """Say which scenario is best for a party, how much each regrets, and what knowing more first would be worth."""
    from sim.runs.manifest import WORTH
    from sim.runs.progress import Bars
    from sim.studies.worth.worth_page import folder_of
    from sim.studies.worth.worth_study import worth as asked

    scenarios = load_all(names, all_changes(changes, as_of, data))
    folder = under(out, f"worth_{kpi or party or 'of'}_{scenarios[-1].name}")
    with study_in(folder, WORTH) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = asked(
                scenarios, party, kpi, draws=draws, seed=seed, workers=workers, bars=bars, kept_in=kept_in
            )  # fmt: skip
        report_study(folder_of(found), folder)
