"""All checks of the doctor, and the examination that makes them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np

from sim.errors import ModelError
from sim.scenario.schema import Scenario
from sim.studies.doctor.assumptions import (
    assumptions_lie_where_others_found_them,
    base_data_fit_together,
    draws_are_admissible,
    uncertain_numbers_have_sources,
)
from sim.studies.doctor.clock import (
    catch_up_follows_its_curve,
    contracts_run_off_at_their_rate,
    expectations_solve_their_equation,
    free_spending_is_growth_and_churn,
    growth_fades_by_halves,
    half_the_step_changes_little,
    orders_fill_what_will_be_missing,
    surplus_follows_contracts,
    trade_moves_at_its_speed,
)
from sim.studies.doctor.conservation import (
    all_figures_are_numbers,
    concentration_is_that_of_the_shares,
    money_earned_is_money_paid,
    nobody_serves_more_than_it_can,
    partners_earn_their_fees,
    spending_goes_to_vendors,
    taxes_are_rates_times_sales,
    welfare_is_the_sum_of_its_parts,
)
from sim.studies.doctor.finding import Finding, Verdict
from sim.studies.doctor.goods_accounts import (
    limits_bring_the_gap_of_prices,
    one_countrys_exports_are_anothers_imports,
    parts_of_real_income_add_up,
    tariff_losses_are_areas,
    tariff_revenue_is_rate_times_imports,
    what_goods_avoid_is_the_gap_of_tariffs,
)
from sim.studies.doctor.limits import (
    index_falls_with_variety,
    one_vendor_takes_the_monopoly_markup,
    perfect_substitutes_sell_at_the_second_lowest_cost,
    spending_ignores_prices_at_unit_elasticity,
    surplus_is_the_area_under_demand,
)
from sim.studies.doctor.markets import (
    base_date_is_reproduced,
    base_prices_are_best,
    costs_follow_rules_and_experience,
    customers_choose_by_price_and_quality,
    prices_go_part_of_the_way,
    stated_shares_are_kept,
)
from sim.studies.doctor.monotone import (
    closer_substitutes_lower_markups,
    dearer_partners_never_raise_revenue,
    dearer_vendors_lose_customers,
    higher_tariffs_never_raise_imports,
    stricter_rules_never_help_who_they_bind,
)
from sim.studies.doctor.patient import Patient
from sim.studies.doctor.repeats import a_draw_is_the_same_in_any_batch
from sim.studies.doctor.stillness import nothing_moves_by_itself
from sim.studies.doctor.symmetry import swapped_countries_swap_figures

Check = Callable[[Patient], Finding]

CHECKS: tuple[Check, ...] = (
    # conservation
    spending_goes_to_vendors,
    nobody_serves_more_than_it_can,
    money_earned_is_money_paid,
    partners_earn_their_fees,
    welfare_is_the_sum_of_its_parts,
    concentration_is_that_of_the_shares,
    one_countrys_exports_are_anothers_imports,
    tariff_revenue_is_rate_times_imports,
    taxes_are_rates_times_sales,
    tariff_losses_are_areas,
    parts_of_real_income_add_up,
    limits_bring_the_gap_of_prices,
    what_goods_avoid_is_the_gap_of_tariffs,
    # demand and prices at the base date
    base_date_is_reproduced,
    stated_shares_are_kept,
    customers_choose_by_price_and_quality,
    base_prices_are_best,
    prices_go_part_of_the_way,
    costs_follow_rules_and_experience,
    # a world in which nothing moves, and one in which two countries change sides
    nothing_moves_by_itself,
    swapped_countries_swap_figures,
    # signs of responses
    dearer_partners_never_raise_revenue,
    higher_tariffs_never_raise_imports,
    closer_substitutes_lower_markups,
    dearer_vendors_lose_customers,
    stricter_rules_never_help_who_they_bind,
    # limits
    one_vendor_takes_the_monopoly_markup,
    perfect_substitutes_sell_at_the_second_lowest_cost,
    spending_ignores_prices_at_unit_elasticity,
    index_falls_with_variety,
    surplus_is_the_area_under_demand,
    # time
    half_the_step_changes_little,
    catch_up_follows_its_curve,
    contracts_run_off_at_their_rate,
    free_spending_is_growth_and_churn,
    surplus_follows_contracts,
    trade_moves_at_its_speed,
    orders_fill_what_will_be_missing,
    expectations_solve_their_equation,
    growth_fades_by_halves,
    # assumptions
    assumptions_lie_where_others_found_them,
    draws_are_admissible,
    base_data_fit_together,
    uncertain_numbers_have_sources,
    # arithmetic
    all_figures_are_numbers,
    a_draw_is_the_same_in_any_batch,
)
"""All checks, in the order in which they are shown; a new one joins here."""


def examined(scenario: Scenario, draws: int, seed: int) -> Iterator[Finding]:
    """Make all checks on a scenario, one after the other.

    Parameters
    ----------
    scenario
        Any valid scenario.
    draws
        Draws of the run that is looked at.
    seed
        Its seed.
    """
    patient = Patient(scenario, range(draws), seed)
    for check in CHECKS:
        yield finding_of(check, patient)


def finding_of(check: Check, patient: Patient) -> Finding:
    """Make one check; where the model itself gives up, the check has failed.

    Figures that are no numbers fail their checks, so nobody needs to be warned of them.
    """
    try:
        with np.errstate(all="ignore"):
            return check(patient)
    except ModelError as error:
        name = check.__name__.replace("_", " ")
        return Finding(name, "The model can be computed", Verdict.FAILED, np.nan, 0.0, "", str(error))
