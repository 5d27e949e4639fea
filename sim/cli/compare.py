"""The command `compare`: kept results beside each other; `example`: the comparison that the repository keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import EffectsOption, kept_place
from sim.cli.output import print_place, show_comparison

EXAMPLE = ("status_quo", "guiyang_pilot")
EXAMPLE_DRAWS = 500


def compare(
    results: Annotated[
        list[str], typer.Argument(metavar="RESULT", help="Result folders; the first one is the reference.")
    ],
    out: Annotated[
        str | None, typer.Option(callback=kept_place, help="Folder for the differences and their charts.")
    ] = None,
    effects: EffectsOption = None,
) -> None:
    """Compare kept results with the first of them; draws with the same number and seed are paired."""
    import sim
    from sim.runs.manifest import COMPARISON
    from sim.runs.result_folder import check_place

    if out is not None:
        check_place(out, COMPARISON)
    comparison = show_comparison(sim.compare([sim.read(folder) for folder in results]), effects)
    if out is not None:
        print_place(comparison.save(out))


def example(
    out: Annotated[Path, typer.Option(help="Folder for the differences and their charts.")] = Path("results/example"),
) -> None:
    """Make the example that the repository keeps: the pilot against the status quo."""
    import sim
    from sim.runs.manifest import COMPARISON
    from sim.runs.result_folder import check_place

    check_place(out, COMPARISON)
    comparison = show_comparison(sim.compare([sim.run(name, draws=EXAMPLE_DRAWS) for name in EXAMPLE]), effects=None)
    print_place(comparison.save(out))
