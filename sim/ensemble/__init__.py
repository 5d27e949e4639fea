"""Many draws: batches of them in processes or on a cluster, kept as they finish, joined into one result.

- `sim.ensemble.run`: `run`, the way in; `sim.ensemble.plan`: what is to be run and how.
- `sim.ensemble.batches`: which draws are missing, and how they are divided.
- `sim.ensemble.work`: one batch, from draw numbers to tables; all that a worker does.
- `sim.ensemble.executors`, `sim.ensemble.cluster`: who does it: this process, processes, a Dask cluster.
- `sim.ensemble.dispatch`: hands out batches, takes in what comes back, tries again what failed.
- `sim.ensemble.collecting`: where finished batches go: memory, or a result folder.
- `sim.ensemble.totals`, `sim.ensemble.inputs`: what is made of all parts together.
- `sim.ensemble.digests`: fingerprints of draws and the hash of a whole result.
- `sim.ensemble.identity`: which program makes the numbers.
- `sim.ensemble.verify`: runs some draws again and compares bits.
- `sim.ensemble.progress`: the bar.
"""
