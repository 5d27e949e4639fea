"""How a figure moves with one or two values of a scenario: `cloudtrade sweep`.

`grids` reads what is to be swept, `sweep_study` runs each point with the same draws, `sweep_charts` and `sweep_page`
show it.
"""

DRAWS = 200
"""Draws of each point, unless the user says otherwise."""
