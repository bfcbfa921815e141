"""Pages over a fake book: they render, they escape, and they say what works when they refuse."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from litestar import Litestar, get
from litestar.testing import TestClient
from tests.runtime.test_show import anna
from tests.web.fake import STORY, FakeBook, record

from ofone.web.pages import create_app, segment

NOW = datetime(2026, 5, 20, 15, 0, tzinfo=UTC)
NASTY = [
    "<script>alert(1)</script>",
    "\u202eAngela\u202c \u200f",
    "\N{FAMILY}" * 2_500,
    '"><img src=x onerror=alert(1)>',
]
PATHS = [
    "/",
    "/demo",
    "/mailbox",
    "/mailbox?who=martin",
    "/t/token-angela",
    "/t/token-adaya",
    "/customers",
    "/customers/angela",
]


@get("/broken", sync_to_thread=False)
def broken() -> None:
    raise RuntimeError("the disk is full of secrets")


def client_of(book: FakeBook) -> TestClient[Litestar]:
    app = create_app(book, clock=lambda: NOW, more=[broken])
    return TestClient(app, raise_server_exceptions=False)


@pytest.fixture(scope="module")
def client() -> Iterator[TestClient[Litestar]]:
    with client_of(FakeBook()) as made:
        yield made


@pytest.fixture
def renamed(request: pytest.FixtureRequest) -> Iterator[TestClient[Litestar]]:
    book = FakeBook()
    person: dict[str, Any] = record(STORY["customers"][0])
    person["traits"]["name"] = request.param
    person["journeys"][0]["steps"][0]["title"] = request.param
    person["deliveries"] = [
        d | {"subject": request.param, "text": request.param} for d in person["deliveries"]
    ]
    book.records["angela"] = person
    with client_of(book) as made:
        yield made


@pytest.mark.parametrize("path", PATHS)
def test_every_page_renders(client: TestClient[Litestar], path: str) -> None:
    """Whole, with one main heading or a script that writes it, and nothing undefined."""
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.text.count("<h1") == 1
    assert "None" not in answer.text.replace("None yet", "")


@pytest.mark.parametrize("path", [*PATHS, "/static/tracker.css", "/demo/story.json", "/nowhere"])
def test_every_answer_is_guarded(client: TestClient[Litestar], path: str) -> None:
    """Own files only, no inline script or style, no referrer, no sniffing, no framing."""
    headers = client.get(path).headers
    policy = headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert headers["referrer-policy"] == "no-referrer"
    assert headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("path", PATHS)
def test_pages_need_no_inline_script_or_style(client: TestClient[Litestar], path: str) -> None:
    """The policy would refuse them; so none may be written."""
    text = client.get(path).text
    assert "style=" not in text
    assert "<style" not in text
    assert "javascript:" not in text
    assert "<script>" not in text


@pytest.mark.parametrize("path", [p for p in PATHS if p != "/demo"])
@pytest.mark.parametrize("renamed", NASTY, indirect=True)
def test_names_are_text_whatever_they_hold(renamed: TestClient[Litestar], path: str) -> None:
    """Markup is escaped, directions are isolated, and a long name stays a label."""
    answer = renamed.get(path)
    assert answer.status_code == 200
    assert "<script>alert" not in answer.text
    assert "<img" not in answer.text
    for shown in answer.text.split("\u202e")[:-1]:
        assert "\N{FAMILY}" * 100 not in shown


@pytest.mark.parametrize("renamed", [NASTY[2]], indirect=True)
def test_a_long_name_is_shortened_where_it_labels(renamed: TestClient[Litestar]) -> None:
    """Ten kilobytes of emoji are one label with an ellipsis."""
    assert "\N{FAMILY}" * 81 not in renamed.get("/customers").text


def test_a_quiet_tracker_shows_its_sentence_and_one_link(client: TestClient[Litestar]) -> None:
    """The rest waits behind it, without script."""
    front, quiet = client.get("/t/token-angela").text, client.get("/t/token-adaya").text
    assert "<details" in quiet
    assert "Show all the steps" in quiet
    assert "<details" not in front


def test_a_wrong_tracker_link_says_what_helps(client: TestClient[Litestar]) -> None:
    """A calm page for a customer: no jargon, no way into the staff's pages."""
    answer = client.get("/t/guess")
    assert answer.status_code == 404
    assert "newest message" in answer.text
    assert "/customers" not in answer.text


def test_a_journey_that_is_not_there_is_not_found() -> None:
    """An index outside the customer's journeys is a wrong link, not a failure."""
    book = FakeBook()
    book.records["angela"]["journeys"] = []
    with client_of(book) as client:
        assert client.get("/t/token-angela").status_code == 404


@pytest.mark.parametrize("path", ["/nowhere", "/customers/nobody", "/mailbox?who=nobody"])
def test_a_page_that_is_not_there_offers_others(client: TestClient[Litestar], path: str) -> None:
    """404 with the ways on."""
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'href="/mailbox"' in answer.text


def test_a_failure_keeps_its_reason_for_the_log(client: TestClient[Litestar]) -> None:
    """The reader learns that it is not their doing; the secret stays here."""
    answer = client.get("/broken")
    assert answer.status_code == 500
    assert "Something failed here." in answer.text
    assert "secrets" not in answer.text


def test_a_program_gets_its_error_as_json(client: TestClient[Litestar]) -> None:
    """Asked for JSON alone, the answer is JSON."""
    answer = client.get("/customers/nobody", headers={"accept": "application/json"})
    assert answer.json() == {"status": 404, "detail": "no customer 'nobody'"}


@pytest.mark.parametrize("accept", ["text/html", "*/*", "application/json"])
@pytest.mark.parametrize(("path", "status"), [("/v1/nowhere", 404), ("/v1/broken", 500)])
def test_programs_are_told_their_problem_as_json(path: str, status: int, accept: str) -> None:
    """Under /v1/ whatever they accept (RFC 9457), and no secret in it."""
    failing = get("/v1/broken", sync_to_thread=False)(broken.fn)
    app = create_app(FakeBook(), clock=lambda: NOW, more=[failing])
    with TestClient(app, raise_server_exceptions=False) as client:
        answer = client.get(path, headers={"accept": accept})
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert set(answer.json()) == {"type", "title", "status", "detail"}
    assert (answer.status_code, answer.json()["status"]) == (status, status)
    assert "secrets" not in answer.text


def test_a_customer_is_found_by_id() -> None:
    """The search leads to the page, whatever the id holds, or says that nobody has it."""
    book = FakeBook()
    book.records["a/b"] = book.records["angela"]
    with client_of(book) as client:
        found = client.get("/customers?find=a%2Fb", follow_redirects=False)
        assert (found.status_code, found.headers["location"]) == (
            303,
            f"/customers/{segment('a/b')}",
        )
        assert "Nobody has the id" in client.get("/customers?find=nobody").text


def test_the_list_names_steps_by_their_titles(client: TestClient[Litestar]) -> None:
    """And not by what the playbook calls them inside."""
    shown = client.get("/customers").text
    current = record(STORY["customers"][0])["journeys"][0]
    title = next(s["title"] for s in current["steps"] if s["id"] == current["step"])
    assert title in shown
    assert current["step"] not in shown


def test_a_list_that_is_cut_says_so(client: TestClient[Litestar]) -> None:
    """Two hundred of five thousand is not everybody."""
    book = FakeBook()
    book.count = lambda: 5_000  # type: ignore[method-assign]
    with client_of(book) as cut:
        assert "The 2 newest of 5,000." in cut.get("/customers").text
    assert "newest of" not in client.get("/customers").text


def test_a_tracker_says_whom_to_ask() -> None:
    """The person beside the customer where there is one, a reply where there is none."""
    book = FakeBook()
    book.records["adaya"]["traits"] |= {"advisor_id": "m", "advisor_name": "Martin Okafor"}
    with client_of(book) as client:
        assert "<bdi>Martin Okafor</bdi>" in client.get("/t/token-adaya").text
        assert "a person will answer" in client.get("/t/token-angela").text


@pytest.mark.parametrize("path", ["/mailbox/angela:1:0/html", "/demo/mail/angela:1:0"])
def test_a_mail_is_shown_in_a_cage(client: TestClient[Litestar], path: str) -> None:
    """Its own inline styles and nothing else: no script, no form, no picture from elsewhere."""
    answer = client.get(path)
    policy = answer.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups" in policy
    assert "allow-scripts" not in policy
    assert answer.text.lower().startswith("<!doctype")


def test_a_mail_without_html_is_its_text() -> None:
    """The text part is the alternative, escaped."""
    book = FakeBook()
    mail = next(d for d in book.records["angela"]["deliveries"] if d["channel"] == "email")
    mail |= {"html": "", "text": "1 < 2"}
    with client_of(book) as client:
        assert "1 &lt; 2" in client.get(f"/mailbox/{mail['key']}/html").text


@pytest.mark.parametrize("identifier", ["auth0|7", "a/b", "50%", "ünï cödé", "../x", "a?b#c"])
def test_any_identifier_has_a_page(identifier: str) -> None:
    """Sources choose identifiers; a slash or a percent sign must not open another page."""
    book = FakeBook()
    book.records[identifier] = book.records["angela"]
    with client_of(book) as client:
        answer = client.get(f"/customers/{segment(identifier)}")
        assert answer.status_code == 200
        assert f'href="/customers/{segment(identifier)}"' in client.get("/customers").text


@pytest.mark.parametrize("path", ["/", "/mailbox", "/customers"])
def test_an_empty_house_says_how_to_begin(path: str) -> None:
    """Nothing stored, nothing sent, no story: still a page."""
    with client_of(FakeBook(story=None)) as client:
        assert client.get(path).status_code == 200
        assert client.get("/demo").status_code == 404


def test_the_menu_leads_to_the_demo_only_where_there_is_one() -> None:
    """Nothing in it leads nowhere."""
    found = []
    for told in (STORY, None):
        with client_of(FakeBook(story=told)) as client:
            found.append('href="/demo"' in client.get("/mailbox").text)
    assert found == [True, False]


def test_the_front_door_says_how_many_dead_letters_wait() -> None:
    """And by which command they are read; where none waits, nothing is said."""
    book = FakeBook()
    with client_of(book) as client:
        assert "dead letter" not in client.get("/").text
        book.dead = 3
        page = client.get("/").text
    assert "3 dead letters wait" in page
    assert "ofone dead-letters list" in page


def test_a_long_seed_reaches_the_browser_whole() -> None:
    """A browser rounds integers above 2^53, and a rounded seed proves nothing."""
    told = STORY | {"customers": [{"id": "a", "name": "A", "decisions": [{"seed": 2**62 + 1}]}]}
    book = FakeBook()
    book.told = told
    with client_of(book) as client:
        decision = client.get("/demo/story.json").json()["customers"][0]["decisions"][0]
    assert decision["seed"] == str(2**62 + 1)


def test_a_replayed_record_is_drawn_for_its_own_moment() -> None:
    """A story of last spring must not look late today."""
    book = FakeBook()
    with client_of(book) as client:
        late = client.get("/t/token-adaya").text
        book.records["adaya"]["now"] = "2026-03-14T12:00:00Z"
        assert "taking longer" in late
        assert "taking longer" not in client.get("/t/token-adaya").text


def test_the_story_is_served_as_it_is_told(client: TestClient[Litestar]) -> None:
    """The page adds nothing to what the engine decided."""
    assert client.get("/demo/story.json").json() == STORY


def test_staff_see_what_the_customer_asked_for() -> None:
    """An agent who is asked why nothing was written reads why."""
    book = FakeBook()
    stated = {"pause": "2026-05-01T09:00:00+02:00", "personalisation": False}
    book.records["angela"]["consents"] = {"email:service": {"granted": False}}
    book.records["angela"]["preferences"] = anna()["preferences"] | {"stated": stated}
    with TestClient(create_app(book)) as client:
        page = client.get("/customers/angela").text
    assert "Asked for" in page
    assert "nothing is sent until 2026-05-01 09:00+02:00" in page
    assert "off, so the standard service" in page
    assert "email for service" in page


def test_staff_see_what_helpers_were_told_and_whether_it_came_there() -> None:
    """Also that it waits on a page, because no address is known."""
    book = FakeBook()
    told = {"key": "k", "helper": "advisor-7", "kind": "tip", "step": "exam", "channel": "helper"}
    told |= {"at": "2026-03-10T14:00:00Z", "subject": "A tip", "status": "delivered", "detail": ""}
    book.records["angela"]["helpers"] = [told | {"to": None}, told | {"to": "m@alder.example"}]
    with TestClient(create_app(book)) as client:
        page = client.get("/customers/angela").text
    assert "Told to helpers" in page
    assert "on their page; no address is known" in page
    assert "m@alder.example" in page
