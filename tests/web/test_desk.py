"""The desk over plain HTTP: what it shows, takes and refuses."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import fields
from tests.building import START, event
from tests.web.called import CallOffice

from ofone.domain.calling import Call
from ofone.domain.state import Profile
from ofone.domain.times import DAY, HOUR
from ofone.runtime.codec import decode_state
from ofone.web.desk import ANSWERS
from ofone.web.pages import create_app


class Visit:
    """A caller's browser without script."""

    def __init__(self, client: TestClient[Litestar], office: CallOffice) -> None:
        self.client = client
        self.office = office

    def page(self, query: str = "") -> str:
        answer = self.client.get(f"/desk{query}")
        assert answer.status_code == 200
        return str(answer.text)

    def post(self, act: str, number: int = 1, **more: str) -> Any:
        form = {"number": str(number), "act": act, "by": "Ben", **more}
        return self.client.post("/desk", data=form, follow_redirects=False)

    def profile(self, customer: str = "c0") -> Profile:
        body = self.office.engine.store.load(customer)
        assert body is not None
        return decode_state(body).profile


@pytest.fixture
def visit() -> Iterator[Visit]:
    office = CallOffice()
    app = create_app(office, office, office.list, clock=lambda: office.clock)
    with TestClient(app) as client:
        yield Visit(client, office)


def approach(office: CallOffice) -> str:
    body = office.engine.store.load("c0")
    assert body is not None
    return decode_state(body).journeys[0].steps["form"].approach


def heading(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page)
    assert found is not None
    return found[1]


def test_it_says_whom_to_call_about_what_by_when(visit: Visit) -> None:
    """With the number to tap, the time where they are, what to say, and where they stand."""
    page = visit.page()
    assert heading(page) == "2 calls wait."
    assert 'href="tel:+13035550100"' in page
    for said in ("by tomorrow, 10:00", "8:00\u00a0AM in Denver", "speaks German", "May I help you"):
        assert said in page
    assert "What is known: Your form" in page


def test_the_list_is_the_same_whatever_somebody_needs(visit: Visit) -> None:
    """Byte for byte; and the projection has no field for a need or an approach."""
    page = visit.page()
    other = CallOffice(needs="more")
    app = create_app(other, other, other.list, clock=lambda: other.clock)
    with TestClient(app) as client:
        assert client.get("/desk").text == page
    approaches = [approach(office) for office in (visit.office, other)]
    assert approaches == ["plain", "warm"]
    assert not {f.name for f in fields(Call)} & {"need", "needs", "approach", "key"}


def test_looking_changes_nothing_in_the_journeys(visit: Visit) -> None:
    before = [row.version for row in visit.office.engine.store.customers()]
    visit.page()
    assert [row.version for row in visit.office.engine.store.customers()] == before


@pytest.mark.parametrize("end", ANSWERS)
def test_one_tap_says_how_it_went(visit: Visit, end: str) -> None:
    """It comes in by the one door, the call is off the list, and the page says what was noted."""
    answer = visit.post(end)
    assert (answer.status_code, answer.headers["location"]) == (303, "/desk?by=Ben&noted=1")
    told = visit.office.taken[-1]
    assert (told.name, told.customer) == ("Call Made", "c0")
    assert (told.properties["outcome"], told.properties["by"]) == (end, "Ben")
    page = visit.page("?by=Ben&noted=1")
    assert heading(page) == "One call waits."
    assert "<strong>Noted.</strong> Ana Berg: " in page


def test_who_wants_no_calls_is_not_called_again(visit: Visit) -> None:
    """Consent to calls ends at once, for every purpose, with what was said as proof."""
    visit.post("no_calls")
    consents = visit.profile().consents
    assert [consents[f"call:{p}"].granted for p in ("service", "marketing")] == [False, False]
    assert consents["call:service"].wording == "Asked not to be called; told to Ben"
    assert consents["sms:service"].granted


def test_a_wrong_number_is_neither_called_nor_texted(visit: Visit) -> None:
    """Whoever answers there is a stranger; a newer number undoes it, as for any address."""
    visit.post("wrong_number")
    known = visit.profile().preferences
    assert [known[f"undeliverable:{c}"].value for c in ("call", "sms")] == [True, True]
    assert "undeliverable:email" not in known


def test_a_double_tap_counts_once(visit: Visit) -> None:
    """The same form twice is the same event; another end afterwards is told what was said."""
    assert [visit.post("reached").status_code for _ in range(2)] == [303, 303]
    assert [e.name for e in visit.office.taken] == ["Call Made"]
    late = visit.post("no_calls")
    assert late.status_code == 409
    assert "Call 1 is over: Ben says reached" in late.text


def test_a_call_is_off_the_list_once_the_customer_acts(visit: Visit) -> None:
    """Nobody is called about a form that is there."""
    visit.office.happens("Form Sent", 53)
    page = visit.page()
    assert heading(page) == "One call waits."
    assert "Ana Berg</bdi></strong>, Your form: the step is done" in page
    assert visit.post("reached").status_code == 409


def test_who_took_back_consent_is_off_the_list(visit: Visit) -> None:
    """It was given when the call was decided; what counts is now."""
    visit.office.happens("Suppressed", 53)
    assert "the customer complained about messages by call" in visit.page()


def test_nobody_is_called_at_an_hour_they_did_not_ask_for(visit: Visit) -> None:
    """It is eight in the morning where Ana is, and she asked for the afternoon."""
    wish = event("Preference Stated", 2.2, key=None, customer="c0", hours="14:00-16:00")
    visit.office.engine.submit(wish)
    page = visit.page()
    assert "Not now: call from Wednesday, March\u00a04, 2:00\u00a0PM their time." in page
    visit.office.until(START + 59 * HOUR)
    assert "Not now" not in visit.page()


def test_an_overdue_call_says_so(visit: Visit) -> None:
    visit.office.until(START + 3 * DAY + HOUR)
    page = visit.page()
    assert heading(page) == "2 calls wait; 2 are overdue."
    assert "was due today, 10:00" in page


def test_one_takes_a_call_and_another_takes_it_over(visit: Visit) -> None:
    """Who has it is said; only who has it says how it went."""
    assert visit.post("take").headers["location"] == "/desk?by=Ben#call-1"
    assert "Ben has it" in visit.page("?by=Cleo")
    assert visit.post("reached", by="Cleo").status_code == 409
    visit.post("take over", by="Cleo", before="Ben")
    assert "you have it" in visit.page("?by=Cleo")
    assert visit.post("take over", by="Dora", before="Ben").status_code == 409
    assert visit.post("reached", by="Cleo").status_code == 303


def test_what_is_no_answer_is_refused(visit: Visit) -> None:
    """And nothing is told; the list stays under the apology."""
    refused = [visit.post("sold"), visit.post("reached", 99), visit.post("take", by="")]
    assert [a.status_code for a in refused] == [400, 409, 409]
    from_elsewhere = visit.client.post(
        "/desk", data={"number": "1", "act": "reached"}, headers={"sec-fetch-site": "cross-site"}
    )
    assert from_elsewhere.status_code == 403
    assert visit.client.post("/desk", data={"number": "x" * 9, "act": "take"}).status_code == 400
    assert visit.office.taken == []


def test_an_answer_that_could_not_be_kept_stays_on_the_list(visit: Visit) -> None:
    visit.office.fails = True
    assert visit.post("reached").status_code == 503
    visit.office.fails = False
    assert heading(visit.page()) == "2 calls wait."


def test_without_a_list_the_desk_says_what_it_is_for() -> None:
    """As in the demo."""
    with TestClient(create_app(CallOffice())) as client:
        assert "No call waits." in client.get("/desk").text
        form = {"number": "1", "act": "reached"}
        assert client.post("/desk", data=form).status_code == 409
