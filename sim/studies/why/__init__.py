"""Which assumption decides a difference, and how much of it nobody can know: `cloudtrade why`.

1. `input_groups` divides all that is drawn into groups: estimates, assumptions by what they are about, luck.
2. `why_study` runs both scenarios with the luck of one seed, of another, and of the first but for one group, until the
   order of the first three groups stands or the budget is spent.
3. `variance_parts`, `shapley_effects` and `switching` are the arithmetic, pure functions on arrays.
4. `why_tables` are the answers as tables, `why_charts` and `why_page` show them.
"""

DRAWS = 1024
"""Draws of each run at most, unless the user says otherwise."""
KINDS = {"estimate": "estimates", "assumption": "assumptions", "luck": "luck"}
"""Kinds of group, as people read them."""
