"""The page of texts: what is listed, what is shown, and what a frame may do."""

import re
from collections.abc import Iterator

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.building import visit_with
from tests.web.fake import FakeBook

from ofone.domain.errors import NotFound
from ofone.domain.state import CustomerState
from ofone.journeys.compiled import Compiled
from ofone.journeys.load import bundled
from ofone.runtime.links import Links
from ofone.runtime.preview import Text, Wanted, texts
from ofone.stores.memory import MemoryStore
from ofone.web.pages import create_app
from ofone.web.preview import Previews, preview_handlers

PAGE = "/preview/life-insurance"
CALLED = visit_with(
    "sms: {body: Nudge}", "sms: {body: Nudge}\n        call: {body: Ring Ana and say hello.}"
)


class Shelf:
    """Two playbooks, two personas and one customer, all of whom have just come in."""

    def __init__(self) -> None:
        self.links = Links(MemoryStore(), "https://alder.example", remember=False)

    def playbooks(self) -> list[Compiled]:
        return [bundled("life-insurance"), CALLED]

    def personas(self) -> dict[str, str]:
        return {"angela": "Angela", "adaya": "Adaya"}

    def texts(self, compiled: Compiled, who: str, wanted: Wanted) -> list[Text]:
        if who not in {*self.personas(), "<nora>"}:
            raise NotFound(f"no customer {who!r} here")
        state = CustomerState(customer=who, now=1_770_000_000_000_000)
        return texts(compiled, lambda *_: state, self.links, wanted)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    shelf = Shelf()
    assert isinstance(shelf, Previews)
    with TestClient(create_app(FakeBook(), more=preview_handlers(shelf))) as made:
        yield made


def test_the_front_leads_to_the_first_playbook(client: TestClient[Litestar]) -> None:
    """One click to the words."""
    assert client.get("/preview", follow_redirects=False).headers["location"] == PAGE


def test_every_action_is_listed_at_its_step(client: TestClient[Litestar]) -> None:
    """And the one that is shown is marked."""
    page = client.get(f"{PAGE}?action=sign&approach=brief").text
    links = set(re.findall(r"action=([a-z_]+)", page))
    assert links == {a.id for a in bundled("life-insurance").playbook.actions}
    assert len(re.findall(r'aria-current="true">\s*Please sign', page)) == 1
    assert "<details open>\n      <summary>Your signature" in page


def test_all_channels_are_shown_with_their_size(client: TestClient[Litestar]) -> None:
    """Subject, two frames of the same mail, the text message with its segments, the page's line."""
    page = client.get(f"{PAGE}?action=sign&approach=brief").text
    assert "Ready to sign" in page
    frames = re.findall(r'<iframe[^>]* src="([^"]+)" sandbox="([^"]*)"', page)
    assert len(frames) == 2
    assert frames[0] == frames[1]
    assert "1 segment, " in page
    assert "Ready to sign. Five minutes." in page


def test_a_frame_shows_the_mail_and_may_do_nothing(client: TestClient[Litestar]) -> None:
    """No script, no form, nothing loaded: as in the mailbox."""
    asked = f"{PAGE}/html?who=angela&action=sign&approach=brief"
    found = client.get(asked)
    assert "Your application is ready to sign" in found.text
    assert "default-src 'none'" in found.headers["content-security-policy"]
    assert "sandbox allow-popups" in found.headers["content-security-policy"]
    assert client.get(asked.replace("brief", "none")).status_code == 404


def test_a_language_is_tried_on(client: TestClient[Litestar]) -> None:
    """And where it has no words, that is said."""
    assert (
        "Bereit zur Unterschrift"
        in client.get(f"{PAGE}?action=sign&approach=brief&language=de").text
    )
    assert "no words in that language yet" in client.get(f"{PAGE}?action=covered&language=de").text


def test_a_customer_is_asked_for_by_id(client: TestClient[Litestar]) -> None:
    """Ids are the sources': they are escaped; nobody falls back to a persona, and says so."""
    page = client.get(PAGE, params={"who": "<nora>"}).text
    assert "&lt;nora&gt;" in page
    assert "<nora>" not in page
    nobody = client.get(PAGE, params={"who": "<bob>"}).text
    assert (
        "Nobody has the id <bdi><strong>&lt;bob&gt;</strong></bdi>; this is for Angela." in nobody
    )


def test_what_cannot_go_out_says_why(client: TestClient[Litestar]) -> None:
    """The words of the dead letter that it would become; the page stands."""
    page = client.get("/preview/visit?action=reminder").text
    assert "It would not go out" in page
    assert "facts.visit_at is empty" in page


def test_other_channels_are_shown_where_there_are_words(client: TestClient[Litestar]) -> None:
    """A push message, a call: below those that are always there."""
    assert "Ring Ana and say hello." in client.get("/preview/visit?action=nudge").text


def test_what_is_not_there_is_not_shown(client: TestClient[Litestar]) -> None:
    """A playbook is refused by name; an action or approach gives way to the first."""
    refused = client.get("/preview/none")
    assert (refused.status_code, "there are: life-insurance, visit" in refused.text) == (404, True)
    assert "Your application has started" in client.get(f"{PAGE}?action=x&approach=standard").text
