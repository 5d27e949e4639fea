"""Pages in a real browser: quiet, offline, readable by all, on small and large screens, in the dark and on paper."""

from __future__ import annotations

import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image, ImageOps

from tests.browser import browser
from tests.depth import usual

__all__ = ["browser"]
pytestmark = pytest.mark.depth

WIDE, PHONE = {"width": 1280, "height": 900}, {"width": 390, "height": 844}
PAPER = {"width": 718, "height": 1047}
"""A4 with margins of a centimetre."""
COLOURS = {"runOnly": ["cat.color"]}
LIGHT_GROUND, DARK_GROUND = 240, 40
"""Channels of red above which a ground is light, below which it is dark."""


@pytest.fixture
def opened(browser, folders):
    """Open a page, offline, and note what it asks of the network and says on the console."""
    contexts = []

    def open_page(kind, **settings):
        context = browser.new_context(offline=True, **settings)
        contexts.append(context)
        page, noted = context.new_page(), []
        page.on("console", lambda message: noted.append(message.text))
        page.on("pageerror", lambda error: noted.append(str(error)))
        page.on("request", lambda request: noted.append(request.url))
        page.goto((folders[kind] / "report.html").as_uri())
        return page, noted

    yield open_page
    for context in contexts:
        context.close()


@pytest.mark.parametrize("kind", usual(["run", "pair", "three", "deals"], "pair", "deals"))
def test_a_page_asks_nothing_of_the_network_and_has_nothing_to_complain_of(opened, folders, kind):
    page, noted = opened(kind)
    page.locator("thead button").first.click()
    page.locator("details").last.evaluate("details => details.open = true")
    assert noted == [(folders[kind] / "report.html").as_uri()]


@pytest.mark.long
@pytest.mark.parametrize(("kind", "scheme", "rules"), [("run", "light", {}), ("pair", "dark", COLOURS)])
def test_readers_who_cannot_see_well_can_use_a_page(opened, kind, scheme, rules):
    """In the dark the colours are others, and nothing else."""
    page, _ = opened(kind, viewport=WIDE, color_scheme=scheme)
    page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    found = Axe().run(page, options=rules)
    assert found.violations_count == 0, found.generate_report()


def test_a_page_can_be_read_on_a_phone(opened):
    page, _ = opened("pair", viewport=PHONE, is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= PHONE["width"]
    panels = page.locator("#time .panels svg[role=img]")
    assert "difference" in panels.first.get_attribute("aria-label")
    boxes = [panel.bounding_box() for panel in panels.all()]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"] for box in boxes)
    assert page.evaluate(
        "[...document.querySelectorAll('.scroll:has(.panels)')].every(s => s.scrollWidth <= s.clientWidth)"
    )
    assert page.evaluate("parseFloat(getComputedStyle(document.querySelector('#answer p')).fontSize)") >= 16
    assert Axe().run(page).violations_count == 0


def red_of_ground(page) -> int:
    colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
    return int(colour.removeprefix("rgb(").split(",")[0])


def test_a_page_follows_the_reader_into_the_dark_and_back_on_paper(opened):
    light, _ = opened("run", color_scheme="light")
    dark, _ = opened("run", color_scheme="dark")
    assert red_of_ground(light) > LIGHT_GROUND
    assert red_of_ground(dark) < DARK_GROUND
    dark.emulate_media(media="print")
    assert red_of_ground(dark) > LIGHT_GROUND
    assert dark.evaluate("getComputedStyle(document.querySelector('figure svg')).filter") == "none"
    assert dark.pdf(format="A4").startswith(b"%PDF")


@pytest.mark.parametrize("kind", ["run", "deals"])
def test_no_table_is_cut_off_on_paper(opened, kind):
    """In the comparisons the names of runs that end early are longer than any of the library."""
    page, _ = opened(kind, viewport=PAPER)
    page.emulate_media(media="print")
    page.evaluate("for (const folded of document.querySelectorAll('details')) folded.open = true")
    wide = "[...document.querySelectorAll('table')].map(t => [t.caption.textContent, t.scrollWidth])"
    widths = dict(page.evaluate(wide))
    assert len(widths) > 5
    assert not {caption: width for caption, width in widths.items() if width > PAPER["width"]}


@pytest.mark.parametrize("column", [0, 3])
def test_tables_sort_by_any_column_both_ways(opened, column):
    page, _ = opened("pair")
    table = page.locator("#differences table").first
    heading = table.locator("thead th").nth(column)

    def keys():
        cells = table.locator(f"tbody tr > :nth-child({column + 1})")
        texts = cells.all_inner_texts()
        values = cells.evaluate_all("cells => cells.map(cell => cell.querySelector('data').value)")
        return [float(value) for value in values] if column else [text.strip().lower() for text in texts]

    before = keys()
    heading.locator("button").click()
    assert heading.get_attribute("aria-sort") == "ascending"
    assert keys() == sorted(before)
    heading.locator("button").focus()
    page.keyboard.press("Enter")
    assert heading.get_attribute("aria-sort") == "descending"
    assert keys() == sorted(before, reverse=True)


SAID = "data => getComputedStyle(data, '::after').content"


def test_pointing_at_a_number_says_where_it_stands_and_what_it_is_in_full(opened):
    """At the foot of the window, where no table cuts it off."""
    page, _ = opened("pair", viewport=WIDE)
    number = page.locator("#differences td data").nth(3)
    place = {name: number.get_attribute(name) for name in ("data-file", "data-row", "data-column", "value")}
    assert number.evaluate(SAID) == "none"
    number.hover()
    said = number.evaluate(SAID)
    assert said.strip('"').replace('" "', "") == "{data-file}, row {data-row}, {data-column}: {value}".format(**place)
    assert number.evaluate("data => getComputedStyle(data, '::after').position") == "fixed"


WORDS_OF_CHARTS = (
    "[...document.querySelectorAll('figure svg [id$=-heading]')].map(text => getComputedStyle(text).display)"
)


def test_a_chart_can_be_kept_as_a_picture_with_its_words(opened, tmp_path):
    """In the dark too, on white; the page writes the words itself, so that they are out of sight there."""
    page, _ = opened("pair", color_scheme="dark")
    assert set(page.evaluate(WORDS_OF_CHARTS)) == {"none"}
    for figure in page.locator("figure").all():
        with page.expect_download() as kept:
            figure.get_by_role("button", name="Save as PNG").click()
        assert kept.value.suggested_filename == f"{figure.get_attribute('data-name')}.png"
        kept.value.save_as(tmp_path / "kept.png")
        picture = Image.open(tmp_path / "kept.png").convert("L")
        assert picture.width > 1200
        assert picture.getpixel((0, 0)) == 255
        (_, head, _, foot), height = ImageOps.invert(picture).getbbox(), picture.height
        assert head < 0.1 * height
        assert foot > 0.9 * height


def test_a_page_works_without_scripts_too(opened):
    page, _ = opened("run", java_script_enabled=False)
    assert page.locator("#answer p").count() >= 2
    assert page.locator("figure svg").count() >= 6
