"""The command `cloudtrade`: reads arguments, calls the public functions, prints tables and messages.

- `run`, `verify`, `compare` (with `example`), `deals`, `doctor`, `explore`: one command each
- `scenarios`: `list`, `show`, `diff`, `check`, `schema` and `new`
- `published_figures`: `fit`, `backtest` and `validate`
- `arguments`: what several commands take; `output`: what several print, and where they put it
- `answering`: what a command has found, on the screen or as JSON; `asking`: what the commands of all studies share
- `exits`: exit codes, and what is said last

Commands import what they need when they are called, so that help and lists need not wait for pandas and charts.
"""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Callable
from typing import Annotated, Any

import typer
import typer.core

from sim import __version__
from sim.cli import (
    compare,
    deals,
    decisions,
    discover,
    doctor,
    explore,
    ledger,
    option,
    published_figures,
    run,
    scenarios,
    sweep,
    verify,
    why,
    worth,
)
from sim.cli.answering import answering
from sim.cli.exits import EXIT_BROKEN_PIPE, faulty, flushed, interrupted, ready, refused
from sim.errors import ScenarioError

EXAMPLES: dict[Callable[..., None], str] = {
    run.run: "run status_quo guiyang_pilot --draws 500",
    verify.verify: "verify results/status_quo --sample 64",
    compare.compare: "compare results/status_quo results/guiyang_pilot --out results/pilot",
    why.why: "why status_quo guiyang_pilot --draws 512",
    sweep.sweep: "sweep guiyang_pilot --against status_quo --over zones.guiyang.capacity_units=1,5,25",
    worth.worth: "worth status_quo guiyang_pilot nationwide_opening --for china",
    ledger.ledger: "ledger status_quo pilot_and_data_flows",
    decisions.decisions: "decisions guiyang_pilot --vendor aws --draw 3",
    option.option: "option guiyang_pilot --vendor aws",
    discover.discover: 'discover status_quo guiyang_pilot --when "us_vendors_profit_in_china_cum_bn < 0"',
    deals.deals: "deals bargain_spring_2019 --draws 500",
    scenarios.list_scenarios: "list",
    scenarios.show: "show guiyang_pilot --only policies",
    scenarios.diff: "diff status_quo guiyang_pilot",
    scenarios.check: "check my_pilot.yaml",
    doctor.doctor: "doctor guiyang_pilot --out findings.csv",
    scenarios.schema: "schema > scenario.schema.json",
    scenarios.new: "new my_zone --with zone,vendor",
    explore.explore: "explore guiyang_pilot",
    published_figures.fit: "fit --cutoff 2021-12",
    published_figures.backtest: "backtest --cutoff 2019-12 --data later_data --out results/backtest",
    published_figures.validate: "validate --out docs/validation.md",
    compare.example: "example --out results/example",
}
"""All commands in the order of the help, each with an example, whose first word is its name."""


LOOKS_FOR_WASTE = 100_000, 5, 5
"""How seldom Python looks for objects that only hold each other: by itself it searches all that is imported again."""


THREADS_OF_LINEAR_ALGEBRA = "OPENBLAS_NUM_THREADS"
"""Read as NumPy is imported: matrices are small here, and threads that wait for each other keep a core busy."""


class Commands(typer.core.TyperGroup):
    """All commands; Ctrl-C in any of them says what is kept, where Typer alone would end without a word."""

    def invoke(self, context: Any) -> Any:
        """Run the command that was asked for."""
        try:
            return super().invoke(context)
        except KeyboardInterrupt as stop:
            raise typer.Exit(interrupted(stop)) from stop
        except BrokenPipeError as gone:  # Typer would end with 1
            raise typer.Exit(EXIT_BROKEN_PIPE) from gone


app = typer.Typer(
    name="cloudtrade",
    cls=Commands,
    help="Simulate what trade policy does to cloud vendors in the United States and China.",
    epilog="Example: cloudtrade run status_quo guiyang_pilot",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
for command, example in EXAMPLES.items():
    app.command(example.split()[0], epilog=f"Example: cloudtrade {example}")(answering(command))


def main(arguments: list[str] | None = None) -> None:
    """Run the command and end the process: 0 if all went well, 2 if the user has to mend something.

    Parameters
    ----------
    arguments
        What follows the command's name; those of the process if absent.
    """
    ready()
    os.environ.setdefault(THREADS_OF_LINEAR_ALGEBRA, "1")
    gc.set_threshold(*LOOKS_FOR_WASTE)
    code = flushed(_exit_code(arguments))
    gc.freeze()  # else Python looks for waste among all that was imported, just before it goes
    sys.exit(code)


def _exit_code(arguments: list[str] | None) -> int:
    try:
        app(arguments, prog_name="cloudtrade")
    except SystemExit as finished:
        if isinstance(finished.__context__, BrokenPipeError):  # Typer and Rich end the program with 1 then
            return EXIT_BROKEN_PIPE
        return finished.code if isinstance(finished.code, int) else 1
    except KeyboardInterrupt as stop:
        return interrupted(stop)
    except ScenarioError as error:
        return refused(str(error))
    except OSError as error:
        return refused(f"{error.filename or 'a file'}: {error.strerror or error}")
    except Exception as fault:  # noqa: BLE001 (whatever it is, nobody is shown a traceback)
        return faulty(fault)
    return 0


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"cloudtrade {__version__}")
        raise typer.Exit


@app.callback()
def cloudtrade(
    _version: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and stop.")
    ] = False,
) -> None:
    """Simulate what trade policy does to cloud vendors in the United States and China."""
