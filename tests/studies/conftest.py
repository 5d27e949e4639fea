"""What tests of several studies share."""

from __future__ import annotations

import pytest

from tests.conftest import COMPACT


@pytest.fixture(scope="session")
def files(tmp_path_factory):
    """Scenario files of the compact world: as it is, and open to foreign owners from 2019 on."""
    folder = tmp_path_factory.mktemp("pair")
    (folder / "compact.yaml").write_text(COMPACT.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "opened.yaml").write_text(
        "extends: compact\ntitle: Opened\nquestion: Who comes?\npolicies:\n  opening: {kind: ownership, by: china, "
        "market: china, equity_cap: 1, starts: 2019-01-01, source: made up}\n",
        encoding="utf-8",
    )
    return folder / "compact.yaml", folder / "opened.yaml"
