"""Which of several policies is best for somebody, and what it would be worth to know more first: `cloudtrade worth`.

`regret` and `value_of_knowing` are the arithmetic, pure functions on arrays; `worth_study` runs each scenario with the
same draws; `worth_page` shows it.
"""

DRAWS = 1000
"""Draws of each scenario, unless the user says otherwise."""
