"""Execute the notebooks again and keep them with what they now show: `make notebooks-run`.

What is kept is the same whenever the same program makes it: no times, no paths, no numbering of its own.
"""

from __future__ import annotations

import base64
import io
import os
import sys
import tempfile
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbformat import NotebookNode
from PIL import Image
from traitlets.config import Config

FOLDER = Path(__file__).parent
NOTEBOOKS = sorted(FOLDER.glob("[0-9]*.ipynb"))
KERNEL = "python3"
PATIENCE_SECONDS = 120
COLOURS = 256
"""Colours of a chart as it is kept: enough for lines, bands and smooth type, at a third of the size."""

METADATA = {
    "kernelspec": {"display_name": "Python 3", "language": "python", "name": KERNEL},
    "language_info": {"name": "python"},
}
"""What a notebook says of itself, whichever Python ran it."""


def executed(path: Path) -> NotebookNode:
    """Execute a notebook in an empty folder with a kernel of its own, and give it cleaned."""
    notebook = nbformat.read(path, as_version=4)
    with tempfile.TemporaryDirectory(prefix="notebook-") as name:
        folder, settings = Path(name, "work"), Path(name, "settings")
        folder.mkdir()
        settings.mkdir()
        client = NotebookClient(
            cleaned(notebook),
            timeout=PATIENCE_SECONDS,
            kernel_name=KERNEL,
            resources={"metadata": {"path": str(folder)}},
            record_timing=False,
            coalesce_streams=True,
            config=_connection(settings),
        )
        return cleaned(client.execute(env=_environment(settings)))


def cleaned(notebook: NotebookNode) -> NotebookNode:
    """Take away what changes from one execution to the next."""
    notebook.metadata = nbformat.from_dict(METADATA)
    for number, cell in enumerate(notebook.cells, start=1):
        cell.id = f"cell-{number:02}"
        cell.metadata = NotebookNode()
        for output in cell.get("outputs", ()):
            output.get("metadata", {}).clear()
            if "image/png" in output.get("data", {}):
                output.data["image/png"] = smaller(output.data["image/png"])
    return notebook


def smaller(encoded: str) -> str:
    """Give a chart with fewer colours, from and to PNG in base64; one that has few already stays as it is."""
    image = Image.open(io.BytesIO(base64.b64decode(encoded)))
    if image.mode == "P":
        return encoded
    held = io.BytesIO()
    fewer = image.convert("RGB").quantize(COLOURS, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    fewer.save(held, format="png", optimize=True)
    return base64.b64encode(held.getvalue()).decode()


def _connection(settings: Path) -> Config:
    """Talk with the kernel by files where the system can, so that no two of them want the same port."""
    manager = {"connection_file": str(settings / "kernel.json")}
    return Config({"KernelManager": manager | ({"transport": "ipc"} if os.name == "posix" else {})})


def _environment(settings: Path) -> dict[str, str]:
    """Give the kernel charts in the notebook, and settings of nobody: neither a profile nor a history."""
    ours = {"MPLBACKEND": "inline", "IPYTHONDIR": str(settings), "PYDEVD_DISABLE_FILE_VALIDATION": "1"}
    return os.environ | ours


def main() -> None:
    for path in NOTEBOOKS:
        nbformat.write(executed(path), path)
        print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", file=sys.stderr)


if __name__ == "__main__":
    main()
