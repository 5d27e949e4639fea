"""Take the pictures of pages in the README: a report, and the explorer after a switch has been moved.

Needs the development tools of the project and the system's Chromium; `make screenshots` runs it.
"""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

PICTURES = Path(__file__).parent / "screenshots"
COMMAND = (sys.executable, "-m", "sim")
REFERENCE, OTHER = "status_quo", "nationwide_opening"
WINDOW = {"width": 1280, "height": 860}
PATIENCE_SECONDS = 60


def main() -> None:
    """Make results, open them in a browser, and keep what it shows."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("docs/screenshots.py: needs Chromium (Debian: apt-get install chromium)")
    PICTURES.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        picture_of_report(browser, Path(folder))
        picture_of_explorer(browser, folder)
        browser.close()


def picture_of_report(browser: Browser, folder: Path) -> None:
    """Compare two scenarios and show the top of the page."""
    subprocess.run([*COMMAND, "run", REFERENCE, OTHER, "--out", str(folder), "--quiet"], check=True)
    page = browser.new_page(viewport=WINDOW)
    page.goto((folder / f"{OTHER}_vs_{REFERENCE}" / "report.html").as_uri())
    keep(page, "report")


def picture_of_explorer(browser: Browser, folder: str) -> None:
    """Open the explorer, let it answer, and show it."""
    with explorer(folder) as address:
        page = browser.new_page(viewport=WINDOW)
        page.goto(address)
        page.get_by_role("table").first.wait_for(timeout=PATIENCE_SECONDS * 1000)
        page.wait_for_timeout(2000)  # charts draw themselves after their numbers have come
        keep(page, "explorer")


@contextlib.contextmanager
def explorer(folder: str) -> Iterator[str]:
    """Run the explorer while its pictures are taken; give the address that it says."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    command = [*COMMAND, "explore", "--port", str(port), "--no-browser"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.PIPE, text=True)
    try:
        said = next(iter(process.stdout or ()), "")
        yield next((word for word in said.split() if word.startswith("http")), "")
    finally:
        process.terminate()
        process.wait()


def keep(page: Page, name: str) -> None:
    """Write what a page shows."""
    page.screenshot(path=PICTURES / f"{name}.png")
    page.close()


if __name__ == "__main__":
    main()
