"""The page of texts in a real browser: for every size, in both lights, by keyboard."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect
from tests.web.fake import FakeBook
from tests.web.serving import served
from tests.web.test_browser_baseline import faults
from tests.web.test_preview import Shelf

from ofone.web.pages import create_app
from ofone.web.preview import preview_handlers

pytestmark = pytest.mark.browser


@pytest.fixture(scope="module")
def shelf() -> Iterator[str]:
    app = create_app(FakeBook(), more=preview_handlers(Shelf()))
    with served(app) as base:
        yield f"{base}/preview/life-insurance"


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_nothing_stands_in_the_way(
    shelf: str, chromium: Browser, width: int, *, dark: bool
) -> None:
    """No fault for axe, nothing too wide: with a mail, and with a text that nobody can get."""
    with chromium.new_context(
        viewport={"width": width, "height": 800}, color_scheme="dark" if dark else "light"
    ) as context:
        page = context.new_page()
        page.goto(f"{shelf}?action=welcome&approach=standard&language=de")
        assert faults(page) == []
        page.goto(shelf.replace("life-insurance", "visit") + "?action=reminder&who=nobody")
        assert faults(page) == []


def test_a_phone_and_a_desk_stand_side_by_side(shelf: str, page: Page) -> None:
    """As wide as a phone, and wider than a letter; the same words in both."""
    page.set_viewport_size({"width": 1440, "height": 900})
    page.goto(f"{shelf}?action=sign&approach=brief")
    boxes = [frame.bounding_box() for frame in page.locator("iframe").all()]
    phone, desk = (box for box in boxes if box)
    assert (phone["width"], phone["y"]) == (360, desk["y"])
    assert desk["width"] >= 640
    for width in ("On a phone", "On a desk"):
        inside = page.frame_locator(f'iframe[title^="{width}"]')
        expect(inside.get_by_text("ready to sign. Five minutes.", exact=False).last).to_be_visible()


def test_the_keyboard_alone_finds_another_text(shelf: str, page: Page) -> None:
    """Open a step, choose an action, choose how it is said."""
    page.goto(shelf)
    page.get_by_text("Your signature").focus()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_url("**action=sign**")
    expect(page.locator(".texts [aria-current]")).to_have_text("Please sign")
    expect(page.get_by_role("heading", level=2)).to_have_text("Please sign")
