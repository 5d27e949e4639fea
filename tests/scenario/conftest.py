"""A small complete scenario, and files that extend it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

SMALL = Path(__file__).parent / "data" / "small.yaml"


@pytest.fixture
def small() -> Path:
    return SMALL


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Write a file into a fresh folder."""

    def written(text: str, name: str = "mine.yaml") -> Path:
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    return written


@pytest.fixture
def derived(write: Callable[..., Path]) -> Callable[..., Path]:
    """Write a file that extends the small scenario; its own text begins in line 3."""

    def written(text: str, name: str = "mine.yaml") -> Path:
        beside = write(SMALL.read_text(encoding="utf-8"), str(Path(name).parent / "base" / SMALL.name))
        return write(f"extends: base/{beside.name}\ntitle: Mine\n{text}", name)

    return written
