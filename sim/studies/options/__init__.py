"""Entry as an option: what it is worth to a vendor to open a channel now, later or never: `cloudtrade option`.

1. `best_moment` and `going_rules` are the arithmetic, pure functions on arrays: when to go is learned from one half of
   the draws and valued in the other.
2. `reckoned_entry` keeps the vendor from moving, and notes what every change would have been worth at each review.
3. `options_study` puts both together; `options_charts` and `options_page` show it.
"""

DRAWS = 1000
"""Draws, unless the user says otherwise."""
LEAST_DRAWS = 20
"""Draws without which two halves have nothing to learn from each other."""
