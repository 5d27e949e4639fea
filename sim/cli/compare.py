"""The command `compare`: kept results beside each other; `example`: the comparison that the repository keeps."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sim.cli.arguments import EffectsOption, FullOption, kept_place
from sim.cli.output import (
    PAGE,
    compared_beside,
    print_page,
    print_place,
    say_comparison,
    under,
    with_wanted_effects,
)

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
    full: FullOption = False,
) -> None:
    """Compare kept results with the first of them; draws with the same number and seed are paired."""
    import sim
    from sim.runs.address import Place
    from sim.runs.manifest import COMPARISON
    from sim.runs.result_folder import check_place

    if out is not None:
        check_place(out, COMPARISON)
    found = compared_beside([sim.read(folder) for folder in results], str(Place.of(results[0]).parent))
    comparison = with_wanted_effects(found, effects)
    if out is not None:
        comparison.save(out)
    say_comparison(comparison, [*([out] if out else []), *results], full)
    if out is None:
        typer.echo("To have it as a page, give --out FOLDER")
    else:
        print_place(out)
        print_page(under(out, PAGE))


def example(
    out: Annotated[Path, typer.Option(help="Folder for the differences and their charts.")] = Path("results/example"),
) -> None:
    """Make the example that the repository keeps: the pilot against the status quo."""
    import sim
    from sim.runs.manifest import COMPARISON
    from sim.runs.result_folder import check_place

    check_place(out, COMPARISON)
    found = sim.compare([sim.run(name, draws=EXAMPLE_DRAWS) for name in EXAMPLE])
    comparison = with_wanted_effects(found, wanted=None)
    comparison.save(out)
    say_comparison(comparison, [str(out)])
    print_place(out)
