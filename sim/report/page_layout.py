"""A page: an answer in sentences, sections of words, charts and tables, and the one HTML file that shows them.

The text is the same whenever the content is; the templates stand beside this module.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

import pandas as pd
from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.report.drawn_chart import DrawnChart
from sim.report.kept_table import Cell, Kept, Paragraph, Sentence, Table

TEMPLATE, SCRIPT = "page.html", "page.js"


@dataclass(frozen=True)
class Section:
    """A part of a page under a heading of its own; the files of its charts stand in a folder beside the page."""

    anchor: str
    title: str
    words: Sequence[Sentence] = ()
    charts: Sequence[DrawnChart] = ()
    tables: Sequence[Table] = ()
    charts_in: str = "charts/"

    @property
    def common_source(self) -> str:
        """Source line that all of several charts share, which is then written once; else nothing."""
        sources = {chart.heading.source for chart in self.charts}
        return sources.pop() if len(sources) == 1 < len(self.charts) else ""


@dataclass(frozen=True)
class Answer:
    """The answer for one scenario: sentences, paragraphs each of which begins with its question, tables of several."""

    title: str
    sentences: Sequence[Sentence] = ()
    paragraphs: Sequence[Paragraph] = ()
    tables: Sequence[Table] = ()


@dataclass(frozen=True)
class Content:
    """All that a page says.

    Attributes
    ----------
    title, question
        What it is about.
    origin
        What made the results.
    answers, sections, notes
        Its parts.
    kept
        The tables that its cells name.
    """

    title: str
    question: str
    origin: Sentence
    answers: Sequence[Answer]
    sections: Sequence[Section]
    notes: Sequence[str] = ()
    kept: Sequence[Kept] = ()


@dataclass(frozen=True)
class Page:
    """A page as text, and the tables it names.

    Attributes
    ----------
    html
        The text.
    tables
        The tables, by the name of their file without its ending.
    titles
        What it calls their columns, by table and column.
    """

    html: str
    tables: Mapping[str, pd.DataFrame]
    titles: Mapping[tuple[str, str], str] = field(default_factory=dict)


def page_of(content: Content) -> Page:
    """Write a page as one HTML file that holds all it needs but the tables that its cells name.

    Parameters
    ----------
    content
        What it says.
    """
    environment = _environment()
    script = environment.get_template(SCRIPT).render()
    mark = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    html = environment.get_template(TEMPLATE).render(page=content, script=script, mark=mark)
    return Page(html, {table.name: table.frame for table in content.kept}, _titles(content))


def _titles(content: Content) -> dict[tuple[str, str], str]:
    """Give the words over each column that a page shows, those of the first table that shows it."""
    titles: dict[tuple[str, str], str] = {}
    parts: list[Answer | Section] = [*content.answers, *content.sections]
    for part in parts:
        for table in part.tables:
            for row in table.rows:
                for column, cell in zip(table.columns, row, strict=False):
                    if isinstance(cell, Cell) and column.title:
                        titles.setdefault((cell.file.rpartition(".")[0], cell.column), column.title)
    return titles


@cache
def _environment() -> Environment:
    return Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
