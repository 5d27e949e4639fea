"""The round that docs/talks.md works by hand: its numbers follow from one another, and from the program."""

from __future__ import annotations

import ast
import math
import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from sim.model.equations.bargaining import Ahead, acceptance, look_ahead
from tests.made_up_games import offered, open_game

PAGE = Path(__file__).parents[2] / "docs" / "talks.md"
SECTION = PAGE.read_text(encoding="utf-8").partition("\n## One round by hand\n")[2].partition("\n## ")[0]
US, CHINA = 0, 1
TARIFFS, BOTH = 0, 1


@dataclass(frozen=True)
class Line:
    """A line of a block: what it is about, and the terms that its equals signs join."""

    label: str
    terms: tuple[str, ...]

    def __str__(self) -> str:
        return self.label

    @property
    def places(self) -> int:
        return len(self.terms[-1].partition(".")[2])


def lines() -> list[Line]:
    blocks = re.findall(r"(?ms)^```text\n(.*?)^```$", SECTION)
    pairs = [line.partition(":") for block in blocks for line in block.splitlines()]
    return [Line(label, tuple(term.strip() for term in terms.split(" = "))) for label, _, terms in pairs]


LINES = lines()
RESULTS = {line.label: line for line in LINES}

OPERATIONS: Mapping[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def worked_out(term: str) -> float:
    """Value of a term: four operations, brackets and e^(...)."""
    return _value(ast.parse(term.replace("e^(", "exp("), mode="eval").body)


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as number):
            return float(number)
        case ast.UnaryOp(op=ast.USub()):
            return -_value(node.operand)
        case ast.BinOp():
            return OPERATIONS[type(node.op)](_value(node.left), _value(node.right))
        case ast.Call(func=ast.Name(id="exp")):
            return math.exp(_value(node.args[0]))
    raise AssertionError(f"cannot work out {ast.unparse(node)}")


@dataclass(frozen=True)
class Table:
    """The table of the page, each row by party; gains [party, package]."""

    gains: tuple[tuple[float, float], ...]
    noise: tuple[float, float]
    waiting_cost: tuple[float, float]
    kept: tuple[float, float]
    proposers: tuple[int, ...]

    def rounds(self) -> list[Ahead]:
        """What the program makes of it, in one draw, with one type on one rung."""
        gains, kept, cost, noise = (
            np.array(x)[..., None] for x in (self.gains, self.kept, self.waiting_cost, self.noise)
        )
        return look_ahead(open_game(gains, self.proposers, np.stack([kept] * len(self.proposers)), cost, noise))


def table() -> Table:
    cells = [re.split(r" *\| *", row.strip("| ")) for row in SECTION.splitlines() if row.startswith("| ")]
    rows = {name: (float(us), float(china)) for name, us, china in cells[1:]}
    tariffs, both, noise, cost, kept, turns = rows.values()
    assert ["tariffs*" in name for name in rows] == [True] + 5 * [False]
    keys = ("*tariffs*", "*both*", "scatter", "cost of waiting", "next round", "offer in round")
    assert all(key in name for key, name in zip(keys, rows, strict=True))
    proposers = tuple(turns.index(number) for number in sorted(turns))
    return Table(tuple(zip(tariffs, both, strict=True)), noise, cost, kept, proposers)


GAME = table()


def refusing(game: Table) -> np.ndarray:
    """What refusing in round 1 is worth to both, by the formula of equation 7.6."""
    ahead = game.rounds()[1].expected[:, 0, 0, 0]
    return np.array(game.kept) * ahead - np.array(game.waiting_cost)


def accepts(party: int, package: int, worth_of_refusal: float) -> float:
    gain, noise = GAME.gains[party][package], GAME.noise[party]
    return float(acceptance(np.array([gain]), np.array([worth_of_refusal]), np.array([noise]))[0])


def expects(proposer: int, package: int, values: np.ndarray, of: int | None = None) -> float:
    """What a party expects of an offer, whose proposer it is unless said otherwise."""
    party = proposer if of is None else of
    chance = accepts(1 - proposer, package, values[1 - proposer])
    return chance * GAME.gains[party][package] + (1.0 - chance) * values[party]


def chance_of(ahead: Ahead) -> float:
    """Chance that what is offered is accepted."""
    return float(offered(ahead)[2][0, 0])


def by_program() -> dict[str, float]:
    """All results of the section, by label, to the last bit."""
    first, last = GAME.rounds()
    alone = replace(GAME, proposers=GAME.proposers[:1]).rounds()[0]
    hurried = replace(GAME, waiting_cost=(GAME.waiting_cost[US], 2.0)).rounds()[0]
    end, worth = np.zeros(2), refusing(GAME)
    in_first = chance_of(first)
    in_second = (1.0 - in_first) * chance_of(last)
    return {
        "China accepts tariffs, round 2": accepts(CHINA, TARIFFS, 0.0),
        "China accepts both, round 2": chance_of(last),
        "US expects if it offers tariffs, round 2": expects(US, TARIFFS, end),
        "US expects if it offers both, round 2": float(last.expected[US, 0, 0, 0]),
        "China expects if both is offered, round 2": float(last.expected[CHINA, 0, 0, 0]),
        "US refuses": float(first.refusing[US, 0, 0, 0]),
        "China refuses": float(first.refusing[CHINA, 0, 0, 0]),
        "US accepts tariffs, round 1": in_first,
        "US accepts both, round 1": accepts(US, BOTH, worth[US]),
        "China expects if it offers tariffs, round 1": float(first.expected[CHINA, 0, 0, 0]),
        "China expects if it offers both, round 1": expects(CHINA, BOTH, worth),
        "US expects if tariffs is offered, round 1": float(first.expected[US, 0, 0, 0]),
        "signed in round 1, tariffs": in_first,
        "signed in round 2, both": in_second,
        "signed at all": in_first + in_second,
        "US accepts tariffs, no round ahead": chance_of(alone),
        "China refuses, waiting costs it 2": float(hurried.refusing[CHINA, 0, 0, 0]),
    }


def test_what_refusing_is_worth_to_the_program_follows_the_formula_of_the_page() -> None:
    assert GAME.rounds()[0].refusing[:, 0, 0, 0] == pytest.approx(refusing(GAME))


@pytest.mark.parametrize("line", LINES, ids=str)
def test_each_line_of_the_worked_round_is_right_by_hand(line: Line) -> None:
    last_place = 10.0**-line.places

    assert [worked_out(term) for term in line.terms] == pytest.approx(
        [float(line.terms[-1])] * len(line.terms), rel=0, abs=last_place
    )


@pytest.mark.parametrize("line", LINES, ids=str)
def test_the_program_gives_each_result_of_the_worked_round(line: Line) -> None:
    assert f"{by_program()[line.label]:.{line.places}f}" == line.terms[-1]


def test_every_result_of_the_program_stands_in_the_worked_round() -> None:
    assert set(by_program()) == set(RESULTS)
    assert len(RESULTS) == len(LINES)


@pytest.mark.parametrize(("number", "proposer", "package"), [(0, CHINA, TARIFFS), (1, US, BOTH)])
def test_the_program_makes_the_offers_that_the_page_names(number: int, proposer: int, package: int) -> None:
    offer, made, _ = offered(GAME.rounds()[number])

    assert GAME.proposers[number] == proposer
    assert made[0]
    assert offer[0] == package
    assert f"{('The United States', 'China')[proposer]} offers *{('tariffs', 'both')[package]}*." in SECTION


def test_the_first_step_starts_from_the_gains_of_the_table() -> None:
    (tariffs, both), noise = GAME.gains[CHINA], GAME.noise[CHINA]

    assert RESULTS["China accepts tariffs, round 2"].terms[0] == f"1 / (1 + e^(-({tariffs:g} - 0) / {noise:g}))"
    assert RESULTS["China accepts both, round 2"].terms[0] == f"1 / (1 + e^(-({both:g} - 0) / {noise:g}))"


def test_a_better_offer_is_accepted_as_often_as_the_page_says() -> None:
    words = " ".join(PAGE.read_text("utf-8").split())
    shares = re.search(r"as much as `noise_bn`, it is (\d+) %; by three times as much, (\d+) %", words)

    assert shares
    assert [float(share) for share in shares.groups()] == [
        round(100.0 / (1.0 + math.exp(-times))) for times in (1.0, 3.0)
    ]
