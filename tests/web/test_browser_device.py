"""Pushes and the web app in a real browser.

A subscription itself needs a push service on the internet, which is not here: what the browser
would get from it is put in its place. The worker, the page, the events and the shown notification
are the real ones.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect
from tests.web.fake import FakeBook
from tests.web.serving import served
from tests.web.test_browser_baseline import faults

from ofone.domain.events import Happened
from ofone.web.device import OFFER
from ofone.web.pages import create_app
from ofone.web.ports import Pushing

pytestmark = pytest.mark.browser

KEY = "BLc4xRzKlKORKWlbdgFaBrrPK3ydWAHo4M0gs0i1oEKgPpWC5cW8OCzVrOQRv-1npXRWk8udnW3oYhIO4475rds"
SUBSCRIBED = """
const keys = { p256dh: "B".repeat(87), auth: "a".repeat(22) };
const made = { endpoint: "https://push.example/1", keys };
const mine = () => sessionStorage.getItem("mine") && {
  ...made,
  toJSON: () => made,
  unsubscribe: async () => (sessionStorage.removeItem("mine"), true),
};
PushManager.prototype.getSubscription = async () => mine();
PushManager.prototype.subscribe = async (asked) => {
  window.asked = [asked.userVisibleOnly, asked.applicationServerKey.length];
  sessionStorage.setItem("mine", "1");
  return mine();
};
"""


class Phone(FakeBook):
    """What the page is served by: Angela's story, and what her device said."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: list[Happened] = []
        self.endpoint = ""
        self.carried = True
        self.fails = False

    def named(self, customer: str, journey: int) -> tuple[str, str, str] | None:
        return "Your life insurance", "Alder Life", "en"

    def pushing(self, customer: str, journey: int) -> Pushing | None:
        if not self.carried:
            return None
        since = len(self.heard)
        return Pushing(customer=customer, key=KEY, endpoint=self.endpoint, since=since)

    async def tell(self, happened: Happened) -> str:
        if self.fails:
            return "no"
        self.heard.append(happened)
        self.endpoint = "https://push.example/1" if happened.traits["push"] else ""
        return ""


class House:
    def __init__(self, base: str, phone: Phone) -> None:
        self.base, self.phone = base, phone
        self.address = f"{base}/t/token-angela"


@pytest.fixture
def house() -> Iterator[House]:
    phone = Phone()
    now = datetime(2026, 3, 20, 15, 0, tzinfo=UTC)
    app = create_app(phone, phone, None, phone, clock=lambda: now)
    with served(app) as base:
        yield House(base, phone)


@pytest.fixture
def context(house: House, chromium: Browser) -> Iterator[BrowserContext]:
    with chromium.new_context() as context:
        context.set_default_timeout(10_000)
        context.grant_permissions(["notifications"], origin=house.base)
        context.add_init_script(SUBSCRIBED)
        yield context


def asked(page: Page) -> Any:
    return page.get_by_role("button", name=OFFER)


def test_a_tap_turns_it_on_and_another_off(house: House, context: BrowserContext) -> None:
    """Worker, subscription, consent; then the way back, and it can be had again."""
    page = context.new_page()
    page.goto(house.address)
    asked(page).click()
    expect(page.get_by_text("We tell you on this device")).to_be_visible()
    assert page.evaluate("window.asked") == [True, 65]
    page.reload()
    page.get_by_role("button", name="Stop").click()
    expect(asked(page)).to_be_visible()
    on, off = house.phone.heard
    assert (on.name, on.properties["wording"]) == ("Consent Given", OFFER)
    assert (off.name, off.traits) == ("Consent Withdrawn", {"push": None})
    assert page.evaluate("navigator.serviceWorker.getRegistrations().then((r) => r.length)") == 0


def test_a_push_is_shown_and_says_no_more_than_its_title(
    house: House, context: BrowserContext
) -> None:
    """A real push event in the real worker, whose scope is this tracker alone."""
    page = context.new_page()
    page.goto(house.address)
    session = context.new_cdp_session(page)
    found: list[Any] = []
    session.on(
        "ServiceWorker.workerRegistrationUpdated", lambda e: found.extend(e["registrations"])
    )
    session.send("ServiceWorker.enable")
    asked(page).click()
    expect(page.get_by_text("We tell you on this device")).to_be_visible()
    assert [r["scopeURL"] for r in found][-1] == house.address
    # Only an active worker hears of a push.
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    session.send(
        "ServiceWorker.deliverPushMessage",
        {
            "origin": house.base,
            "registrationId": found[-1]["registrationId"],
            "data": '{"title": "Your visit is on Tuesday", "tag": "t", "timestamp": 1}',
        },
    )
    shown = page.evaluate(
        """async () => {
          const registration = await navigator.serviceWorker.getRegistration(location.pathname);
          for (const end = Date.now() + 20000; Date.now() < end; ) {
            const [one] = await registration.getNotifications();
            if (one) return [one.title, one.body, one.tag];
            await new Promise(requestAnimationFrame);
          }
        }"""
    )
    assert shown == ["Your visit is on Tuesday", "", "t"]


def test_a_browser_that_says_no_is_not_asked_again(house: House, chromium: Browser) -> None:
    """It is said once where to change that; the next visit says nothing of it."""
    with chromium.new_context() as context:
        page = context.new_page()
        page.add_init_script(
            "Notification.requestPermission = async () => 'denied';"
            "Object.defineProperty(Notification, 'permission', { get: () => 'default' });"
        )
        page.goto(house.address)
        asked(page).click()
        expect(page.get_by_text("Your browser did not allow it")).to_be_visible()
    assert house.phone.heard == []


def test_a_refusal_of_ours_is_said(house: House, context: BrowserContext) -> None:
    """And nothing stays half subscribed."""
    house.phone.fails = True
    page = context.new_page()
    page.goto(house.address)
    asked(page).click()
    expect(page.get_by_text("That did not work.")).to_be_visible()
    assert page.evaluate("sessionStorage.getItem('mine')") is None


def test_nothing_is_said_of_it_where_it_cannot_be(house: House, chromium: Browser) -> None:
    """Without script, and without a channel."""
    with chromium.new_context(java_script_enabled=False) as context:
        page = context.new_page()
        page.goto(house.address)
        expect(page.locator("#push")).to_be_hidden()
    house.phone.carried = False
    with chromium.new_context() as context:
        page = context.new_page()
        with page.expect_response("**/push"):
            page.goto(house.address)
        expect(page.locator("#push")).to_be_hidden()


@pytest.mark.parametrize("width", [360, 768, 1280])
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_the_line_stands_in_nobodys_way(
    house: House, chromium: Browser, width: int, *, dark: bool
) -> None:
    """No fault for axe, nothing too wide, as large as a thumb: while it asks, and once it is on."""
    with chromium.new_context(
        viewport={"width": width, "height": 740}, color_scheme="dark" if dark else "light"
    ) as context:
        context.grant_permissions(["notifications"], origin=house.base)
        context.add_init_script(SUBSCRIBED)
        page = context.new_page()
        page.goto(house.address)
        box = asked(page).bounding_box()
        assert box is not None
        assert box["height"] >= 44
        assert faults(page) == []
        asked(page).click()
        expect(page.get_by_text("We tell you on this device")).to_be_visible()
        assert faults(page) == []


def test_the_browser_finds_a_web_app_to_install(house: House, context: BrowserContext) -> None:
    """Chromium reads the manifest, under our policy, without a complaint."""
    page = context.new_page()
    page.goto(house.address)
    session = context.new_cdp_session(page)
    found = session.send("Page.getAppManifest")
    assert found["errors"] == []
    assert found["url"] == f"{house.address}/manifest.webmanifest"
    wrong = session.send("Page.getInstallabilityErrors")["installabilityErrors"]
    assert [w["errorId"] for w in wrong if w["errorId"] != "in-incognito"] == []
