"""Content -> HTML, by the templates beside this module; the text is the same whenever the content is."""

from __future__ import annotations

from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined

from sim.report.page_content import Cell, Content

TEMPLATE = "page.html"


def rendered(content: Content) -> str:
    """Write a page as one HTML file that holds all it needs.

    Parameters
    ----------
    content
        What it says.
    """
    return _environment().get_template(TEMPLATE).render(page=content)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader(__package__), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    environment.tests["cell"] = lambda piece: isinstance(piece, Cell)
    return environment
