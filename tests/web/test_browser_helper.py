"""A helper's page in a real browser: for every size, by keyboard, without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.building import START
from tests.web.helped import Office
from tests.web.serving import served
from tests.web.test_browser_baseline import faults

from ofone.domain.times import DAY
from ofone.web.pages import create_app

pytestmark = pytest.mark.browser


class House:
    def __init__(self, base: str, office: Office) -> None:
        self.base, self.office = base, office

    @property
    def address(self) -> str:
        return self.base + self.office.path


@pytest.fixture
def house() -> Iterator[House]:
    office = Office()
    app = create_app(office, office, clock=lambda: office.clock)
    with served(app) as base:
        yield House(base, office)


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_a_helpers_way(
    house: House, chromium: Browser, width: int, *, dark: bool
) -> None:
    """No fault for axe, nothing too wide: before an answer, with everything open, and after."""
    with chromium.new_context(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    ) as context:
        page = context.new_page()
        page.goto(house.address)
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert faults(page) == []
        page.get_by_role("button", name="I will see to it").click()
        expect(page.get_by_text("Noted: you will see to it.")).to_be_visible()
        assert faults(page) == []
        house.office.until(START + 30 * DAY)
        page.reload()
        assert faults(page) == []


def test_all_that_a_helper_taps_is_as_large_as_a_thumb(house: House, page: Page) -> None:
    """44 pixels and more, on a small phone as well."""
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(house.address)
    boxes = [e.bounding_box() for e in page.locator("button, summary").all()]
    assert min(box["height"] for box in boxes if box) >= 44


def test_the_keyboard_alone_answers(house: House, page: Page) -> None:
    """Past the link that skips, first the number to call, then the buttons."""
    page.goto(house.address)
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Call +15185550100")).to_be_focused()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="It is done")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Nothing waits for you.")).to_be_visible()
    assert [e.properties["outcome"] for e in house.office.taken] == ["done"]


def test_it_works_without_script_for_a_helper(house: House, chromium: Browser) -> None:
    """There is none on it: the answer is a form."""
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(house.address)
        page.get_by_role("button", name="I could not reach them").click()
        expect(page.get_by_text("you told us that you could not reach them")).to_be_visible()
