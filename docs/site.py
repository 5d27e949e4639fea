"""Build the documentation as pages that can be searched: these pages, the first page, and every public name of `sim`.

`make docs` runs it; the site lands in build/site, or in the folder that is given. A link that leads nowhere stops it.
"""

from __future__ import annotations

import re
import shutil
import sys
import tempfile
from functools import partial
from pathlib import Path

import yaml
from mkdocs.commands.build import build
from mkdocs.config import load_config

import sim

ROOT = Path(__file__).parents[1]
SITE = ROOT / "build" / "site"
FIRST = "index.md"
COPIES = {
    "README.md": FIRST,
    "CHANGELOG.md": "changelog.md",
    "CITATION.cff": "CITATION.cff",
    "sim/facts/README.md": "facts.md",
    "sim/studies/doctor/assumptions.csv": "assumptions.csv",
    "results/example": "example",
    "notebooks": "notebooks",
}
"""What pages link to beyond docs/, and where it stands in the site."""
FOLDERS = {"sim/facts": "facts.md", "results/example": "example/report.html"}
"""What a link to a folder opens."""
LINK = re.compile(r"(?<=\]\()(?!https?:|#)([^)#\s]+)")
PAGES = {
    "Start": FIRST,
    "Scenarios": "scenarios.md",
    "Runs and results": "running.md",
    "What decides": "why.md",
    "Talks": "talks.md",
    "Explorer": "explorer.md",
    "The model": "model.md",
    "Facts": "facts.md",
    "Beside published figures": "validation.md",
    "Checks": "doctor.md",
    "Other programs as judges": "judge.md",
    "Python": "python.md",
    "Map of the code": "design.md",
    "Speed": "performance.md",
    "Many workers": "scaling.md",
    "Changes": "changelog.md",
}


def main(site: Path) -> None:
    """Put the pages together and build the site.

    Parameters
    ----------
    site
        Folder for it; what it holds is replaced.
    """
    with tempfile.TemporaryDirectory() as folder:
        source, settings = Path(folder) / "pages", Path(folder) / "mkdocs.yml"
        shutil.copytree(ROOT / "docs", source, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
        for origin, place in COPIES.items():
            copy = shutil.copytree if (ROOT / origin).is_dir() else shutil.copy2
            copy(ROOT / origin, source / place)
        origins = {place: ROOT / origin for origin, place in COPIES.items()}
        for page in source.glob("*.md"):
            where = origins.get(page.name, ROOT / "docs" / page.name).parent
            page.write_text(LINK.sub(partial(_in_site, where), page.read_text("utf-8")), "utf-8")
        (source / "python.md").write_text(_public_names(), "utf-8")
        settings.write_text(yaml.safe_dump(_settings(source, site)), "utf-8")
        build(load_config(str(settings), strict=True))
    sys.stdout.write(f"Wrote {site}; to read it: python -m http.server --directory {site}\n")


def _in_site(folder: Path, link: re.Match[str]) -> str:
    """Where a link of a page in a folder leads to in the site; as it is if that is no file of the project."""
    wanted = (folder / link[1]).resolve()
    if not wanted.is_relative_to(ROOT) or not wanted.exists():
        return link[1]
    path = wanted.relative_to(ROOT).as_posix()
    if path in FOLDERS:
        return FOLDERS[path]
    for origin, place in COPIES.items():
        if path == origin or path.startswith(f"{origin}/"):
            return place + path.removeprefix(origin)
    return path.removeprefix("docs/")


def _public_names() -> str:
    """Write a page with the docstring of every public name."""
    names = [name for name in sim.__all__ if not name.startswith("_") and hasattr(getattr(sim, name), "__doc__")]
    return "# Python\n\n" + "\n\n".join(f"::: sim.{name}" for name in sorted(names, key=str.lower)) + "\n"


def _settings(source: Path, site: Path) -> dict[str, object]:
    python = {"docstring_style": "numpy", "show_source": False, "show_root_heading": True, "heading_level": 2}
    return {
        "site_name": "cloudtrade",
        "site_description": sim.__doc__.splitlines()[0] if sim.__doc__ else "",
        "docs_dir": str(source),
        "site_dir": str(site),
        "use_directory_urls": False,
        "theme": {"name": "readthedocs"},
        "nav": [{title: page} for title, page in PAGES.items()],
        "markdown_extensions": ["tables", "fenced_code", {"toc": {"permalink": False}}],
        "plugins": ["search", {"mkdocstrings": {"handlers": {"python": {"paths": [str(ROOT)], "options": python}}}}],
        "validation": {"nav": {"omitted_files": "ignore"}, "links": {"anchors": "warn"}},
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]).resolve() if len(sys.argv) > 1 else SITE)
