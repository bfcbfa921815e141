"""The door in a real browser: ask, read the code, type it; and the page of a link that ended."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.web.secured import House
from tests.web.serving import served
from tests.web.test_browser_baseline import faults

from ofone.web.headers import Site

pytestmark = pytest.mark.browser


class Street:
    """A house that browsers can reach."""

    def __init__(self, base: str, house: House) -> None:
        self.base = base
        self.house = house
        self._people = 0

    def enters(self) -> tuple[str, str]:
        """Somebody new: who, and where their tracker is."""
        self._people += 1
        who = f"anna{self._people}"
        return who, self.base + self.house.enters(who)


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Street]:
    houses: list[House] = []

    def made(base: str) -> Litestar:
        houses.append(House(Path(tmp_path_factory.mktemp("house")), site=Site(base=base)))
        return houses[0].pages

    with served(made) as base:
        yield Street(base, houses[0])
    houses[0].app.close()


@pytest.fixture(params=["en-GB", "de-DE", "es-ES", "fr-FR"])
def phone(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A small phone without script, in each language."""
    with chromium.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False, locale=request.param
    ) as context:
        context.set_default_timeout(10_000)
        yield context


def large_enough(page: Page) -> None:
    """Whatever can be tapped is as high as a thumb, and nothing is cut off."""
    for box in [
        b.bounding_box() for b in page.locator("main button:visible, main input:visible").all()
    ]:
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 320


def test_three_presses_and_a_code_lead_to_what_is_personal(
    street: Street, phone: BrowserContext
) -> None:
    """Without script, on a small phone, in every language."""
    who, tracker = street.enters()
    page = phone.new_page()
    page.goto(f"{tracker}/you/secret")
    large_enough(page)
    page.locator("button[name=send]").first.press("Enter")
    field = page.locator("input[name=code]")
    expect(field).to_be_focused()
    assert field.get_attribute("autocomplete") == "one-time-code"
    assert field.get_attribute("inputmode") == "numeric"
    large_enough(page)
    field.fill(street.house.code(who))
    field.press("Enter")
    expect(page.locator("body")).to_have_text("what we believe")


def test_a_link_that_ended_is_renewed_in_one_press(street: Street, phone: BrowserContext) -> None:
    """And says where to look."""
    who, tracker = street.enters()
    street.house.later(minutes=1)
    street.house.says(who, "Links Revoked")
    page = phone.new_page()
    page.goto(tracker)
    large_enough(page)
    page.locator("button.primary").press("Enter")
    expect(page.locator("button")).to_have_count(0)
    assert street.house.path(who) in street.house.sent(who).text


def test_the_door_is_for_everybody(street: Street, chromium: Browser) -> None:
    """No finding of axe in any of its states, in light and in dark, at three widths."""
    for scheme, width in (("light", 360), ("dark", 768), ("light", 1280), ("dark", 360)):
        who, tracker = street.enters()
        size = {"width": width, "height": 800}
        with chromium.new_context(color_scheme=scheme, viewport=size) as context:  # type: ignore[arg-type]
            page = context.new_page()
            page.goto(f"{tracker}/you/secret")
            assert faults(page) == []
            page.locator("button[name=send]").first.click()
            assert faults(page) == []
            page.locator("input[name=code]").fill("1")
            page.locator("form.code button").click()
            expect(page.locator("#wrong")).to_be_visible()
            page.locator("summary").click()
            assert faults(page) == []
            street.house.later(seconds=1)
            street.house.says(who, "Links Revoked")
            page.goto(tracker)
            assert faults(page) == []
