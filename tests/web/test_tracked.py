"""The tracker over plain HTTP: what changed, whom to reach, its JSON and its fragment."""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from litestar import Litestar
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.web.trackers import NOW, Trackers, steps, tracked

from ofone.journeys.playbook import Contact, StepWords
from ofone.runtime.tracking import Note, Reach
from ofone.web.headers import Site
from ofone.web.live import Streams
from ofone.web.pages import create_app
from ofone.web.ports import NoDevices
from ofone.web.tracked import visit, ways

SEEN = int((NOW - timedelta(days=4)).timestamp())
FIRST_LOAD = 60_000


@pytest.fixture(scope="module")
def book() -> Trackers:
    return Trackers()


@pytest.fixture
def client(book: Trackers) -> Iterator[TestClient[Litestar]]:
    site = Site(embed_on="https://www.example.com")
    with TestClient(create_app(book, clock=lambda: NOW, site=site)) as made:
        yield made


def page(client: TestClient[Litestar], name: str, *, seen: str = "", lang: str = "en") -> str:
    return client.get(
        f"/t/token-{name}?lang={lang}", headers={"Cookie": f"seen={seen}"} if seen else {}
    ).text


def test_the_first_look_tells_of_nothing_new(client: TestClient[Litestar]) -> None:
    """There was no visit before it."""
    assert 'id="changes"' not in page(client, "appointment")


def test_what_moved_since_the_last_visit_is_said(client: TestClient[Litestar]) -> None:
    """The appointment and the message that came since; not the step that was done before."""
    said = page(client, "appointment", seen=f"0.{SEEN}")
    assert "New since you were here on Wednesday, March\u00a018:" in said
    assert "Your health assessment: now on Tuesday, March\u00a024 at 10:20\u00a0AM" in said
    assert "1 new message" in said
    assert said.count('<article class="fresh">') == 1
    assert "Your signature: done" not in said


def test_that_nothing_changed_is_said_too(client: TestClient[Litestar]) -> None:
    """Plainly: so nobody looks for it."""
    said = page(client, "waiting", seen=f"0.{int(NOW.timestamp()) - 3 * 3600}")
    assert "Nothing has changed since you were here on Sunday, March\u00a022." in said


def at(minutes: float) -> datetime:
    return NOW + timedelta(minutes=minutes)


def test_a_visit_lasts_as_long_as_somebody_looks() -> None:
    """Thirty minutes without a look end it; what was new stays new until then."""
    first, cookie = visit("", at(0))
    second, cookie = visit(cookie, at(20))
    third, cookie = visit(cookie, at(40))
    assert (first, second, third) == (None, None, None)
    back, cookie = visit(cookie, at(100))
    assert back == at(40)
    again, _ = visit(cookie, at(110))
    assert again == at(40)


@pytest.mark.parametrize("cookie", ["", "x", "1.2.3", "-1.5", "9.1", "99999999999.1", "0.0"])
def test_a_cookie_that_is_none_of_ours_counts_as_a_first_visit(cookie: str) -> None:
    """Also one from the future: clocks are put back."""
    assert visit(cookie, at(0))[0] is None
    assert visit(f"0.{int(at(9).timestamp())}", at(0))[0] is None


def test_the_cookie_goes_nowhere_else(client: TestClient[Litestar]) -> None:
    """It holds two moments, is read by this page alone, and no script sees it."""
    said = client.get("/t/token-quiet").headers["set-cookie"]
    assert said.startswith(f"seen=0.{int(NOW.timestamp())}; Path=/t/token-quiet; ")
    assert {"HttpOnly", "SameSite=Lax"} <= set(said.split("; "))


@pytest.mark.parametrize(
    ("person", "contact", "taps"),
    [
        (Reach(name="M", phone="+1 (212) 555-0142"), None, [("phone", "tel:+12125550142")]),
        (Reach(name="M", email="m@x.example"), None, [("email", "mailto:m@x.example")]),
        (
            Reach(name="M", email="m@x.example"),
            Contact(phone="112", email="us@x.example", url="https://x.example/c"),
            [("email", "mailto:m@x.example"), ("our phone", "tel:112")],
        ),
        (
            Reach(name="M", phone="113"),
            Contact(phone="112"),
            [("phone", "tel:113")],
        ),
        (Reach(name="M"), Contact(phone="112"), [("our phone", "tel:112")]),
        (None, Contact(url="https://x.example/c"), [("our page", "https://x.example/c")]),
        (Reach(name="M", phone="call me", email="x?subject=<b>"), None, []),
        (None, None, []),
    ],
)
def test_one_tap_reaches_a_person(
    person: Reach | None, contact: Contact | None, taps: list[tuple[str, str]]
) -> None:
    """The helper first, else the company; what is no address gives no tap."""
    assert ways(tracked([], person=person, contact=contact)) == taps


def test_the_hours_stand_beside_the_companys_number_in_the_readers_language(
    client: TestClient[Litestar], book: Trackers
) -> None:
    """Where nobody wrote them, in the playbook's, and marked so; a helper's number has none."""
    ours = Contact(phone="112", hours="Mon to Fri", hours_in={"de": "Mo bis Fr"})
    mailed = Reach(name="M", email="m@x.example")
    book.cases["mailed"] = tracked(steps(2), person=mailed, contact=ours)
    book.cases["called"] = tracked(steps(2), person=Reach(name="M", phone="113"), contact=ours)
    book.records |= dict.fromkeys(("mailed", "called"), book.records["moved"])
    assert '<p class="quiet">Mo bis Fr</p>' in page(client, "mailed", lang="de")
    assert '<p class="quiet" lang="en">Mon to Fri</p>' in page(client, "mailed", lang="fr")
    assert "Mon to Fri" not in page(client, "called")


def test_the_chosen_language_goes_along_to_the_questions(client: TestClient[Litestar]) -> None:
    """Who switched it did so for all that follows."""
    assert 'href="/t/token-begun/questions?lang=fr"' in page(client, "begun", lang="fr")
    bare = client.get("/t/token-begun").text
    assert 'href="/t/token-begun/questions"' in bare


def test_nothing_needed_is_said_plainly(client: TestClient[Litestar]) -> None:
    """Waiting is easier for those who know that it is all they have to do."""
    assert "Nothing is needed from you now." in page(client, "moved")
    assert "Nothing is needed from you now." not in page(client, "appointment")


def test_what_the_customer_does_is_one_tap_away(
    client: TestClient[Litestar], book: Trackers
) -> None:
    """At the current step alone, in the reader's words, and the other side learns of no page."""
    found = steps(2)
    for step in found:
        step["act"] = {"title": "Choose a time", "url": "https://book.example/A?a=1&b=2"}
        words = StepWords(title="Ihr Termin", happens="…", you_do="…", act="Termin wählen")
        step["says"] = {"de": words}
    book.cases["button"] = tracked(found)
    book.records["button"] = book.records["moved"]
    link = '<a class="primary" href="https://book.example/A?a=1&amp;b=2" rel="noreferrer"'
    assert page(client, "button").count(f"{link}>Choose a time</a>") == 1
    assert f"{link}>Termin wählen</a>" in page(client, "button", lang="de")
    assert f'{link} target="_blank" lang="en">' in page(client, "button/fragment", lang="fr")


def test_the_page_speaks_the_customers_language(
    client: TestClient[Litestar], book: Trackers
) -> None:
    """Sentence, steps and dates; asked for, stated, or what the browser accepts."""
    german = page(client, "moved", lang="de")
    assert "Voraussichtlich zwischen 24.\u00a0März und 27.\u00a0März" in german
    assert "das Labor ist noch nicht fertig" in german
    accepted = client.get("/t/token-moved", headers={"Accept-Language": "fr-CH, en;q=0.5"}).text
    assert '<html lang="fr">' in accepted
    book.cases["stated"] = replace(book.cases["moved"], language="es")
    book.records["stated"] = book.records["moved"]
    assert "Ahora no tiene que hacer nada." in client.get("/t/token-stated").text


def test_words_that_have_no_translation_say_which_language_they_are(
    client: TestClient[Litestar],
) -> None:
    """A screen reader must not read English as if it were German."""
    assert '<h2 lang="en">Your application 15</h2>' in page(client, "forty", lang="de")
    assert '<h2 lang="en">' not in page(client, "waiting", lang="de")


def test_what_strangers_wrote_is_text(client: TestClient[Litestar], book: Trackers) -> None:
    """Names, titles, messages, numbers: escaped, isolated, and shortened where they label."""
    bad = '<script>alert(1)</script>"><img src=x> \u202e'
    step = {"id": bad, "title": bad * 90, "status": "current", "happens": bad, "who": bad}
    book.cases["bad"] = tracked(
        [step | {"you_do": bad, "appointment": "2026-03-24T14:20:00Z"}],
        title=bad,
        company=bad,
        name=bad * 200,
        person=Reach(name=bad, title=bad, phone=bad, email=bad),
        notes=(Note(at="2026-03-20T10:00:00Z", subject=bad, text=bad),),
    )
    book.records["bad"] = book.records["quiet"]
    for path in ("", "/fragment"):
        said = client.get(f"/t/token-bad{path}").text
        assert "<script>alert" not in said
        assert "<img" not in said
        assert len(said) < 20_000
        assert "\u202e" not in said[said.index("<h1") if "<h1" in said else 0 :][:400]


def test_the_first_load_is_small(book: Trackers) -> None:
    """Page, styles, scripts and icons, on a train: under 60 KB in all, without compression."""
    app = create_app(book, devices=NoDevices(), streams=Streams(), clock=lambda: NOW)
    client = TestClient(app)
    said = page(client, "appointment", seen=f"0.{SEEN}")
    links = {
        part.split('"')[0]
        for name in ('href="/static/', 'src="/static/')
        for part in said.split(name)[1:]
    }
    assert links
    files = [client.get(f"/static/{link}") for link in links]
    assert all(file.status_code == 200 for file in files)
    total = len(said.encode()) + sum(len(file.content) for file in files)
    assert 20_000 < total < FIRST_LOAD


def test_a_style_is_kept_by_its_content(client: TestClient[Litestar]) -> None:
    """The second visit loads the page alone; a style that changed has another address."""
    said = page(client, "quiet")
    style = said.split('href="/static/tracker.css')[1].split('"')[0]
    assert style.startswith("?v=")
    kept = client.get(f"/static/tracker.css{style}").headers["cache-control"]
    assert "immutable" in kept
    assert client.get("/static/tracker.css").headers["cache-control"] == "no-store"


def test_the_status_is_there_for_the_companys_own_site(client: TestClient[Litestar]) -> None:
    """The same words as the page, and nobody's name."""
    answer = client.get("/t/token-appointment/status.json?lang=de")
    said = answer.json()
    assert set(said) == {"at", "language", "status", "sentence", "end", "next", "steps"}
    assert set(said["steps"][0]) == {"title", "status", "words", "needs_you", "from", "to"}
    assert (said["language"], said["status"]) == ("de", "active")
    assert said["next"]["title"] == "Ihre Gesundheitsprüfung"
    assert said["next"]["needs_you"] is True
    assert "Angela" not in json.dumps(said)
    assert "Okafor" not in json.dumps(said)


def test_a_journey_that_is_over_has_no_next_step(client: TestClient[Litestar]) -> None:
    """Nor any that will not come."""
    said = client.get("/t/token-ended/status.json").json()
    assert (said["status"], said["next"]) == ("ended", None)
    assert {s["status"] for s in said["steps"]} == {"done"}


def test_the_fragment_may_be_framed_where_the_company_says(client: TestClient[Litestar]) -> None:
    """There and nowhere else; the page itself never."""
    answer = client.get("/t/token-appointment/fragment")
    assert "frame-ancestors https://www.example.com" in answer.headers["content-security-policy"]
    assert 'target="_blank"' in answer.text
    assert "Angela" not in answer.text
    whole = client.get("/t/token-appointment")
    assert "frame-ancestors 'none'" in whole.headers["content-security-policy"]


@pytest.mark.parametrize("path", ["", "/status.json", "/fragment"])
def test_a_link_that_is_none_opens_nothing(client: TestClient[Litestar], path: str) -> None:
    """Whatever was asked for."""
    assert client.get(f"/t/guess{path}").status_code == 404
