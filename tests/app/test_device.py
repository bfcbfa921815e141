"""A browser that subscribes on the tracker: consent, pushes it can read, and the way out."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec
import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.building import AGREED, ORDERED, START, VISIT, event
from tests.channels.test_push import KEY, Service, subscription
from tests.channels.web import web_server

from ofone.app import App, opened
from ofone.app.book import AppBook, AppDesk
from ofone.app.device import AppDevices
from ofone.channels.push import Push
from ofone.domain.state import Profile
from ofone.domain.times import to_datetime
from ofone.journeys.load import load
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.intake import Intake
from ofone.web.device import OFFER, digest
from ofone.web.pages import create_app

PUSH = "        sms: {body: Hello}\n"
BOOK = load(
    VISIT.replace("[email, sms, in_app]", "[push, email, sms, in_app]").replace(
        PUSH, f"{PUSH}        push: {{subject: Your form is here, body: Hello}}\n", 1
    ),
    "visit.yaml",
)
ENDPOINT = "https://push.example/send/abc"


class Browser:
    """A customer's browser on the tracker of Ana's journey."""

    def __init__(self, client: TestClient[Any], app: App) -> None:
        self.client = client
        self.app = app
        ana = app.engine.get("ana")
        assert ana is not None
        self.path = app.links.tracker(ana, 0, ana.now).removeprefix(app.links.base)

    def post(self, what: str = "/push", endpoint: str = ENDPOINT, **headers: str) -> int:
        body = {"subscription": msgspec.json.decode(subscription(endpoint)), "lang": "de"}
        answer = self.client.post(f"{self.path}{what}", json=body, headers=headers)
        return int(answer.status_code)

    @property
    def offer(self) -> Any:
        answer = self.client.get(f"{self.path}/push")
        return answer.json() if answer.status_code == 200 else answer.status_code

    @property
    def profile(self) -> Profile:
        state = self.app.engine.get("ana")
        assert state is not None
        return state.profile

    @property
    def version(self) -> int:
        state = self.app.engine.get("ana")
        assert state is not None
        return state.version


@pytest.fixture
def vapid(tmp_path: Path) -> str:
    (tmp_path / "vapid.pem").write_bytes(KEY)
    return f"vapid:{tmp_path}/vapid.pem?subject=mailto:a@harbor.example"


@pytest.fixture
def browser(tmp_path: Path, vapid: str) -> Iterator[Browser]:
    with opened(tmp_path / "data", [BOOK], clock=VirtualClock(), carried=[vapid]) as app:
        app.engine.submit(AGREED)
        app.engine.submit(ORDERED)
        intake = Intake(app.engine)
        pages = create_app(
            AppBook(app, live=False),
            AppDesk(intake),
            None,
            AppDevices(app),
            clock=lambda: to_datetime(START),
        )
        with TestClient(pages) as client:
            yield Browser(client, app)
        intake.close()


def test_a_subscription_is_kept_with_the_words_that_were_tapped(browser: Browser) -> None:
    """One event: what the channel needs, and the consent in the language of the button."""
    assert browser.offer == {"key": Push(KEY, "mailto:a@b.example").public, "on": ""}
    assert browser.post() == 200
    profile = browser.profile
    assert msgspec.json.decode(str(profile.traits["push"].value)) == msgspec.json.decode(
        subscription(ENDPOINT)
    )
    word = profile.consents["push:service"]
    assert (word.granted, word.wording) == (
        True,
        "Auf diesem Gerät Bescheid geben, wenn sich etwas ändert",
    )
    assert browser.offer["on"] == digest(ENDPOINT)


def test_what_is_told_twice_counts_once(browser: Browser) -> None:
    """And a new subscription of the same customer takes the place of the old one."""
    browser.post()
    before = browser.version
    assert (browser.post(), browser.version) == (200, before)
    browser.post(endpoint="https://push.example/other")
    assert browser.offer["on"] == digest("https://push.example/other")


def test_turning_it_off_withdraws_the_consent(browser: Browser) -> None:
    """At once, and the subscription is forgotten; it can be turned on again."""
    browser.post()
    assert (browser.post("/push/off"), browser.post("/push/off")) == (200, 200)
    profile = browser.profile
    assert (profile.consents["push:service"].granted, profile.traits["push"].value) == (False, None)
    assert browser.offer["on"] == ""
    browser.post()
    assert browser.profile.consents["push:service"].granted


def test_a_push_reaches_the_browser_that_subscribed(browser: Browser) -> None:
    """From the tap to the notification's words, which only that browser can decrypt."""
    browser.post()
    service = Service()
    with web_server(service) as server:
        channel = Push(KEY, "mailto:a@harbor.example", private=True)
        browser.app.dispatcher.channels = {**browser.app.channels, "push": channel}
        # The same keys, at a push service that lives on this machine.
        moved = event("Moved", 0.01, key=None, traits={"push": subscription(f"{server.url}/x")})
        browser.app.engine.submit(moved)
        again = replace(ORDERED, id="again", properties={"order": "B"}, at=START + 1)
        browser.app.engine.submit(again)
        browser.app.dispatcher.run_until_idle(EVERYTHING)
        channel.close()
    assert [p["title"] for p in service.waiting.values()] == ["Your form is here"]


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://push.example/1",
        "file:///etc/passwd",
        "https://me:pw@x.example/",
        "https://ü.example",
    ],
)
def test_an_endpoint_that_is_none_is_refused(browser: Browser, endpoint: str) -> None:
    before = browser.version
    assert (browser.post(endpoint=endpoint), browser.version) == (400, before)


def test_another_website_subscribes_nobody(browser: Browser) -> None:
    """Nor does what is no subscription, or too large for one."""
    assert browser.post(**{"sec-fetch-site": "cross-site"}) == 403
    path = f"{browser.path}/push"
    assert browser.client.post(path, content=b"{}").status_code == 400
    assert browser.client.post(path, content=b"x" * 5_000).status_code == 413
    assert "push:service" not in browser.profile.consents


def test_nothing_is_offered_that_would_not_be_told(browser: Browser, tmp_path: Path) -> None:
    """No journey, a journey that is over, or no channel: there is no key to subscribe with."""
    assert browser.client.get("/t/nobody/push").status_code == 404
    browser.app.engine.submit(event("Cancelled", 1))
    assert browser.offer == 204
    with opened(tmp_path / "other", [BOOK], clock=VirtualClock()) as app:
        app.engine.submit(AGREED)
        app.engine.submit(ORDERED)
        assert AppDevices(app).pushing("ana", 0) is None


def test_the_tracker_is_a_web_app_that_starts_at_itself(browser: Browser) -> None:
    """Named for the journey; its icons are there."""
    answer = browser.client.get(f"{browser.path}/manifest.webmanifest")
    said = answer.json()
    assert answer.headers["content-type"] == "application/manifest+json"
    assert (said["name"], said["start_url"], said["scope"]) == (
        "A visit · Your company",
        *[browser.path] * 2,
    )
    for icon in said["icons"]:
        found = browser.client.get(icon["src"])
        assert (found.status_code, found.headers["content-type"]) == (200, icon["type"])
    assert browser.client.get("/t/nobody/manifest.webmanifest").status_code == 404


def test_the_words_on_the_button_are_those_that_are_kept() -> None:
    """What is on the page is the proof."""
    page = Path("src/ofone/web/templates/push.html").read_text(encoding="utf-8")
    assert f"{{% trans %}}{OFFER}{{% endtrans %}}" in page
