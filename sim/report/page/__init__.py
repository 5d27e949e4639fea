"""The page `report.html` in every folder of results: one file that explains itself and needs no network.

- `content`: what a page is made of: cells that know in which file they stand, sentences, tables, charts, sections
- `answers`: the answer in plain sentences, as far as the intervals support it
- `tables`: the tables of a page; `trust`: how far the model has agreed with published figures; `common`: what all
  pages have
- `run_page`, `comparison_page`, `deal_page`: which sections a page has; each gives a `Page`, the text and the tables
  that it names
- `drawing`: a chart as SVG inside the page; `rendering`: content -> HTML, by the templates beside
"""
