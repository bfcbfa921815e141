"""The tracker's link: who holds it sees one journey, for a time, and nobody else sees anything."""

import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from tests.web.secured import Browser, House

from ofone.domain.times import to_micros
from ofone.profiles.fold import LINKS_REVOKED

ALPHABET = string.ascii_letters + string.digits + "-_"


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.app.close()


def test_no_single_changed_character_opens_anything(house: House) -> None:
    """All 24 places, all 63 other characters: each is another link, and none of ours."""
    path = house.enters("anna")
    token = path.removeprefix("/t/")
    forged = [
        token[:n] + other + token[n + 1 :]
        for n in range(len(token))
        for other in ALPHABET
        if other != token[n]
    ]
    assert len(forged) == 24 * 63
    assert [t for t in forged if house.book.opened(t, house.now) is not None] == []
    assert house.book.by_link(token) == ("anna", 0)


@pytest.mark.parametrize(
    "token", ["", "x", "../..", "%00", "a" * 24, "ä" * 24, "a" * 10_000, "' OR 1=1 --", "٣" * 24]
)
def test_what_is_no_token_is_not_even_looked_up(house: House, token: str) -> None:
    """Neither cut off nor enormous, in whatever script."""
    house.enters("anna")
    assert house.book.opened(token, house.now) is None
    assert house.book.door(token, house.now) is None


def test_a_forged_link_with_another_end_opens_nothing(house: House) -> None:
    """The day it ends is in the link, and signed with it."""
    token = house.enters("anna").removeprefix("/t/")
    forged = f"{token[:-3]}{'___'}"
    assert forged != token
    assert house.book.opened(forged, house.now) is None


def test_a_link_ends_and_says_nothing_of_whose_it_was(house: House) -> None:
    """Half a year, and up to a month more; then a kind page, in the browser's language."""
    browser, path = Browser(house), house.enters("anna", language="fr")
    house.later(days=179)
    assert browser.get(path).status_code == 200
    house.later(days=32)
    gone = browser.get(path, **{"accept-language": "de"})
    assert gone.status_code == 410
    assert "Dieser Link ist abgelaufen" in gone.text
    for word in ("Anna", "Reed", "example.org", "5550123", "anna", "A-1"):
        assert word not in gone.text


def test_a_link_that_ended_ends_every_page_behind_it(house: House) -> None:
    """No page below it is forgotten, and nothing that is sent there is taken."""
    browser, path = Browser(house), house.enters("anna")
    house.later(days=300)
    for route in house.pages.routes:
        address = route.path_format.replace("{token}", path[3:]).replace("{step}.ics", "visit.ics")
        if route.path_format.startswith("/t/") and not address.endswith("/renew"):
            assert browser.get(address).status_code in (405, 410), address
            assert browser.post(address, {"answer": "sms"}).status_code in (405, 410), address
    assert house.told == []


def test_one_press_sends_a_new_link_to_the_address_we_know(house: House) -> None:
    """And the new one opens the page; the old one stays as it is."""
    browser, path = Browser(house), house.enters("anna")
    house.later(days=300)
    sent = browser.post(f"{path}/renew", {"send": "email", "nonce": "abcdefgh", "email": "x@y.z"})
    assert sent.status_code == 303
    assert "A new link is on its way" in browser.get(sent.headers["location"]).text
    mail = house.sent("anna")
    assert (mail.address, mail.subject) == ("anna@example.org", "The new link to your page")
    assert house.path("anna") in mail.text
    assert (browser.get(house.path("anna")).status_code, browser.get(path).status_code) == (
        200,
        410,
    )


def test_revoked_links_open_nothing_from_now_on(house: House) -> None:
    """A new one does; revoking twice, or late, makes no old one good again."""
    browser, path = Browser(house), house.enters("anna")
    house.later(minutes=1)
    house.says("anna", LINKS_REVOKED)
    new = house.path("anna")
    assert (browser.get(path).status_code, browser.get(new).status_code) == (410, 200)
    house.later(minutes=1)
    house.says("anna", LINKS_REVOKED)
    assert [browser.get(p).status_code for p in (path, new, house.path("anna"))] == [410, 410, 200]


def test_a_link_is_the_same_for_a_month(house: House) -> None:
    """A message that is rendered again names the same one, and few are to be remembered."""
    path = house.enters("anna")
    anna = house.state("anna")
    made = {
        house.app.links.token(anna, 0, to_micros(house.now) + day * 86_400_000_000)
        for day in range(360)
    }
    assert path[3:] in made
    assert len(made) in (12, 13)


def test_a_link_opens_one_journey_of_one_customer(house: House) -> None:
    """Others' links differ in every part that is signed."""
    anna, ben = house.enters("anna"), house.enters("ben")
    assert anna[3:21] != ben[3:21]
    assert house.book.by_link(anna[3:]) == ("anna", 0)
    assert house.book.by_link(ben[3:]) == ("ben", 0)
    assert house.app.links.token(house.state("anna"), 1, 0) != anna[3:]
    assert house.book.opened(house.app.links.token(house.state("anna"), 7, 0), house.now) is None


def test_no_kind_of_link_opens_what_another_one_does(house: House) -> None:
    """Trackers, ways out, letters, threads and helpers' pages: each opens its own door alone."""
    browser, tracker = Browser(house), house.enters("anna")[3:]
    links = house.app.links
    others = [
        links.leave("anna", "email", "service").rpartition("/")[2],
        links.letter("anna", "anna:2:0"),
        links.thread("anna", 0),
        links.helper("martin").rpartition("/")[2],
        links.appointment("anna", 0, "visit"),
        links.seal("proof", tracker, "1"),
    ]
    assert [browser.get(f"/t/{t}").status_code for t in others] == [404] * 6
    assert [browser.get(f"/{kind}/{tracker}").status_code for kind in "hu"] == [404, 404]


def test_guessing_is_slow_and_keeps_nobody_out(house: House) -> None:
    """Thirty misses from one place, then two seconds each; a good link opens all the while."""
    browser, path = Browser(house), house.enters("anna")
    said = [browser.get(f"/t/{'x' * 22}{n:02d}").status_code for n in range(40)]
    assert said == [404] * 30 + [429] * 10
    waits = browser.get("/h/nobody")
    assert (waits.status_code, waits.headers["retry-after"]) == (429, "2")
    assert "You can go on in" in browser.get("/t/nobody").text
    assert browser.get(path).status_code == 200
    house.later(seconds=2)
    assert browser.get("/t/nobody").status_code == 404


def test_a_token_is_in_no_log(house: House, caplog: pytest.LogCaptureFixture) -> None:
    """Not where a page fails either: the log has the route, and not the path."""
    browser, path = Browser(house), house.enters("anna")
    house.app.store.close()
    assert browser.get(path).status_code == 500
    ours = "\n".join(r.getMessage() for r in caplog.records if r.name.startswith("ofone"))
    assert "page /t/{token} failed" in ours
    assert path[3:] not in ours
    assert path[3:] not in "\n".join(r.exc_text or "" for r in caplog.records)
