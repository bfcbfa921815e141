"""The second lock: a code that goes to the address we know, and the cookie that it is worth."""

import hmac
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.web.secured import Browser, House

from ofone.channels.mailbox import Mailbox
from ofone.domain.effects import Admit
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import to_micros
from ofone.profiles.fold import LINKS_REVOKED
from ofone.runtime import admission
from ofone.runtime.codec import decode_effect, decode_event, decode_message
from ofone.web.access import COOKIE, digits, onward


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House(tmp_path)
    yield made
    made.app.close()


def test_what_is_personal_asks_for_a_code_first(house: House) -> None:
    """Holding the link is not enough; the way on is kept."""
    browser, path = Browser(house), house.enters("anna")
    refused = browser.get(f"{path}/you/secret?lang=de")
    assert refused.status_code == 303
    assert "believe" not in refused.text
    door = browser.get(refused.headers["location"])
    assert "Bitte zeigen" in browser.get(f"{path}/code?lang=de").text
    assert f'name="next" value="{path}/you/secret?lang=de"' in door.text


def test_the_right_code_opens_what_is_personal_for_half_an_hour(house: House) -> None:
    """And only in this browser."""
    browser, path = Browser(house), house.enters("anna")
    opened = browser.proves(path, "anna")
    assert opened.status_code == 303
    assert opened.headers["location"] == f"{path}/you/secret"
    assert browser.get(f"{path}/you/secret").text == "what we believe"
    assert Browser(house).get(f"{path}/you/secret").status_code == 303
    house.later(minutes=30)
    assert browser.get(f"{path}/you/secret").status_code == 303


def test_the_cookie_is_for_our_pages_of_this_link_alone(house: House) -> None:
    """No script reads it, no other site sends it, and it goes over https alone."""
    browser, path = Browser(house), house.enters("anna")
    said = browser.proves(path, "anna").headers["set-cookie"]
    parts = {part.strip().lower() for part in said.split(";")[1:]}
    assert {"httponly", "secure", "samesite=strict", "max-age=1800"} <= parts
    assert f"path={path}".lower() in parts
    assert not any(part.startswith("domain=") for part in parts)


def test_the_code_goes_to_the_address_we_know_and_to_no_other(house: House) -> None:
    """Nothing that is typed in is an address."""
    browser, path = Browser(house), house.enters("anna")
    form = {"send": "sms", "nonce": "abcdefgh", "phone": "+4915112345678", "to": "evil@x.example"}
    assert browser.post(f"{path}/code", form).status_code == 303
    text = house.sent("anna")
    assert (text.channel, text.address) == ("sms", "+12125550123")
    assert re.search(r"\n@alder\.example #\d{6}$", text.text)


def test_no_code_goes_where_it_may_not(house: House) -> None:
    """Without consent, after a bounce, or to a channel that is none of hers: nothing goes out."""
    browser, path = Browser(house), house.enters("anna", consents=False)
    assert browser.asks(path).status_code == 400
    assert "We know of no e-mail address" in browser.get(f"{path}/code").text
    house.says("anna", "Consent Given", {"channels": ["email"], "purpose": "service"})
    house.says("anna", "Message Bounced", {"channel": "email"})
    assert [browser.asks(path, c).status_code for c in ("email", "sms", "call", "")] == [400] * 4
    assert [e for e in house.told if e.name == "Code Requested"] == []


def test_a_consent_taken_back_while_the_code_waits_stops_it(house: House) -> None:
    """Asked again at dispatch, as everything is."""
    browser, path = Browser(house), house.enters("anna")
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    browser.asks(path)
    house.says("anna", "Consent Withdrawn", {"channel": "email", "purpose": "service"})
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    row = list(house.app.store.effects("anna"))[-1]
    assert (row.status, "withdrawn" in row.detail) == ("withheld", True)


def test_a_code_that_waited_too_long_is_not_sent(house: House) -> None:
    """Ten minutes later it would only frighten."""
    path = house.enters("anna")
    Browser(house).asks(path)
    row = list(house.app.store.effects("anna"))[-1]
    effect = decode_effect(row.body)
    assert isinstance(effect, Admit)
    state, library = house.state("anna"), house.app.library
    assert admission.refused(effect, state, library, effect.at) == ""
    assert "10 minutes ago" in admission.refused(effect, state, library, effect.at + 600_000_000)


def test_a_code_is_kept_nowhere(house: House) -> None:
    """Not in the log, the state, the outbox; only where the customer reads it."""
    browser, path = Browser(house), house.enters("anna")
    browser.asks(path)
    code = house.code("anna").encode()
    store = house.app.store
    bodies = [row.body for row in store.log("anna")] + [store.load("anna") or b""]
    for row in store.effects("anna"):
        bodies += [row.body, row.detail.encode()]
        if row.message is not None:
            bodies.append(decode_message(row.message).text.encode())
    assert [b for b in bodies if code in b] == []
    assert list(store.effects("anna"))[-1].message is None


def test_five_tries_and_the_code_is_none_any_more(house: House) -> None:
    """Also for the right one: a million guesses do not fit into thirty."""
    browser, path = Browser(house), house.enters("anna")
    browser.asks(path)
    code = house.code("anna")
    wrong = [f"{(int(code) + n) % 1_000_000:06d}" for n in range(1, 6)]
    said = [browser.types(path, one) for one in wrong]
    assert [s.status_code for s in said] == [422] * 5
    assert "You can try 4 more times" in said[0].text
    assert "That code does not count any more" in said[4].text
    assert browser.types(path, code).status_code == 422
    assert browser.get(f"{path}/you/secret").status_code == 303


def test_every_code_is_tried_at_once(house: House) -> None:
    """Three codes are not fifteen tries: one guess is one try of each."""
    browser, path = Browser(house), house.enters("anna")
    for _ in range(3):
        house.later(seconds=1)
        assert browser.asks(path).status_code == 303
    for _ in range(5):
        browser.types(path, "not it")
    assert browser.types(path, house.code("anna")).status_code == 422


def test_an_older_code_counts_while_it_is_fresh(house: House) -> None:
    """Mail is slow, people press twice, and then the first one comes."""
    browser, path = Browser(house), house.enters("anna")
    browser.asks(path)
    first = house.code("anna")
    house.later(minutes=2)
    browser.asks(path)
    assert house.code("anna") != first
    assert browser.types(path, first).status_code == 303


def test_a_code_is_good_for_ten_minutes_and_once(house: House) -> None:
    """Who reads it later, or over a shoulder, has nothing."""
    browser, path = Browser(house), house.enters("anna")
    browser.asks(path)
    code = house.code("anna")
    assert browser.types(path, code).status_code == 303
    assert Browser(house).types(path, code).status_code == 422
    house.later(minutes=1)
    Browser(house).asks(path)
    second = house.code("anna")
    house.later(minutes=10)
    assert Browser(house).types(path, second).status_code == 422


def test_a_code_stays_used_after_a_restart(house: House) -> None:
    """That it was accepted is in the log, and so in the state."""
    browser, path = Browser(house), house.enters("anna")
    browser.proves(path, "anna")
    door = house.book.door(path[3:], house.now)
    assert door is not None
    assert door.codes == ()
    assert [e.name for e in house.told] == ["Code Requested", "Code Accepted"]


def test_a_code_of_another_link_opens_nothing(house: House) -> None:
    """Anna's code at Ben's door is a wrong one."""
    browser, anna, ben = Browser(house), house.enters("anna"), house.enters("ben")
    browser.asks(anna)
    house.later(seconds=1)
    browser.asks(ben)
    assert browser.types(ben, house.code("anna")).status_code == 422


def test_a_cookie_opens_no_other_link_and_no_later_time(house: House) -> None:
    """Whatever is changed in it, and wherever it is sent."""
    browser, anna, ben = Browser(house), house.enters("anna"), house.enters("ben")
    browser.proves(anna, "anna")
    value = browser.client.cookies[COOKIE]
    until, _, seal = value.partition(".")
    bad = [
        f"{int(until) + 1}.{seal}",
        f"{until}.{seal[:-1]}{'Q' if seal.endswith('A') else 'A'}",
        f"{until}.",
        until,
        "",
        ".",
        "9" * 99,
    ]
    bad += [f"{until}.{seal}.x", f"-{until}.{seal}", f"{until} .{seal}"]
    for one in bad:
        refused = Browser(house).get(f"{anna}/you/secret", cookie=f"{COOKIE}={one}")
        assert refused.status_code == 303, one
    other = Browser(house).get(f"{ben}/you/secret", cookie=f"{COOKIE}={value}")
    assert other.status_code == 303
    assert Browser(house).get(f"{anna}/you/secret", cookie=f"{COOKIE}={value}").text


def test_a_cookie_ends_with_the_links(house: House) -> None:
    """Whoever revokes them shuts every browser out."""
    browser, path = Browser(house), house.enters("anna")
    browser.proves(path, "anna")
    house.later(minutes=1)
    house.says("anna", LINKS_REVOKED)
    assert browser.get(f"{path}/you/secret").status_code == 410
    new = house.path("anna")
    cookie = {"cookie": f"{COOKIE}={browser.client.cookies[COOKIE]}"}
    assert Browser(house).get(f"{new}/you/secret", **cookie).status_code == 303


def test_three_an_hour_and_six_a_day(house: House) -> None:
    """A stranger with the link cannot flood her; the page says when it goes on."""
    browser, path = Browser(house), house.enters("anna")
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    said = []
    for _ in range(12):
        said.append(browser.asks(path).status_code)
        house.later(minutes=20)
    assert said == [303, 303, 303] * 2 + [429] * 6
    assert len([e for e in house.told if e.name == "Code Requested"]) == 6
    page = browser.get(f"{path}/code").text
    assert "You can ask for another code in 20 hours" in page
    assert "<button" not in page


def test_the_fold_itself_keeps_to_the_limit(house: House) -> None:
    """Whoever writes events past the page gets no more codes sent than it."""
    house.enters("anna")
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    for n in range(9):
        house.later(seconds=n)
        house.says("anna", "Code Requested", {"journey": 0, "channel": "email"})
    rows = [decode_effect(r.body) for r in house.app.store.effects("anna")]
    assert sum(isinstance(e, Admit) for e in rows) == 3


@pytest.mark.parametrize(
    "said",
    [{}, {"journey": "0"}, {"journey": 9}, {"journey": -1}, {"journey": 0, "channel": "fax"}],
)
def test_a_press_that_cannot_be_sends_nothing(house: House, said: dict[str, str | int]) -> None:
    """Events come from anywhere; what they ask for is checked where it is done."""
    house.enters("anna")
    before = len(list(house.app.store.effects("anna")))
    house.says("anna", "Code Requested", {"channel": "email", **said})
    assert len(list(house.app.store.effects("anna"))) == before


def test_twice_the_same_form_is_one_code(house: House) -> None:
    """A double tap."""
    browser, path = Browser(house), house.enters("anna")
    form = {"send": "email", "nonce": "the-same-one"}
    assert [browser.post(f"{path}/code", form).status_code for _ in range(2)] == [303, 303]
    codes = [decode_effect(r.body) for r in house.app.store.effects("anna")]
    assert sum(isinstance(e, Admit) for e in codes) == 1


def test_it_counts_for_no_cap_and_waits_for_no_morning(house: House) -> None:
    """It answers her own press, at whatever hour that is."""
    path = house.enters("anna")
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    house.later(hours=14)
    house.says("anna", "Page Opened")
    contacts = house.state("anna").contacts
    Browser(house).asks(path)
    assert house.code("anna")
    assert house.state("anna").contacts == contacts


def test_a_helper_learns_of_none_of_it(house: House) -> None:
    """No tip, no request, no copy: that she looked at her data is hers."""
    path = house.enters("anna", advisor_id="martin", advisor_name="Martin")
    told = house.app.store.helped("martin")
    inbox = house.app.mailbox.messages("martin")
    Browser(house).proves(path, "anna")
    assert house.app.store.helped("martin") == told
    assert house.app.mailbox.messages("martin") == inbox


HOSTILE = [
    "https://evil.example/",
    "//evil.example",
    "/t/TOKEN//evil.example",
    "/t/TOKEN/../../customers",
    "/t/TOKEN/you\\evil",
    "/t/TOKEN.evil.example/you",
    "/t/TOKENx/you",
    "/t/other/you",
    "/t/TOKEN/you#@evil.example",
    "/t/TOKEN/you\r\nSet-Cookie: proof=1",
    "/t/TOKEN/%2e%2e/%2e%2e/customers",
    "javascript:alert(1)",
    "",
]


@pytest.mark.parametrize("to", HOSTILE)
def test_the_way_on_leads_nowhere_else(house: House, to: str) -> None:
    """No open redirect: below this link, or to its tracker."""
    browser, path = Browser(house), house.enters("anna")
    browser.asks(path)
    to = to.replace("/t/TOKEN", path)
    opened = browser.post(f"{path}/code", {"code": house.code("anna"), "next": to})
    assert (opened.status_code, opened.headers["location"]) == (303, path)


@given(st.text())
def test_whatever_is_asked_for_the_way_on_stays_below_the_link(rest: str) -> None:
    """For any text, with and without the right beginning."""
    for asked in (rest, f"/t/abc{rest}", f"/t/abc/{rest}"):
        to = onward("abc", asked)
        assert re.fullmatch(r"/t/abc((/[\w~-]+)*(\?[\w=&%.~+-]*)?)", to, re.ASCII)


def test_a_full_disk_lets_nobody_in_and_says_so(house: House) -> None:
    """Neither a code that was not kept, nor an entry that was not."""
    browser, path = Browser(house), house.enters("anna")
    house.full = True
    assert browser.asks(path).status_code == 503
    house.full = False
    browser.asks(path)
    house.full = True
    assert browser.types(path, house.code("anna")).status_code == 503
    assert browser.get(f"{path}/you/secret").status_code == 303


def test_a_code_that_bounces_tells_that_the_address_failed(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the page offers the other way."""
    browser, path = Browser(house), house.enters("anna")
    house.app.dispatcher.run_until_idle(to_micros(house.now))

    def fails(self: Mailbox, message: Message) -> Outcome:
        return Outcome(status="failed", detail="no such mailbox")

    monkeypatch.setattr(Mailbox, "deliver", fails)
    browser.asks(path)
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    door = house.book.door(path[3:], house.now)
    assert door is not None
    assert door.ways == ("sms",)


def test_what_is_secret_is_compared_in_constant_time(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Link, code and cookie, each through the one function that takes as long either way."""
    browser, path = Browser(house), house.enters("anna")
    seen: list[object] = []
    whole = hmac.compare_digest

    def watched(a: Any, b: Any) -> bool:
        seen.append(a)
        return whole(a, b)

    monkeypatch.setattr(hmac, "compare_digest", watched)
    browser.proves(path, "anna")
    browser.get(f"{path}/you/secret")
    code = house.code("anna").encode()
    seal = browser.client.cookies[COOKIE].partition(".")[2].encode()
    assert {path[3:], code, seal} <= set(seen)


@pytest.mark.parametrize("typed", ["123456", "123 456", " 1 2 3-4 5 6 ", "１２３４５６", "١٢٣٤٥٦"])
def test_a_code_may_be_typed_as_people_type(typed: str) -> None:
    """In groups, and in their own digits."""
    assert digits(typed) == "123456"


@pytest.mark.parametrize("typed", ["", "x" * 5000, "½²", "<script>", "\u202e", "\0"])
def test_whatever_else_is_typed_is_a_wrong_code(house: House, typed: str) -> None:
    """And never comes back on the page."""
    browser, path = Browser(house), house.enters("anna")
    browser.asks(path)
    house.code("anna")
    refused = browser.types(path, typed)
    assert refused.status_code in (413, 422)
    assert not typed or typed not in refused.text.replace('rel="icon"', "")


def test_the_same_log_gives_the_same_state(house: House) -> None:
    """Codes are effects of the one pure function: a replay asks for the same ones."""
    path = house.enters("anna")
    Browser(house).proves(path, "anna")
    events = [decode_event(row.body) for row in house.app.store.log("anna")]
    assert {"Code Requested", "Code Accepted"} <= {getattr(e, "name", "") for e in events}
    assert [a.key for a in house.state("anna").admissions] == [""]


def test_a_source_whose_clock_is_wrong_keeps_nobody_out(house: House) -> None:
    """Events may be dated up to an hour ahead; a press counts from when it was pressed."""
    browser, path = Browser(house), house.enters("anna")
    house.later(minutes=50)
    house.says("anna", "Page Opened")
    house.later(minutes=-50)
    assert browser.proves(path, "anna").status_code == 303
    assert browser.get(f"{path}/you/secret").status_code == 200


def test_an_old_press_that_comes_late_sends_nothing(house: House) -> None:
    """As when a file is read again: by the wall clock it is long ago."""
    house.enters("anna")
    house.says("anna", "Code Requested", {"journey": 0, "channel": "email"})
    house.app.dispatcher.real = True
    house.later(minutes=10)
    house.app.dispatcher.run_until_idle(to_micros(house.now))
    row = list(house.app.store.effects("anna"))[-1]
    assert (row.status, row.detail) == ("withheld", "it was asked for 10 minutes ago")
