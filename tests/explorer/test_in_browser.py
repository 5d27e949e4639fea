"""The explorer in a real browser: what is moved is answered as `sim.run` answers it, kept, and readable by all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

import sim
from sim.cli import main
from sim.report.kpi_names import UNITS, format_difference, format_value, parse
from sim.scenario.library import library
from tests.browser import browser
from tests.explorer.served import DRAWS, Served, served

__all__ = ["browser"]
pytestmark = pytest.mark.depth
expect.set_options(timeout=30_000)

REFERENCE, PILOT, MONTHS = "short_quo", "short_pilot", 48
SERIOUS = {"serious", "critical"}


@dataclass
class Visit:
    """A page, with what went wrong on it and what it asked of others."""

    page: Page
    server: Served
    errors: list[str] = field(default_factory=list)
    elsewhere: list[str] = field(default_factory=list)
    questions: int = 0

    def watch(self) -> None:
        self.page.on("console", lambda said: self.errors.append(said.text) if said.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.context.route("**/*", self._let_through)

    def _let_through(self, route) -> None:
        if route.request.url.startswith((self.server.address, "data:", "about:", "blob:")):
            route.continue_()
        else:
            self.elsewhere.append(route.request.url)
            route.abort()

    def open(self) -> None:
        self.page.goto(self.server.address)
        expect(self.page.get_by_role("slider", name="Slots")).to_be_visible(timeout=30_000)
        expect(self.page.locator("tr[data-kpi]").first).to_be_visible(timeout=30_000)

    def answered(self) -> None:
        """Wait for the answer to what was moved."""
        self.questions += 1
        expect(self.page.locator(f".status[data-answered='{self.questions}']")).to_be_visible(timeout=30_000)

    def row(self, kpi: str) -> list[str]:
        return self.page.locator(f"tr[data-kpi='{kpi}'] td").all_inner_texts()


@pytest.fixture(scope="module")
def server(tmp_path_factory) -> Iterator[Served]:
    """The explorer of the pilot beside the status quo, both of four years."""
    folder = tmp_path_factory.mktemp("explored")
    short = f"extends: status_quo\ntitle: Four years\nquestion: Why?\nmonths: {MONTHS}\n"
    (folder / f"{REFERENCE}.yaml").write_text(short, encoding="utf-8")
    pilot = library()["guiyang_pilot"].read_text(encoding="utf-8")
    assert "extends: status_quo\n" in pilot
    (folder / f"{PILOT}.yaml").write_text(
        pilot.replace("extends: status_quo\n", f"extends: {REFERENCE}\n"), encoding="utf-8"
    )
    with served(folder, f"{PILOT}.yaml", "--draws", str(DRAWS)) as started:
        yield started


@pytest.fixture
def visit(browser, server) -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": 1300, "height": 900})
    visiting = Visit(context.new_page(), server)
    visiting.watch()
    visiting.open()
    yield visiting
    assert not visiting.errors
    assert not visiting.elsewhere
    context.close()


@cache
def reference(folder: Path) -> sim.RunResult:
    return sim.run(folder / f"{REFERENCE}.yaml", DRAWS)


def expected(visit: Visit, changes: dict) -> dict[str, list[str]]:
    """Reference, now and difference of each KPI as people read them, computed by the public functions."""
    folder = visit.server.folder
    runs = [reference(folder), sim.run(folder / f"{PILOT}.yaml", DRAWS, set=changes)]
    rows = {}
    for row in sim.compare(runs).differences.to_dict("records"):
        unit = parse(row["kpi"]).unit
        texts = [format_value(row[column], unit) for column in ("reference_mean", "other_mean")]
        texts.append(format_difference(row["mean"], unit))
        endings = UNITS[unit].suffix, UNITS[unit].difference_suffix
        rows[row["kpi"]] = [text.removesuffix(endings[0]).removesuffix(endings[1]) for text in texts]
    return rows


def shown(visit: Visit) -> dict[str, list[str]]:
    kpis = [row.get_attribute("data-kpi") for row in visit.page.locator("tr[data-kpi]").all()]
    return {kpi: visit.row(kpi)[:3] for kpi in kpis}


def test_a_moved_slider_shows_what_a_run_with_the_same_value_gives(visit):
    before = shown(visit)
    visit.page.get_by_role("slider", name="Slots").fill("1")
    visit.answered()
    after, wanted = shown(visit), expected(visit, {"policies.guiyang_pilot.slots": 1})

    assert after != before
    assert after == {kpi: wanted[kpi] for kpi in after}
    assert "--set policies.guiyang_pilot.slots=1" in visit.page.locator("code").inner_text()


def test_keys_move_a_slider_and_a_drawn_value_is_fixed_from_then_on(visit):
    visit.page.get_by_role("slider", name="Reach, enterprise").press("ArrowRight")
    visit.answered()
    wanted = expected(visit, {"policies.guiyang_pilot.reach.enterprise": 0.61})
    after = shown(visit)
    assert after == {kpi: wanted[kpi] for kpi in after}
    expect(visit.page.get_by_text("fixed; drawn before from 20 to 100 %")).to_be_visible()


def test_a_policy_that_is_switched_off_is_gone_and_a_reset_brings_it_back(visit):
    before = shown(visit)
    visit.page.get_by_label("In force").first.uncheck()
    visit.answered()
    wanted = expected(visit, {"policies.guiyang_pilot": None})
    assert shown(visit) == {kpi: wanted[kpi] for kpi in before}

    visit.page.get_by_role("button", name="Reset all").click()
    expect(visit.page.get_by_text("All controls are back")).to_be_visible()
    expect(visit.page.get_by_label("In force").first).to_be_checked()
    assert shown(visit) == before


def test_values_that_do_not_go_together_are_said_and_the_last_figures_stay(visit):
    before = shown(visit)
    visit.page.get_by_label("Guiyang pilot: Starts, typed").fill("2040-01-01")
    visit.answered()
    expect(visit.page.get_by_role("alert")).to_contain_text("policies.guiyang_pilot.starts")
    assert shown(visit) == before


@pytest.mark.long
def test_moves_while_a_question_is_open_end_with_the_last_one(visit):
    slider = visit.page.get_by_role("slider", name="Slots")
    for slots in (4, 5, 6, 7, 0, 2):
        slider.fill(str(slots))
    expect(visit.page.locator("code")).to_contain_text("slots=2")
    expect(visit.page.locator(".status.busy")).to_have_count(0)
    wanted = expected(visit, {"policies.guiyang_pilot.slots": 2})
    assert shown(visit) == {kpi: wanted[kpi] for kpi in shown(visit)}


@pytest.mark.long
def test_a_saved_scenario_passes_the_check_and_runs_as_it_was_shown(visit, monkeypatch, capsys):
    visit.page.get_by_role("slider", name="Slots").fill("1")
    visit.answered()
    seen = shown(visit)
    visit.page.get_by_label("Name").fill("fewer_slots")
    visit.page.get_by_role("button", name="Save as scenario YAML").click()
    expect(visit.page.get_by_text("Wrote fewer_slots.yaml")).to_be_visible()

    monkeypatch.chdir(visit.server.folder)
    with pytest.raises(SystemExit) as ended:
        main(["check", "fewer_slots.yaml"])
    assert ended.value.code == 0
    means = sim.run("fewer_slots.yaml", DRAWS).kpis.mean(numeric_only=True)
    for kpi, (_, now, _) in seen.items():
        unit = parse(kpi).unit
        assert now == format_value(means[kpi], unit).removesuffix(UNITS[unit].suffix)

    visit.page.get_by_role("slider", name="Slots").fill("2")
    visit.answered()
    visit.page.get_by_role("button", name="Save as scenario YAML").click()
    expect(visit.page.get_by_text("the file is there already")).to_be_visible()
    assert sim.load("fewer_slots.yaml").policies["guiyang_pilot"].slots == 1
    visit.page.get_by_role("button", name="Replace fewer_slots.yaml").click()
    expect(visit.page.get_by_text("Wrote fewer_slots.yaml")).to_be_visible()
    assert sim.load("fewer_slots.yaml").policies["guiyang_pilot"].slots == 2


@pytest.mark.long
def test_the_report_opens_in_a_tab_of_its_own(visit):
    visit.page.get_by_role("slider", name="Slots").fill("1")
    visit.answered()
    with visit.page.context.expect_page() as opened:
        visit.page.get_by_role("button", name="Open report").click()
    report = opened.value
    report.wait_for_url(re.compile(r"/report/"), timeout=60_000)
    expect(report.locator("h1")).to_be_visible()
    assert (visit.server.folder / "results" / f"explored_{PILOT}" / "report.html").is_file()


def test_what_is_shown_can_become_the_reference(visit):
    visit.page.get_by_role("slider", name="Slots").fill("1")
    visit.answered()
    visit.page.get_by_role("button", name="Make this the reference").click()
    expect(visit.page.get_by_text("Differences are now to the values as they stand.")).to_be_visible()
    assert {difference for _, _, difference in shown(visit).values()} == {"0"}


def test_pins_stand_beside_the_reference_until_they_are_removed(visit):
    page = visit.page
    for slots in (1, 6):
        page.get_by_role("slider", name="Slots").fill(str(slots))
        visit.answered()
        page.get_by_role("button", name="Pin this variant").click()
        expect(page.get_by_label("Pinned variants").get_by_role("listitem")).to_have_count(slots // 5 + 1)
    matrix = page.get_by_role("region", name="Variants")
    expect(matrix.get_by_role("row")).to_have_count(4)
    page.get_by_label("Name of pin 1").fill("hardly any room")
    page.get_by_label("Name of pin 1").press("Enter")
    expect(matrix).to_contain_text("pin 1: hardly any room")
    page.set_viewport_size({"width": 390, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    found = Axe().run(page).response["violations"]
    assert not [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found if fault["impact"] in SERIOUS]
    for number in (2, 1):
        page.get_by_role("button", name=f"Remove pin {number}").click()
        expect(page.get_by_label("Pinned variants").get_by_role("listitem")).to_have_count(number - 1)
    expect(matrix).to_have_count(0)


def test_a_tab_that_is_loaded_again_shows_what_it_did_and_a_new_one_begins_anew(visit):
    page = visit.page
    page.get_by_role("slider", name="Slots").fill("1")
    visit.answered()
    page.get_by_role("button", name="Pin this variant").click()
    page.get_by_role("slider", name="Slots").fill("3")
    visit.answered()
    pinned, figures = page.get_by_label("Pinned variants").get_by_role("listitem"), shown(visit)
    expect(pinned).to_have_count(1)
    page.reload()
    expect(page.get_by_role("spinbutton", name="Slots, typed")).to_have_value("3")
    expect(pinned).to_have_count(1)
    assert shown(visit) == figures

    page.get_by_role("slider", name="Slots").fill("2")
    visit.questions = 0
    visit.answered()
    wanted = expected(visit, {"policies.guiyang_pilot.slots": 2})
    assert shown(visit) == {kpi: wanted[kpi] for kpi in figures}

    visit.open()
    expect(pinned).to_have_count(0)
    expect(page.locator(".changed code")).not_to_contain_text("slots")


def test_a_part_that_is_added_has_controls_of_its_own_and_those_that_were_moved_stay(visit):
    visit.page.get_by_role("spinbutton", name="Slots, typed").fill("1")
    visit.page.get_by_role("spinbutton", name="Slots, typed").press("Enter")
    visit.answered()
    visit.page.get_by_label("Name", exact=True).fill("with_zone")
    visit.page.get_by_label("A new", exact=True).select_option("zone")
    visit.page.get_by_role("button", name="Add the part").click()
    expect(visit.page.locator(".said")).to_contain_text("Wrote with_zone.yaml")
    expect(visit.page.locator("[data-path='zones.my_zone.capacity_units']")).to_be_visible()
    expect(visit.page.locator("[data-path='policies.guiyang_pilot.slots'] input[type=number]")).to_have_value("1")
    visit.page.locator("[data-path='policies.my_zone_opens.slots'] input[type=number]").fill("2")
    visit.page.locator("[data-path='policies.my_zone_opens.slots'] input[type=number]").press("Enter")
    visit.answered()
    expect(visit.page.locator(".changed code")).to_contain_text("--set policies.my_zone_opens.slots=2")


@pytest.mark.long
@pytest.mark.parametrize(("width", "scheme"), [(1300, "dark"), (400, "light")])
def test_it_can_be_read_and_used_by_all(visit, scheme, width):
    visit.page.set_viewport_size({"width": width, "height": 900})
    visit.page.emulate_media(color_scheme=scheme)
    for summary in visit.page.locator("summary").all()[3:]:
        summary.click()
    found = Axe().run(visit.page).response["violations"]
    assert not [f"{fault['id']}: {fault['nodes'][0]['html']}" for fault in found if fault["impact"] in SERIOUS]
    assert visit.page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_search_leaves_the_controls_with_all_words(visit):
    every = visit.page.locator(".control").count()
    visit.page.get_by_role("searchbox").fill("elasticity spending")
    found = visit.page.locator(".control:visible")
    expect(found).to_have_count(1)
    assert found.get_attribute("data-path") == "demand.market_elasticity"
    visit.page.get_by_role("searchbox").fill("")
    assert visit.page.locator(".control").count() == every
    expect(visit.page.get_by_role("slider", name="Slots")).to_be_visible()
