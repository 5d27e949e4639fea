"""What each instrument of a package brings, and through whom: `cloudtrade ledger`.

1. `instrument_list` divides what two scenarios differ in into instruments: policies and other parts that can be
   exchanged alone.
2. `instruments_study` runs the reference with the instruments of subsets of them, each with the same draws;
   `effect_channels` says of which parts a figure is made.
3. `shapley` is the arithmetic, pure functions on arrays.
4. `instruments_charts` and `instruments_page` show it.
"""

DRAWS = 200
"""Draws of each run, unless the user says otherwise."""
PAIRS = 8
"""Pairs of orders where there are too many instruments for all subsets, unless the user says otherwise."""
