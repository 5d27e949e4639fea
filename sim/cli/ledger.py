"""The command `ledger`: what each instrument of a package brings, and through whom."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    OutOption,
    QuietOption,
    ReferenceArgument,
    SeedOption,
    SetOption,
    WorkersOption,
    all_changes,
    load_all,
)
from sim.cli.output import RESULTS, report_study, study_in, under
from sim.errors import ScenarioError
from sim.runs import DEFAULT_SEED
from sim.studies.instruments import DRAWS, PAIRS

MOST_PAIRS = 10_000


def ledger(  # noqa: PLR0913, PLR0917 (each option is an argument)
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
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Divide a difference among the instruments of a package: policies, and other parts that can be exchanged alone."""
    from sim.runs.manifest import LEDGER
    from sim.runs.progress import Bars
    from sim.studies.instruments.instruments_page import folder_of, instrument_table
    from sim.studies.instruments.instruments_study import ledger_of

    if reference == package:
        raise ScenarioError(f"{reference}: is given twice, so there is no difference to divide")
    before, after = load_all([reference, package], all_changes(changes, as_of, data))
    folder = under(out, f"{after.name}_ledger_{before.name}")
    with study_in(folder, LEDGER) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = ledger_of(
                before, after, kpi, draws=draws, seed=seed, pairs=pairs, workers=workers, bars=bars, kept_in=kept_in
            )  # fmt: skip
        study = folder_of(found)
        report_study(study, folder, [instrument_table(found, study.kept[0], name) for name in found.kpis])
