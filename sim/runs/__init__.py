"""Many draws of many scenarios: batches of them shared out among workers, kept as they finish, joined into results.

- `sim.runs.run_many`: the way in, and the only loop over runs; `sim.runs.run_plan`: how runs are made and divided.
- `sim.runs.batch_task`: one batch, and what is wanted of it: tables, or a reduction; all that a worker does.
- `sim.runs.workers`: who does it: this process, processes, a Dask cluster.
- `sim.runs.dispatch`: hands out batches, takes in what comes back, tries again what failed.
- `sim.runs.run_data`, `sim.runs.result_parts`, `sim.runs.parquet`: what a run gave, and the pieces it is joined of.
- `sim.runs.result_folder`, `sim.runs.unfinished`, `sim.runs.address`: folders that are finished or wait to be.
- `sim.runs.distributions`, `sim.runs.totals`: what is made of all parts together.
- `sim.runs.fingerprints`: of draws, results, scenarios and the program; `sim.runs.verify` compares them.
- `sim.runs.progress`: the bar.
"""

DEFAULT_DRAWS = 500
DEFAULT_SEED = 1
DEFAULT_PATHS = 1000
"""Draws, seed, and draws of which full paths are kept, where nobody says otherwise; here: help needs them at once."""
EXPLORED_DRAWS = 200
"""Draws of the explorer, which answers while somebody waits."""
