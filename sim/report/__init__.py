"""Tables in, files and figures out; nothing here sees the world's arrays or SimPy.

- `kpi_names`: what the ending of a KPI's name says, and how its values are written for people
- `main_kpis`: the dozen KPIs that say who gains, and what people call them
- `statistics`: summaries and bands over draws; `differences`: one KPI of two runs, and how sure its mean is
- `inputs`: the uncertain numbers of a run, with unit and source; `drivers`: which of them decide a KPI
- `result`: one run's tables and its folder; `compare`: runs set against a reference, draw by draw
- `changes`: scenario values in which runs differ; `partings`: the first event and figure in which they do
- `folder`: writes a folder beside the old one and puts it in place when finished
- `tables`: what the command prints; `html`: how results show themselves in a notebook
- `deal_tables`, `deal_charts`, `deal_screen`, `deal_folder`: what packages are worth to governments that bargain, and
  how their talks go
- `style`, `captions`: how every chart looks, and the words around it
- `market_charts`, `goods_charts`, `welfare_charts`, `difference_charts`, `driver_charts`: the figures; `charts` lists
  those of one run, `chart_numbers` the numbers beside each
"""
