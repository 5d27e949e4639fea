"""Results of earlier layouts, read as those of today: what is named otherwise now, and what they lack.

Until layout 6 no goods avoided a tariff by way of other countries; until layout 5 nothing limited the trade in goods
and nobody had rents or fees of it. In layout 4 countries had a loss of exporters, which with the other sign is terms
of trade; bands had no regions.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import groupby

import numpy as np
import pandas as pd

from sim.quantities import FloatArray

REGION = "region"
"""Column of bands and frequencies that came with layout 5."""
WITH_REGIONS = 5
"""Layout with which it came."""
_LOSS, _TERMS = "exporter_loss", "terms_of_trade"
_CAME = {
    6: (_TERMS, ("licence_rent", "export_fees")),
    7: ("export_fees", ("rerouting_gain", "avoided_duty", "rerouted")),
}
"""Accounts that came with a layout, and the one that they stand after."""
_WITH_ACCOUNTS = ("kpis", "countries")
"""Tables with columns of them."""
_TURNED = {"p5": "p95", "p25": "p75", "p50": "p50", "mean": "mean", "low": "high"} | {
    "p95": "p5", "p75": "p25", "high": "low"
}  # fmt: skip
"""Columns of bands of a quantity, and those that they are of the same quantity with the other sign."""


def as_today(table: str, held: pd.DataFrame, layout: int) -> pd.DataFrame:
    """Give a table as results of today have it.

    Parameters
    ----------
    table
        Name of the table.
    held
        The table as it is kept.
    layout
        Layout of the folder.
    """
    if layout < WITH_REGIONS and table in _CHANGES:
        held = _CHANGES[table](held)
    for came, (after, accounts) in _CAME.items() if table in _WITH_ACCOUNTS else ():
        held = _with_accounts(held, after, accounts) if layout < came else held
    return held


def columns_then(table: str, columns: tuple[str, ...], layout: int) -> tuple[str, ...]:
    """Give the columns that a table of a layout has at least, from those that it has today."""
    later = tuple(name for came, (_, accounts) in _CAME.items() if layout < came for name in accounts)
    columns = tuple(column for column in columns if not column.startswith(later))
    if layout >= WITH_REGIONS:
        return columns
    before = [column.replace(_TERMS, _LOSS) for column in columns]
    return tuple(column for column in before if not (column == REGION and table in _CHANGES))


def _with_accounts(held: pd.DataFrame, after: str, accounts: tuple[str, ...]) -> pd.DataFrame:
    found: dict[str, pd.Series | FloatArray] = {}
    for here, columns in groupby(map(str, held), lambda column: column.startswith(after)):
        names = list(columns)
        found |= {name: held[name] for name in names}
        if here:
            found |= {name.replace(after, account): np.zeros(len(held)) for account in accounts for name in names}
    return pd.DataFrame(found, index=held.index)


def _with_terms_of_trade(held: pd.DataFrame) -> pd.DataFrame:
    losses = {column: column.replace(_LOSS, _TERMS) for column in map(str, held) if column.startswith(_LOSS)}
    renamed = held.rename(columns=losses)
    return renamed.assign(**{terms: 0.0 - renamed[terms] for terms in losses.values()})


def _with_regions(held: pd.DataFrame) -> pd.DataFrame:
    named = held.astype({"column": "str"})
    named["column"] = named["column"].replace(f"{_LOSS}_bn", f"{_TERMS}_bn")
    named.insert(list(named.columns).index("date"), REGION, [""] * len(named))
    return named.astype({"column": "category", REGION: "category"})


def _bands(held: pd.DataFrame) -> pd.DataFrame:
    lost = (held["column"] == f"{_LOSS}_bn").to_numpy()
    turned = _with_regions(held)
    for column, other in _TURNED.items():
        turned.loc[lost, column] = 0.0 - held.loc[lost, other]
    return turned


_CHANGES: dict[str, Callable[[pd.DataFrame], pd.DataFrame]] = {
    "kpis": _with_terms_of_trade, "countries": _with_terms_of_trade, "bands": _bands, "frequencies": _with_regions
}  # fmt: skip
