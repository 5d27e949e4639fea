"""The page about speed and memory says what was measured, also where it is not what was hoped for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from benchmarks import page, run
from benchmarks.figures import SIMS, SUMMARIES, WORKS, figure, is_met, of_cores, of_memory, of_speed, of_trade, on_line
from benchmarks.peers import TITLES as PEERS

PLAIN_SECONDS, PART_SECONDS, BOUND_SECONDS = 0.015, 0.0001, 0.00004
SLOW = 3.0
"""How much slower the machine is in the second of three rounds."""


def speed_raw() -> dict[str, Any]:
    seconds = dict.fromkeys(WORKS, PLAIN_SECONDS) | {
        "part": PART_SECONDS,
        "bound_draws": BOUND_SECONDS,
        "bound_blocks": 2 * BOUND_SECONDS,
    }
    del seconds["plain_simpy"]

    def rounds(own: float) -> list[dict[str, float]]:
        return [
            {"cpu": own * busy, "wall": own * busy, "peer_cpu": PLAIN_SECONDS * busy, "peer_wall": PLAIN_SECONDS * busy}
            for busy in (1.0, SLOW, 1.0)
        ]

    return {
        "months": 84,
        "batch": 1024,
        "draws": {"part": 1024},
        "differences": {"plain_simpy": 1e-12, "in_mesa": 3e-12},
        "seconds_per_draw": {name: rounds(own) for name, own in seconds.items()},
    }


def cores_raw() -> dict[str, Any]:
    """Starting takes 1 s on one core and 2 s on two; then 100 draws a second and core. Tables take 0.4 s."""
    draws = dict.fromkeys(("model", "tables", *SIMS, *PEERS), (10, 210))

    def rounds(processes: int) -> list[dict[str, float]]:
        return [{"few": processes + 0.1 / processes, "many": processes + 2.1 / processes}] * 2

    seconds = {name: {"1": rounds(1), "2": rounds(2)} for name in draws}
    alone = {"model": {"1": [{"few": 1.0, "many": 2.5}] * 2}, "tables": {"1": [{"few": 1.1, "many": 2.9}] * 2}}
    return {"draws": draws, "seconds": seconds | alone}


def memory_raw() -> dict[str, Any]:
    sim = {0: 100.0, 1000: 400.0, 10_000: 1000.0, 100_000: 1300.0}
    peer = {0: 100.0, 250: 150.0, 1000: 300.0}
    found = {
        name: [{"draws": draws, "peak_mib": peak, "seconds": 1.0} for draws, peak in peaks.items()]
        for name, peaks in ({"sim": sim} | dict.fromkeys(PEERS, peer)).items()
    }
    for one in found["sim"]:
        one |= {"files": 7, "bytes": 5 * 2**20}
    return found


def trade_raw() -> dict[str, Any]:
    """The general form takes a tenth more; talks that bargain take three times as long; packages take 1.5 s."""

    def rounds(own: float) -> list[dict[str, float]]:
        return [{"cpu": own * busy, "peer_cpu": 0.0011 * busy} for busy in (1.0, SLOW, 1.0)]

    spent = {"partial": rounds(0.001), "talks": rounds(0.0033), "pricing": [{"cpu": 0.0015, "peer_cpu": 0.0011}] * 3}
    return {"draws": 1000, "packages": 72, "seconds_per_draw": spent}


@pytest.fixture(scope="module")
def results() -> dict[str, Any]:
    raw = {"speed": speed_raw(), "cores": cores_raw(), "memory": memory_raw(), "trade": trade_raw()}
    measured = {"date": "2026-01-02", "commit": "abc1234", "load_average": 0.5}
    parts = {name: {"measured": measured, "raw": held, "figures": SUMMARIES[name](held)} for name, held in raw.items()}
    return {"where": {"processor": "A processor", "cores": 2}} | parts


def rows_of(text: str, start: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.strip("| ").split("|")] for line in text.splitlines() if start in line]


def test_a_ratio_is_not_changed_by_a_round_in_which_the_machine_was_busy() -> None:
    ratio = of_speed(speed_raw())["plain_simpy/part"]
    assert (ratio["low"], ratio["median"], ratio["high"]) == pytest.approx([PLAIN_SECONDS / PART_SECONDS] * 3)


def test_the_better_shape_of_the_compiled_bound_counts() -> None:
    figures = of_speed(speed_raw())
    assert figures["part/bound"]["median"] == pytest.approx(PART_SECONDS / BOUND_SECONDS)


def test_the_pace_is_that_of_draws_after_the_start() -> None:
    figures = of_cores(cores_raw())
    assert figures["pace.in_mesa.1"]["median"] == pytest.approx(100.0)
    assert figures["pace.in_mesa.2"]["median"] == pytest.approx(200.0)
    assert figures["start.in_mesa.2"]["median"] == pytest.approx(2.0)


def test_what_two_cores_gain_counts_the_start() -> None:
    assert of_cores(cores_raw())["gain.sim"]["median"] == pytest.approx(3.1 / 3.05, rel=1e-3)


def test_overhead_is_what_a_run_takes_beyond_batches_and_tables_in_parts_of_the_batches() -> None:
    own, found = 210 / (200 / 1.5), of_cores(cores_raw())
    assert found["overhead"]["median"] == pytest.approx(100 * (3.1 - 2.9) / own, rel=1e-3)
    assert found["overhead.tables"]["median"] == pytest.approx(100 * (3.1 - 2.5) / own, rel=1e-3)


def test_memory_of_more_draws_lies_on_the_line_through_those_measured() -> None:
    assert on_line({0: 90.0, 250: 150.0, 1000: 300.0}, 10_000) == pytest.approx(150.0 + 0.2 * (10_000 - 250))


def test_memory_is_judged_by_its_size_and_by_its_growth() -> None:
    figures = of_memory(memory_raw())
    assert is_met(figures["peak.sim.10000"]) is True
    assert is_met(figures["peak_growth"]) is False


def test_what_trade_and_talks_cost_is_a_ratio_of_neighbours_in_time() -> None:
    figures = of_trade(trade_raw())
    assert figures["general/partial"]["median"] == pytest.approx(1.1)
    assert figures["talks/status_quo"]["high"] == pytest.approx(3.0)
    assert figures["pricing"]["median"] == pytest.approx(1.5)
    assert [is_met(found) for found in figures.values()] == [True, True, False]


def test_a_part_that_was_not_measured_yet_is_not_on_the_page(results: dict[str, Any]) -> None:
    without = {name: held for name, held in results.items() if name != "trade"}
    assert "packages of talks priced" in page.page(results)
    assert "packages of talks priced" not in page.page(without)


def test_what_was_not_measured_says_so(results: dict[str, Any]) -> None:
    for title in PEERS.values():
        assert rows_of(page.page(results), f"{title}, 10,000 draws, extrapolated")


def test_the_page_names_every_aim_and_whether_it_is_met(results: dict[str, Any]) -> None:
    text = page.page(results)
    verdicts = {row[0]: row[-1] for row in rows_of(text, " at least ") + rows_of(text, " at most ") if len(row) > 4}
    judged = [found for found in page.all_figures(results).values() if is_met(found) is not None]
    assert verdicts == {found["title"]: "met" if is_met(found) else "**missed**" for found in judged}
    assert {"met", "**missed**"} == set(verdicts.values())


def test_the_summary_counts_aims_and_names_those_missed(results: dict[str, Any]) -> None:
    summary = " ".join(page.page(results).split("## What was aimed at")[0].split())
    judged = [found for found in page.all_figures(results).values() if is_met(found) is not None]
    missed = [found for found in judged if not is_met(found)]
    assert f"{len(judged) - len(missed)} of {len(judged)} are met" in summary
    assert all(found["title"] in summary for found in missed)


def test_the_page_has_a_row_for_every_program(results: dict[str, Any]) -> None:
    text = page.page(results)
    for title in WORKS.values():
        assert rows_of(text, f"| {title} |"), title


def test_page_and_chart_are_written(results: dict[str, Any], tmp_path: Path) -> None:
    run.write(results, tmp_path)
    page.main(str(tmp_path / run.FILE), str(tmp_path))
    assert (tmp_path / "performance.md").read_text(encoding="utf-8").startswith("# Speed and memory")
    assert (tmp_path / "performance.png").read_bytes().startswith(b"\x89PNG")


def test_parts_measured_earlier_are_kept_when_another_is_measured_again(
    results: dict[str, Any], tmp_path: Path
) -> None:
    run.write(results, tmp_path)
    kept = run.earlier(tmp_path)
    assert list(kept) == list(run.PARTS)
    assert kept["memory"]["figures"] == results["memory"]["figures"]
    assert run.earlier(tmp_path / "nothing") == {}


def test_a_figure_of_one_measurement_has_no_spread() -> None:
    found = figure("peak", [3.0], "MiB", at_most=4.0)
    assert (found["low"], found["median"], found["high"]) == (3.0, 3.0, 3.0)
    assert is_met(found) is True
    assert is_met(figure("peak", [3.0], "MiB")) is None
