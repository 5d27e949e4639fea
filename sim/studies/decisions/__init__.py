"""Why each vendor moved or waited: `cloudtrade decisions`.

`reviews` looks on while vendors review how they sell and notes what each change is worth to them; `decision_page` shows
it over all draws, and one draw step by step.
"""

DRAWS = 200
"""Draws, unless the user says otherwise."""
