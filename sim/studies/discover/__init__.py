"""Under which assumptions something comes about: `cloudtrade discover`.

`boxes` looks for a box of inputs in which a condition holds often, pure functions on arrays; `discover_study` runs two
scenarios and puts the question; `discover_page` shows the answer. `narrowing` gives scenarios that draw from the box,
`written_region` writes them.
"""

DRAWS = 1000
"""Draws of each scenario, unless the user says otherwise: half to find a rule, half to score it."""
