"""Which program makes the numbers: versions, and a fingerprint of the code."""

from __future__ import annotations

import hashlib
import platform
import subprocess
from functools import cache
from importlib import metadata
from pathlib import Path

PACKAGE = Path(__file__).parents[1]
LIBRARIES = ("cloudtrade", "numpy", "pandas", "simpy", "pydantic", "pyarrow", "matplotlib")
DECIDING = ("cloudtrade", "numpy", "simpy")
"""Packages of which another version may give other bits."""
WITHOUT_EFFECT = frozenset({"report", "studies", "explorer", "cli", "__main__.py"})
"""Parts of the package that only show or keep results."""
CODE = (".py", ".csv")


@cache
def versions() -> dict[str, str]:
    """Versions of Python and of all packages that a result may depend on, for the manifest."""
    return {"python": platform.python_version()} | {name: metadata.version(name) for name in LIBRARIES}


@cache
def program() -> dict[str, str]:
    """Give what decides the bits besides scenario, seed and draw: versions of some packages, and `code`."""
    return {name: versions()[name] for name in DECIDING} | {"code": _code()}


def differences(expected: dict[str, str], found: dict[str, str]) -> str:
    """Say in which parts two programs differ."""
    return ", ".join(
        f"{name} {found.get(name, 'none')} where {value} was expected"
        for name, value in expected.items()
        if found.get(name) != value
    )


def _code() -> str:
    """Hash of the package's own code and data, but for the parts that only show or keep results."""
    found = hashlib.sha256()
    for path in sorted(path for path in PACKAGE.rglob("*") if path.suffix in CODE):
        name = path.relative_to(PACKAGE)
        if name.parts[0] not in WITHOUT_EFFECT:
            found.update(name.as_posix().encode() + b"\0" + path.read_bytes() + b"\0")
    return found.hexdigest()[:16]


@cache
def git_commit() -> str | None:
    """Commit of the code, where it runs from a checkout."""
    root = PACKAGE.parent
    if not (root / ".git").exists():
        return None
    command = ["git", "-C", str(root), "rev-parse", "--verify", "--quiet", "HEAD"]
    try:
        answer = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 (a fixed command)
    except FileNotFoundError:
        return None
    return answer.stdout.strip() or None
