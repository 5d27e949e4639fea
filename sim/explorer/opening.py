"""Opening the explorer, in a notebook or a browser, where the extra that it needs is installed."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

from sim.errors import ScenarioError
from sim.explorer.session import DEFAULT_SCENARIO, open_session
from sim.runs import DEFAULT_SEED, EXPLORED_DRAWS

if TYPE_CHECKING:
    from sim.explorer.app import Explorer

LIBRARY = "panel"


def explore(
    scenario: str | Path = DEFAULT_SCENARIO,
    reference: str | Path | None = None,
    draws: int = EXPLORED_DRAWS,
    seed: int = DEFAULT_SEED,
) -> Explorer:
    """Open the explorer in a notebook: sliders and switches of a scenario, answered at once beside a reference.

    Parameters
    ----------
    scenario
        Name or path of a scenario, in the library or the working folder.
    reference
        The same of the scenario to compare with; the one that `scenario` extends if None.
    draws, seed
        How every answer is run.

    Raises
    ------
    ScenarioError
        If a scenario is not there or not valid, or the extra `explore` is not installed.
    """
    check_installed()
    from sim.explorer.app import Explorer  # noqa: PLC0415 (needs the extra)

    return Explorer(open_session(scenario, reference, draws, seed))


def check_installed() -> None:
    """Refuse to go on without the libraries of the extra.

    Raises
    ------
    ScenarioError
        With the command that installs them.
    """
    if importlib.util.find_spec(LIBRARY) is None:
        raise ScenarioError("the explorer needs more libraries: pip install 'cloudtrade[explore]'")
