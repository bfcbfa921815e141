"""The customer's own pages in a real browser, and a tracker that renews itself while it is open."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from litestar import Litestar
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.golden_play import GOLDEN
from tests.web.secured import House
from tests.web.serving import served
from tests.web.test_browser_baseline import faults

from ofone.domain.events import Happened
from ofone.domain.times import to_datetime
from ofone.sources.wire import parse_json
from ofone.web.headers import Site
from ofone.web.live import Streams

pytestmark = pytest.mark.browser

LINES = (GOLDEN / "angela" / "events.jsonl").read_bytes().splitlines()
EVENTS = [e for line in LINES if isinstance(e := parse_json(line, "angela"), Happened)]
PARTS = ("", "/messages", "/beliefs", "/data", "/data/erase")
LOOKS = (("light", 360), ("dark", 768), ("light", 1280), ("dark", 360))


class Home:
    """Angela's pages, as far as her appointment; browsers can reach them."""

    def __init__(self, base: str, house: House) -> None:
        self.base = base
        self.house = house
        for event in EVENTS[:12]:
            assert house.app.engine.submit(event).status == "accepted"
        house.now = to_datetime(house.state("angela").now) + timedelta(hours=1)

    @property
    def tracker(self) -> str:
        return self.base + self.house.path("angela")

    def enter(self, page: Page) -> None:
        """Show the code, so that the personal pages open."""
        self.house.later(hours=5)
        page.goto(f"{self.tracker}/you/beliefs")
        page.locator("button[name=send]").first.click()
        page.locator("input[name=code]").fill(self.house.code("angela"))
        page.locator("input[name=code]").press("Enter")
        expect(page.locator("h1")).to_be_visible()


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Home]:
    homes: list[Home] = []

    def made(base: str) -> Litestar:
        place, streams = Path(tmp_path_factory.mktemp("house")), Streams()
        house = House(place, site=Site(base=base), streams=streams)
        house.app.engine.watch(streams.moved)
        homes.append(Home(base, house))
        return house.pages

    with served(made):
        yield homes[0]
    homes[0].house.app.close()


@pytest.fixture(params=["en-GB", "de-DE", "es-ES", "fr-FR"])
def phone(chromium: Browser, request: pytest.FixtureRequest) -> Iterator[BrowserContext]:
    """A small phone without script, in each language."""
    with chromium.new_context(
        viewport={"width": 320, "height": 640}, java_script_enabled=False, locale=request.param
    ) as context:
        context.set_default_timeout(10_000)
        yield context


def test_her_pages_fit_a_small_phone_without_script(home: Home, phone: BrowserContext) -> None:
    """In every language: nothing is cut off, and all that is tapped is as high as a thumb."""
    page = phone.new_page()
    home.enter(page)
    for part in PARTS:
        page.goto(f"{home.tracker}/you{part}")
        for summary in page.locator("summary").all()[:2]:
            summary.press("Enter")
        low = page.locator("main button:visible, main summary:visible, main fieldset label:visible")
        for box in [one.bounding_box() for one in low.all()]:
            assert box is not None
            assert (box["height"] >= 44, box["x"] + box["width"] <= 320) == (True, True), part


def test_her_pages_are_for_everybody(home: Home, chromium: Browser) -> None:
    """No finding of axe on any of them, in light and in dark, at three widths."""
    for scheme, width in LOOKS:
        size = {"width": width, "height": 800}
        with chromium.new_context(color_scheme=scheme, viewport=size) as context:  # type: ignore[arg-type]
            page = context.new_page()
            home.enter(page)
            for part in PARTS:
                page.goto(f"{home.tracker}/you{part}")
                for summary in page.locator("summary").all()[:2]:
                    summary.click()
                assert faults(page) == [], (part, scheme, width)


def test_a_wish_is_kept_by_keyboard_alone(home: Home, chromium: Browser) -> None:
    """To the first choice, one down, and Enter: the page says that it holds."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(f"{home.tracker}/you")
        page.locator("input[name=cadence]:checked").focus()
        page.keyboard.press("ArrowUp")
        page.keyboard.press("Enter")
        expect(page.get_by_role("status")).to_contain_text("It holds from now on.")
        assert home.house.state("angela").profile.preferences["cadence"].value == "needed"


def test_an_open_tracker_renews_itself(home: Home, chromium: Browser) -> None:
    """The new step is there without a reload, what was unfolded stays so, and it is announced."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.goto(home.tracker)
        expect(page.locator("[aria-current=step] h2")).to_have_text("Your health assessment")
        page.evaluate("window.same = true")
        home.house.says("angela", "Exam Completed", {"application_id": "AL-2041"})
        expect(page.locator("[aria-current=step] h2")).to_have_text("Laboratory work")
        expect(page.locator("#news")).to_have_text("This page was brought up to date.")
        assert page.evaluate("window.same") is True
