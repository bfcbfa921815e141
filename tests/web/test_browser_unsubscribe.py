"""The way out of e-mails in a real browser: on a phone, by keyboard, without script."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Browser, BrowserContext, expect
from tests.web.test_browser_baseline import House, faults, served

pytestmark = pytest.mark.browser
__all__ = ["served"]
PATH = "/u/out-nora"


@contextmanager
def phone(chromium: Browser, language: str = "en-GB") -> Iterator[BrowserContext]:
    context = chromium.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False, locale=language
    )
    with context:
        context.set_default_timeout(10_000)
        yield context


@pytest.mark.parametrize("language", ["en-GB", "de-DE", "es-ES", "fr-FR"])
def test_one_press_on_a_small_phone_ends_them(
    chromium: Browser, served: House, language: str
) -> None:
    """Nothing is cut off at 320 pixels, and the button is as large as a thumb."""
    served.fresh()
    with phone(chromium, language) as context:
        page = context.new_page()
        page.goto(served.base + PATH)
        button = page.locator("button.primary")
        box = button.bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert box["x"] + box["width"] <= 320
        button.press("Enter")
        expect(page.locator("button")).to_have_count(0)
    assert [said["purpose"] for said in served.told] == ["service"]


def test_the_page_is_for_everybody(chromium: Browser, served: House) -> None:
    """No finding of axe, in light and in dark, before and after."""
    for scheme in ("light", "dark"):
        served.fresh()
        with chromium.new_context(color_scheme=scheme) as context:
            page = context.new_page()
            page.goto(served.base + PATH)
            assert faults(page) == []
            page.locator("button.primary").click()
            expect(page.locator("button")).to_have_count(0)
            assert faults(page) == []
