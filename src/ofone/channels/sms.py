"""Text messages by a Twilio-compatible REST interface, and what comes back by its webhooks.

The interface knows no key for an attempt, so an attempt whose end is not known is never made
again; ``Sms.resolve`` asks the provider what became of it instead. The functions that read
webhooks are pure: who the customer is, and what time it is, are arguments.
"""

import hmac
import re
import time
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping, Sequence
from email.utils import parsedate_to_datetime
from hashlib import sha1
from typing import Literal
from urllib.parse import quote, unquote, urlencode, urlsplit
from xml.sax.saxutils import escape

import msgspec
import phonenumbers
from msgspec import Struct

from ofone.channels.http import Answer, Http, NoAnswer, settings
from ofone.conversations.segments import segments
from ofone.conversations.stop import Wish, wish
from ofone.conversations.templates import printable
from ofone.domain import effects
from ofone.domain.effects import Send
from ofone.domain.errors import OfoneError, UnreadableEvent
from ofone.domain.events import Happened, Receipt, Value
from ofone.domain.messages import Message, Outcome
from ofone.domain.times import MINUTE, Micros, to_micros
from ofone.domain.words import DeliveryStatus

Status = Literal["accepted", "delivered", "failed", "retry", "unknown"]
Seen = Literal["accepted", "delivered", "failed"]

LONGEST_TEXT = 1600
"""Characters that the provider takes in one message."""
SETTLED_S = 15 * 60.0
"""How long after an attempt a text that the provider does not list surely was not taken."""

_LONGEST = 300
"""Characters kept of what the provider says."""
_PAGE = 100
_ASK_S = 600.0
_OPTED_OUT = 21610
# About our account, sender or settings: no message is to blame, all may be tried again.
_OUR_FAULT = frozenset({20003, 20005, 20404, 21212, 21408, 21603, 21606, 21609, 21659, 21660})
_OUR_FAULT |= {21701, 21702, 21703, 21704, 30002}
_BUSY = frozenset({20429, 21611, 30001, 30017, 30022, 63018})
_MEANS: dict[str, Seen] = {
    **dict.fromkeys(("accepted", "scheduled", "queued", "sending", "sent"), "accepted"),
    **dict.fromkeys(("delivered", "read"), "delivered"),
    **dict.fromkeys(("undelivered", "failed", "canceled"), "failed"),
}
_ORDER: tuple[DeliveryStatus, ...] = ("requested", "unknown", "accepted", "failed", "delivered")
_SENDER = re.compile(r"\+[1-9]\d{6,14}|MG[0-9a-fA-F]{32}|(?=.*[A-Za-z])[A-Za-z0-9 ]{1,11}|\d{3,8}")
_SETTINGS = {
    "from": "a number like +15005550006, a messaging service MG…, or a name of up to 11 letters",
    "region": "two letters: the country of numbers that are written without +",
}
_LIKE_NUMBER = "+15005550006"
_LIKE = "twilio://SID:TOKEN@api.twilio.com?from=+15005550006"


class _Said(Struct):
    """A message or an error as the provider writes it."""

    sid: str = ""
    status: str | int | None = None
    code: int | None = None
    message: str | None = None
    error_code: int | None = None
    error_message: str | None = None
    to: str | None = None
    body: str | None = None
    date_created: str | None = None


class _List(Struct):
    messages: list[_Said]


class Sms:
    """One account at one provider. Thread-safe.

    ``sender`` is a number in E.164, a messaging service (``MG…``) or a name. ``base`` is the
    interface's address. ``callback`` gives where news of a message is posted, or nothing.
    ``region`` is the country of numbers that are written without ``+``. ``settled_s``: see
    ``resolve``.

    Raises OfoneError when ``sender`` can be none.
    """

    name = "sms"
    idempotent = False

    def __init__(
        self,
        account: str,
        token: str,
        *,
        sender: str,
        base: str = "https://api.twilio.com",
        callback: Callable[[Message], str] = lambda _: "",
        region: str = "",
        timeout_s: float = 20.0,
        settled_s: float = SETTLED_S,
    ) -> None:
        if not _SENDER.fullmatch(sender):
            raise OfoneError(f"{sender!r} cannot send texts; write {_SETTINGS['from']}")
        self._sender = sender
        self._callback = callback
        self._region = region
        self._settled = settled_s
        self._place = urlsplit(base).netloc
        self._url = f"{base}/2010-04-01/Accounts/{quote(account, safe='')}/Messages.json"
        login = b64encode(f"{account}:{token}".encode()).decode()
        self._headers = {"Authorization": f"Basic {login}", "Accept": "application/json"}
        self._http = Http(timeout_s=timeout_s, private=True)
        self._born = time.monotonic()
        self._doubts: dict[str, float] = {}

    def deliver(self, message: Message) -> Outcome:
        """Hand one text to the provider; the outcome's detail names it, and the text's id there.

        ``failed`` when the number or the text cannot be, or the provider refuses this text;
        ``retry`` when it surely was not taken; ``unknown`` when the answer is lost or is none.
        Who opted out with the provider has withdrawn consent: that is ``learned``.
        """
        try:
            form = urlencode(self._form(message)).encode()
        except ValueError as error:
            return Outcome(status="failed", detail=str(error))
        headers = self._headers | {"Content-Type": "application/x-www-form-urlencoded"}
        answer = self._http.send("POST", self._url, headers, form)
        if isinstance(answer, NoAnswer):
            sent = f"sent, but no answer came: {answer.why}"
            outcome = (
                self._says("unknown", sent) if answer.taken else self._says("retry", answer.why)
            )
        else:
            outcome = self._judged(message, answer)
        if outcome.status == "unknown":
            self._doubts[message.key] = time.monotonic()
        return outcome

    def resolve(self, message: Message) -> Outcome:
        """What became of an attempt that ended ``unknown``, by asking the provider; never sends.

        A text with the same words to the same number, made since the message was, is taken for it.
        ``retry`` when none at all is listed since, ``settled_s`` after the attempt (or after this
        channel was made, where the attempt was another process's): then it surely was not taken.
        ``unknown`` when that is too early to say, when only other words are listed (the provider
        may have changed ours), or when it does not tell.
        """
        try:
            number = e164(message.address, self._region)
        except ValueError as error:
            return Outcome(status="failed", detail=str(error))
        asked_at = time.monotonic()
        query = urlencode({"To": number, "PageSize": _PAGE})
        answer = self._http.send("GET", f"{self._url}?{query}", self._headers)
        if isinstance(answer, NoAnswer):
            return self._says("unknown", f"asked what became of it: {answer.why}", wait_s=_ASK_S)
        try:
            listed = msgspec.json.decode(answer.body, type=_List).messages
            made: list[Micros] | None = [
                to_micros(parsedate_to_datetime(one.date_created or "")) for one in listed
            ]
        except (msgspec.DecodeError, ValueError):
            listed, made = [], None
        if made is None or answer.status != 200:
            words = f"asked what became of it: {answer.status}, and no list"
            return self._says("unknown", words, wait_s=answer.wait_s(time.time()) or _ASK_S)
        since = message.at - message.at % 1_000_000 - MINUTE  # their clock may be behind ours
        recent = [one for one, at in zip(listed, made, strict=True) if at >= since]
        for one in recent:
            if one.body == message.text and one.to == number:
                self._doubts.pop(message.key, None)
                return self._found(message, one)
        if recent:
            return self._says("unknown", f"{len(recent)} other texts are listed since; look there")
        waited = asked_at - self._doubts.get(message.key, self._born)
        if waited < self._settled:
            left = self._settled - waited
            return Outcome(status="unknown", detail=f"{self._place}: not listed (yet)", wait_s=left)
        self._doubts.pop(message.key, None)
        return self._says("retry", "not listed: it was not taken")

    def close(self) -> None:
        """Close the connections; may be called again."""
        self._http.close()

    def _form(self, message: Message) -> dict[str, str]:
        """What is posted. Raises ValueError when it cannot be a text message."""
        number = e164(message.address, self._region)
        if not message.text.strip():
            raise ValueError("the text is empty; a text message needs words")
        if len(message.text) > LONGEST_TEXT:
            raise ValueError(
                f"the text has {len(message.text)} characters ({segments(message.text)} segments); "
                f"at most {LONGEST_TEXT} are taken: shorten it"
            )
        service = self._sender.startswith("MG") and len(self._sender) > 11
        form = {"To": number, "MessagingServiceSid" if service else "From": self._sender}
        form["Body"] = message.text
        if callback := self._callback(message):
            form["StatusCallback"] = callback
        return form

    def _judged(self, message: Message, answer: Answer) -> Outcome:
        """What an answer means for a text that was written whole to the provider."""
        said = _read(answer.body)
        words = f"{answer.status} {_words(said, answer)}"
        if answer.status // 100 == 2:
            if said is None or not said.sid:
                return self._says("unknown", f"{words}; sent, but the answer names no text")
            return self._found(message, said)
        code = (said.code if said else None) or 0
        wait = answer.wait_s(time.time())
        if answer.status in (429, 503) or code in _BUSY:
            return self._says("retry", words, wait_s=wait)
        if answer.status // 100 == 5:
            # The provider's own error is a refusal; a gateway's says nothing of what is behind it.
            return self._says("retry" if code else "unknown", words, wait_s=wait)
        if code == _OPTED_OUT:
            return self._says("failed", words, learned=_opted_out(message))
        if code in _OUR_FAULT or answer.status in (401, 403, 404, 405, 407) or not code:
            return self._says("retry", f"{words}; check the account, its token and the sender")
        return self._says("failed", words)

    def _found(self, message: Message, said: _Said) -> Outcome:
        """The outcome of a text that the provider knows."""
        status = _MEANS.get(str(said.status).lower(), "accepted")
        words = f"{said.sid[:64]} {said.status}, {segments(message.text)} segments"
        if status != "failed":
            return self._says(status, words)
        words += f": {said.error_code or ''} {said.error_message or ''}"
        learned = _opted_out(message) if said.error_code == _OPTED_OUT else ()
        return self._says("failed", words, learned=learned)

    def _says(
        self,
        status: Status,
        words: str,
        *,
        wait_s: float = 0.0,
        learned: tuple[Happened, ...] = (),
    ) -> Outcome:
        detail = printable(f"{self._place}: {words}")[:_LONGEST]
        return Outcome(status=status, detail=detail, wait_s=wait_s, learned=learned)


def from_url(text: str, callback: Callable[[Message], str] = lambda _: "") -> Sms:
    """The channel of ``twilio://SID:TOKEN@host?from=+1…``. Raises OfoneError.

    Spoken to by HTTPS; by HTTP where the host is this machine.
    """
    url, said = settings(text, _SETTINGS, _LIKE)
    if url.scheme != "twilio" or not (url.hostname and url.username and url.password):
        raise OfoneError(f"cannot read the address of the text message provider; write {_LIKE}")
    if "from" not in said:
        raise OfoneError(f"{url.hostname}: nobody to send texts from; write {_LIKE}")
    place = url.netloc.rpartition("@")[2]
    scheme = "http" if url.hostname in ("localhost", "127.0.0.1", "::1") else "https"
    return Sms(
        unquote(url.username),
        unquote(url.password),
        sender=said["from"],
        base=f"{scheme}://{place}",
        callback=callback,
        region=said.get("region", ""),
    )


def signed(token: str, url: str, form: Iterable[tuple[str, str]], signature: str) -> bool:
    """Whether ``X-Twilio-Signature`` is the account's own (HMAC-SHA1 of address and form).

    ``url`` is the whole address that the provider called, query included; ``form`` every pair of
    the body. The port may be signed or not, so both are tried. Compared in constant time.
    """
    try:
        addresses = _with_and_without_port(url)
    except ValueError:
        return False
    pairs = "".join(name + value for name, value in sorted(set(form)))
    given = signature.encode("utf-8", "replace")
    fitting = [
        hmac.compare_digest(b64encode(_mac(token, address + pairs)), given) for address in addresses
    ]
    return any(fitting)


def e164(address: str, region: str = "") -> str:
    """A phone number as the whole world writes it, ``+`` and digits. Raises ValueError.

    ``region``: two letters, the country of numbers that are written without ``+``. Whether the
    number is in use is not known; that it can be one is.
    """
    try:
        number = phonenumbers.parse(address, region.upper() or None)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        shown = printable(address)[:40]
        raise ValueError(f"{shown!r} is no phone number; one looks like {_LIKE_NUMBER}")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


class News(Struct, frozen=True, kw_only=True):
    """What the provider says of a text. ``id`` is the same for a repeat. ``sid``: its id there."""

    sid: str
    said: str
    status: Seen
    code: int = 0
    detail: str = ""

    @property
    def id(self) -> str:
        return f"{self.sid}:{self.said}"


def read_status(form: Mapping[str, str]) -> News:
    """News of a text from a status webhook's form. Raises UnreadableEvent for what is none."""
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    said = (form.get("MessageStatus") or form.get("SmsStatus") or "").lower()
    if not sid or said not in _MEANS:
        raise UnreadableEvent(
            f"no news of a text: MessageSid {sid[:64]!r}, MessageStatus {said[:64]!r}; "
            f"statuses are: {', '.join(_MEANS)}"
        )
    code = form.get("ErrorCode", "")
    words = printable(f"{said} {code} {form.get('ErrorMessage', '')}").strip()
    number = int(code) if code.isascii() and code.isdigit() and len(code) < 9 else 0
    return News(sid=sid[:64], said=said, status=_MEANS[said], code=number, detail=words[:_LONGEST])


def onward(known: DeliveryStatus, news: DeliveryStatus) -> DeliveryStatus:
    """The state after news, in whatever order and however often they come: it never goes back.

    What is withheld or held was never sent, so there can be no news of it.
    """
    if known not in _ORDER or news not in _ORDER:
        return known
    return max(known, news, key=_ORDER.index)


def receipt(send: Send, news: News) -> Receipt:
    """The news as the journey hears it, of the effect that asked for the text."""
    return effects.receipt(send, news.status, send.at, news.detail)


def learned(send: Send, news: News) -> tuple[Happened, ...]:
    """What news teach about the customer: a withdrawn consent when they opted out."""
    opted_out = news.code == _OPTED_OUT
    return (_withdrawn(send.customer, send.key, send.at),) if opted_out else ()


class Inbound(Struct, frozen=True, kw_only=True):
    """A text that came in: the event it is, and what is asked of us (see ``wish``).

    ``answered``: the provider has answered a keyword itself; a second answer would be one too many.
    """

    event: Happened
    asks: Wish | None
    answered: bool


def read_inbound(form: Mapping[str, str], *, customer: str, at: Micros) -> Inbound:
    """A text from a customer as an event. Raises UnreadableEvent for a form that is none.

    A wish to be left alone is ``Consent Withdrawn`` for sms with its wording as proof; a call for
    help is ``Help Requested``; all else is ``Reply Received`` with its words, START too: who
    stopped has to consent again in words that say to what.
    """
    sid = form.get("MessageSid") or form.get("SmsSid") or ""
    if not sid or not form.get("From"):
        raise UnreadableEvent(f"no text: MessageSid {sid[:64]!r}; it needs MessageSid and From")
    text = form.get("Body", "").replace("\0", "")[: 2 * LONGEST_TEXT]
    provider = {"STOP": "stop", "START": "start", "HELP": "help"}.get(form.get("OptOutType", ""))
    asks: Wish | None = wish(text) or msgspec.convert(provider, Wish | None)
    properties: dict[str, Value] = {"channel": "sms"}
    match asks:
        case "stop":
            name, properties["wording"] = "Consent Withdrawn", text
        case "help":
            name, properties["text"] = "Help Requested", text
        case _:
            name, properties["text"] = "Reply Received", text
    event = Happened(
        id=f"sms:{sid[:64]}",
        customer=customer,
        name=name,
        at=at,
        properties=properties,
        source="sms",
    )
    return Inbound(event=event, asks=asks, answered=provider is not None)


def twiml(words: str = "") -> str:
    """What a webhook is answered with: words that are texted back, or nothing."""
    inside = f"<Message>{escape(words)}</Message>" if words else ""
    return f'<?xml version="1.0" encoding="UTF-8"?><Response>{inside}</Response>'


def _opted_out(message: Message) -> tuple[Happened, ...]:
    if message.to_kind != "customer":
        return ()
    return (_withdrawn(message.who, message.key, message.at),)


def _withdrawn(customer: str, key: str, at: Micros) -> Happened:
    wording = f"the provider says: opted out ({_OPTED_OUT})"
    return Happened(
        id=f"{key}:opted-out",
        customer=customer,
        name="Consent Withdrawn",
        at=at,
        properties={"channel": "sms", "wording": wording},
        source="sms",
    )


def _read(body: bytes) -> _Said | None:
    try:
        # Not strict: some who speak this interface write their codes as texts.
        return msgspec.json.decode(body, type=_Said, strict=False)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None


def _words(said: _Said | None, answer: Answer) -> str:
    if said is None:
        return f"{answer.headers.get('content-type', 'no type')}, {len(answer.body)} bytes"
    return f"{said.code or said.status or ''} {said.message or ''}"


def _mac(token: str, text: str) -> bytes:
    return hmac.new(token.encode(), text.encode("utf-8", "surrogatepass"), sha1).digest()


def _with_and_without_port(url: str) -> Sequence[str]:
    parts = urlsplit(url)
    bare = re.sub(r":\d*$", "", parts.netloc)
    port = parts.port or (443 if parts.scheme == "https" else 80)
    return [parts._replace(netloc=n).geturl() for n in (bare, f"{bare}:{port}")]
