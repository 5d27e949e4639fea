"""A toolkit for showing: tables, charts with their numbers, sentences, pages, folders. It knows pandas, not runs.

- `kpi_names`: what the ending of a KPI's name says, and how its values are written for people
- `statistics`: summaries and bands over draws, intervals of shares, Student's t
- `captions`: words around charts and tables; `chart_style`: how every chart looks
- `kept_table`: a table declared once, whose cells know where they are kept; on the screen, in notebooks, in Markdown
- `drawn_chart`: a chart declared with its numbers, as a picture or as a part of a page
- `page_layout`: answer and sections, written as one HTML file by the templates beside it
- `folder_files`: the files that a folder is to hold; `terminal`: the screen
"""
