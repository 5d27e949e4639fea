"""What several parts say together must fit; each misfit is reported at the line that the user wrote."""

from __future__ import annotations

import pytest

from sim.errors import ScenarioError
from sim.scenario.loading import load

AWS_CHINA = "vendors: {aws: {sales: {china: %s}}}"
ROUND = "talks: {rounds: [%s]}"


def problems(path) -> list[str]:
    with pytest.raises(ScenarioError) as caught:
        load(path)
    return str(caught.value).splitlines()


def test_the_small_scenario_has_no_problems(small):
    load(small)


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        (
            "markets: {china: {segment_weights: {government: 30%}}}",
            "markets.china.segment_weights",
            "must sum to 1, but sum to 0.9",
        ),
        ("markets: {rest: {share_of_rest: 90%}}", "markets.rest.share_of_rest", "must sum to 1, but sum to 0.9"),
        (
            "markets: {rest: {share_of_rest: null}}",
            "markets.rest",
            "needs one of total_bn and share_of_rest, has neither",
        ),
        ("markets: {rest: {total_bn: 5}}", "markets.rest", "needs one of total_bn and share_of_rest, has both"),
        (
            "vendors: {others: {sales: {china: {residual: false}}}}",
            "markets.china",
            "no vendor stands for the rest of the market",
        ),
        (
            AWS_CHINA % "{share: null, residual: true}",
            "vendors.others.sales.china.residual",
            "only one vendor may stand for the rest of china, and aws already does",
        ),
        (AWS_CHINA % "{share: 60%}", "vendors.alibaba.sales.china.share", "must stay below 1, but sum to 1.03"),
        ("vendors: {aws: {sales: {rest: {split: 90%}}}}", "vendors.aws.sales", "must sum to 1, but sums to 0.9"),
        ("vendors: {aws: {world_revenue_bn: null}}", "vendors.aws", "lacks world_revenue_bn"),
        ("vendors: {alibaba: {world_revenue_bn: 3}}", "vendors.alibaba.world_revenue_bn", "is below the 3.44 bn USD"),
        (
            "partners: {sinnet: {contracts: {aws: {share: 50%}}}}",
            "partners.nwcd.contracts.aws.share",
            "must sum to 1, but sum to 0.9",
        ),
        ("partners: {sinnet: {licence: false}}", "partners.sinnet.licence", "so it needs `licence: true`"),
        ("partners: null", "vendors.aws.sales.china.presence", "no partner has a contract with aws in china"),
        (AWS_CHINA % "{presence: zone}", "vendors.aws.sales.china.presence", "no zone in china is open"),
        (AWS_CHINA % "{presence: owned}", "vendors.aws.sales.china.presence", "lets no foreign vendor own"),
        (AWS_CHINA % "{presence: absent}", "vendors.aws.sales.china", "an absent vendor sells nothing"),
        (AWS_CHINA % "{split: 0.5}", "vendors.aws.sales.china", "only one of share, split and residual"),
        ("markets: {china: {taste: {uk: {government: 1}}}}", "markets.china.taste.uk", "no vendor has the home 'uk'"),
        ("vendors: {others: {home: chinaa}}", "vendors.others.home", "did you mean china?"),
        ("markets: {china: {country: chian}}", "markets.china.country", "did you mean china?"),
        ("demand: {market_elasticity: 0.9}", "demand.market_elasticity", "0.9 is outside 1.01 to 50 (elasticity)"),
        (
            "segments: {government: {substitution_elasticity: 1.5}}",
            "segments.government.substitution_elasticity",
            "must be above demand.market_elasticity (triangular(1.2, 1.6, 2)) in every draw, found 1.5",
        ),
        ("goods: {lists: {list_1: {importer: china}}}", "goods.lists.list_1.exporter", "are both china"),
        (
            "goods: {import_elasticity: {us: null}}",
            "goods.import_elasticity",
            "lacks us, which imports the list list_1",
        ),
        ("policies: {pilot: {starts: 2019-01-01}}", "policies.pilot.starts", "brought by talks.agenda.cloud.pilot"),
        ("talks: {agenda: {cloud: {pilot: []}}}", "policies.pilot.starts", "waits for a deal, but neither"),
        ("talks: {if_no_deal: [us_301]}", "policies.us_301.starts", "brought by talks.if_no_deal, so it must be"),
        ("talks: {packages: {large: {cloud: pilt}}}", "talks.packages.large.cloud", "did you mean pilot?"),
        ("talks: {packages: {large: {clod: none}}}", "talks.packages.large.clod", "did you mean cloud?"),
        ("talks: {packages: {large: {cloud: null}}}", "talks.packages.large", "lacks a level for cloud"),
        (ROUND % "{date: 2019-01-05, place: B, signs: larg, probability: 1}", "talks.rounds.0.signs", "mean large?"),
        (ROUND % "{date: 2019-01-05, place: B, probability: 1}", "talks.rounds.0", "lacks signs"),
        (ROUND % "{date: 2019-01-05, place: B, signs: large}", "talks.rounds.0", "lacks probability"),
        (
            ROUND % "{date: 2018-01-05, place: B, signs: large, probability: 1}",
            "talks.rounds.0.date",
            "before the start",
        ),
        (ROUND % "{date: 2021-07-01, place: B, signs: large, probability: 1}", "talks.rounds.0.date", "after the end"),
        ("talks: {mode: scripted}", "talks.rounds.0.probability", "the mode is scripted"),
        (ROUND % "", "talks.mode", "mode chance needs at least one round"),
        ("policies: {us_301: {ends: 2018-07-01, starts: 2018-08-01}}", "policies.us_301.ends", "is not after"),
        ("policies: {us_301: {ends: 2022-01-01}}", "policies.us_301.ends", "after the end of the run"),
        (
            "policies: {us_301: {rate: {1998-01-01: 1%}}}",
            "policies.us_301.rate.1998-01-01",
            "more than 10 years before",
        ),
        ("world_total_bn: {2018-01-01: null, 2018-07-01: null}", "world_total_bn", "must be known from the start"),
        ("start: 2018-08-01", "start", "must be the first day of a quarter"),
        ("months: 37", "months", "must be whole quarters"),
    ],
)
def test_a_misfit_is_reported_with_its_path(derived, text, where, words):
    found = [line for line in problems(derived(f"{text}\n")) if f": {where}: " in line and words in line]
    assert len(found) == 1


def test_problems_in_the_users_own_lines_carry_these_lines(derived):
    path = derived("markets:\n  china:\n    segment_weights:\n      government: 30%\n")
    assert problems(path) == [f"{path}:5: markets.china.segment_weights: must sum to 1, but sum to 0.9"]


def test_all_problems_come_together_in_the_order_of_the_file(derived):
    path = derived(
        "demand: {contract_churn: fast}\nmonths: lots\ncosts: {declin: 1}\npolicies: {us_301: {lists: [list_2]}}\n"
    )
    assert [line.split(": ")[:2] for line in problems(path)] == [
        [f"{path}:3", "demand.contract_churn"],
        [f"{path}:4", "months"],
        [f"{path}:5", "costs.declin"],
        [f"{path}:6", "policies.us_301.lists.0"],
    ]


@pytest.mark.parametrize(
    ("text", "where", "near"),
    [
        ("focus: {market: chinna}", "focus.market", "china"),
        ("focus: {visitor: uss}", "focus.visitor", "us"),
        (
            "markets: {china: {segment_weights: {goverment: 0}}}",
            "markets.china.segment_weights.goverment",
            "government",
        ),
        ("vendors: {aws: {sales: {chna: {presence: absent}}}}", "vendors.aws.sales.chna", "china"),
        ("vendors: {aws: {reviews: [chna]}}", "vendors.aws.reviews.0", "china"),
        ("partners: {sinnet: {contracts: {awss: {share: 0, fee: 0}}}}", "partners.sinnet.contracts.awss", "aws"),
        ("policies: {pilot: {zone: guiyan}}", "policies.pilot.zone", "guiyang"),
        ("policies: {us_301: {lists: [list_l]}}", "policies.us_301.lists.0", "list_1"),
        ("talks: {agenda: {cloud: {pilot: [pilott]}}}", "talks.agenda.cloud.pilot.0", "pilot"),
        ("goods: {import_elasticity: {chin: 2}}", "goods.import_elasticity.chin", "china"),
    ],
)
def test_a_name_that_does_not_exist_gets_the_nearest_one(derived, text, where, near):
    line = next(line for line in problems(derived(f"{text}\n")) if f"mine.yaml:3: {where}: " in line)
    assert f"did you mean {near}?" in line


def test_a_vendor_in_an_open_zone_at_the_base_date_is_allowed(derived):
    policy = "{kind: pilot_zone, starts: 2018-07-01, zone: guiyang, slots: 1, reach: {enterprise: 1}}"
    load(derived(f"{AWS_CHINA % '{presence: zone}'}\npolicies: {{early: {policy}}}\n"))


def test_sums_may_be_off_by_rounding(derived):
    load(derived("markets: {china: {segment_weights: {government: 0.3333333, enterprise: 0.6666667}}}\n"))


def test_sums_are_those_of_the_central_values(derived):
    load(derived("markets: {china: {segment_weights: {government: {uniform: [0.3, 0.5]}}}}\n"))
