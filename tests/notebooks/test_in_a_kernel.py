"""What is not in a kept notebook, in a real kernel: the explorer asks nothing of the network, and progress is quiet."""

from __future__ import annotations

import re

import nbformat
import pytest
from nbformat import NotebookNode

from notebooks.execute import executed

pytestmark = pytest.mark.depth

ADDRESSES = re.compile(r"(?:js|css)_urls\s*=\s*(\[[^\]]*\])")
"""What the page that shows a notebook is told to fetch."""


@pytest.fixture(scope="module")
def outputs(tmp_path_factory) -> list[list[NotebookNode]]:
    path = tmp_path_factory.mktemp("kernel") / "some.ipynb"
    sources = (
        "import sim\nexplorer = sim.explore('guiyang_pilot', draws=2)\nexplorer",
        "sim.run('status_quo', 4, workers=1, progress=True)",
    )
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), path)
    return [cell.outputs for cell in executed(path).cells]


@pytest.mark.long
def test_the_explorer_brings_all_that_it_needs_along(outputs):
    said = [str(text) for output in outputs[0] for text in output.get("data", {}).values()]
    fetched = [match for text in said for match in ADDRESSES.findall(text)]
    assert fetched
    assert set(fetched) == {"[]"}
    assert not any(re.search(r"https://cdn\.(bokeh|holoviz)\.org", text) for text in said)


def test_a_run_that_shows_progress_says_nothing_but_its_result(outputs):
    assert [output.output_type for output in outputs[1]] == ["execute_result"]
    assert "Main figures of status_quo" in outputs[1][0].data["text/html"]
