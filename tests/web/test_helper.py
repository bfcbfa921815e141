"""A helper's page over plain HTTP: what it shows, takes and refuses."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from tests.building import START, event
from tests.web.helped import Office

from ofone.domain.state import CustomerState
from ofone.domain.times import DAY
from ofone.web.helper import ANSWERS
from ofone.web.pages import create_app


class Visit:
    """Gil's browser without script."""

    def __init__(self, client: TestClient[Litestar], office: Office) -> None:
        self.client = client
        self.office = office

    def page(self) -> str:
        answer = self.client.get(self.office.path)
        assert answer.status_code == 200
        return str(answer.text)

    def form(self) -> dict[str, str]:
        hidden = r'<input type="hidden" name="(\w+)" value="([^"]*)">'
        return dict(re.findall(hidden, self.page()))

    def post(self, form: dict[str, str], **headers: str) -> Any:
        path = self.office.path
        return self.client.post(path, data=form, headers=headers, follow_redirects=False)

    @property
    def heading(self) -> str:
        found = re.search(r"<h1[^>]*>(.*?)</h1>", self.page())
        assert found is not None
        return found[1]


@pytest.fixture
def visit() -> Iterator[Visit]:
    office = Office()
    with TestClient(create_app(office, office, clock=lambda: office.clock)) as client:
        yield Visit(client, office)


def test_it_says_first_what_waits(visit: Visit) -> None:
    """Then the request with its day, the customers with their steps, and what helps people."""
    page = visit.page()
    assert visit.heading == "One request waits for you."
    assert "please answer by Wednesday, March\u00a011, 10:00\u00a0AM" in page
    assert [name in page for name in ("Ana Berg", "Ben Okoye", "A tip")] == [True] * 3
    assert [page.count(f'value="{outcome}"') for outcome in ANSWERS] == [1] * 5


def test_who_is_asked_to_call_has_the_number(visit: Visit) -> None:
    """One tap dials it, while the request waits for this helper; afterwards it is not shown."""
    assert '<a href="tel:+15185550100">Call +15185550100</a>' in visit.page()
    assert "Telephone: " not in visit.page()
    visit.post(visit.form() | {"outcome": "declined"})
    assert "5550100" not in visit.page()


def test_dates_have_the_word_that_the_customer_reads(visit: Visit) -> None:
    """Nobody wonders whether "usually" is another date than "expected"."""
    page = visit.page()
    assert "expected March" in page
    assert "usually" not in page


def test_looking_changes_nothing(visit: Visit) -> None:
    """Mail scanners open links; nobody should have answered because a machine looked."""
    before = [row.version for row in visit.office.engine.store.customers()]
    visit.page()
    assert [row.version for row in visit.office.engine.store.customers()] == before


@pytest.mark.parametrize("outcome", ["done", "reached", "not_reached"])
def test_one_tap_answers(visit: Visit, outcome: str) -> None:
    """The answer comes in by the one door, and the request is no longer among those that wait."""
    answer = visit.post(visit.form() | {"outcome": outcome})
    (told,) = visit.office.taken
    assert answer.status_code == 303
    assert answer.headers["location"].endswith(f"#{told.properties['reference']}")
    assert (told.name, told.customer) == ("Help Answered", "c0")
    assert (told.properties["outcome"], told.properties["by"]) == (outcome, "gil")
    assert visit.heading == "Nothing waits for you."


def test_who_takes_it_up_can_tell_later_how_it_went(visit: Visit) -> None:
    """It still waits, without the word that was said already."""
    visit.post(visit.form() | {"outcome": "acknowledged"})
    page = visit.page()
    assert "Noted: you will see to it." in page
    assert 'value="acknowledged"' not in page
    assert 'value="done"' in page


def test_who_cannot_do_it_sees_that_somebody_else_was_asked(visit: Visit) -> None:
    """The request is the deputy's now, and so is its day."""
    visit.post(visit.form() | {"outcome": "declined"})
    assert "somebody else was asked since" in visit.page()
    lead = visit.office.links.helper("lia").removeprefix("http://x.example")
    assert "One request waits for you." in visit.client.get(lead).text


def test_a_double_tap_answers_once(visit: Visit) -> None:
    """The same form is the same event."""
    form = visit.form() | {"outcome": "done"}
    assert [visit.post(form).status_code for _ in range(2)] == [303, 303]
    assert len(visit.office.taken) == 1


def test_what_the_customer_did_needs_no_answer_any_more(visit: Visit) -> None:
    """And an answer that comes all the same is taken."""
    form = visit.form() | {"outcome": "reached"}
    visit.office.until(START + 30 * DAY)
    assert "not needed any more" in visit.page() or "somebody else" in visit.page()
    assert visit.post(form).status_code == 303


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        ({"outcome": "sold"}, 400),
        ({"reference": "another"}, 400),
        ({"nonce": "x"}, 400),
        ({"outcome": ""}, 400),
    ],
)
def test_what_the_page_cannot_say_is_refused(
    visit: Visit, wrong: dict[str, str], status: int
) -> None:
    """Told on the page itself, with the request still there."""
    answer = visit.post(visit.form() | {"outcome": "done"} | wrong)
    assert (answer.status_code, visit.office.taken) == (status, [])
    assert "Your answer was not kept" in answer.text


def test_another_site_cannot_answer(visit: Visit) -> None:
    """The link is the key; this is the second lock."""
    form = visit.form() | {"outcome": "done"}
    assert visit.post(form, **{"sec-fetch-site": "cross-site"}).status_code == 403


def test_a_full_disk_is_said_and_nothing_is_lost(visit: Visit) -> None:
    """The helper can tap again."""
    visit.office.fails = True
    assert visit.post(visit.form() | {"outcome": "done"}).status_code == 503
    visit.office.fails = False
    assert visit.post(visit.form() | {"outcome": "done"}).status_code == 303


def test_a_link_that_was_revoked_opens_nothing(visit: Visit) -> None:
    """The new one does; no other kind of link, and no guess, ever did."""
    old = visit.office.path
    new = visit.office.links.revoke_helper("gil").removeprefix("http://x.example")
    tracker = visit.office.links.token(CustomerState(customer="c0"), 0, 0)
    gone = [visit.client.get(p).status_code for p in (old, f"/h/{tracker}", "/h/gil", new)]
    assert gone == [404, 404, 404, 200]


def test_a_name_is_only_a_name(visit: Visit) -> None:
    """Nothing a source says becomes part of the page."""
    name = "<script>alert(1)</script>\u202eevil"
    visit.office.engine.submit(event("Renamed", 7, customer="c0", key=None, traits={"name": name}))
    page = visit.page()
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page
