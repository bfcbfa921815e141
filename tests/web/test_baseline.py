"""The page of questions over plain HTTP: what it asks, takes, refuses, and never changes."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.web.fake import BEGAN, FakeBook, FakeDesk, newcomer

from ofone.domain.times import to_datetime
from ofone.web.pages import create_app

PAGE = "/t/token-nora/questions"


class Visit:
    """One customer's browser without script: forms are filled in as they stand on the page."""

    def __init__(self, client: TestClient[Litestar], desk: FakeDesk) -> None:
        self.client = client
        self.desk = desk

    def get(self, address: str = PAGE, **headers: str) -> str:
        answer = self.client.get(address, headers=headers)
        assert answer.status_code == 200
        return str(answer.text)

    def form(self, address: str = PAGE) -> dict[str, str]:
        hidden = r'<input type="hidden" name="(\w+)" value="([^"]*)">'
        return dict(re.findall(hidden, self.get(address)))

    def post(self, form: dict[str, str], **headers: str) -> Any:
        return self.client.post(PAGE, data=form, headers=headers, follow_redirects=False)

    def say(self, **said: str) -> Any:
        return self.post(self.form() | said)

    @property
    def told(self) -> list[dict[str, Any]]:
        return [event.properties for event in self.desk.told]


@pytest.fixture
def visit() -> Iterator[Visit]:
    book = FakeBook()
    desk = newcomer(book)
    ticks = (to_datetime(BEGAN) + timedelta(minutes=n) for n in range(1, 1000))
    with TestClient(create_app(book, desk, clock=lambda: next(ticks))) as client:
        yield Visit(client, desk)


def question(page: str) -> str:
    found = re.search(r"<h1[^>]*>(.*?)</h1>", page)
    assert found is not None
    return found[1]


def test_a_newcomer_is_asked_where_to_write_and_told_what_for(visit: Visit) -> None:
    """The promise stands before the question, with the helper's title from the playbook."""
    page = visit.get()
    promise = page.index("your financial professional does not see it")
    assert promise < page.index("Where should updates reach you?")
    assert "Question 1 of at most 4" in page


def test_four_taps_and_it_is_done(visit: Visit) -> None:
    """Each answer is an event through the one door; the page then thanks, and leads on."""
    for answer in ("sms", "2", "5", "4"):
        moved = visit.say(answer=answer)
        assert (moved.status_code, moved.headers["location"]) == (303, PAGE)
    assert [list(p) for p in visit.told][:3] == [["P1"], ["A1"], ["I1"]]
    assert [list(p.values()) for p in visit.told] == [["sms"], [2], [5], [4]]
    assert question(visit.get()) == "That is all. Thank you."
    assert 'href="/t/token-nora"' in visit.get()


def test_what_is_skipped_is_passed_over_and_says_nothing(visit: Visit) -> None:
    """The next question comes, and no need has evidence."""
    visit.say(answer="")
    visit.say(answer="")
    assert visit.told == [{"P1": None}, {"A1": None}]
    assert visit.desk.book.states["nora"].needs == {}
    assert "Question 3 of at most 4" in visit.get()


def test_enough_is_enough_for_a_month(visit: Visit) -> None:
    """All that would have come is passed over, so that nobody asks again tomorrow."""
    visit.say(enough="1")
    assert len(visit.told[0]) == 4
    assert set(visit.told[0].values()) == {None}
    assert question(visit.get()) == "That is all."
    assert "/questions" not in visit.get("/t/token-nora")


def test_it_goes_on_where_it_was_left(visit: Visit) -> None:
    """Nothing is kept in the browser: another device sees the same question."""
    visit.say(answer="email")
    first = visit.get()
    assert "Question 2 of at most 4" in first
    assert question(visit.get()) == question(first)


def test_the_same_form_twice_answers_once(visit: Visit) -> None:
    """A double tap is a repeat of one event, also when its second half says something else."""
    form = visit.form()
    assert visit.post(form | {"answer": "sms"}).status_code == 303
    assert visit.post(form | {"answer": "email"}).status_code == 303
    assert visit.told == [{"P1": "sms"}]


def test_opening_a_link_with_an_answer_changes_nothing(visit: Visit) -> None:
    """Scanners open every link in a mail; only a form answers."""
    before = visit.desk.book.states["nora"]
    for answer in range(1, 6):
        page = visit.get(f"{PAGE}?item=A1&answer={answer}")
        assert f'class="primary" name="answer" value="{answer}"' in page
        assert "one-tap.js" in page
    assert visit.desk.book.states["nora"] is before


def test_an_item_that_was_answered_is_not_sent_by_itself_again(visit: Visit) -> None:
    """The link in an old mail shows the answer; a deliberate tap sends it, and corrects."""
    address = f"{PAGE}?item=A1&answer=4"
    visit.post(visit.form(address) | {"answer": "4"})
    page = visit.get(address)
    assert "one-tap.js" not in page
    assert "You have answered this already" in page
    visit.post(visit.form(address) | {"answer": "1"})
    assert visit.told == [{"A1": 4}, {"A1": 1}]


@pytest.mark.parametrize(
    "forged",
    [
        {"item": "A9", "answer": "3"},
        {"item": "A1", "answer": "6"},
        {"item": "A1", "answer": "DROP TABLE"},
        {"item": "P1", "answer": "fax"},
        {"item": "A1"},
        {"item": "A1", "answer": "3", "nonce": ""},
        {"item": "A1", "answer": "3", "nonce": "<script>"},
        {},
    ],
)
def test_what_our_form_cannot_say_is_refused_kindly(visit: Visit, forged: dict[str, str]) -> None:
    """A page with the way back, no event, no trace of what was sent."""
    refused = visit.post({"nonce": "abcdefgh"} | forged)
    assert refused.status_code == 400
    assert "This is not one of the answers" in refused.text
    assert "DROP" not in refused.text
    assert visit.told == []


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Origin": "https://evil.example"},
    ],
)
def test_another_site_cannot_answer(visit: Visit, headers: dict[str, str]) -> None:
    """Even one that knows the link; the customer is told what to do."""
    refused = visit.post(visit.form() | {"answer": "sms"}, **headers)
    assert refused.status_code == 403
    assert "It came from another website" in refused.text
    assert visit.told == []


@pytest.mark.parametrize(
    "headers",
    [{"Sec-Fetch-Site": "same-origin"}, {"Origin": "null"}, {"Origin": "http://testserver.local"}],
)
def test_our_own_form_may(visit: Visit, headers: dict[str, str]) -> None:
    """Pages without a referrer give their forms the origin null."""
    assert visit.post(visit.form() | {"answer": "sms"}, **headers).status_code == 303


def test_a_store_that_is_full_gives_a_kind_page(visit: Visit) -> None:
    """Nothing is lost that was there, and the way back leads to the same question."""
    visit.desk.fails = True
    refused = visit.say(answer="sms")
    assert refused.status_code == 503
    assert "try again in a minute" in refused.text
    visit.desk.fails = False
    assert visit.say(answer="sms").status_code == 303


def test_pages_that_only_show_take_no_answer() -> None:
    """A demo, or a folder that is read, has no door; it says so, without a fault."""
    book = FakeBook()
    newcomer(book)
    with TestClient(create_app(book)) as client:
        form = {"item": "P1", "answer": "sms", "nonce": "abcdefgh"}
        assert client.post(PAGE, data=form).status_code == 422


def test_a_link_that_leads_nowhere_says_so(visit: Visit) -> None:
    """Who has no journey here is asked nothing; forged and cut off look alike."""
    for address in ("/t/nobody/questions", "/t/token-angela/questions"):
        answer = visit.client.get(address)
        assert (answer.status_code, "This link does not open a page" in answer.text) == (404, True)
    assert visit.client.post("/t/nobody/questions", data={"item": "A1"}).status_code == 404


def test_the_last_question_can_be_looked_at_again(visit: Visit) -> None:
    """Back leads to it, and from the end to each of them."""
    visit.say(answer="sms")
    assert f'href="{PAGE}?item=P1"' in visit.get()
    again = visit.get(f"{PAGE}?item=P1")
    assert "Where should updates reach you?" in again
    assert "Question" not in again.partition("<main")[2]


def test_the_tracker_leads_to_the_questions_while_there_are_any(visit: Visit) -> None:
    """One quiet row; gone once everything is asked."""
    assert f'href="{PAGE}"' in visit.get("/t/token-nora")
    assert "/questions" not in visit.get("/t/token-angela")


def test_a_journey_that_is_over_asks_nothing(visit: Visit) -> None:
    """An answer to an open form is kept; nothing is promised for it."""
    form = visit.form()
    state = visit.desk.book.states["nora"]
    book = visit.desk.book
    book.states["nora"] = replace(
        state, journeys=(replace(state.journeys[0], status="ended", outcome="withdrawn"),)
    )
    assert "This has come to an end" in visit.get()
    assert visit.post(form | {"answer": "sms"}).status_code == 303
    page = visit.get()
    assert question(page) == "No more questions"
    assert "We have kept your answer." in page
    assert "message" not in page.partition("<main")[2]


def test_the_end_says_what_was_answered(visit: Visit) -> None:
    """Nothing, one, several: no thanks for what was not said, no promise that it counts."""
    counts = "What you told us counts from the next message on."
    visit.say(enough="1")
    page = visit.get()
    assert "You have not answered any question" in page
    assert "Look at the 4 questions again" in page
    assert counts not in page
    for item, said in (("A1", "We have kept your answer."), ("I1", "We have kept your 2 answers.")):
        visit.post(visit.form(f"{PAGE}?item={item}") | {"answer": "4"})
        assert f"{said} {counts}" in visit.get()


def test_how_often_to_write_is_kept_and_not_promised(visit: Visit) -> None:
    """It orders nothing yet, so that nobody is told it does."""
    visit.say(enough="1")
    visit.post(visit.form(f"{PAGE}?item=P2") | {"answer": "needed"})
    assert "We have kept your answer. You can change your mind" in visit.get()


def test_what_was_passed_over_is_not_called_answered(visit: Visit) -> None:
    """The link of an old mail shows the answer, and leaves it to the person to send it."""
    visit.say(enough="1")
    page = visit.get(f"{PAGE}?item=A1&answer=4")
    assert "You passed this question over" in page
    assert "answered this already" not in page
    assert "one-tap.js" not in page


@pytest.mark.parametrize("asked", ["DE", "de-AT", "De_ch"])
def test_a_language_is_asked_for_in_any_spelling(visit: Visit, asked: str) -> None:
    """And the next page is in it too."""
    page = visit.get(f"{PAGE}?lang={asked}")
    assert question(page) == "Wo sollen Neuigkeiten Sie erreichen?"
    assert "Diese Frage überspringen" in page
    assert 'name="lang" value="de"' in page


def test_the_journey_has_its_title_in_the_readers_language(visit: Visit) -> None:
    """As on the tracker; and the way back keeps the language that was chosen."""
    german = visit.get(f"{PAGE}?lang=de")
    assert '<p class="eyebrow">Antrag auf Lebensversicherung · ' in german
    visit.say(enough="1")
    assert 'href="/t/token-nora?lang=es"' in visit.get(f"{PAGE}?lang=es")


def test_nothing_is_kept_on_the_way(visit: Visit) -> None:
    """No cache, no referrer, no framing, and neither script nor style in the page."""
    answer = visit.client.get(f"{PAGE}?item=A1&answer=4")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["referrer-policy"] == "no-referrer"
    assert "<style" not in answer.text
    assert not re.search(r"<script(?! src=)|\son\w+=|style=", answer.text)
