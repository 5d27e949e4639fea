"""A comparison is made again unless its folder holds just what would be made, and nobody has touched it."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest

import sim
from sim.studies.compare import kept_comparison
from sim.studies.compare.comparison import Comparison, save_unless_kept


@pytest.fixture(scope="module")
def compared(compact) -> Comparison:
    made = [compact({"months": 6, "demand.market_elasticity": elasticity}) for elasticity in (1.5, 1.6)]
    named = [held.model_copy(update={"name": name}) for held, name in zip(made, ("before", "after"), strict=True)]
    return sim.compare([sim.run(held, 3, workers=1) for held in named])


@pytest.fixture
def kept(compared, tmp_path) -> Path:
    folder = tmp_path / "after_vs_before"
    save_unless_kept(compared, folder, charts=False)
    return folder


def contents(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def is_left_alone(folder: Path, compared: Comparison, charts: bool = False) -> bool:
    """Whether a folder stays where it is, since one that is made again takes its place."""
    before = folder.stat().st_ino
    save_unless_kept(compared, folder, charts)
    return folder.stat().st_ino == before


def test_a_folder_of_the_same_stays_as_it_is(kept, compared):
    assert is_left_alone(kept, compared)


def test_charts_that_are_wanted_now_are_drawn(kept, compared):
    assert not is_left_alone(kept, compared, charts=True)
    assert (kept / "report.html").is_file()
    assert not is_left_alone(kept, compared), "the page is not wanted any more"
    assert not (kept / "report.html").is_file()


@pytest.mark.parametrize("touch", [
    lambda folder: (folder / "gains.csv").write_text("mine"),
    lambda folder: (folder / "gains.csv").unlink(),
    lambda folder: (folder / "notes.txt").write_text("mine"),
    lambda folder: (folder / "gains.csv").rename(folder / "losses.csv"),
])  # fmt: skip
def test_a_folder_that_somebody_has_touched_is_made_again(touch, kept, compared):
    before = contents(kept)
    touch(kept)
    assert not is_left_alone(kept, compared)
    assert contents(kept) == before


def test_other_runs_other_effects_and_other_programs_make_it_again(kept, compared, monkeypatch):
    elsewhen = dataclasses.replace(
        compared.reference, manifest=compared.reference.manifest | {"content_hash": "0" * 64}
    )
    assert not is_left_alone(kept, dataclasses.replace(compared, reference=elsewhen))
    tried = compared.changed.assign(effect="none")
    assert not is_left_alone(kept, dataclasses.replace(compared, changed=tried))
    assert is_left_alone(kept, dataclasses.replace(compared, changed=tried))
    known = kept_comparison.looks()
    monkeypatch.setattr(kept_comparison, "looks", lambda: known | {"matplotlib": "0"})
    assert not is_left_alone(kept, dataclasses.replace(compared, changed=tried))


def test_what_is_saved_from_memory_is_never_taken_for_kept(compared, tmp_path):
    """Tables in memory may have been changed by hand, of which no manifest tells."""
    folder = tmp_path / "after_vs_before"
    compared.save(folder, charts=False)
    assert not is_left_alone(folder, compared)
