"""Findings on the screen and in a file."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, fields
from pathlib import Path

import numpy as np
import pandas as pd
from rich.table import Table
from rich.text import Text

from sim.report.csv_files import csv_of
from sim.studies.doctor.finding import Finding, Verdict

STYLES = {Verdict.PASSED: "green", Verdict.FAILED: "bold red", Verdict.NOT_APPLICABLE: "dim"}


def finding_table(findings: Sequence[Finding]) -> Table:
    """Lay findings out, one in a row."""
    table = Table(box=None, pad_edge=False)
    for heading in ("check", "verdict", "worst", "tolerance", "what should hold, and where it is worst"):
        table.add_column(heading, justify="right" if heading in {"worst", "tolerance"} else "left", overflow="fold")
    for found in findings:
        told = Text.assemble(found.claim, (f"\n{found.where}", "dim"))
        verdict = Text(found.verdict.value, style=STYLES[found.verdict])
        worst = "" if np.isnan(found.worst) else f"{found.worst:.2g}"
        table.add_row(Text(found.check), verdict, worst, f"{found.tolerance:g} {found.unit}", told)
    return table


def summary(findings: Sequence[Finding]) -> str:
    """Count what passed among the checks that apply."""
    apply = [found for found in findings if found.verdict is not Verdict.NOT_APPLICABLE]
    passed = sum(found.verdict is Verdict.PASSED for found in apply)
    left = len(findings) - len(apply)
    rest = f"; {left} not applicable" if left else ""
    return f"{passed} of {len(apply)} passed{rest}"


def save(findings: Sequence[Finding], path: Path) -> None:
    """Write findings as CSV, a row each."""
    columns = [field.name for field in fields(Finding)]
    path.write_bytes(csv_of(pd.DataFrame([asdict(found) for found in findings], columns=columns)))
