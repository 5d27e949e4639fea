"""Measure speed and memory, print tables, and write benchmarks/results.json and docs/performance.md with its chart.

`--only speed` (or cores, memory, trade; several after another) repeats parts and keeps the rest.
`--quick` tries everything in small, and then writes nothing; `--out FOLDER` writes there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from benchmarks import cores, memory
from benchmarks.children import ROOT, from_module
from benchmarks.figures import SUMMARIES, show
from benchmarks.machine import machine, moment

FILE = "results.json"
RESULTS, PAGES = ROOT / "benchmarks", ROOT / "docs"
KEPT_RAW = {
    "memory": None,
    "cores": ("draws",),
    "speed": ("months", "batch", "draws", "differences"),
    "trade": ("draws", "packages"),
}
"""What stands in the results beside the figures: everything (None), or these."""

Results = dict[str, Any]


def main() -> None:
    """Measure what was asked for."""
    asked = arguments()
    folder = asked.out or (None if asked.quick else RESULTS)
    results = (earlier(folder) if folder else {}) | {"where": machine()}
    with tempfile.TemporaryDirectory() as held:
        starts = str(Path(held, "starts"))
        from_module("benchmarks.kept_starts", starts)
        for part in asked.only or PARTS:
            print(f"\nMeasuring {part} ...", flush=True)
            results[part] = summed_up(part, PARTS[part](starts, asked.quick))
            show(results[part]["figures"])
            if folder:
                write(results, folder)
    if folder:
        write_page(results, folder, asked.out or PAGES)


def arguments() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="+", choices=list(PARTS), help="parts to measure")
    parser.add_argument("--quick", action="store_true", help="try everything in small; write nothing without --out")
    parser.add_argument("--out", type=Path, help="folder to write to in place of benchmarks/ and docs/")
    return parser.parse_args()


PARTS: dict[str, Callable[[str, bool], Mapping[str, Any]]] = {
    "speed": lambda _starts, quick: from_module("benchmarks.speed", *(["--quick"] if quick else [])),
    "cores": lambda starts, quick: cores.measure(starts, quick=quick),
    "memory": lambda starts, quick: memory.measure(starts, quick=quick),
    "trade": lambda _starts, quick: from_module("benchmarks.trade", *(["--quick"] if quick else [])),
}


def summed_up(part: str, raw: Mapping[str, Any]) -> Results:
    """Keep figures, and of what was measured what the page shows."""
    kept = KEPT_RAW[part]
    found: Results = {"measured": moment()}
    found |= {"raw": raw if kept is None else {name: raw[name] for name in kept}}
    return found | {"figures": SUMMARIES[part](raw)}


def earlier(folder: Path) -> Results:
    """Read earlier results, where there are any of this form."""
    file = folder / FILE
    held: Results = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    return {part: held[part] for part in PARTS if part in held}


def write(results: Results, folder: Path) -> None:
    """Write the results so far."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / FILE).write_text(json.dumps(results, indent=1) + "\n", encoding="utf-8")


def write_page(results: Results, folder: Path, pages: Path) -> None:
    """Write the page, if all parts are there."""
    if missing := [part for part in PARTS if part not in results]:
        print(f"\nNo page: {', '.join(missing)} not measured yet")
        return
    from_module("benchmarks.page", (folder / FILE).resolve(), pages.resolve())
    print(f"\nWritten: {folder / FILE}, {pages / 'performance.md'} and its chart")


if __name__ == "__main__":
    main()
