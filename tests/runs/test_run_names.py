"""A run of other values has a name of its own, none is lost without a word, and those of one name are told apart."""

from __future__ import annotations

from pathlib import Path

import pytest

import sim
from sim.errors import ScenarioError
from sim.runs.address import Place
from sim.runs.run_names import LONGEST, in_words, labels, named_by
from tests.commanding import ended
from tests.depth import quick
from tests.runs.conftest import PATHS

CHURN = "demand.contract_churn"


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({}, "restless"),
        ({"months": 6}, "restless_with_months_6"),
        ({CHURN: 0.5}, "restless_with_contract_churn_0_5"),
        ({CHURN: "25%"}, "restless_with_contract_churn_25_percent"),
        ({"presence.hurdle": -0.5}, "restless_with_hurdle_minus_0_5"),
        ({"presence.hurdle": {"uniform": [0, 1]}}, "restless_with_hurdle_uniform_0_1"),
        ({"policies.pilot.starts": "2018-09-01"}, "restless_with_pilot_starts_2018_09_01"),
        ({"policies.pilot": None}, "restless_with_pilot_none"),
        ({"months": 6, CHURN: 0.5}, "restless_with_months_6_and_contract_churn_0_5"),
        ({"title": "Zölle & <b>本</b>\n../.."}, "restless_with_title_z_lle_b_b"),
        ({"name": "mine"}, "restless"),
    ],
)
def test_a_name_says_what_was_set_in_letters_that_a_folder_may_have(changes, name, restless):
    assert named_by(restless, in_words(changes)).name == name


def test_long_names_end_in_a_mark_and_differ_as_their_changes_do(restless):
    names = {named_by(restless, in_words({f"policies.{'x' * 70}.rate": rate})).name for rate in range(50)}
    assert len(names) == 50
    assert {len(name) for name in names} == {len("restless_with_") + LONGEST}


@pytest.mark.depth
def test_the_run_as_it_is_stays_beside_the_changed_one_and_both_are_labelled(restless_file, tmp_path):
    how = ("--draws", 4, "--no-charts", "-q", "--workers", 1, "--no-effects", "--out", tmp_path)
    assert ended("run", restless_file, *how).returncode == 0
    said = ended("run", restless_file, *how, "--set", f"{CHURN}=0.5")
    changed = "restless_with_contract_churn_0_5"
    assert f"Wrote {tmp_path / changed}" in said.stdout
    compared = ended("compare", tmp_path / "restless", tmp_path / changed, "--no-effects", "--out", tmp_path / "both")
    assert f"{changed} against restless" in compared.stdout
    assert changed in (tmp_path / "both" / "report.html").read_text(encoding="utf-8")
    assert sim.read(tmp_path / "restless").scenario.demand.contract_churn.central == 0.3


@pytest.fixture
def kept(restless, tmp_path) -> Path:
    sim.run(restless, 3, paths=PATHS, workers=1, out=tmp_path / "result", charts=False)
    return tmp_path / "result"


@pytest.mark.parametrize("address", quick(["{}", "memory://names/result"], "{}"))
@pytest.mark.parametrize(
    ("changes", "seed", "said"),
    [
        ({CHURN: 0.5}, 1, rf"{CHURN} 0\.3 .*, here 0\.5"),
        ({}, 7, "seed 1, here 7"),
        ({"policies.pilot": None}, 1, r"policies.pilot.*and \d+ more"),
    ],
)
@pytest.mark.depth
def test_a_result_of_other_inputs_is_replaced_only_where_that_is_said(changes, seed, said, address, restless, tmp_path):
    """By a run, and by saving what was run."""
    place = address.format(tmp_path / "result")
    Place.of(place).remove()
    sim.run(restless, 3, paths=PATHS, workers=1, out=place, charts=False)
    other = {"draws": 3, "seed": seed, "set": changes, "paths": PATHS, "workers": 1, "charts": False}
    for put in (
        lambda replace: sim.run(restless, **other, out=place, replace=replace),
        lambda replace: sim.run(restless, **other).save(place, charts=False, replace=replace),
    ):
        with pytest.raises(ScenarioError, match=rf"holds a run of restless with other inputs \({said}.*--replace"):
            put(False)
        assert sim.read(place).seed == 1
        put(True)
        assert (sim.read(place).seed, sim.read(place).name == "restless") == (seed, not changes)
        sim.run(restless, 3, paths=PATHS, workers=1, out=place, charts=False, replace=True)


def test_the_same_inputs_and_what_tells_only_may_be_put_over_it(kept, restless):
    other = restless.model_copy(update={"title": "Another title", "question": "Why?"})
    assert sim.run(other, 5, paths=2, workers=1, out=kept, charts=False).draws == 5


def test_two_files_of_one_name_do_not_replace_each_other(restless_file, tmp_path):
    how = ("--draws", 2, "--no-charts", "-q", "--workers", 1, "--out", tmp_path / "results")
    other = tmp_path / "restless.yaml"
    text = restless_file.read_text(encoding="utf-8")
    other.write_text(text.replace("contract_churn: 0.3\n", "contract_churn: 0.4\n"), encoding="utf-8")
    assert ended("run", restless_file, *how).returncode == 0
    refused = ended("run", other, *how)
    assert refused.returncode == 2
    assert f"{CHURN} 0.3" in refused.stderr
    assert ended("run", other, *how, "--replace").returncode == 0


def test_runs_of_one_name_are_labelled_by_what_differs(restless):
    def run(churn: float = 0.3, seed: int = 1, draws: int = 2) -> sim.RunResult:
        values = sim.run(restless, 2, set={CHURN: churn}, workers=1, paths=0).scenario
        return sim.run(values.model_copy(update={"name": "restless"}), draws, seed, workers=1, paths=0)

    plain = run()
    found = labels([plain, run(0.5), run(seed=9), run(draws=3), plain, plain])
    assert found[0] == "restless"
    assert found[1].startswith("restless_with_contract_churn_0_5")
    assert found[2:] == [
        "restless_with_seed_9", "restless_with_draws_3", "restless (2)", "restless (3)",
    ]  # fmt: skip
    assert len(set(found)) == len(found)
