"""Every file of a finished folder, damaged in every way: refused in words or reported by `verify`, no traceback."""

from __future__ import annotations

import json
import os
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

import sim
from sim.model.columns import PATH_TABLES
from sim.runs.run_data import COLUMNS_OF_PARTS, WHOLE_TABLES
from tests.commanding import ended
from tests.depth import quick
from tests.forging import vouch

PART = "000000000-000000002"
FILES = [
    "manifest.json", "scenario.yaml", "summary.csv", "datapackage.json",
    *(f"{table}.parquet" for table in WHOLE_TABLES),
    *(f"{table}/{PART}.parquet" for table in COLUMNS_OF_PARTS),
]  # fmt: skip


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def random_bytes(path: Path) -> None:
    path.write_bytes(random.Random(1).randbytes(path.stat().st_size))  # noqa: S311


def one_byte_turned(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x04
    path.write_bytes(content)


def exchanged(path: Path) -> None:
    other = next(other for other in sorted(path.parents[1].rglob("*.parquet")) if other.name != path.name)
    shutil.copyfile(other, path)


def brackets(path: Path) -> None:
    path.write_text("[" * 100_000, encoding="utf-8")


def objects_in_objects(path: Path) -> None:
    path.write_text('{"format":' * 100_000, encoding="utf-8")


def a_folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def a_pipe(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


def a_link_to_nothing(path: Path) -> None:
    path.unlink()
    path.symlink_to("nothing")


def a_link_out(path: Path) -> None:
    outside = path.parents[2] / f"outside {path.name}"
    shutil.move(path, outside)
    path.symlink_to(outside)


def a_link_to_zeros(path: Path) -> None:
    path.unlink()
    path.symlink_to("/dev/zero")


DAMAGES = [
    Path.unlink, cut, emptied, random_bytes, one_byte_turned, exchanged, brackets, objects_in_objects, a_folder, a_pipe,
    a_link_to_nothing, a_link_out, a_link_to_zeros,
]  # fmt: skip
EACH = 4
"""Ways in which each file is damaged: each in others, so that every way is tried on files of every kind."""
PAIRS = [(file, DAMAGES[(3 * n + 1 + turn) % len(DAMAGES)]) for n, file in enumerate(FILES) for turn in range(EACH)]
CHOSEN = PAIRS[::EACH]


@pytest.fixture(scope="module")
def whole(restless, tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "restless"
    sim.run(restless, 6, paths=2, workers=1, batch=3, out=folder, charts=False)
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "kept" / "restless"))


def judged(folder: Path) -> tuple[int, str]:
    """Exit code of `verify`, and all that it says; an error that the program does not handle comes up here."""
    done = ended("verify", folder, "--sample", 2)
    assert "fault of the program" not in done.stderr, done.stderr
    return done.returncode, done.stdout + done.stderr


def test_the_damages_are_tried_on_all_files_that_there_are(folder):
    there = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert there == {*FILES, *(f"{table}/000000003-000000005.parquet" for table in COLUMNS_OF_PARTS if table not in
                               set(PATH_TABLES))}  # fmt: skip


@pytest.mark.parametrize("pair", quick(PAIRS, *CHOSEN), ids=lambda pair: f"{pair[0]} {pair[1].__name__}")
def test_a_damaged_file_is_named(pair, folder):
    file, damage = pair
    damage(folder / file)
    code, said = judged(folder)
    assert code in {1, 2}
    assert file in said or (file == "manifest.json" and damage is one_byte_turned), (
        "it may say something else that fits"
    )
    if file == "scenario.yaml" or (file == "manifest.json" and damage is not one_byte_turned):
        assert ended("compare", folder, folder).returncode == 2


@pytest.mark.parametrize("table", quick([*COLUMNS_OF_PARTS], "kpis"))
def test_a_folder_of_parts_that_is_a_link_is_not_followed(table, folder):
    shutil.move(folder / table, folder.parent / "outside")
    (folder / table).symlink_to(folder.parent / "outside")
    code, said = judged(folder)
    assert code == 2
    assert f"{folder / table}: damaged, a link" in said


@pytest.mark.parametrize("name", ["notes.txt", "kpis/foreign.parquet", "charts/mine.svg"])
def test_a_file_that_the_run_has_not_written_is_reported(name, folder):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"foreign")
    code, said = judged(folder)
    assert code == 1
    assert f"{folder / name}: not written by this run" in said
    assert sim.read(folder).draws == 6


def manifests(held: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """A manifest with each field lost, of every other type, or out of its bounds, by what was done."""
    others = (None, True, -1, 1.5, 10**30, "", "../../etc", [], [[]], {}, {"a": {}}, "\0", [None])
    for place in _places(held):
        yield f"{'.'.join(map(str, place))} lost", _with(held, place, ...)
        for value in others:
            if value != _at(held, place) or type(value) is not type(_at(held, place)):
                yield f"{'.'.join(map(str, place))}={value!r}"[:60], _with(held, place, value)
    yield "a field more", held | {"more": 1}
    yield "a part twice", held | {"parts": [*held["parts"], held["parts"][0]]}
    yield "draws beyond", held | {"parts": [held["parts"][0], held["parts"][1] | {"last": 10**9}]}
    for name in ("../outside", "/etc/passwd", "charts/../../outside", "a//b", ".hidden"):
        yield f"a file {name}", held | {"files": held["files"] | {name: held["files"]["scenario.yaml"]}}
        part = held["parts"][0]
        more = part | {"files": part["files"] | {name: part["files"]["kpis"]}}
        yield f"a table {name}", held | {"parts": [more, held["parts"][1]]}


FREE = ("git_commit", "started", "seconds", "set", "versions", "scenario", "key", "inputs", "exchanged", "kind")
"""What may be otherwise without any harm to the tables."""


def _places(held: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    inner = list(held.items()) if isinstance(held, dict) else list(enumerate(held)) if isinstance(held, list) else []
    for key, value in inner:
        yield (*place, key)
        yield from _places(value, (*place, key))


def _at(held: Any, place: tuple[Any, ...]) -> Any:
    for step in place:
        held = held[step]
    return held


def _with(held: Any, place: tuple[Any, ...], value: Any) -> Any:
    copy = json.loads(json.dumps(held))
    inside = _at(copy, place[:-1])
    if value is ...:
        del inside[place[-1]]
    else:
        inside[place[-1]] = value
    return copy


@pytest.mark.parametrize("every", quick([16, 120], 120))
def test_a_manifest_with_any_field_lost_or_of_another_kind_is_refused_or_reported(every, folder):
    """Fields that say nothing about the tables may say something else, as long as it is of their kind."""
    path = folder / "manifest.json"
    tried = list(manifests(json.loads(path.read_text(encoding="utf-8"))))
    luck = random.Random(every)  # noqa: S311
    for what, manifest in luck.sample(tried, len(tried) // every):
        path.write_text(json.dumps(manifest), encoding="utf-8")
        code, said = judged(folder)
        of_a_part = re.match(r"parts\.\d+\.(seconds|failed)", what)
        assert code in {1, 2} or what.startswith(FREE) or of_a_part, what
        assert code != 2 or "manifest.json: " in said or what.startswith(("parts", "files", "kind", "draws beyond")), (
            what
        )


@pytest.mark.parametrize("table", quick([*COLUMNS_OF_PARTS, *WHOLE_TABLES], "digests", "counts"))
def test_a_forged_table_with_the_right_columns_is_refused_or_reported(table, folder):
    """Without rows, with words in place of numbers, with numbers in place of words."""
    [path, *_] = sorted(folder.glob(f"{table}.parquet")) or sorted(folder.glob(f"{table}/*.parquet"))
    held = pd.read_parquet(path)
    for forged in (held.iloc[:0], held.astype(str), held.assign(**dict.fromkeys(held, 0))):
        forged.to_parquet(path, index=False)
        vouch(folder)
        code, said = judged(folder)
        assert code in {1, 2} or forged.equals(held), said
