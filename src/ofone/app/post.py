"""Incoming mail becomes events: who it is from is what its token says, and nothing else."""

import mailbox
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any, assert_never

from msgspec import Struct
from msgspec.structs import replace

from ofone.channels.incoming import (
    Arrived,
    AutoReplied,
    Bounced,
    Complained,
    Left,
    News,
    Replied,
    Unread,
    read,
)
from ofone.conversations.stop import wish
from ofone.domain.effects import Admit, Send, TellHelper, receipt
from ofone.domain.errors import OfoneError
from ofone.domain.events import Event, Happened, Receipt, Value
from ofone.domain.times import Micros
from ofone.journeys.admit import bounced
from ofone.journeys.helper import unreached
from ofone.profiles.fold import CONSENT_WITHDRAWN
from ofone.readers.clean import clean
from ofone.runtime.codec import decode_effect
from ofone.runtime.engine import Ack, Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import DeadLetter, EffectRow

ORIGIN = "mail"
"""The origin of a dead letter that holds a mail."""
KEPT = 1_000_000
"""Bytes of a mail that are kept as a dead letter."""
NO_COMPLAINT = ("not-spam", "auth-failure")
"""Feedback (RFC 5965, 6591) of which the customer wants nothing."""
_SENT = ("accepted", "delivered", "unknown")


class Post(Struct, frozen=True, kw_only=True):
    """What one mail comes to: an event or a dead letter, and deliveries that failed after all.

    Nothing at all where it asks for what is so already. News of a mail to a helper says nothing of
    the customer; it is an event where somebody else has to be asked.
    """

    event: Event | None = None
    letter: DeadLetter | None = None
    failed: tuple[EffectRow, ...] = ()


def take(raw: bytes, engine: Engine, links: Links, now: Micros) -> Post:
    """Take one mail in; returns once it is durable. A repeat changes nothing. Raises StoreError."""
    post = opened(raw, engine, links, now)
    events = [post.event] if post.event is not None else []
    acks = engine.submit_many(events, letters=[post.letter] if post.letter is not None else [])
    return settled(post, acks, engine)


def settled(post: Post, acks: list[Ack], engine: Engine) -> Post:
    """The delivery is failed only once the journey has heard of it, as the dispatcher does it."""
    if post.failed and all(a.status != "dead letter" for a in acks):
        engine.store.settle(post.failed)
    return post


def opened(raw: bytes, engine: Engine, links: Links, now: Micros) -> Post:
    """What a mail comes to, without taking it in."""
    news = read(raw)
    if _of_erased(news, links):
        return Post()
    noted = _noted(news, links)
    found = _event(news, engine, links, now) if noted is None else _of_helper(news, noted)
    if isinstance(found, str):
        return Post(
            letter=DeadLetter(at=now, kind="raw", origin=ORIGIN, reason=found, raw=raw[:KEPT])
        )
    if isinstance(found, tuple) and isinstance(news, Bounced):
        detail = f"bounced: {news.detail}"
        failed = tuple(replace(r, status="failed", next_at=None, detail=detail) for r in found)
        event: Event | None = None
        match decode_effect(found[0].body):
            case Send() as send:
                event = receipt(send, "failed", found[0].at, detail)
            case TellHelper() as told:
                event = unreached(told) if told.kind == "request" else None
            case Admit() as admit:
                event = bounced(admit, detail)
            case other:
                assert_never(other)
        return Post(event=event, failed=failed)
    assert not isinstance(found, tuple)  # noqa: S101  (only a bounce has rows)
    return Post(event=found)


def _of_erased(news: News, links: Links) -> bool:
    """Whether a machine reports on mail to, or about, somebody who was erased: nothing is kept.

    What a person answers is read by a person.
    """
    about = () if isinstance(news, Left | Unread | Replied) else news.about
    return any(links.of_erased(token) for token in about)


def _noted(news: News, links: Links) -> tuple[EffectRow, ...] | None:
    """The tips, requests or copies that a mail is about; None where it is about none."""
    about = () if isinstance(news, Left | Unread) else news.about
    found = (links.notes_of(token) for token in about)
    return next((tuple(rows) for rows in found if rows), None)


def _of_helper(news: News, rows: tuple[EffectRow, ...]) -> tuple[EffectRow, ...] | str | None:
    """What a mail of or about a helper is: a bounce, words for a person to read, or nothing new."""
    told = decode_effect(rows[0].body)
    assert isinstance(told, TellHelper)  # noqa: S101  (only these have notes)
    who = f"{told.view.helper_name or told.view.helper} ({told.view.role})"
    match news:
        case Bounced() if news.hard and all(row.status in (*_SENT, "failed") for row in rows):
            return rows
        case Replied():
            about = f", asked about {told.view.customer}" if told.kind == "request" else ""
            return f"{who}{about}, answers by e-mail; a person has to read it"
        case Complained() if news.kind not in NO_COMPLAINT:
            return f"{who} reports our mail as unwanted; a person has to speak with them"
        case _:
            return None


def _event(
    news: News, engine: Engine, links: Links, now: Micros
) -> Happened | tuple[EffectRow] | str | None:
    """An event, the delivery that failed, why it is neither, or None when nothing is new."""
    match news:
        case Unread():
            return news.reason
        case Left():
            return _left(news, engine, links, now)
        case Bounced() | Arrived() | Complained():
            row = _row(news.about, links)
            if row is None:
                return "it reports a mail that is none of ours"
            if isinstance(news, Complained) and news.kind in NO_COMPLAINT:
                return f"it reports {news.kind}, which is no complaint"
            if isinstance(news, Bounced) and news.hard and row.status in (*_SENT, "failed"):
                return (row,)
            return _reported(news, row, now)
        case AutoReplied() | Replied():
            customer, since = _who(news.about, links)
            if not customer:
                return (
                    "it answers no mail of ours; if it is from a customer, a person has to read it"
                )
            if isinstance(news, AutoReplied):
                said = {"channel": "email"}
                return _happened(customer, news.id, "Auto-Reply Received", now, said)
            at = max(min(news.at or now, now), since)
            return _said(customer, news, at)
        case _:
            assert_never(news)


def _reported(news: Bounced | Arrived | Complained, row: EffectRow, now: Micros) -> Happened:
    """What is noted of a mail: the journey goes on as it is."""
    said: dict[str, Value] = {"channel": "email"}
    match news:
        case Bounced():
            # A full mailbox is no wrong address: what is not final leaves it as it is.
            name, id_ = "Message Bounced", f"bounce:{row.key}:{news.status}"
            said |= {"status": news.status, "detail": news.detail, "hard": news.hard}
        case Arrived():
            name, id_ = "Message Delivered", f"arrived:{row.key}"
        case Complained():
            name, id_ = "Message Complained", f"complaint:{row.key}"
            said |= {"feedback": news.kind}
        case _:
            assert_never(news)
    return _happened(row.customer, id_, name, now, said)


def _said(customer: str, news: Replied, at: Micros) -> Happened:
    """A person's own words; where they ask to be left alone, that is what they say."""
    text = own_words(news.text)
    if wish(text) == "stop":
        said = {"channel": "email", "wording": text}
        return _happened(customer, news.id, CONSENT_WITHDRAWN, at, said)
    return _happened(customer, news.id, "Reply Received", at, {"channel": "email", "text": text})


def own_words(text: str) -> str:
    """The lines that the customer wrote now: no quotes, no signature, no lawyers."""
    kept = [
        line
        for line, left in zip(text.splitlines(), clean(text).splitlines(), strict=False)
        if left.strip() or not line.strip()
    ]
    return "\n".join(kept).strip()


def _left(news: Left, engine: Engine, links: Links, now: Micros) -> Happened | str | None:
    found = links.leaving(news.token)
    if found is None:
        return "it asks to end messages, and its code is none of ours; a person has to read it"
    customer, channel, purpose = found
    state = engine.get(customer)
    word = state.profile.consents.get(f"{channel}:{purpose}") if state is not None else None
    if word is not None and not word.granted:
        return None
    since = word.at if word is not None else 0
    return _happened(
        customer,
        f"unsubscribe:{channel}:{purpose}:{since}",  # as the page does it
        CONSENT_WITHDRAWN,
        max(now, since),
        {"channel": channel, "purpose": purpose, "wording": "unsubscribe (by e-mail)"},
    )


def _row(about: tuple[str, ...], links: Links) -> EffectRow | None:
    return next((row for token in about if (row := links.letter_of(token)) is not None), None)


def _who(about: tuple[str, ...], links: Links) -> tuple[str, Micros]:
    """The customer whose mail or thread it is, and when that mail was asked for."""
    row = _row(about, links)
    if row is not None:
        return row.customer, row.at
    found = next((f for token in about if (f := links.thread_of(token)) is not None), None)
    return (found[0], 0) if found is not None else ("", 0)


def _happened(
    customer: str, id_: str, name: str, at: Micros, said: Mapping[str, Value]
) -> Happened:
    return Happened(
        id=id_, customer=customer, name=name, at=at, properties={**said}, source="e-mail"
    )


def said_of(posts: Sequence[Post]) -> dict[str, Any]:
    """What became of mails, for whoever brought them: names of events, and reasons."""
    return {
        "events": [
            p.event.name if isinstance(p.event, Happened) else "Message Bounced"
            for p in posts
            if p.event is not None
        ],
        "helper_mail_bounced": sum(
            bool(p.failed) and not isinstance(p.event, Receipt) for p in posts
        ),
        "nothing_new": sum(p == Post() for p in posts),
        "kept_as_dead_letters": [p.letter.reason for p in posts if p.letter is not None],
    }


def mails(path: Path) -> Iterator[bytes]:
    """The mails of a file (one mail, or an mbox) or of a Maildir. Raises OfoneError.

    Nothing is moved or marked: what was taken in already is a repeat, and changes nothing.
    """
    try:
        if path.is_dir():
            if not (path / "new").is_dir():
                raise OfoneError(f"{path} is no Maildir: it has no folder new; give a file, or -")
            for folder in ("cur", "new"):
                for file in sorted((path / folder).glob("*")):
                    yield file.read_bytes()
            return
        with path.open("rb") as text:
            many = text.read(5) == b"From "
        if many:
            with closing(mailbox.mbox(path, create=False)) as box:
                yield from (mail.as_bytes() for mail in box)
        else:
            yield path.read_bytes()
    except OSError as error:
        raise OfoneError(
            f"{path}: {error.strerror}; give a mail, an mbox, a Maildir, or -"
        ) from None
