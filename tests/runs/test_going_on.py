"""What was computed is used again where it fits, and never where it does not."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any

import pytest

import sim
import sim.runs.batch_task
from sim.cli import main
from sim.errors import ScenarioError
from sim.model.batch import run_batch
from sim.runs.address import Place
from sim.runs.fingerprints import PACKAGE, WITHOUT_EFFECT
from tests.depth import quick
from tests.runs.conftest import PATHS

DRAWS = 64
BATCH = 16
ALL = DRAWS // BATCH


@pytest.fixture
def go(restless, tmp_path) -> Callable[..., sim.RunResult]:
    """Run the scenario into a folder of this test."""

    def run(draws: int = DRAWS, **how: Any) -> sim.RunResult:
        settings = {"paths": PATHS, "workers": 1, "batch": BATCH, "charts": False, "replace": True} | how
        return sim.run(restless, draws=draws, out=tmp_path / "result", **settings)

    return run


@pytest.fixture
def stopping(go, monkeypatch) -> Callable[..., None]:
    """Run it and stop it after some batches, as Ctrl-C does."""

    def run(batches: int = 2, draws: int = DRAWS, **how: Any) -> None:
        left = iter(range(batches))
        play = sim.runs.batch_task.run_batch

        def stop(*arguments: Any, **options: Any) -> Any:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return play(*arguments, **options)

        with monkeypatch.context() as patched:
            patched.setattr(sim.runs.batch_task, "run_batch", stop)
            with pytest.raises(KeyboardInterrupt):
                go(draws, **how)

    return run


@pytest.fixture(scope="module")
def made(restless, tmp_path_factory) -> Callable[[int], Path]:
    """A folder with a run that was stopped after some batches, or at all of them the finished one; made once."""

    @cache
    def stopped(batches: int) -> Path:
        root = tmp_path_factory.mktemp("made")
        left = iter(range(batches))

        def stop(*arguments: Any, **options: Any) -> Any:
            if next(left, None) is None:
                raise KeyboardInterrupt
            return run_batch(*arguments, **options)

        settings = {"paths": PATHS, "workers": 1, "batch": BATCH, "charts": False}
        with pytest.MonkeyPatch.context() as patched, suppress(KeyboardInterrupt):
            patched.setattr(sim.runs.batch_task, "run_batch", stop)
            sim.run(restless, draws=DRAWS, out=root / "result", **settings)
        return root

    return stopped


@pytest.fixture
def begun(made, tmp_path) -> Callable[[int], None]:
    """Have in the folder of this test what a run leaves that ends after some batches."""
    return lambda batches: shutil.copytree(made(batches), tmp_path, dirs_exist_ok=True)


def numbers(batches: list[range]) -> list[int]:
    return sorted(draw for batch in batches for draw in batch)


def test_more_draws_compute_only_the_new_ones(go, undisturbed, computed, assert_same):
    go(200, batch=None)
    computed.clear()
    result = go(500, batch=None)
    assert numbers(computed) == list(range(200, 500))
    assert_same(result, undisturbed(500))


@pytest.mark.parametrize("sizes", quick([(16, 7, 64), (64, 16, 7)], (64, 16, 7)))
@pytest.mark.depth
def test_runs_that_grow_in_batches_of_other_sizes_end_with_the_same_bits(sizes, go, undisturbed, computed, assert_same):
    for draws, size in zip((50, 110, 150), sizes, strict=True):
        result = go(draws, batch=size)
        assert result.draws == draws
    assert numbers(computed) == list(range(150))
    assert_same(result, undisturbed(150))


def test_more_draws_at_an_address_compute_only_the_new_ones(restless, undisturbed, computed, assert_same):
    for draws in (50, 120):
        result = sim.run(restless, draws, out="memory://more/result", paths=PATHS, workers=1, charts=False)
    assert numbers(computed) == list(range(120))
    assert_same(result, undisturbed(120))


def test_fewer_draws_than_there_are_keep_and_use_all_and_say_so(restless_file, tmp_path, undisturbed, capsys):
    for draws in ("200", "50"):
        more = ["--draws", draws, "--paths", str(PATHS), "--no-charts", "--workers", "1", "--out", str(tmp_path)]
        with pytest.raises(SystemExit) as ended:
            main(["run", str(restless_file), *more])
        assert ended.value.code == 0
    assert "there were 200 draws of this run already, and all are used" in capsys.readouterr().out
    assert sim.read(tmp_path / "restless").manifest["content_hash"] == undisturbed(200).manifest["content_hash"]


def test_the_same_run_again_computes_nothing(go, computed):
    first = go()
    computed.clear()
    again = go()
    assert computed == []
    assert again.manifest == first.manifest


@pytest.mark.depth
def test_charts_asked_for_later_are_drawn_without_computing_anything(go, computed, tmp_path):
    go(20)
    computed.clear()
    go(20, charts=True)
    assert computed == []
    assert list((tmp_path / "result" / "charts").iterdir())


def test_charts_of_an_end_that_was_killed_do_not_come_into_the_result(go, begun, tmp_path):
    begun(2)
    [draft] = tmp_path.glob("result.*.unfinished")
    (draft / "charts").mkdir()
    (draft / "charts" / "half.svg").touch()
    go()
    assert not (tmp_path / "result" / "charts").exists()


OTHERS = {
    "scenario": {"set": {"demand.contract_churn": 0.31}},
    "seed": {"seed": 2},
    "paths": {"paths": 40},
}


@pytest.fixture(params=quick([*OTHERS, "program"], "scenario", "program"))
def change(request, monkeypatch) -> Callable[[], dict[str, Any]]:
    """Change something that decides the results, and give what to run with."""

    def made() -> dict[str, Any]:
        if request.param == "program":
            known = sim.runs.batch_task.program()
            for module in ("run_many", "batch_task", "verify"):
                monkeypatch.setattr(f"sim.runs.{module}.program", lambda: known | {"code": "0123456789abcdef"})
            return {}
        return OTHERS[request.param]

    return made


def test_what_is_said_to_have_no_effect_is_part_of_the_package():
    assert {name for name in WITHOUT_EFFECT if not (PACKAGE / name).exists()} == set()


@pytest.mark.depth
def test_parts_of_an_unfinished_run_are_never_used_after_a_change(change, restless, begun, go, computed, assert_same):
    begun(3)
    how = change()
    computed.clear()
    result = go(**how)
    assert numbers(computed) == list(range(DRAWS))
    assert_same(result, sim.run(restless, DRAWS, **{"paths": PATHS, "workers": 1} | how))


def test_the_old_result_stays_until_the_changed_one_is_finished(change, begun, go, stopping, computed, tmp_path):
    begun(ALL)
    old = sim.read(tmp_path / "result")
    kpis = old.kpis.copy()
    how = change()
    computed.clear()
    stopping(2, **how)
    assert sim.read(tmp_path / "result").manifest == old.manifest
    assert sim.read(tmp_path / "result").kpis.equals(kpis)
    result = go(**how)
    assert numbers(computed) == list(range(DRAWS))
    assert sim.read(tmp_path / "result").manifest == result.manifest != old.manifest


def test_an_unfinished_run_is_gone_on_with_after_another_has_come_between(
    go, begun, computed, undisturbed, assert_same
):
    begun(3)
    go(seed=2)
    computed.clear()
    result = go()
    assert numbers(computed) == list(range(3 * BATCH, DRAWS))
    assert_same(result, undisturbed(DRAWS))


def test_an_unfinished_run_is_no_result(begun, tmp_path):
    begun(2)
    with pytest.raises(ScenarioError, match="no such folder"):
        sim.read(tmp_path / "result")
    [draft] = tmp_path.glob("result.*.unfinished")
    with pytest.raises(ScenarioError, match="not finished; run the same command again"):
        sim.read(draft)


# Damage --------------------------------------------------------------------------------------------------------------


def shortened(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-100])


def emptied(file: Path) -> None:
    file.write_bytes(b"")


def flipped(file: Path) -> None:
    content = bytearray(file.read_bytes())
    for place in range(len(content) // 3, len(content) // 3 + 8):
        content[place] ^= 0xFF
    file.write_bytes(content)


def garbled(file: Path) -> None:
    file.write_text(file.read_text(encoding="utf-8")[:20], encoding="utf-8")


@pytest.mark.parametrize(
    ("file", "damage"),
    [
        ("kpis/*015.parquet", shortened),
        ("vendors/*015.parquet", emptied),
        ("counts/*015.parquet", flipped),
        ("digests/*015.parquet", flipped),
        ("done/*015.json", garbled),
    ],
)
@pytest.mark.depth
def test_a_damaged_part_of_an_unfinished_run_is_named_and_can_be_deleted(
    file, damage, begun, go, computed, tmp_path, undisturbed
):
    begun(2)
    [draft] = tmp_path.glob("result.*.unfinished")
    [damaged] = draft.glob(file)
    damage(damaged)
    with pytest.raises(ScenarioError) as refused:
        go()
    said = str(refused.value)
    assert str(damaged) in said
    assert "damaged" in said
    assert "delete this file and run the same command again" in said
    damaged.unlink()
    computed.clear()
    assert go().manifest["content_hash"] == undisturbed(DRAWS).manifest["content_hash"]
    assert set(numbers(computed)) >= set(range(BATCH))
    assert not set(numbers(computed)) & set(range(BATCH, 2 * BATCH)), "the part that was whole is used"


@pytest.mark.parametrize("draws", [DRAWS, 2 * DRAWS])
@pytest.mark.depth
def test_a_lost_part_of_a_finished_result_is_computed_again(
    draws, begun, go, computed, tmp_path, undisturbed, assert_same
):
    begun(ALL)
    (tmp_path / "result" / "kpis" / "000000016-000000031.parquet").unlink()
    computed.clear()
    result = go(draws)
    assert numbers(computed) == [*range(16, 32), *range(DRAWS, draws)]
    assert_same(result, undisturbed(draws))


def test_a_lost_table_over_all_draws_is_made_again(begun, go, computed, tmp_path, undisturbed, assert_same):
    begun(ALL)
    (tmp_path / "result" / "bands.parquet").unlink()
    computed.clear()
    assert_same(go(), undisturbed(DRAWS))
    assert computed == []


@pytest.mark.parametrize("damage", [shortened, flipped])
@pytest.mark.depth
def test_a_damaged_part_of_a_finished_result_is_named_and_can_be_deleted(
    damage, begun, go, computed, tmp_path, undisturbed, assert_same
):
    begun(ALL)
    damaged = tmp_path / "result" / "kpis" / "000000016-000000031.parquet"
    damage(damaged)
    with pytest.raises(ScenarioError, match="delete this file and run the same command again") as refused:
        go(2 * DRAWS)
    assert str(damaged) in str(refused.value)
    damaged.unlink()
    computed.clear()
    result = go(2 * DRAWS)
    assert numbers(computed) == [*range(16, 32), *range(DRAWS, 2 * DRAWS)]
    assert_same(result, undisturbed(2 * DRAWS))


# Places --------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        pytest.param({"thesis.txt": "years of work"}, id="foreign files"),
        pytest.param({"manifest.json": json.dumps({"format": 2, "kind": "comparison"})}, id="a comparison"),
    ],
)
@pytest.mark.parametrize("address", ["{tmp_path}/result", "memory://foreign/result"])
def test_a_place_that_holds_something_else_is_refused_and_left_as_it_is(content, address, restless, tmp_path):
    place = Place.of(address.format(tmp_path=tmp_path))
    place.remove()
    for name, text in content.items():
        (place / name).write(text.encode())
    with pytest.raises(ScenarioError, match="choose another folder"):
        sim.run(restless, 8, out=place.address, workers=1, charts=False)
    assert {name: (place / name).read().decode() for name in place.files()} == content


def test_the_result_of_another_scenario_at_the_place_is_replaced_only_when_the_new_one_is_finished(
    go, stopping, restless, compact, tmp_path
):
    other = compact({"months": 6})
    sim.run(other, 8, out=tmp_path / "result", workers=1, charts=False)
    stopping(1)
    assert sim.read(tmp_path / "result").scenario == other
    go()
    assert sim.read(tmp_path / "result").scenario == restless
