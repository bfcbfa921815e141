"""The customer's own pages over plain HTTP: what they show, take, refuse, and put into force."""

import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from tests.golden_play import GOLDEN
from tests.web.secured import Browser, House

from ofone.domain.events import Happened
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, to_datetime
from ofone.sources.wire import parse_json

LINES = (GOLDEN / "angela" / "events.jsonl").read_bytes().splitlines()
EVENTS = [e for line in LINES if isinstance(e := parse_json(line, "angela"), Happened)]


class Visit:
    """Angela's browser without script, after the code: forms are sent as they stand on the page."""

    def __init__(self, place: Path) -> None:
        self.house = House(place)
        for event in EVENTS[:12]:
            assert self.house.app.engine.submit(event).status == "accepted"
        self.house.now = to_datetime(self.house.state("angela").now) + timedelta(hours=1)
        self.browser = Browser(self.house)
        self.path = self.house.path("angela")
        assert self.browser.proves(self.path, "angela").status_code == 303

    @property
    def state(self) -> CustomerState:
        return self.house.state("angela")

    @property
    def told(self) -> list[Happened]:
        """What came in by the door, but for the code."""
        return [e for e in self.house.told if not e.name.startswith("Code")]

    def get(self, part: str = "") -> str:
        answer = self.browser.get(f"{self.path}/you{part}")
        assert answer.status_code == 200
        return str(answer.text)

    def say(self, part: str = "", **said: str) -> Any:
        self.house.later(minutes=1)
        nonce = re.search(r'name="nonce" value="([^"]+)"', self.get(part.replace("/links", "")))
        assert nonce is not None
        return self.post(part, nonce=nonce[1], **said)

    def post(self, part: str, **said: str) -> Any:
        return self.browser.post(f"{self.path}/you{part}", said)


@pytest.fixture
def visit(tmp_path: Path) -> Iterator[Visit]:
    visit = Visit(tmp_path)
    yield visit
    visit.house.app.close()


def test_what_is_wished_holds_at_once_and_only_what_changed_is_told(visit: Visit) -> None:
    """One event with the two wishes that are new; the page then says that they hold."""
    moved = visit.say(channel="sms", cadence="weekly", hours="", days="", accompany="")
    assert (moved.status_code, moved.headers["location"]) == (303, f"{visit.path}/you?kept=1")
    assert visit.told[0].properties == {"channel": "sms", "cadence": "weekly"}
    page = visit.get("?kept=1")
    assert "It holds from now on." in page
    assert 'name="channel" value="sms" checked' in page


def test_a_wish_can_be_taken_back(visit: Visit) -> None:
    """“As you think best” is null: nothing is stated any more."""
    visit.say(channel="")
    assert visit.told[0].properties == {"channel": None}
    assert 'name="channel" value="" checked' in visit.get()


def test_less_and_more_are_one_press(visit: Visit) -> None:
    """Who wants less gets the brief approach from the next decision on."""
    visit.say(accompany="less")
    assert visit.state.profile.preferences["accompany"].value == "less"
    assert visit.state.journeys[0].approach == "brief"


def test_the_language_that_is_chosen_is_the_one_we_write_in(visit: Visit) -> None:
    """It is a trait like another, and the page itself answers in it."""
    visit.say(language="de")
    assert visit.state.profile.traits["language"].value == "de"
    assert '<html lang="de">' in visit.get()


def test_the_same_form_twice_says_it_once(visit: Visit) -> None:
    """A double tap is a repeat of one event."""
    for accompany in ("less", "more"):
        visit.post("", nonce="one-and-the-same", accompany=accompany)
    assert visit.state.profile.preferences["accompany"].value == "less"


@pytest.mark.parametrize(
    ("part", "forged"),
    [
        ("", {"channel": "pigeon"}),
        ("", {"hours": "25:00-26:00"}),
        ("", {"language": "xx"}),
        ("/beliefs", {"need": "money", "level": "more"}),
        ("/beliefs", {"need": "trust", "level": "13"}),
        ("/data", {"channel": "email", "purpose": "spying", "wording": "x", "do": "give"}),
        ("/data", {"channel": "email", "purpose": "service", "wording": "x", "do": "sell"}),
    ],
)
def test_what_the_pages_do_not_offer_is_refused(
    visit: Visit, part: str, forged: dict[str, str]
) -> None:
    """In words, with a way back; nothing is told."""
    answer = visit.say(part, **forged)
    assert answer.status_code == 400
    assert "nothing that this page offers" in answer.text
    assert visit.told == []


@pytest.mark.parametrize("part", ["", "/beliefs", "/data"])
def test_another_website_says_nothing_in_her_name(visit: Visit, part: str) -> None:
    """The link is the key; where the form comes from is the second lock."""
    sent = {"nonce": "12345678", "accompany": "less", "need": "trust", "level": "less"}
    headers = {"sec-fetch-site": "cross-site"}
    answer = visit.browser.post(f"{visit.path}/you{part}", sent, **headers)
    assert (answer.status_code, visit.told) == (403, [])


def test_every_message_is_there_with_its_reason(visit: Visit) -> None:
    """What was believed, why by this way, and what it could have been instead."""
    page = visit.get("/messages")
    assert "Your application, step by step" in page
    assert "Reassurance (more than most people)" in page
    assert "A message that explains, and says what comes next." in page
    assert "You asked for it." in page
    assert "A message of a line or two" in page


def test_a_belief_names_what_it_rests_on(visit: Visit) -> None:
    """Her own answers in the words of the questions, and the hints in the playbook's."""
    page = visit.get("/beliefs")
    assert "Probably more than most people; we are not certain." in page
    assert "How much is the health assessment on your mind?" in page
    assert "Not known yet." in page
    assert "0." not in page.split('class="course"')[0].split("</head>")[1]


def test_her_own_word_overrides_and_can_be_taken_back(visit: Visit) -> None:
    """At once: the next step is accompanied by what she said."""
    visit.say("/beliefs", need="reassurance", level="less")
    assert "You said: less than most people." in visit.get("/beliefs")
    visit.say("/beliefs", need="reassurance", level="open")
    assert "You said" not in visit.get("/beliefs")


def test_beliefs_can_be_switched_off_and_on(visit: Visit) -> None:
    """Off is the standard service, from the next decision on."""
    visit.say("/beliefs", personalisation="off")
    assert visit.state.journeys[0].approach == "standard"
    assert "We use none of this now" in visit.get("/beliefs")
    visit.say("/beliefs", personalisation="on")
    assert visit.state.journeys[0].approach == "reassuring"


def test_a_consent_is_taken_back_with_the_words_that_stood_there(visit: Visit) -> None:
    """The ledger then shows both words, the old one as replaced."""
    said = {"channel": "email", "purpose": "service", "wording": "Do not write.", "do": "withdraw"}
    visit.say("/data", **said)
    page = visit.get("/data")
    assert "Do not write by e-mail" in page
    assert "replaced since" in page
    assert not visit.state.profile.consents["email:service"].granted


def test_a_week_of_peace_ends_by_itself_or_by_a_press(visit: Visit) -> None:
    """The page says until when, and offers the way back."""
    pause = re.search(r'name="pause" value="([^"]+)"', visit.get())
    assert pause is not None
    visit.say(pause=pause[1])
    assert "We are quiet until" in visit.get()
    visit.say(pause="")
    assert "We are quiet until" not in visit.get()
    assert visit.state.now < EVENTS[11].at + 9 * DAY


@pytest.mark.parametrize("part", ["/messages", "/beliefs", "/data", "/data/erase"])
def test_what_is_personal_needs_the_code(visit: Visit, part: str) -> None:
    """Who only has the link is led to where a code is asked for; how we write needs none."""
    stranger = Browser(visit.house)
    answer = stranger.get(f"{visit.path}/you{part}")
    assert (answer.status_code, "/code?next=" in answer.headers["location"]) == (303, True)
    assert stranger.get(f"{visit.path}/you").status_code == 200


def test_old_links_become_useless_and_a_new_one_is_sent(visit: Visit) -> None:
    """The page that is open ends as well; the mail has another address that opens it."""
    moved = visit.say("/data/links")
    assert (moved.status_code, moved.headers["location"]) == (303, f"{visit.path}?sent=1")
    assert visit.browser.get(visit.path).status_code == 410
    fresh = visit.house.path("angela")
    assert fresh in visit.house.sent("angela").text
    assert visit.browser.get(fresh).status_code == 200


def test_nothing_is_erased_without_the_second_answer(visit: Visit) -> None:
    """The form as it stands asks for both; half of it is no wish."""
    assert visit.say("/data/erase", do="erase").status_code == 400
    assert visit.say("/data/erase", sure="1").status_code == 400
    assert visit.told == []


def test_after_both_answers_nobody_is_there(visit: Visit) -> None:
    """The page says so, the link opens nothing, and no state is left."""
    answer = visit.say("/data/erase", sure="1", do="erase")
    assert answer.status_code == 200
    assert "Everything about you here is erased." in answer.text
    assert visit.browser.get(visit.path).status_code in (404, 410)
    assert visit.house.app.engine.get("angela") is None


def test_all_of_it_can_be_taken_along(visit: Visit) -> None:
    """One file that a program reads and a person too, with what she said and what was sent."""
    answer = visit.browser.get(f"{visit.path}/you/data/download.json")
    assert answer.headers["content-disposition"] == 'attachment; filename="my-data.json"'
    assert answer.json()["customer"] == "angela"
    assert "Your application, step by step" in answer.text
    assert answer.text.count("\n") > 100
