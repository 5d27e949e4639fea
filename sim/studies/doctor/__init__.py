"""Checks of the model that a referee asks for, made on any scenario (`cloudtrade doctor`).

`checks.py` lists them. Each is a function from a `Patient` (scenario, runs, world at the base date; `patient.py`) to a
`Finding` (`finding.py`), and gets its figure in another way than the model does. They stand by theme:
`conservation.py`, `markets.py`, `stillness.py`, `symmetry.py`, `monotone.py`, `limits.py`, `clock.py`,
`assumptions.py` (with the published ranges of `assumptions.csv`) and `repeats.py`. `variants.py` makes the scenarios
that they run, `findings_shown.py` shows what was found.
"""
