"""The files of a folder: tables, charts with their numbers, a page with the tables it names, texts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from sim.report.csv_files import csv_of
from sim.report.drawn_chart import DrawnChart
from sim.report.page_layout import Page

PAGE = "report.html"
"""File that shows people what a folder holds."""


@dataclass(frozen=True)
class FolderFiles:
    """What a folder is to hold.

    Attributes
    ----------
    tables
        Tables kept as CSV, by the name of the file without its ending.
    parquet
        Tables kept as Parquet.
    charts
        Charts; beside each picture stand its numbers, which a table of the same name holds already.
    charts_in
        Folder of the charts, such as `charts/`; beside all else if empty.
    page
        The page and the tables it names, which are kept as Parquet.
    texts
        Other files by name, written last and in this order: the manifest comes at the end.
    float_format
        How the tables write numbers; in full if None.
    """

    tables: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    parquet: Mapping[str, pd.DataFrame] = field(default_factory=dict)
    charts: Sequence[DrawnChart] = ()
    charts_in: str = ""
    page: Page | None = None
    texts: Mapping[str, str] = field(default_factory=dict)
    float_format: str | None = None

    def contents(self, to_parquet: Callable[[pd.DataFrame], bytes]) -> Iterator[tuple[str, bytes]]:
        """Give the files one by one, name and content; `to_parquet` writes those kept as Parquet."""
        for name, table in self.tables.items():
            yield f"{name}.csv", csv_of(table, self.float_format)
        for name, table in (*self.parquet.items(), *(self.page.tables.items() if self.page else ())):
            yield f"{name}.parquet", to_parquet(table)
        if self.page:
            yield PAGE, self.page.html.encode()
        for chart in self.charts:
            yield f"{self.charts_in}{chart.name}.svg", chart.picture.encode()
            if f"{self.charts_in}{chart.name}" not in self.tables:
                yield f"{self.charts_in}{chart.name}.csv", csv_of(chart.numbers)
        for name, text in self.texts.items():
            yield name, text.encode()

    def write(self, folder: Path, to_parquet: Callable[[pd.DataFrame], bytes]) -> None:
        """Write the files into a folder on this machine."""
        for name, content in self.contents(to_parquet):
            path = folder / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
