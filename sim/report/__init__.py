"""Tables in, files and figures out; nothing here sees the world's arrays or SimPy.

- `kpi_names`: what the ending of a KPI's name says, and how its values are written for people
- `statistics`: summaries, bands over draws, intervals of a mean
- `main_kpis`: the dozen KPIs that say who gains
- `result`: one run's tables, its folder on disk
- `compare`: runs set against a reference, draw by draw
- `folder`: writes a folder beside the old one and puts it in place when finished
- `style`, `market_charts`, `country_charts`, `difference_charts`: figures; `charts` lists them all
"""
