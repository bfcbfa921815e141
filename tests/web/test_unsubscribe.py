"""The way out of e-mails: opening asks, one click ends them, and twice is once."""

import asyncio
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from litestar.testing import TestClient
from tests.web.fake import BEGAN, FakeBook, FakeDesk, newcomer

from ofone.domain.events import Happened
from ofone.domain.state import Consent
from ofone.domain.times import MINUTE, to_datetime
from ofone.web.pages import create_app

OUT = "/u/out-nora"
ONE_CLICK = {"List-Unsubscribe": "One-Click"}


class Visit:
    def __init__(self, client: TestClient[Any], desk: FakeDesk) -> None:
        self.client = client
        self.desk = desk

    def get(self, address: str = OUT, **headers: str) -> str:
        answer = self.client.get(address, headers=headers)
        assert answer.status_code == 200
        return str(answer.text)

    def post(self, form: dict[str, str], **headers: str) -> Any:
        return self.client.post(OUT, data=form, headers=headers)

    @property
    def word(self) -> Consent:
        return self.desk.book.states["nora"].profile.consents["email:service"]


@pytest.fixture
def visit() -> Iterator[Visit]:
    book = FakeBook()
    desk = newcomer(book)
    ticks = (to_datetime(BEGAN) + timedelta(minutes=n) for n in range(1, 1000))
    with TestClient(create_app(book, desk, clock=lambda: next(ticks))) as client:
        yield Visit(client, desk)


def test_opening_the_link_asks_and_changes_nothing(visit: Visit) -> None:
    """Scanners and previews open every link in a mail."""
    for _ in range(3):
        assert "Do you want to stop these emails?" in visit.get()
    assert visit.word.granted
    assert visit.desk.told == []


def test_one_click_of_a_mail_program_ends_them_at_once(visit: Visit) -> None:
    """RFC 8058: from another site, without a cookie, and answered only once it is kept."""
    answer = visit.post(
        ONE_CLICK, **{"Sec-Fetch-Site": "cross-site", "Origin": "https://m.example"}
    )
    assert answer.status_code == 200
    assert "set-cookie" not in answer.headers
    assert not visit.word.granted
    assert visit.word.wording == "List-Unsubscribe=One-Click"
    (event,) = visit.desk.told
    assert event.properties == {
        "channel": "email",
        "purpose": "service",
        "wording": "List-Unsubscribe=One-Click",
    }


def test_one_click_may_come_as_a_multipart_form(visit: Visit) -> None:
    """RFC 8058 recommends it."""
    answer = visit.client.post(OUT, files={"List-Unsubscribe": (None, "One-Click")})
    assert (answer.status_code, visit.word.granted) == (200, False)


def test_the_button_of_the_page_says_so_in_the_ledger(visit: Visit) -> None:
    """Which words were agreed to is part of the proof."""
    assert '<button class="primary" name="stop"' in visit.get()
    assert "You will get no more of these emails" in visit.post({"stop": "1"}).text
    assert visit.word.wording == "Stop these emails"


def test_twice_is_once(visit: Visit) -> None:
    """The page then says that it is so, and there is nothing more to press."""
    for _ in range(2):
        assert visit.post(ONE_CLICK).status_code == 200
    assert len(visit.desk.told) == 1
    assert "<form" not in visit.get()


def test_a_consent_that_is_given_again_can_be_left_again(visit: Visit) -> None:
    """The same link works for the whole of a relation."""
    visit.post(ONE_CLICK)
    consent = Happened(
        id="again",
        customer="nora",
        name="Consent Given",
        at=visit.word.at + MINUTE,
        properties={"channel": "email", "purpose": "service"},
    )
    assert asyncio.run(visit.desk.tell(consent)) == ""
    assert visit.word.granted
    visit.post(ONE_CLICK)
    assert not visit.word.granted


def test_other_messages_go_on(visit: Visit) -> None:
    """It is for one channel and one purpose."""
    visit.post(ONE_CLICK)
    consents = visit.desk.book.states["nora"].profile.consents
    assert consents["sms:service"].granted


@pytest.mark.parametrize(
    ("language", "says"),
    [("de", "abbestellen"), ("es", "dejar de recibir"), ("fr", "ne plus recevoir")],
)
def test_the_page_speaks_four_languages(visit: Visit, language: str, says: str) -> None:
    """The answer is in the language that was read."""
    page = visit.get(**{"Accept-Language": language})
    assert says in page
    assert f'<html lang="{language}"' in page
    action = re.search(r'action="([^"]*)"', page)
    assert action is not None
    assert f'<html lang="{language}"' in visit.client.post(action[1], data={"stop": "1"}).text


def test_what_could_not_be_kept_is_not_said_to_be_done(visit: Visit) -> None:
    """A mail program tries again after 503, and a person reads what to do."""
    visit.desk.fails = True
    answer = visit.post(ONE_CLICK)
    assert answer.status_code == 503
    assert "try again in a minute" in answer.text
    assert visit.word.granted


@pytest.mark.parametrize("token", ["nobody", "token-nora", "%2e%2e", "x" * 500])
def test_a_link_that_is_none_ends_nothing(visit: Visit, token: str) -> None:
    """Forged and cut off look alike, also for the token of another kind."""
    assert visit.client.get(f"/u/{token}").status_code == 404
    assert visit.client.post(f"/u/{token}", data=ONE_CLICK).status_code == 404
    assert visit.desk.told == []


def test_a_huge_body_is_refused(visit: Visit) -> None:
    assert visit.post({"x": "y" * 10_000}).status_code == 413
    assert visit.word.granted


def test_the_page_runs_no_script_and_tells_nobody(visit: Visit) -> None:
    answer = visit.client.get(OUT)
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert not re.search(r"<script|\son\w+=|style=", answer.text)
    assert "nora" not in answer.text.replace(OUT, "")
