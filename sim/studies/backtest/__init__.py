"""Forecasts of the past, as they would have been made then, beside what came.

1. `forecasts` fits to what was known at a cut-off (`sim.studies.fit`) and forecasts every figure that came later;
   `naive` does so by two rules that know no economics; `scoring` says how good each was.
2. `backtest` does this at several cut-offs and adds forecasts of every quarter, for charts (`fans`).
3. `scorecard` sums up: coverage, errors, scores beside those of the naive rules, and which targets are met.
4. `backtest_charts` and `backtest_page` show and keep it.

Policies are replayed as they came: the question is how well the model knows markets, not whether it foresees politics.
"""
