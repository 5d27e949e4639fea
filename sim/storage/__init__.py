"""Result folders: where they may stand, the parts that they are made of, and runs that are not finished yet.

- `sim.storage.place`: a folder on this machine or at any address that fsspec knows.
- `sim.storage.tables`: tables as Parquet, and tables in parts that are read when they are asked for.
- `sim.storage.folder`: finished folders: written beside, put in place, told apart by their manifest.
- `sim.storage.parts`: the parts of a result, in memory or in a folder.
- `sim.storage.draft`: an unfinished run: which draws are done; `sim.storage.lock`: who works on it.
"""
