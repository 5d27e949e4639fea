"""Many draws: batches of them in processes or on a cluster, kept as they finish, joined into one result.

- `sim.runs.ensemble`: `run`, the way in; `sim.runs.run_plan`: what is to be run and how.
- `sim.runs.batching`: which draws are missing, and how they are divided.
- `sim.runs.batch_task`: one batch, from draw numbers to tables; all that a worker does.
- `sim.runs.executors`, `sim.runs.cluster`: who does it: this process, processes, a Dask cluster.
- `sim.runs.dispatch`: hands out batches, takes in what comes back, tries again what failed.
- `sim.runs.collecting`: where finished batches go: memory, or a result folder.
- `sim.runs.totals`, `sim.runs.drawn_inputs`: what is made of all parts together.
- `sim.runs.digests`: fingerprints of draws and the hash of a whole result.
- `sim.runs.identity`: which program makes the numbers.
- `sim.runs.verify`: runs some draws again and compares bits.
- `sim.runs.progress`: the bar.
"""
