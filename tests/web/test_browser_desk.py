"""The desk in a real browser: for every size, by keyboard, without script."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.building import START
from tests.web.called import CallOffice
from tests.web.serving import served
from tests.web.test_browser_baseline import faults

from ofone.domain.times import DAY, HOUR
from ofone.web.pages import create_app

pytestmark = pytest.mark.browser


class House:
    def __init__(self, base: str, office: CallOffice) -> None:
        self.base, self.office = base, office

    @property
    def address(self) -> str:
        return f"{self.base}/desk"


@pytest.fixture
def house() -> Iterator[House]:
    office = CallOffice()
    app = create_app(office, office, office.list, clock=lambda: office.clock)
    with served(app) as base:
        yield House(base, office)


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_a_callers_way(
    house: House, chromium: Browser, width: int, *, dark: bool
) -> None:
    """No fault for axe, nothing too wide: taken by another, open, answered, overdue, empty."""
    with chromium.new_context(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    ) as context:
        page = context.new_page()
        house.office.list.claim(2, "Cleo")
        page.goto(f"{house.address}?by=Ben")
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        assert faults(page) == []
        page.get_by_role("button", name="Not reached").click()
        expect(page.get_by_text("Noted. Ana Berg: not reached")).to_be_visible()
        house.office.until(START + 3 * DAY + HOUR)
        page.reload()
        assert faults(page) == []
        house.office.happens("Form Sent", 73, customer="c1")
        page.reload()
        expect(page.get_by_role("heading", name="No call waits.")).to_be_visible()
        assert faults(page) == []


def test_all_that_a_caller_taps_is_as_large_as_a_thumb(house: House, page: Page) -> None:
    """44 pixels and more, on a small phone as well."""
    page.set_viewport_size({"width": 360, "height": 640})
    page.goto(f"{house.address}?by=Ben")
    tapped = page.locator("main button, main summary, main input:not([type=hidden]), .dial a")
    boxes = [box for e in tapped.all() if (box := e.bounding_box())]
    assert min(box["height"] for box in boxes) >= 44


def test_the_keyboard_alone_answers_a_call(house: House, page: Page) -> None:
    """A name, then the number, then how it went."""
    page.goto(house.address)
    page.get_by_label("Who is calling").fill("Ben")
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk?by=Ben")
    page.get_by_role("link", name="+1 303 555 0100").focus()
    for _ in range(2):  # past what is known of her
        page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Reached", exact=True).first).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="One call waits.")).to_be_visible()
    (told,) = house.office.taken
    assert (told.properties["outcome"], told.properties["by"]) == ("reached", "Ben")


def test_it_works_without_script_for_a_caller(house: House, chromium: Browser) -> None:
    """There is none on it: everything is a form."""
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(f"{house.address}?by=Ben")
        page.get_by_role("button", name="I take it").first.click()
        expect(page.get_by_text("you have it")).to_be_visible()
        page.get_by_role("button", name="Wants no calls").first.click()
        expect(page.get_by_text("they want no calls")).to_be_visible()
