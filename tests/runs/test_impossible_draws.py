"""A draw that cannot be computed fails alone, whatever batch it is in, and leaves all others as they are."""

import pytest

import sim
from sim.errors import ImpossibleDrawsError
from sim.model.batch import run_batch

DRAWS = 24
EITHER = {"choice": [0.5, 1]}
STRANDED = {
    "months": 3,
    "vendors.microsoft.sales.china.presence": "cross_border",
    **{f"markets.china.rules.residency.{segment}": EITHER for segment in ("government", "enterprise", "multinational")},
}
"""Where no data may leave, who sells across the border cannot have sold what it did: one draw in eight."""


@pytest.fixture(scope="module")
def alone():
    return sim.run("status_quo", DRAWS, batch=1, workers=1, set=STRANDED, charts=False)


@pytest.fixture(scope="module")
def stranded(alone):
    scenario = alone.scenario
    lost = []
    for draw in range(DRAWS):
        try:
            run_batch(scenario, [draw], 1)
        except ImpossibleDrawsError:
            lost.append(draw)
    return lost


def test_each_is_recorded_with_its_reason(alone, stranded):
    assert 0 < len(stranded) < DRAWS / 2
    assert [held["first"] for held in alone.failed] == [held["last"] for held in alone.failed] == stranded
    assert all("sells more than its access" in held["reason"] for held in alone.failed)
    assert set(alone.kpis["draw"]) == set(alone.inputs["draw"]) == set(range(DRAWS)) - set(stranded)
    assert alone.draws == DRAWS - len(stranded)


@pytest.mark.parametrize(("batch", "workers"), [(5, 1), (24, 1), (7, 2)])
def test_batches_and_workers_change_nothing(alone, batch, workers):
    result = sim.run("status_quo", DRAWS, batch=batch, workers=workers, set=STRANDED, charts=False)
    assert result.failed == alone.failed
    assert result.manifest["content_hash"] == alone.manifest["content_hash"]
    for table in ("kpis", "vendors", "events", "inputs", "bands"):
        assert result.tables[table].equals(alone.tables[table])


def test_a_folder_keeps_them_and_the_same_command_has_nothing_to_do(alone, tmp_path, monkeypatch):
    run = sim.run("status_quo", DRAWS, batch=12, workers=1, set=STRANDED, charts=False, out=tmp_path / "result")
    assert run.failed == sim.read(tmp_path / "result").failed == alone.failed
    monkeypatch.setattr("sim.runs.batch_task.run_batch", None)
    again = sim.run("status_quo", DRAWS, batch=12, workers=1, set=STRANDED, charts=False, out=tmp_path / "result")
    assert again.manifest["content_hash"] == alone.manifest["content_hash"]


def test_more_draws_are_added_to_those_that_are_there(alone, tmp_path):
    for draws in (10, DRAWS):
        grown = sim.run("status_quo", draws, workers=1, set=STRANDED, charts=False, out=tmp_path / "result")
    assert grown.failed == alone.failed
    assert grown.manifest["content_hash"] == alone.manifest["content_hash"]


def test_where_all_fail_the_error_says_why():
    never = STRANDED | {path: 1 for path in STRANDED if ".residency." in path}
    with pytest.raises(sim.ScenarioError, match=r"no draw could be computed: .*sells more than its access"):
        sim.run("status_quo", 4, workers=1, set=never, charts=False)
