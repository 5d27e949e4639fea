"""The command `option`: what it is worth to a vendor to open a channel now, later or never."""

from __future__ import annotations

from typing import Annotated

import typer

from sim.cli.arguments import (
    MOST_DRAWS,
    AsOfOption,
    DataOption,
    OutOption,
    QuietOption,
    ScenarioArgument,
    SeedOption,
    SetOption,
    WorkersOption,
    all_changes,
    load_all,
)
from sim.cli.output import RESULTS, report_study, study_in, under
from sim.runs import DEFAULT_SEED
from sim.studies.options import DRAWS, LEAST_DRAWS


def option(  # noqa: PLR0913, PLR0917 (each option is an argument)
    scenario: ScenarioArgument,
    vendor: Annotated[str, typer.Option(help="A vendor that reviews how it sells.")],
    market: Annotated[
        str | None, typer.Option(show_default="the only one that it reviews", help="In which market.")
    ] = None,
    draws: Annotated[int, typer.Option(min=LEAST_DRAWS, max=MOST_DRAWS, help="Number of draws.")] = DRAWS,
    seed: SeedOption = DEFAULT_SEED,
    changes: SetOption = None,
    as_of: AsOfOption = None,
    data: DataOption = None,
    workers: WorkersOption = None,
    out: OutOption = RESULTS,
    quiet: QuietOption = False,
) -> None:
    """Say when a vendor should change how it sells, what waiting is worth, and what the model's hurdle gives away."""
    from sim.runs.manifest import OPTION
    from sim.runs.progress import Bars
    from sim.studies.options.options_page import folder_of
    from sim.studies.options.options_study import entry_option

    (loaded,) = load_all([scenario], all_changes(changes, as_of, data))
    folder = under(out, f"{loaded.name}_option_{vendor}{f'_{market}' if market else ''}")
    with study_in(folder, OPTION) as kept_in:
        with Bars(quiet=quiet) as bars:
            found = entry_option(
                loaded, vendor, market, draws=draws, seed=seed, workers=workers, bars=bars, kept_in=kept_in
            )  # fmt: skip
        study = folder_of(found)
        report_study(study, folder, study.tables[:2])
