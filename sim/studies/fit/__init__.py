"""From published figures to what is believed of trends and gaps: the fit, and what it takes from data.

1. `published` reads figures of cloud markets and goods trade; `figure_files` lays a user's over them; `fit_settings`
   says which definitions are comparable and how exact figures are.
2. `hindcast` makes the world as one could know it at a cut-off (`cutoff`): policies as they came, market sizes known by
   then, and priors for all numbers that the scenario marks with `posterior`.
3. `predicting` says what a run has to say of a figure; `posterior` learns from the difference, as pure functions on
   arrays; `estimating` does both in rounds and gives a `Fit`.
4. `fit_tables` sets prior beside posterior and figures beside what is fitted to them; `fit_charts` and `fit_page` show
   and keep it.

The posterior that the base scenario uses is kept in `sim/facts/posteriors/`. A fit looks at nothing that came after its
cut-off: a test writes nonsense there and the fit stays as it is, to the last bit.
"""
