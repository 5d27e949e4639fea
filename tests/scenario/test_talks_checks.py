"""Talks in which governments bargain are refused where they cannot be held: by line, with what was expected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import sim
from sim.cli import main

REFUSED = 2

ALIKE = "{horizon_years: 4, discount: 5%, waiting_cost_bn: 1, noise_bn: 5, tariff_revenue: 1, vendor_profit: 1}"
"""What a government cares about."""

BARGAIN = f"""\
policies:
  higher: {{kind: tariff, starts: {{after_deal: 0}}, lists: [list_1], rate: 10%}}
talks:
  mode: bargaining
  rounds:
    - {{date: 2019-03-29, place: Beijing, host: china}}
    - {{date: 2019-04-05, place: Washington, host: us}}
  escalation: {{probability: 0.2, rungs: [[higher]]}}
  suspension: {{probability: 0.1, resumes_per_year: 4}}
  stakes:
    us: {ALIKE}
    china: {ALIKE}
"""

STAKES = "talks: {stakes: {us: {%s}}}"
ROUNDS = "talks: {rounds: [%s]}"
HISTORY = "talks: {history: [%s]}"
BEIJING = "date: 2019-03-29, place: Beijing, host: china"
"""Begins the entries of a round that is in order."""
NUMBERS = {"signs": "small", "at_once": "20%", "settles_per_year": "0.5", "never": "10%"}


def by_hazard(changed: str = "", more: str = "") -> str:
    """Talks of three numbers, one of which is another or left out; more of the talks may follow."""
    key, _, value = changed.partition(": ")
    numbers = {name: held for name, held in (NUMBERS | {key: value}).items() if held}
    listed = ", ".join(f"{name}: {held}" for name, held in numbers.items())
    return f"talks:\n  mode: hazard\n  hazard: {{{listed}}}\n  {more}"


@pytest.fixture
def bargain(derived: Callable[..., Path]) -> Path:
    """Write talks in which nothing is wrong; they come to line 3 and after."""
    return derived(BARGAIN, "bargain.yaml")


@pytest.fixture
def mine(bargain: Path, write: Callable[..., Path]) -> Callable[[str], Path]:
    """Write a file that changes these talks; its own text begins in line 3."""
    return lambda text: write(f"extends: bargain\ntitle: Mine\n{text}\n")


@pytest.fixture
def refused(capsys: pytest.CaptureFixture[str]) -> Callable[[Path], list[str]]:
    """Check a file that has to be refused, and give what is said."""

    def lines(path: Path) -> list[str]:
        with pytest.raises(SystemExit) as ended:
            main(["check", str(path)])
        said = capsys.readouterr()
        assert ended.value.code == REFUSED
        assert "Traceback" not in said.err + said.out
        return said.err.splitlines()

    return lines


def many_levels(count: int) -> str:
    """Levels of one issue, all but the first with a policy."""
    return "{" + ", ".join(f"level_{n}: [{'relief' if n else ''}]" for n in range(count)) + "}"


def test_talks_in_which_nothing_is_wrong_load(bargain):
    assert set(sim.load(bargain).talks.choices) == {"small", "large", "keep-none", "keep-pilot"}


@pytest.mark.parametrize(
    ("text", "where", "words"),
    [
        # Stakes
        ("talks: {stakes: {china: null}}", "talks.stakes", "needs the stakes of two governments, found us (countries"),
        ("talks: {stakes: null}", "talks.stakes", "needs the stakes of two governments, found none"),
        (
            f"countries: {{japan: {{gdp_bn: 5000}}}}\ntalks: {{stakes: {{japan: {ALIKE}}}}}",
            "talks.stakes",
            "found us, china, japan",
        ),
        (f"talks: {{stakes: {{us: null, usa: {ALIKE}}}}}", "talks.stakes.usa", "did you mean us?"),
        (STAKES % "horizon_years: null", "talks.stakes.us", "lacks horizon_years (How far"),
        (STAKES % "export: 1", "talks.stakes.us.export", "unknown key; did you mean exports?"),
        (
            STAKES % "tariff_revenue: 0, vendor_profit: null",
            "talks.stakes.us",
            "nothing to it, as all its weights are 0; give one or more of vendor_profit, partner_income",
        ),
        (STAKES % "horizon_years: 0", "talks.stakes.us.horizon_years", "0 is outside 0.05 to 50 (years)"),
        (STAKES % "noise_bn: 0", "talks.stakes.us.noise_bn", "0 is outside 1e-06 to 1e+06 (bn USD)"),
        (STAKES % "waiting_cost_bn: -1", "talks.stakes.us.waiting_cost_bn", "-1 is outside 0 to 1000 (bn USD)"),
        # Weights without bounds
        (STAKES % "tariff_revenue: .inf", "talks.stakes.us.tariff_revenue", "expected a finite number (ratio)"),
        (STAKES % "tariff_revenue: -.inf", "talks.stakes.us.tariff_revenue", "expected a finite number (ratio)"),
        (STAKES % "tariff_revenue: 1e999", "talks.stakes.us.tariff_revenue", "expected a finite number (ratio)"),
        (STAKES % "tariff_revenue: .nan", "talks.stakes.us.tariff_revenue", "expected a finite number (ratio)"),
        (STAKES % "tariff_revenue: {normal: [1, .inf]}", "talks.stakes.us.tariff_revenue", "expected a finite number"),
        (STAKES % "tariff_revenue: -1e300", "talks.stakes.us.tariff_revenue", "-1e+300 is outside -1000 to 1000"),
        (STAKES % "know_how_bn: -1e300", "talks.stakes.us.know_how_bn", "-1e+300 is outside -1e+06 to 1e+06"),
        (STAKES % "waiting_cost_bn: 1e300", "talks.stakes.us.waiting_cost_bn", "1e+300 is outside 0 to 1000 (bn USD)"),
        (STAKES % "noise_bn: {uniform: [1, 1e9]}", "talks.stakes.us.noise_bn", "1e+06 (bn USD) in 99.9 % of draws"),
        (STAKES % "horizon_years: 1000", "talks.stakes.us.horizon_years", "1000 is outside 0.05 to 50 (years)"),
        # Rounds
        (ROUNDS % "{date: 2019-03-29, place: Beijing}", "talks.rounds.0", "lacks host, which every round needs in"),
        (ROUNDS % "{date: 2019-03-29, place: B, host: chna}", "talks.rounds.0.host", "did you mean china?"),
        (
            f"countries: {{japan: {{gdp_bn: 5000}}}}\n{ROUNDS % '{date: 2019-06-29, place: Osaka, host: japan}'}",
            "talks.rounds.0.host",
            "japan has no stakes (known: china, us)",
        ),
        (ROUNDS % f"{{{BEIJING}, probability: 0.5}}", "talks.rounds.0.probability", "the mode is bargaining"),
        (ROUNDS % f"{{{BEIJING}, signs: small}}", "talks.rounds.0.signs", "choose the package themselves"),
        (ROUNDS % f"{{{BEIJING}, signs: smal}}", "talks.rounds.0.signs", "did you mean small?"),
        (ROUNDS % "", "talks.mode", "mode bargaining needs at least one round"),
        (
            ROUNDS % f"{{{BEIJING}}}, {{date: 2019-01-31, place: Washington, host: us}}",
            "talks.rounds.1.date",
            "2019-01-31 is before the round above it (2019-03-29); rounds stand in order",
        ),
        (ROUNDS % "{date: 2018-05-04, place: B, host: us}", "talks.rounds.0.date", "before the start of the run"),
        (ROUNDS % "{date: 2031-05-04, place: B, host: us}", "talks.rounds.0.date", "after the end of the run"),
        (ROUNDS % "{date: 2019-02-30, place: B, host: us}", "mine.yaml:3", "2019-02-30 is no date"),
        # Reservation, promises and deadlines
        (STAKES % "resolve: -0.1", "talks.stakes.us.resolve", "-0.1 is outside 0 to 100 (ratio)"),
        (STAKES % "resolv: 0.1", "talks.stakes.us.resolv", "unknown key; did you mean resolve?"),
        (STAKES % "delivery: {value: 110%}", "talks.stakes.us.delivery", "1.1 is outside 0 to 1 (share of one)"),
        (STAKES % "concession_cost: 200%", "talks.stakes.us.concession_cost", "2 is outside 0 to 1 (share of one)"),
        (
            STAKES % "waiting_cost_bn: {2018-07-01: 1, 2019-04-01: -2}",
            "talks.stakes.us.waiting_cost_bn.2019-04-01",
            "-2 is outside 0 to 1000 (bn USD)",
        ),
        (STAKES % "waiting_cost_bn: {april: 2}", "talks.stakes.us.waiting_cost_bn", "april"),
        # What happened
        (
            HISTORY % "{until: 2019-04-05, signed: true, without: [clod]}",
            "talks.history.0.without.0",
            "'clod' is not on the agenda; did you mean cloud?",
        ),
        (
            HISTORY % "{until: 2019-04-05, without: [cloud]}",
            "talks.history.0.without",
            "only a deal that was signed left something out: add `signed: true`",
        ),
        (
            HISTORY % "{until: 2019-04-05}, {until: 2019-03-29, signed: true}",
            "talks.history.1.until",
            "2019-03-29 is not after 2019-04-05, when the span before it ends",
        ),
        (
            HISTORY % "{until: 2019-04-05}, {until: 2019-04-05}",
            "talks.history.1.until",
            "2019-04-05 is not after 2019-04-05, when the span before it ends",
        ),
        (
            HISTORY % "{until: 2019-03-30}, {until: 2019-04-04}",
            "talks.history.1.until",
            "no round is held in this span",
        ),
        (HISTORY % "{until: 2019-03-28}", "talks.history.0.until", "no round is held in this span"),
        (
            HISTORY % "{until: 2019-03-29, signed: true}, {until: 2019-04-05}",
            "talks.history.0.signed",
            "a deal is signed once: this can only be the last span",
        ),
        (HISTORY % "{signed: true}", "talks.history.0", "lacks until (Its last day"),
        (HISTORY % "{until: 2019-04-05, sign: true}", "talks.history.0.sign", "did you mean signed?"),
        (HISTORY % "{until: spring}", "talks.history.0.until", "spring"),
        (ROUNDS % f"{{{BEIJING}, happened: {{}}}}", "talks.rounds.0.happened", "unknown key"),
        ("talks: {follows_history: true}", "talks.follows_history", "unknown key"),
        # Promises in words
        (
            "talks: {promises: {clod: {pilot: a zone}}}",
            "talks.promises.clod",
            "'clod' is not on the agenda; did you mean cloud?",
        ),
        (
            "talks: {promises: {cloud: {pilott: a zone}}}",
            "talks.promises.cloud.pilott",
            "the issue has no level 'pilott'; did you mean pilot?",
        ),
        # Hazard
        (
            "talks: {mode: hazard}",
            "talks.mode",
            "mode hazard needs talks.hazard: signs, at_once, settles_per_year and never",
        ),
        (by_hazard("signs: larg"), "talks.hazard.signs", "there is no package 'larg'; did you mean large?"),
        (by_hazard("never: 1.5"), "talks.hazard.never", "can be read in two ways"),
        (by_hazard("at_once: -10%"), "talks.hazard.at_once", "-0.1 is outside 0 to 1 (share of one)"),
        (by_hazard("settles_per_year: -1"), "talks.hazard.settles_per_year", "-1 is outside 0 to 1000"),
        (by_hazard("never: "), "talks.hazard", "lacks never (Chance that no round brings a signature"),
        (
            by_hazard(more="rounds: [{date: 2019-03-29, place: Beijing, signs: large}]"),
            "talks.rounds.0.signs",
            "in mode hazard talks.hazard.signs names the package: leave it out",
        ),
        (
            by_hazard(more="rounds: [{date: 2019-03-29, place: Beijing, probability: 0.2}]"),
            "talks.rounds.0.probability",
            "only mode chance has probabilities; the mode is hazard",
        ),
        # Agenda
        ("talks: {off_the_table: [clod]}", "talks.off_the_table.0", "not on the agenda; did you mean cloud?"),
        ("talks: {off_the_table: [cloud, tariffs]}", "talks.off_the_table", "leaves nothing to bargain over"),
        (
            "talks: {packages: {large: {tariffs: halve, cloud: none}, twin: {cloud: none, tariffs: halve}}}",
            "talks.packages.twin",
            "has the same levels as",
        ),
        ("talks: {agenda: {cloud: {pilot: [pilott]}}}", "talks.agenda.cloud.pilot.0", "did you mean pilot?"),
        ("talks: {agenda: {fish: {keep: [], ban: []}}}", "talks.agenda.fish", "no level brings a policy"),
        ("talks: {agenda: {fish: {}}}", "talks.agenda.fish", "has no level"),
        ("talks: {agenda: null, packages: null}", "talks.agenda", "needs at least one issue, found none"),
        (
            f"talks: {{agenda: {{more: {many_levels(501)}}}}}",
            "talks.agenda",
            "its levels make 2,004 combinations, and governments can bargain over 2,000 at most",
        ),
        ("policies: {relief: {cut: 150%}}", "policies.relief.cut", "1.5 is outside 0 to 1 (share of one)"),
        ("policies: {relief: {starts: 2019-05-01}}", "policies.relief.starts", "by talks.agenda.tariffs.remove"),
        ("talks: {packages: {small: {cloud: nationwide}}}", "talks.packages.small.cloud", "no level 'nationwide'"),
        ("talks: {packages: {small: {clod: none}}}", "talks.packages.small.clod", "did you mean cloud?"),
        # Failed rounds
        (
            "policies: {higher: {starts: 2019-06-01}}",
            "policies.higher.starts",
            "is brought by talks.escalation.rungs.0, so it must be {after_deal: MONTHS}",
        ),
        ("talks: {escalation: null}", "policies.higher.starts", "nor a rung of talks.escalation names the policy"),
        ("talks: {escalation: {rungs: [[highr]]}}", "talks.escalation.rungs.0.0", "did you mean higher?"),
        ("talks: {escalation: {rungs: [[higher], []]}}", "talks.escalation.rungs.1", "brings no policy"),
        ("talks: {escalation: {rungs: []}}", "talks.escalation.rungs", "expected at least 1 in the list, found 0"),
        (
            "talks: {escalation: {rungs: [[higher], [higher]]}}",
            "talks.escalation.rungs.1.0",
            "talks.escalation.rungs.0 brings higher already",
        ),
        (
            "talks: {escalation: {rungs: [[higher, relief]]}}",
            "talks.escalation.rungs.0.1",
            "talks.agenda.tariffs.remove brings relief too",
        ),
        ("talks: {escalation: {probability: 1.2}}", "talks.escalation.probability", "can be read in two ways"),
        ("talks: {suspension: {resumes_per_year: -1}}", "talks.suspension.resumes_per_year", "-1 is outside 0 to 1000"),
        (
            "talks: {suspension: null, escalation: {after_walking: 0.5}}",
            "talks.escalation.after_walking",
            "nobody can walk away without talks.suspension",
        ),
        (
            "talks: {escalation: {after_walking: {value: 120%}}}",
            "talks.escalation.after_walking",
            "1.2 is outside 0 to 1 (share of one)",
        ),
        (
            "talks: {mode: scripted}",
            "talks.escalation",
            "only modes hazard and bargaining have it; the mode is scripted",
        ),
        (
            "talks: {mode: scripted}",
            "talks.suspension",
            "only modes hazard and bargaining have it; the mode is scripted",
        ),
        ("talks: {mode: bargain}", "talks.mode", "did you mean bargaining?"),
    ],
)
def test_talks_that_cannot_be_held_are_refused_at_their_line(mine, refused, text, where, words):
    found = [line for line in refused(mine(text)) if f"{where}: " in line and words in line]
    assert len(found) == 1
    assert ".yaml:" in found[0]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("talks:\n  stakes:\n    us:\n      tariff_revenue: .inf", 6),
        ("talks:\n  off_the_table:\n    - cloud\n    - clod", 6),
        (f"talks:\n  rounds:\n    - {{{BEIJING}}}\n    - {{date: 2019-04-05, place: Washington}}", 6),
        ("talks:\n  escalation:\n    rungs:\n      - [higher]\n      - [higher]", 7),
        ("talks:\n  stakes:\n    us: {tariff_revenue: 0,\n      vendor_profit: 0}", 5),
        ("talks:\n  history:\n    - {until: 2019-04-05}\n    - until: 2019-03-29", 6),
        ("talks:\n  history:\n    - until: 2019-04-05\n      without:\n        - cloud", 6),
        ("talks:\n  promises:\n    cloud:\n      pilott: a zone", 6),
        ("talks:\n  suspension: null\n  escalation:\n    after_walking: 0.5", 6),
        (by_hazard("signs: larg"), 5),
    ],
)
def test_a_mistake_is_reported_with_the_line_it_stands_in(mine, refused, text, line):
    path = mine(text)
    assert [said.split(": ")[0] for said in refused(path)] == [f"{path}:{line}"]


def test_a_mistake_in_a_value_for_one_run_is_named_too(bargain):
    with pytest.raises(sim.ScenarioError, match=r"talks\.off_the_table\.0: 'clod'.*did you mean cloud\?"):
        sim.load(bargain, {"talks.off_the_table": ["clod"]})


def test_issues_off_the_table_do_not_count_as_combinations(mine):
    text = f"talks: {{agenda: {{more: {many_levels(501)}}}, packages: null, off_the_table: [more, tariffs]}}"
    assert list(sim.load(mine(text)).talks.choices) == ["keep-none-level_0", "keep-pilot-level_0"]


def test_as_many_combinations_as_allowed_are_accepted(mine):
    assert len(sim.load(mine(f"talks: {{agenda: {{more: {many_levels(500)}}}, packages: null}}")).talks.choices) == 2000


def test_talks_can_be_switched_off_with_all_that_governments_care_about_left_in(bargain):
    assert sim.load(bargain, {"talks.mode": "none"}).talks.stakes


def test_a_weight_that_may_be_zero_is_a_weight(mine):
    sim.load(mine(STAKES % "tariff_revenue: {uniform: [0, 1]}, vendor_profit: 0"))


def test_stakes_may_stand_beside_chances(derived):
    assert sim.load(derived(f"talks: {{stakes: {{us: {ALIKE}, china: {ALIKE}}}}}\n")).talks.mode == "chance"


def test_history_promises_and_dated_costs_of_waiting_are_read(mine):
    text = (
        "talks:\n  history: [{until: 2019-04-01}, {until: 2019-12-31, signed: true, without: [cloud]}]\n"
        "  promises: {cloud: {pilot: a zone}}\n  stakes: {us: {waiting_cost_bn: {2018-07-01: 1, 2019-04-01: 3}}}"
    )
    talks = sim.load(mine(text)).talks
    assert [(span.until.isoformat(), span.signed, span.without) for span in talks.history] == [
        ("2019-04-01", False, ()), ("2019-12-31", True, ("cloud",))
    ]  # fmt: skip
    assert talks.promises == {"cloud": {"pilot": "a zone"}}
    assert [date.isoformat() for date, _ in talks.stakes["us"].waiting_cost_bn.steps] == ["2018-07-01", "2019-04-01"]


def test_talks_by_hazard_may_keep_hosts_stakes_ladder_and_breaks(mine):
    talks = sim.load(mine(by_hazard())).talks
    assert (talks.mode, talks.hazard.signs, list(talks.choices)) == ("hazard", "small", ["small", "large"])
    assert talks.stakes
    assert talks.escalation
    assert talks.suspension
