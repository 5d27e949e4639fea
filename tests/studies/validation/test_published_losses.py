"""Papers' figures redone under their assumptions; here from the lists' numbers, read by eye, and integrals."""

from __future__ import annotations

import math
import re
from itertools import pairwise

import pytest
from scipy import integrate

import sim
from sim.facts import find_fact
from sim.scenario.library import library, library_folder
from sim.studies.validation import published_losses
from sim.studies.validation.published_losses import AMITI, FAJGELBAUM, FOLDER, NEW_YORK_FED, world_of

BASE_RATE = 0.031
LISTS_1_AND_2, LIST_3 = 32.0 + 15.3, 191.8
PAPERS = (AMITI, FAJGELBAUM, NEW_YORK_FED)


@pytest.fixture(scope="module")
def model(evidence):
    rows = published_losses.check(evidence).comparisons
    return {row.what: row.model.mean for row in rows}


def area_and_revenue(trade, rise, elasticity):
    """Buyers' loss and revenue beyond the base rate, by integration of demand that is `trade` at the base rate."""
    first, last = 1 + BASE_RATE, 1 + BASE_RATE + rise

    def bought(price):
        return trade * (price / first) ** -elasticity

    area, _ = integrate.quad(bought, first, last)
    return area, (last - 1) * bought(last) - (first - 1) * bought(first)


def of_2018(others, elasticity):
    """Buyers' loss and revenue of the tariffs of 2018, all origins, bn USD a year."""
    goods = ((LISTS_1_AND_2, 0.25), (LIST_3, 0.10), (others, 0.179))
    parts = [area_and_revenue(trade, rise, elasticity) for trade, rise in goods]
    return tuple(map(sum, zip(*parts, strict=True)))


def test_the_elasticity_of_the_first_paper_gives_the_area_under_one_demand_curve(model):
    loss, revenue = of_2018(283 - LISTS_1_AND_2 - LIST_3, 6)
    assert model["US deadweight loss in December 2018, elasticity of 6"] == pytest.approx((loss - revenue) / 12)
    assert model["US tariff revenue in December 2018, elasticity of 6"] == pytest.approx(revenue / 12)


def test_with_the_models_elasticity_only_goods_differ(model):
    loss, revenue = of_2018(283 - LISTS_1_AND_2 - LIST_3, 2.53)
    assert model["US deadweight loss in December 2018, all origins"] == pytest.approx((loss - revenue) / 12)
    assert model["US tariff revenue in December 2018, all origins"] == pytest.approx(revenue / 12)


def test_the_first_papers_arithmetic_is_half_the_tariff_times_trade_times_log_change(model):
    goods = ((LISTS_1_AND_2, 0.25), (LIST_3, 0.10), (283 - LISTS_1_AND_2 - LIST_3, 0.179))
    by_hand = sum(trade * rise / 2 * 6 * math.log(1 + rise / (1 + BASE_RATE)) for trade, rise in goods)
    shown = model["US deadweight loss in December 2018, the paper's arithmetic"]
    assert shown == pytest.approx(by_hand / 12)


def test_each_step_towards_the_first_paper_raises_the_loss_until_it_is_theirs(model):
    steps = [value for what, value in model.items() if what.startswith("US deadweight loss in December 2018")]
    assert steps == sorted(steps)
    assert steps[0] < 0.5
    assert steps[-1] == pytest.approx(find_fact("arw.deadweight_loss_per_month_late_2018").value, abs=0.05)


def test_the_remark_on_the_gap_gives_the_very_steps(evidence):
    rows = [row for row in published_losses.check(evidence).comparisons if "deadweight loss in December" in row.what]
    numbers = [float(number) for number in re.findall(r"\d\.\d\d", rows[-1].why)]
    means = [row.model.mean for row in rows]
    assert numbers[:4] == [pytest.approx(b - a, abs=0.0051) for a, b in pairwise(means)]
    assert sum(numbers) == pytest.approx(rows[0].data.value - means[0], abs=0.03)


def test_the_second_papers_goods_and_elasticity_give_its_loss_revenue_and_imports(model):
    others = 303 - LISTS_1_AND_2 - LIST_3
    loss, revenue = of_2018(others, 2.53)
    assert model["Fajgelbaum and others: US buyers' loss"] == pytest.approx(loss)
    assert model["Fajgelbaum and others: US tariff revenue"] == pytest.approx(revenue)
    assert model["Fajgelbaum and others: US loss in all"] == pytest.approx(loss - revenue)
    before = LISTS_1_AND_2 * 0.25 + LIST_3 * 0.10 + others * 0.179
    assert model["Fajgelbaum and others: US buyers' loss, imports as before"] == pytest.approx(before)


def test_the_notes_elasticity_is_the_one_of_its_response_and_its_loss_the_area(model):
    assert model["New York Fed: prices up by 10 %, change of US imports"] == pytest.approx(-0.43, abs=1e-4)
    elasticity = -math.log(0.57) / math.log(1.1)
    loss, revenue = area_and_revenue(LISTS_1_AND_2 + LIST_3 + 4.0, 0.25, elasticity)
    assert model["New York Fed: US buyers' loss"] == pytest.approx(loss, rel=1e-3)
    assert model["New York Fed: US tariff revenue"] == pytest.approx(revenue, rel=1e-3)


def test_buyers_pay_what_the_scenario_says(model):
    assert model["Part of US tariffs that buyers pay"] == pytest.approx(1.0)


def test_where_exporters_absorb_a_part_the_papers_scenario_shows_it():
    world = world_of(AMITI, {"goods.pass_through": 0.8})
    rows = tuple(published_losses._pass_through(world))
    assert rows[0].model.mean == pytest.approx(0.8)


@pytest.mark.parametrize("paper", PAPERS)
def test_a_papers_scenario_has_no_uncertain_goods_trade_and_is_not_in_the_listed_library(paper):
    world = world_of(paper)
    numbers = (*world.scenario.goods.import_elasticity.values(), world.scenario.goods.pass_through)
    assert all(number.central == world.value(number).item() for number in numbers)
    assert paper not in library()


@pytest.mark.parametrize("paper", PAPERS)
@pytest.mark.depth
def test_a_papers_scenario_names_only_facts_that_exist_and_runs(paper):
    path = library_folder() / FOLDER / f"{paper}.yaml"
    named = re.findall(r"\b(?:arw|fgkk|nyfed2019)\.\w+", path.read_text(encoding="utf-8"))
    assert named
    for key in named:
        find_fact(key)
    assert len(sim.run(path, draws=2, seed=1).kpis) == 2


def test_the_rate_on_other_goods_is_what_the_average_leaves_for_them():
    after, before = (find_fact(f"fgkk.us_tariff_targeted_{when}").value for when in ("after", "before"))
    covered = find_fact("fgkk.us_targeted_imports").value
    others = covered - LISTS_1_AND_2 - LIST_3
    rest = (after - before) * covered - 0.25 * LISTS_1_AND_2 - 0.10 * LIST_3
    assert rest / others == pytest.approx(0.179, abs=0.0005)
