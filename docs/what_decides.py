"""Write the table of docs/why.md that says what decides the answers of the library, from kept results.

`make what-decides` asks `cloudtrade why` again, which takes half an hour on two cores, keeps its tables in
results/what_decides/, and runs this.
"""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from sim.report.kept_table import Column, Table, as_markdown

PAGE, KEPT = Path(__file__).with_name("why.md"), Path(__file__).parents[1] / "results" / "what_decides"
BEGINS, ENDS = "<!-- from results/what_decides -->\n", "<!-- to here -->\n"
WHOLE = ("estimates", "all_assumption", "all_luck")
LEADERS, INPUTS = 5, 4


def table(kept: Path = KEPT) -> str:
    """Write a row for each figure, a column for each pair of scenarios."""
    pairs = sorted(path.name for path in kept.iterdir() if path.is_dir())
    columns = [_column(kept / pair) for pair in pairs]
    rows = [[f"**{name}**", *(column[name] for column in columns)] for name in columns[0]]
    return as_markdown(Table("", [Column(""), *(Column(f"`{pair}`") for pair in pairs)], rows))


def with_table(page: str, made: str) -> str:
    """Put a table in the place of the one in a page."""
    before, _, rest = page.partition(BEGINS)
    return before + BEGINS + "\n" + made + "\n\n" + ENDS + rest.partition(ENDS)[2]


def _column(folder: Path) -> dict[str, str]:
    groups, entry, within, switching = (
        pd.read_csv(folder / f"{name}.csv") for name in ("groups", "entry", "within", "switching")
    )
    anybody = entry.set_index("who").loc["foreign"]
    whole = groups.set_index("group").loc[list(WHOLE)]
    leaders = groups[~groups["whole"]].head(LEADERS)
    inputs = within.sort_values("effect", ascending=False, kind="stable").head(INPUTS)
    turns = switching[switching["turns_at"].notna()]
    return {
        "draws": f"{anybody['draws']:,}",
        "somebody comes": f"in {100 * anybody['share']:.0f} of 100 draws, median {anybody['first']}",
        "if so, on average, bn USD": f"{anybody['mean_if']:+.2g}, {anybody['mean']:+.2g}",
        "would go if estimates, assumptions, luck were known, %": _percent(whole["first"], whole["first_error"]),
        "most decided by (alone, with all others, %)": "<br>".join(
            f"{row.title}: {100 * row.first:.0f}, {100 * row.total:.0f} (s.e. {100 * row.total_error:.0f})"
            for row in leaders.itertuples()
        ),
        "inputs that decide most by themselves, %": "<br>".join(
            f"`{row.input}`: {100 * row.effect:.1f}" for row in inputs.itertuples()
        ),
        "numbers that turn the sign within their range": ", ".join(turns["title"]) or "none",
    }


def _percent(values: pd.Series[float], errors: pd.Series[float]) -> str:
    parts = ", ".join(f"{100 * value:.0f}" for value in values)
    return f"{parts} (s.e. {', '.join(f'{100 * error:.0f}' for error in errors)})"


if __name__ == "__main__":
    PAGE.write_text(with_table(PAGE.read_text(encoding="utf-8"), table()), encoding="utf-8")
