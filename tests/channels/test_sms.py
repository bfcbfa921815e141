"""Text messages, against a server that behaves like the provider, and against liars."""

import contextlib
import itertools
from base64 import b64encode
from collections.abc import Iterator
from email.utils import format_datetime
from typing import Any, ClassVar
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace
from tests.channels.contract import HELLO, ChannelContract
from tests.channels.web import LIES, Asked, Says, WebServer, free_port, liar, web_server
from twilio.request_validator import RequestValidator  # type: ignore[import-untyped]

from ofone.channels import sms
from ofone.channels.http import Answer, Http
from ofone.channels.sms import (
    LONGEST_TEXT,
    Sms,
    from_url,
    onward,
    read_inbound,
    read_status,
    signed,
    twiml,
)
from ofone.domain.effects import Send
from ofone.domain.errors import OfoneError, UnreadableEvent
from ofone.domain.messages import Message, Outcome
from ofone.domain.state import Profile
from ofone.domain.times import MINUTE, to_datetime
from ofone.domain.words import DeliveryStatus
from ofone.profiles.fold import fold
from ofone.runtime.ports import Channel

ACCOUNT, TOKEN, FROM = "AC" + "0" * 32, "s3cret", "+15005550006"
TEXT = replace(
    HELLO,
    channel="sms",
    address="+14155550123",
    subject="",
    html="",
    text="Your visit is on Tuesday at 10:20.",
)
REFUSALS = {
    "+15005550001": (21211, "The 'To' number is not a valid phone number."),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550007": (21606, "The From phone number is not valid for your account"),
}


class Provider:
    """Takes texts, refuses its magic numbers, and lists what it took, the newest first."""

    def __init__(self) -> None:
        self.texts: list[dict[str, Any]] = []
        self.at = TEXT.at

    def __call__(self, asked: Asked) -> Says:
        if asked.headers["authorization"] != "Basic " + _basic(ACCOUNT, TOKEN):
            return error(401, 20003, "Authenticate")
        if asked.method == "GET":
            to = dict(parse_qsl(urlsplit(asked.path).query))["To"]
            listed = [t for t in reversed(self.texts) if t["to"] == to]
            return Says(200, msgspec.json.encode({"messages": listed}))
        form = asked.form
        if form["To"] in REFUSALS:
            return error(400, *REFUSALS[form["To"]])
        return Says(201, msgspec.json.encode(self.take(form)))

    def take(self, form: dict[str, str]) -> dict[str, Any]:
        text = {
            "sid": f"SM{len(self.texts):032x}",
            "status": "queued",
            "to": form["To"],
            "body": form["Body"],
            "date_created": format_datetime(to_datetime(self.at)),
            "error_code": None,
        }
        self.texts.append(text)
        return text


def _basic(user: str, password: str) -> str:
    return b64encode(f"{user}:{password}".encode()).decode()


def error(status: int, code: int, words: str) -> Says:
    body = {"code": code, "message": words, "more_info": f"https://…/{code}", "status": status}
    return Says(status, msgspec.json.encode(body))


def to(url: str, **settings: Any) -> Sms:
    settings = {"sender": FROM, "timeout_s": 5.0, **settings}
    return Sms(ACCOUNT, TOKEN, base=url, **settings)


def sent(url: str, message: Message = TEXT, **settings: Any) -> Outcome:
    channel = to(url, **settings)
    try:
        return channel.deliver(message)
    finally:
        channel.close()


@pytest.fixture
def provider() -> Provider:
    return Provider()


@pytest.fixture
def server(provider: Provider) -> Iterator[WebServer]:
    with web_server(provider) as running:
        yield running


class TestSms(ChannelContract):
    hello: ClassVar[Message] = TEXT
    carries: ClassVar[frozenset[str]] = frozenset({"text"})
    refuses: ClassVar[tuple[str, ...]] = ("", "x" * 3000)

    @pytest.fixture
    def channel(self, provider: Provider, server: WebServer) -> Iterator[Channel]:
        self.provider = provider
        channel = to(server.url)
        yield channel
        channel.close()

    def seen(self, channel: Channel) -> list[tuple[str, str, str]]:
        return [(t["to"], "", t["body"]) for t in self.provider.texts]


def test_a_text_goes_out_as_the_interface_wants_it(server: WebServer) -> None:
    """To the account's address, with a sender and where news of it should go."""
    outcome = sent(server.url, callback=lambda m: f"https://a.example/news?of={m.key}")
    assert outcome.status == "accepted"
    assert outcome.detail == f"{server.url[7:]}: SM{0:032x} queued, 1 segments"
    (asked,) = server.asked
    assert asked.path == f"/2010-04-01/Accounts/{ACCOUNT}/Messages.json"
    assert asked.form == {
        "To": TEXT.address,
        "From": FROM,
        "Body": TEXT.text,
        "StatusCallback": f"https://a.example/news?of={TEXT.key}",
    }


def test_a_messaging_service_sends_in_its_own_name(server: WebServer) -> None:
    service = "MG" + "a" * 32
    sent(server.url, sender=service)
    assert server.asked[0].form["MessagingServiceSid"] == service
    assert "From" not in server.asked[0].form


@pytest.mark.parametrize("sender", ["", "+1", "hello@harbor.example", "A" * 12, "+0123456789"])
def test_a_sender_that_can_be_none_is_refused_at_once(sender: str) -> None:
    with pytest.raises(OfoneError, match="cannot send texts; write a number like"):
        Sms(ACCOUNT, TOKEN, sender=sender)


@pytest.mark.parametrize(
    "address", ["", "angela", "0176 1234567", "+1", "+1415555012", "112", "+999123456789", "٠"]
)
def test_a_number_that_is_none_is_never_tried(address: str) -> None:
    """It fails before the provider is asked, and the detail shows what a number looks like."""
    outcome = sent("http://127.0.0.1:1", replace(TEXT, address=address))
    assert outcome.status == "failed"
    assert outcome.detail.endswith("is no phone number; one looks like +15005550006")


def test_words_that_cannot_be_written_are_never_tried() -> None:
    assert sent("http://127.0.0.1:1", replace(TEXT, text="\ud800")).status == "failed"


@pytest.mark.parametrize("address", ["(415) 555-0123", "+1 415 555 0123", "4155550123"])
def test_a_number_may_be_written_as_people_write_it(server: WebServer, address: str) -> None:
    sent(server.url, replace(TEXT, address=address), region="us")
    assert server.asked[0].form["To"] == TEXT.address


@pytest.mark.parametrize(
    ("number", "status", "says"),
    [
        ("+15005550001", "failed", "400 21211 The 'To' number is not a valid phone number."),
        ("+15005550009", "failed", "400 21614 'To' number is not a valid mobile number"),
        ("+15005550004", "failed", "400 21610 Attempt to send to unsubscribed recipient"),
        ("+15005550007", "retry", "400 21606 The From phone number is not valid"),
    ],
)
def test_a_refusal_says_whether_the_text_or_we_are_wrong(
    server: WebServer, number: str, status: str, says: str
) -> None:
    """A number that cannot get texts has failed; our own settings wait until they are mended."""
    outcome = sent(server.url, replace(TEXT, address=number))
    assert outcome.status == status
    assert outcome.detail.startswith(f"{server.url[7:]}: {says}")


def test_who_opted_out_with_the_provider_has_withdrawn_consent(server: WebServer) -> None:
    """The event is the same over all attempts, and takes back every purpose of the channel."""
    message = replace(TEXT, address="+15005550004")
    first, again = (sent(server.url, message).learned for _ in range(2))
    assert first == again
    (event,) = first
    consents = fold(Profile(), event).consents
    assert {c: consents[c].granted for c in consents} == {
        "sms:service": False,
        "sms:marketing": False,
    }
    assert sent(server.url, replace(message, to_kind="helper")).learned == ()


@pytest.mark.parametrize(
    ("says", "status", "wait_s"),
    [
        (Says(429, b"{}", {"Retry-After": "7"}), "retry", 7),
        (error(429, 20429, "Too Many Requests"), "retry", 0),
        (error(500, 20500, "Internal Server Error"), "retry", 0),
        (Says(503, b"<h1>Sorry</h1>", {"Retry-After": "60"}), "retry", 60),
        (Says(500, b"<h1>Oops</h1>"), "unknown", 0),
        (Says(502, b"<h1>Bad gateway</h1>"), "unknown", 0),
        (Says(504, b""), "unknown", 0),
        (Says(401, b""), "retry", 0),
        (Says(403, b"<html>"), "retry", 0),
        (Says(301, b"", {"Location": "https://other.example/"}), "retry", 0),
        (Says(201, b"<html>welcome to the hotel wifi</html>", {"Content-Type": "x"}), "unknown", 0),
        (Says(200, b""), "unknown", 0),
        (Says(200, b"[]"), "unknown", 0),
        (Says(201, b"{}"), "unknown", 0),
        (Says(201, b'{"sid": null, "status": "queued"}'), "unknown", 0),
        (Says(201, b'{"sid": "SM1", "status": "invented"}'), "accepted", 0),
        (Says(201, b'{"sid": "SM1", "status": "failed", "error_code": 30003}'), "failed", 0),
        (Says(400, b'{"code": "21211", "message": "no number"}'), "failed", 0),
        (Says(201, b"[" * 100_000), "unknown", 0),
        (Says(201, b"\xff\xfe"), "unknown", 0),
    ],
)
def test_an_answer_decides_what_becomes_of_a_text(says: Says, status: str, wait_s: float) -> None:
    """A refusal by the provider: retry or failed. Taken, but by whom or as what: unknown."""
    with web_server(lambda _: says) as server:
        outcome = sent(server.url)
    assert (outcome.status, outcome.wait_s) == (status, wait_s)
    assert outcome.detail.startswith(f"{server.url[7:]}: ")
    assert str(says.status) in outcome.detail or "SM1" in outcome.detail
    assert outcome.detail.isprintable()


@pytest.mark.parametrize("says", LIES.values(), ids=LIES)
def test_a_lost_answer_is_unknown(says: bytes) -> None:
    with liar(says) as server:
        outcome = sent(server.url)
    assert outcome.status == "unknown"
    assert "sent, but no answer came" in outcome.detail


def test_silence_is_unknown_and_a_closed_door_is_not() -> None:
    """Whether the text was written to somebody makes the difference."""
    with liar(b"", holds=True) as server:
        assert sent(server.url, timeout_s=0.1).status == "unknown"
    assert sent(f"http://127.0.0.1:{free_port()}").status == "retry"


class TestResolving:
    """What became of an attempt that nobody answered."""

    def lost(self, provider: Provider, *, taken: bool, **settings: Any) -> Outcome:
        """An attempt whose answer was lost, and what the provider says of it then."""
        answers = iter([self.takes(provider) if taken else self.loses])

        def answer(asked: Asked) -> Says:
            return next(answers, provider)(asked)

        with web_server(answer) as server:
            channel = to(server.url, **settings)
            assert channel.deliver(TEXT).status == "unknown"
            outcome = channel.resolve(TEXT)
            channel.close()
        assert [a.method for a in server.asked] == ["POST", "GET"]
        return outcome

    def takes(self, provider: Provider) -> Any:
        def answer(asked: Asked) -> Says:
            provider.take(asked.form)
            return Says(504, b"")

        return answer

    def loses(self, _: Asked) -> Says:
        return Says(502, b"")

    def test_a_text_that_is_listed_was_taken(self, provider: Provider) -> None:
        outcome = self.lost(provider, taken=True)
        assert outcome.status == "accepted"
        assert f"SM{0:032x} queued" in outcome.detail

    def test_a_text_that_is_not_listed_yet_stays_unknown(self, provider: Provider) -> None:
        """It may still be on its way; the outcome says when to ask again."""
        outcome = self.lost(provider, taken=False)
        assert outcome.status == "unknown"
        assert 0 < outcome.wait_s <= sms.SETTLED_S

    def test_a_text_that_is_never_listed_was_not_taken(self, provider: Provider) -> None:
        assert self.lost(provider, taken=False, settled_s=0).status == "retry"

    def test_other_words_leave_it_open(self, provider: Provider, server: WebServer) -> None:
        """They may be ours as the provider changed them: to send again could be twice."""
        provider.take({"To": TEXT.address, "Body": f"Sent from a trial account: {TEXT.text}"})
        channel = to(server.url, settled_s=0)
        outcome = channel.resolve(TEXT)
        assert outcome.status == "unknown"
        assert outcome.detail.endswith("1 other texts are listed since; look there")
        channel.close()

    def test_a_text_to_somebody_else_is_not_taken_for_it(
        self, provider: Provider, server: WebServer
    ) -> None:
        provider.take({"To": "+14155550124", "Body": TEXT.text})
        channel = to(server.url, settled_s=0)
        assert channel.resolve(TEXT).status == "retry"
        channel.close()

    def test_the_same_words_of_last_week_are_not_taken_for_it(
        self, provider: Provider, server: WebServer
    ) -> None:
        provider.at -= 10 * MINUTE
        provider.take({"To": TEXT.address, "Body": TEXT.text})
        channel = to(server.url, settled_s=0)
        assert channel.resolve(TEXT).status == "retry"
        channel.close()

    @pytest.mark.parametrize(
        "body",
        [
            *(b"", b"{}", b"[]", b"<html>", b'{"messages": {}}', b'{"messages": [7]}'),
            b'{"messages": [{"sid": "SM1"}]}',
            b'{"messages": [{"sid": "SM1", "date_created": "yesterday"}]}',
        ],
    )
    def test_an_answer_that_is_no_list_proves_nothing(self, body: bytes) -> None:
        with web_server(lambda _: Says(200, body)) as server:
            channel = to(server.url, settled_s=0)
            assert channel.resolve(TEXT).status == "unknown"
            channel.close()

    def test_an_error_with_an_empty_list_proves_nothing(self) -> None:
        with web_server(lambda _: Says(500, b'{"messages": []}')) as server:
            channel = to(server.url, settled_s=0)
            assert channel.resolve(TEXT).status == "unknown"
            channel.close()

    def test_a_provider_that_is_not_there_proves_nothing(self) -> None:
        channel = to(f"http://127.0.0.1:{free_port()}", settled_s=0)
        assert channel.resolve(TEXT).status == "unknown"
        channel.close()


FORMS = st.dictionaries(st.text(min_size=1, max_size=8), st.text(max_size=12), max_size=6)
URLS = st.builds(
    "{}://harbor.example{}/sms/in{}".format,
    st.sampled_from(["http", "https"]),
    st.sampled_from(["", ":443", ":80", ":8443"]),
    st.sampled_from(["", "?token=a%20b", "?x=1&y=%C3%BC"]),
)


@given(token=st.text(min_size=1), url=URLS, form=FORMS)
def test_the_providers_signature_is_recognised_and_no_other(
    token: str, url: str, form: dict[str, str]
) -> None:
    """Signed by the provider's own library, and judged as it would judge."""
    other_side = RequestValidator(token.encode("utf-8", "replace").decode())
    plain = {k.encode("utf-8", "replace").decode(): v for k, v in form.items()}
    signature = other_side.compute_signature(url, plain)
    assert other_side.validate(url, plain, signature)
    assert signed(other_side.token.decode(), url, plain.items(), signature)
    assert not signed(other_side.token.decode(), url + "x", plain.items(), signature)
    assert not signed(other_side.token.decode(), url, [*plain.items(), ("a", "b")], signature)
    assert not signed("another", url, plain.items(), signature) or token == "another"
    assert not signed(other_side.token.decode(), url, plain.items(), "ü")


def test_an_address_that_is_none_is_not_signed() -> None:
    assert not signed(TOKEN, "https://harbor.example:99999999/", [], "x")


def news(status: str, **more: str) -> dict[str, str]:
    return {"MessageSid": "SM1", "MessageStatus": status, "To": TEXT.address, **more}


SEND = Send(
    key="angela:7:0",
    customer="angela",
    journey=0,
    playbook="life-insurance",
    version="1",
    step="visit",
    action="remind",
    approach="brief",
    channel="sms",
    purpose="service",
    at=TEXT.at,
    decision="d1",
)


def test_news_of_a_text_name_it_and_what_became_of_it() -> None:
    told = read_status(news("undelivered", ErrorCode="30003", ErrorMessage="Unreachable"))
    assert (told.id, told.status, told.code) == ("SM1:undelivered", "failed", 30003)
    heard = sms.receipt(SEND, told)
    assert (heard.key, heard.status, heard.channel) == ("angela:7:0", "failed", "sms")
    assert heard.detail == "undelivered 30003 Unreachable"
    assert sms.learned(SEND, told) == ()


def test_news_that_somebody_opted_out_withdraw_consent() -> None:
    (event,) = sms.learned(SEND, read_status(news("failed", ErrorCode="21610")))
    assert (event.customer, event.name) == ("angela", "Consent Withdrawn")


@pytest.mark.parametrize(
    "form",
    [{}, {"MessageSid": "SM1"}, news("teleported"), {"MessageStatus": "sent"}, news("")],
)
def test_what_is_no_news_says_so(form: dict[str, str]) -> None:
    """It is kept with its reason: an unknown status is for a person, not for an error page."""
    with pytest.raises(UnreadableEvent, match=r"no news of a text: .* statuses are: accepted"):
        read_status(form)


@given(st.dictionaries(st.sampled_from(["MessageSid", "MessageStatus", "ErrorCode"]), st.text()))
def test_any_form_is_read_or_refused(form: dict[str, str]) -> None:
    with contextlib.suppress(UnreadableEvent):
        assert read_status(form).status in ("accepted", "delivered", "failed")


@pytest.mark.parametrize("last", ["delivered", "undelivered"])
def test_news_in_any_order_and_number_end_the_same(last: str) -> None:
    """Late, doubled, out of order: what is known never goes back."""
    told = [read_status(news(s)).status for s in ("queued", "sent", last, "sent", last)]
    for order in itertools.permutations(told):
        known: DeliveryStatus = "unknown"
        for one in order:
            known = onward(known, one)
        assert known == ("delivered" if last == "delivered" else "failed")


def test_there_is_no_news_of_what_was_never_sent() -> None:
    assert onward("withheld", "delivered") == "withheld"
    assert onward("held", "failed") == "held"


def came_in(text: str, **more: str) -> sms.Inbound:
    form = {"MessageSid": "SM9", "From": TEXT.address, "To": FROM, "Body": text, **more}
    return read_inbound(form, customer="angela", at=TEXT.at)


@pytest.mark.parametrize(
    "text", ["STOP", "please stop texting me", "Hört auf!", "no me escriban más"]
)
def test_who_wants_no_texts_withdraws_consent_with_these_words(text: str) -> None:
    inbound = came_in(text)
    assert inbound.event.name == "Consent Withdrawn"
    assert inbound.event.properties == {"channel": "sms", "wording": text}
    consents = fold(Profile(), inbound.event).consents
    assert not consents["sms:service"].granted
    assert consents["sms:service"].wording == text
    assert "email:service" not in consents


def test_a_text_is_one_event_however_often_it_comes() -> None:
    assert came_in("hello") == came_in("hello")
    assert came_in("hello").event.id == "sms:SM9"


@pytest.mark.parametrize("text", ["I'll stop by tomorrow", "ok!", "", "How long do I fast?"])
def test_any_other_text_is_a_reply_with_its_words(text: str) -> None:
    inbound = came_in(text)
    assert inbound.event.name == "Reply Received"
    assert inbound.event.properties == {"channel": "sms", "text": text}
    assert inbound.asks is None


def test_start_is_no_consent() -> None:
    """Who stopped has to say to what they consent; the answer explains it."""
    inbound = came_in("START")
    assert (inbound.asks, inbound.event.name) == ("start", "Reply Received")


def test_a_call_for_help_is_heard() -> None:
    inbound = came_in("HELP")
    assert (inbound.asks, inbound.event.name, inbound.answered) == ("help", "Help Requested", False)


def test_what_the_provider_heard_as_a_stop_is_one() -> None:
    """Its list of keywords may be longer than ours, and it has answered already."""
    inbound = came_in("ARRETXZ", OptOutType="STOP")
    assert (inbound.asks, inbound.answered) == ("stop", True)
    assert inbound.event.name == "Consent Withdrawn"


@pytest.mark.parametrize("form", [{}, {"MessageSid": "SM1"}, {"From": "+14155550123"}])
def test_a_form_that_is_no_text_says_so(form: dict[str, str]) -> None:
    with pytest.raises(UnreadableEvent, match="it needs MessageSid and From"):
        read_inbound(form, customer="angela", at=1)


def test_an_answer_to_a_webhook_is_well_formed() -> None:
    assert twiml().endswith("<Response></Response>")
    assert "<Message>Call &lt;us&gt; &amp; ask</Message>" in twiml("Call <us> & ask")


def test_a_provider_is_named_by_an_address(server: WebServer, provider: Provider) -> None:
    """A plus is a plus; what is not ASCII or has a meaning in addresses is quoted."""
    place = server.url.removeprefix("http://")
    channel = from_url(f"twilio://{ACCOUNT}:{quote(TOKEN)}@{place}?from=+15005550006&region=us")
    assert channel.deliver(replace(TEXT, address="415 555 0123")).status == "accepted"
    assert server.asked[0].form["From"] == "+15005550006"
    channel.close()


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("", "write twilio://SID:TOKEN@"),
        ("twilio://", "write twilio://SID:TOKEN@"),
        ("smtp://a:b@c?from=+1", "write twilio://SID:TOKEN@"),
        ("twilio://AC:t@api.twilio.com", "nobody to send texts from; write twilio"),
        ("twilio://AC:t@x?form=+1500", "unknown setting 'form'; settings are: from"),
        ("twilio://AC:t@x?from=A%40B", "'A@B' cannot send texts"),
        ("twilio://AC:t@x:port?from=+15005550006", "cannot read the address: Port could not"),
        ("twilio://AC:t@[x?from=+15005550006", "cannot read the address: Invalid IPv6 URL"),
    ],
)
def test_an_address_that_names_no_provider_says_what_would(url: str, says: str) -> None:
    with pytest.raises(OfoneError) as caught:
        from_url(url)
    assert says in str(caught.value)
    assert ":t@" not in str(caught.value)


def test_a_text_of_many_segments_goes_out_and_one_too_long_does_not(server: WebServer) -> None:
    assert sent(server.url, replace(TEXT, text="ö" * 161)).detail.endswith("2 segments")
    outcome = sent(server.url, replace(TEXT, text="😀" * (LONGEST_TEXT + 1)))
    assert outcome.status == "failed"
    assert outcome.detail.startswith("the text has 1601 characters (49 segments); at most 1600")


def test_callbacks_of_the_provider_change_a_state_only_forward() -> None:
    """Signed by the provider, doubled and late; one that is forged is turned away."""
    states: dict[str, DeliveryStatus] = {"SM1": "accepted"}
    seen: set[str] = set()

    def door(asked: Asked) -> Says:
        url = f"http://{asked.headers['host']}{asked.path}"
        pairs = parse_qsl(asked.body.decode(), keep_blank_values=True)
        if not signed(TOKEN, url, pairs, asked.headers.get("x-twilio-signature", "")):
            return Says(403)
        told = read_status(dict(pairs))
        if told.sid not in states:
            return Says(404)
        seen.add(told.id)
        states[told.sid] = onward(states[told.sid], told.status)
        return Says(204, b"")

    with web_server(door) as server:
        for status in ("sent", "delivered", "sent", "delivered", "sending"):
            assert post(server, news(status), TOKEN) == 204
        assert post(server, news("delivered") | {"MessageSid": "SM404"}, TOKEN) == 404
        assert post(server, news("failed"), "forged") == 403
    assert states == {"SM1": "delivered"}
    assert seen == {"SM1:sent", "SM1:delivered", "SM1:sending"}


def post(server: WebServer, form: dict[str, str], token: str) -> int:
    """What the provider does: post a form, signed with its own library."""
    url = f"{server.url}/sms/news?of=angela"
    headers = {"X-Twilio-Signature": RequestValidator(token).compute_signature(url, form)}
    http = Http(private=True)
    answer = http.send("POST", url, headers, urlencode(form).encode())
    http.close()
    assert isinstance(answer, Answer)
    return answer.status
