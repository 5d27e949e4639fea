"""Time from moving a slider to changed numbers in a real headless Chromium; prints JSON.

`python -m benchmarks.explorer` moves one slider twenty times, each time to a place where it has not been, in the
default scenario at 200 draws, with the explorer held to one core. `--quick` moves it four times.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from playwright.sync_api import Page, sync_playwright

from benchmarks.figures import Figures, figure, show

SLIDER = "Reach, enterprise"
FIRST_PLACE, STEP = 20, 3
MOVES, QUICK_MOVES, WARMING = 20, 4, 2
AIM_MS = 500
PATIENCE_MS = 60_000
CHROMIUM = ("chromium", "chromium-browser", "google-chrome")

TIMED_MOVE = """
([slider, place]) => new Promise((done) => {
  const inside = (found) => found.shadowRoot ? [found, ...all(found.shadowRoot)] : [found]
  const all = (root) => [...root.querySelectorAll("*")].flatMap(inside)
  const everything = all(document)
  const table = everything.find((found) => found.matches("table")).getRootNode()
  const status = everything.find((found) => found.matches("p.status"))
  const isSlider = (found) => found.matches("input[type=range]") && found.labels[0]?.textContent === slider
  const input = everything.find(isSlider)
  const numbers = () => [...table.querySelectorAll("td")].map((cell) => cell.textContent).join()
  const before = numbers(), answered = status.dataset.answered, begun = performance.now()
  let changed = null
  const look = () => {
    if (changed === null && numbers() !== before) changed = performance.now() - begun
    if (changed !== null && status.dataset.answered !== answered) return done([changed, performance.now() - begun])
    requestAnimationFrame(look)
  }
  input.value = place
  input.dispatchEvent(new Event("input", {bubbles: true}))
  input.dispatchEvent(new Event("change", {bubbles: true}))
  requestAnimationFrame(look)
})
"""
"""Moves the slider, then looks before every frame whether the table has other numbers and the charts have theirs."""


def main(*options: str) -> None:
    """Measure and print."""
    times = measure(quick="--quick" in options)
    figures = figures_of(times)
    show(figures)
    json.dump({"times": times, "figures": figures}, sys.stdout)
    print()


def measure(*, quick: bool) -> list[tuple[float, float]]:
    """Milliseconds to changed numbers and to changed charts, for each move."""
    moves = QUICK_MOVES if quick else MOVES
    with tempfile.TemporaryDirectory() as folder, served(folder) as address, opened(address) as page:
        return [moved(page, FIRST_PLACE + STEP * n) for n in range(WARMING + moves)][WARMING:]


def figures_of(times: Sequence[tuple[float, float]]) -> Figures:
    """Medians and quartiles of what was measured."""
    what = "explorer, slider released to"
    return {
        "explorer_numbers": figure(
            f"{what} changed numbers, 200 draws", [first for first, _ in times], "ms", at_most=AIM_MS
        ),
        "explorer_charts": figure(f"{what} changed charts, 200 draws", [last for _, last in times], "ms"),
    }


def moved(page: Page, place: int) -> tuple[float, float]:
    """Milliseconds until the numbers and until the charts were others."""
    numbers, charts = page.evaluate(TIMED_MOVE, [SLIDER, place])
    return numbers, charts


@contextmanager
def served(folder: str) -> Iterator[str]:
    """Start the explorer on one core, and give its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    arguments = [sys.executable, "-m", "sim", "explore", "--no-browser", "--port", str(port)]
    one_core = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONUNBUFFERED": "1"}
    process = subprocess.Popen(arguments, cwd=folder, env=os.environ | one_core, stdout=subprocess.PIPE, text=True)
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(process.pid, {max(os.sched_getaffinity(0))})
    try:
        said = next(iter(process.stdout or ()), "").strip()
        print(said, file=sys.stderr)
        yield next((word for word in said.split() if word.startswith("http")), "")
    finally:
        process.terminate()
        process.wait()


@contextmanager
def opened(address: str) -> Iterator[Page]:
    """Open the page in Chromium, and wait until it is there."""
    program = next(filter(None, map(shutil.which, CHROMIUM)), None)
    if program is None:
        sys.exit(f"no Chromium here (looked for {', '.join(CHROMIUM)})")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1400, "height": 1000})
        page.goto(address)
        page.get_by_role("slider", name=SLIDER).wait_for(timeout=PATIENCE_MS)
        page.locator("tr[data-kpi]").first.wait_for(timeout=PATIENCE_MS)
        yield page
        browser.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
