"""What the provider of text messages sends back, signed."""

from base64 import b64encode
from collections.abc import Iterator
from hashlib import sha1
from hmac import digest
from pathlib import Path
from urllib.parse import urlencode

import pytest
from litestar.testing import TestClient
from msgspec.structs import replace
from tests.building import event, visit

from ofone.app import App, opened
from ofone.app.book import AppBook
from ofone.app.carriers import carriers, news_of, secret_of
from ofone.app.phone import answer, news, sms_handlers
from ofone.domain.errors import OfoneError
from ofone.domain.state import CustomerState
from ofone.journeys.advance import ERASE
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_message
from ofone.runtime.links import Links
from ofone.stores.memory import MemoryStore
from ofone.web.pages import create_app

HERE = "https://journeys.example"
PHONE = "+4915112345678"
NOW = event("Ordered", 1).at


def texted(app: App, *names: str) -> list[str]:
    """Customers who share a telephone and are texted; the address of the news of each text."""
    for name in names:
        agreed = event("Consent Given", customer=name, channels=["sms"], purpose="service")
        for one in (agreed, event("Ordered", customer=name, traits={"phone": PHONE})):
            assert app.engine.submit(one).status == "accepted"
    app.dispatcher.run_until_idle(NOW)
    rows = [r for name in names for r in app.store.effects(name)]
    # The mailbox delivers at once; a provider accepts, and says the rest later.
    app.store.settle([replace(r, status="accepted") for r in rows])
    return [news_of(app.links)(decode_message(r.message)) for r in rows if r.message]


@pytest.fixture
def app(tmp_path: Path) -> Iterator[App]:
    with opened(tmp_path, [visit()], base=HERE, clock=VirtualClock()) as running:
        yield running


def token(address: str) -> str:
    assert address.startswith(f"{HERE}/v1/sms/status/")
    return address.rpartition("/")[2]


def known(app: App, name: str) -> CustomerState:
    state = app.engine.get(name)
    assert state is not None
    return state


def test_news_of_a_text_reach_the_journey_once(app: App) -> None:
    """Undelivered: the number is no good. Doubled and late news change nothing."""
    (address,) = texted(app, "ana")
    for status in ("sent", "undelivered", "undelivered", "sent"):
        form = {"MessageSid": "SM1", "MessageStatus": status, "ErrorCode": "30005"}
        news(token(address), form, app.engine, app.links, NOW)
    (row,) = [r for r in app.store.effects("ana") if r.message]
    assert row.status == "failed"
    assert "undeliverable:sms" in known(app, "ana").profile.preferences
    assert app.store.dead_letters() == []


def test_a_stop_counts_for_everybody_at_the_number(app: App) -> None:
    """Who shares a telephone is not texted either; other words need an owner."""
    texted(app, "ana", "ben")
    stop = {"MessageSid": "SM2", "From": PHONE, "Body": "Please stop texting me"}
    assert "<Message>" not in answer(stop, app.engine, app.links, NOW)
    for name in ("ana", "ben"):
        assert not known(app, name).profile.consents["sms:service"].granted
    answer({**stop, "MessageSid": "SM3", "Body": "When?"}, app.engine, app.links, NOW)
    (letter,) = app.store.dead_letters()
    assert letter.reason.endswith("the number of ana and ben: whose is it?")


def test_an_answer_is_heard_and_help_is_given(app: App) -> None:
    """A question becomes an event of the one customer; HELP is answered with the way out."""
    texted(app, "ana")
    said = {"MessageSid": "SM4", "From": PHONE, "Body": "How long does it take?"}
    assert "<Message>" not in answer(said, app.engine, app.links, NOW)
    helped = answer({**said, "MessageSid": "SM5", "Body": "HELP"}, app.engine, app.links, NOW)
    assert f"{HERE}/t/" in helped
    assert "STOP" in helped
    assert len(app.store.log("ana")) == 4


@pytest.mark.parametrize("sender", ["+4915100000000", "nobody", ""])
def test_a_text_from_a_stranger_is_kept(app: App, sender: str) -> None:
    """Nobody is guessed, and nothing is lost."""
    form = {"MessageSid": "SM6", "From": sender, "Body": "Hello"}
    assert "<Message>" not in answer(form, app.engine, app.links, NOW)
    (letter,) = app.store.dead_letters()
    assert b"Hello" in letter.raw


def test_only_signed_forms_are_taken(app: App) -> None:
    """By the address that the provider called, with the account's token."""
    texted(app, "ana")
    form = {"MessageSid": "SM7", "From": PHONE, "Body": "STOP"}
    text = f"{HERE}/v1/sms/inbound" + "".join(k + v for k, v in sorted(form.items()))
    good = b64encode(digest(b"token", text.encode(), sha1)).decode()
    with TestClient(create_app(AppBook(app), more=sms_handlers(app, "token"))) as client:
        for signature, status in (("", 401), ("bad", 401), (good, 200)):
            headers = {
                "X-Twilio-Signature": signature,
                "Content-Type": "application/x-www-form-urlencoded",
            }
            asked = client.post("/v1/sms/inbound", content=urlencode(form), headers=headers)
            assert asked.status_code == status, asked.text


@pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")
def test_an_address_that_cannot_be_used_says_what_would_work(tmp_path: Path) -> None:
    """Unknown schemes, names that no playbook uses, and the same channel twice."""
    links = Links(MemoryStore(), HERE)
    for wrong, message in (
        (["fax:123"], "no channel has the address fax"),
        (["apprise:teamchat=json://127.0.0.1"], "'teamchat' is no channel of a playbook"),
        ([f"calls:{tmp_path}/a.db", f"calls:{tmp_path}/b.db"], "two addresses carry call"),
        (["twilio://host"], "write twilio://SID:TOKEN@"),
    ):
        with pytest.raises(OfoneError, match=message):
            carriers(wrong, links)
    assert secret_of(["vapid:x", "twilio://AC1:s%40cret@host?from=+15005550006"]) == "s@cret"


def test_late_news_of_the_erased_is_not_kept(app: App) -> None:
    """The provider says what became of a text whose customer is gone by now."""
    (address,) = texted(app, "ana")
    app.engine.submit(event(ERASE, 2, customer="ana", key=None))
    news(
        token(address),
        {"MessageSid": "SM1", "MessageStatus": "delivered", "To": PHONE},
        app.engine,
        app.links,
        NOW,
    )
    assert app.store.dead_letters() == []
    assert app.links.customers_at(PHONE) == []
