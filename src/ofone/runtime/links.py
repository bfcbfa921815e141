"""Links to a customer's own pages: nobody can guess one, and none holds personal data."""

import hmac
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Callable, Iterable
from itertools import count, takewhile
from typing import Literal
from urllib.parse import urlencode

from msgspec import Struct

from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, Micros
from ofone.domain.words import CHANNELS, PURPOSES, Channel, Purpose
from ofone.profiles.fold import revoked
from ofone.runtime.codec import decode_message
from ofone.runtime.ports import Batch, EffectRow, Store

_NO_JOURNEY = -1
"""Stored where a token opens no journey's pages; below it stands ``-2 - n`` for the thread of n."""

_NOBODY = ""
"""Stored where a token leads to somebody who was erased."""

_REVOKED = "helper links revoked: "

LIFE = 180
"""Days that a link to a customer's pages opens them, counted from the end of its period."""
PERIOD = 30
"""Days within which the links of one journey are the same, so that few are to be remembered."""
_SIGNED = 16
_LAST = 2**16 - 1
_TOKEN = re.compile(r"[\w-]{24}", re.ASCII)  # 16 bytes that sign it, 2 with the day it ends on


class Opened(Struct, frozen=True, kw_only=True):
    """The journey that a link leads to, and whether it still opens its pages."""

    customer: str
    journey: int
    link: Literal["open", "expired", "revoked"]


class Links:
    """Makes tokens and links. ``base`` is the address the pages are served at, without a final /.

    A token is 128 bits that only the holder of the store's secret can make. What it is for goes
    into the digest, so that one kind never opens what another one does.

    ``remember``: whether a link that is made can be opened later; one who only reads makes none.
    ``life``: days that a new link to a customer's pages opens them (up to ``PERIOD`` more).
    """

    def __init__(self, store: Store, base: str, *, remember: bool = True, life: int = LIFE) -> None:
        self.store = store
        self.remember = remember
        self.life = life
        self.base = base.rstrip("/")
        self._secret = store.secret()
        self._waiting: list[tuple[str, str, int]] | None = None

    def gathering(self) -> "Links":
        """The same, but what is made opens nothing until ``keep`` makes all of it durable."""
        copy = Links(self.store, self.base, remember=self.remember, life=self.life)
        copy._waiting = []
        return copy

    def keep(self) -> None:
        """Remember all that was gathered, in one transaction. Raises StoreError."""
        if self._waiting:
            self.store.link_all(self._waiting)
            self._waiting.clear()

    def token(self, state: CustomerState, journey: int, at: Micros) -> str:
        """The token of one journey's pages, as it is made at ``at``; remembered when made.

        The same for all that is written within ``PERIOD`` days, until the links are revoked.
        """
        end = (at // DAY // PERIOD + 1) * PERIOD + self.life
        token = self._signed(state, journey, min(max(end, 0), _LAST))
        return self._remembered(token, state.customer, journey)

    def opened(
        self, token: str, now: Micros, state_of: Callable[[str], CustomerState | None]
    ) -> Opened | None:
        """What a tracker's token opens now, or None for one that was never made."""
        found = self.store.linked(token) if _TOKEN.fullmatch(token) else None
        state = state_of(found[0]) if found is not None else None
        if found is None or state is None or not 0 <= found[1] < len(state.journeys):
            return None
        customer, journey = found
        end = int.from_bytes(urlsafe_b64decode(token)[_SIGNED:], "big")
        if not hmac.compare_digest(token, self._signed(state, journey, end)):
            return Opened(customer=customer, journey=journey, link="revoked")
        link: Literal["open", "expired"] = "open" if now < end * DAY else "expired"
        return Opened(customer=customer, journey=journey, link=link)

    def code(self, key: str) -> str:
        """The six digits of the code that an effect stands for; the same whenever it is asked."""
        return f"{int.from_bytes(self._mac('code', key)[:8], 'big') % 1_000_000:06d}"

    def seal(self, *said: str) -> str:
        """What only we can write under these words."""
        return self._digest("seal", *said)

    def tracker(self, state: CustomerState, journey: int, at: Micros) -> str:
        """The address of the tracker of one journey."""
        return f"{self.base}/t/{self.token(state, journey, at)}"

    def questions(self, state: CustomerState, journey: int, at: Micros, **chosen: object) -> str:
        """The address of the page that asks; with ``item`` and ``answer``, that answer is chosen.

        Opening it changes nothing: the page sends the answer.
        """
        return f"{self.tracker(state, journey, at)}/questions" + (
            f"?{urlencode(chosen)}" if chosen else ""
        )

    def leave(self, customer: str, channel: Channel, purpose: Purpose) -> str:
        """The address that ends one customer's messages of one purpose on one channel."""
        token = self._made(_NO_JOURNEY, customer, "leave", customer, channel, purpose)
        return f"{self.base}/u/{token}"

    def letter(self, customer: str, key: str) -> str:
        """What stands for an effect's key where strangers see it, as in a Message-ID."""
        return self._made(_NO_JOURNEY, customer, "letter", key)

    def note(self, helper: str, key: str) -> str:
        """What stands for a message to a helper where strangers see it."""
        return self._made(_NO_JOURNEY, helper, "note", helper, key)

    def notes_of(self, token: str) -> list[EffectRow]:
        """The effects that a token of ``note`` stands for: a list of tips is several."""
        found = self.store.linked(token)
        return [
            row
            for customer in (self.store.helped(found[0]) if found is not None else ())
            for row in self.store.effects(customer)
            if found is not None
            and row.message is not None
            and self._is(token, "note", found[0], decode_message(row.message).key)
        ]

    def thread(self, customer: str, journey: int) -> str:
        """What stands for a journey where strangers see it: its messages are one conversation."""
        return self._made(-2 - journey, customer, "thread", customer, str(journey))

    def appointment(self, customer: str, journey: int, step: str) -> str:
        """The stable name of a step's appointment in other people's calendars; opens nothing."""
        return self._digest("appointment", customer, str(journey), step)

    def number(self, customer: str, number: str) -> None:
        """Remember that this customer was written to at a telephone number (E.164)."""
        for n in count():
            token = self._digest("number", number, str(n))
            found = self.store.linked(token)
            if found is None and self.remember:
                self.store.link(token, customer, _NO_JOURNEY)
            if found is None or found[0] == customer:
                return

    def customers_at(self, number: str) -> list[str]:
        """Everybody who was written to at this number: people share telephones."""
        return list(dict.fromkeys(customer for _, customer in self._at(number)))

    def closed_up(self, customer: str, numbers: Iterable[str]) -> list[tuple[str, str, int]]:
        """Links to be given anew when this customer's are gone, so that who shares the telephone
        is still found behind them: token, customer, journey.
        """
        found = []
        for number in numbers:
            row = self._at(number)
            others = [(n, who) for n, (_, who) in enumerate(row) if who != customer]
            last, heir = others[-1] if others else (0, "")
            found += [(t, heir, _NO_JOURNEY) for t, who in row[:last] if who == customer]
        return found

    def blanked(
        self, letters: Iterable[str], notes: Iterable[tuple[str, str]]
    ) -> list[tuple[str, str, int]]:
        """Links that are to lead to nobody instead, so that late news of these is known as such.

        ``letters``: keys of effects; ``notes``: helpers, and keys of messages to them.
        """
        tokens = [self._digest("letter", key) for key in letters]
        tokens += [self._digest("note", helper, key) for helper, key in notes]
        return [(t, _NOBODY, _NO_JOURNEY) for t in tokens if self.store.linked(t) is not None]

    def of_erased(self, token: str) -> bool:
        """Whether a token of ``letter`` or ``note`` stands for a message to, or about, somebody who
        was erased since.
        """
        found = self.store.linked(token)
        return found is not None and found[0] == _NOBODY

    def _at(self, number: str) -> list[tuple[str, str]]:
        """The tokens of a number without a gap, and whom each leads to."""
        tokens = (self._digest("number", number, str(n)) for n in count())
        known = takewhile(
            lambda one: one[1] is not None, ((t, self.store.linked(t)) for t in tokens)
        )
        return [(token, found[0]) for token, found in known if found]

    def helper(self, helper: str) -> str:
        """The address of a helper's own page, until it is revoked."""
        token = self._made(_NO_JOURNEY, helper, "helper", helper, str(self._revoked(helper)))
        return f"{self.base}/h/{token}"

    def helper_of(self, token: str) -> str | None:
        """Whose page a token of ``helper`` opens; None for one that was revoked."""
        found = self.store.linked(token)
        known = found is not None and self._is(
            token, "helper", found[0], str(self._revoked(found[0]))
        )
        return found[0] if found is not None and known else None

    def revoke_helper(self, helper: str) -> str:
        """From now on the old address of a helper's page opens nothing; the new one."""
        self.store.commit(Batch(counts={f"{_REVOKED}{helper}": 1}))
        return self.helper(helper)

    def _revoked(self, helper: str) -> int:
        return self.store.counts().get(f"{_REVOKED}{helper}", 0)

    def leaving(self, token: str) -> tuple[str, Channel, Purpose] | None:
        """Whose messages a token of ``leave`` ends: customer, channel, purpose."""
        found = self.store.linked(token)
        if found is None:
            return None
        for channel in CHANNELS:
            for purpose in PURPOSES:
                if self._is(token, "leave", found[0], channel, purpose):
                    return found[0], channel, purpose
        return None

    def letter_of(self, token: str) -> EffectRow | None:
        """The effect that a token of ``letter`` stands for."""
        found = self.store.linked(token)
        rows = self.store.effects(found[0]) if found is not None else ()
        return next((row for row in rows if self._is(token, "letter", row.key)), None)

    def thread_of(self, token: str) -> tuple[str, int] | None:
        """Customer and journey that a token of ``thread`` stands for."""
        found = self.store.linked(token)
        if found is None:
            return None
        customer, journey = found[0], -2 - found[1]
        return (customer, journey) if self._is(token, "thread", customer, str(journey)) else None

    def _made(self, journey: int, customer: str, *said: str) -> str:
        return self._remembered(self._digest(*said), customer, journey)

    def _remembered(self, token: str, customer: str, journey: int) -> str:
        if not self.remember:
            return token
        if self._waiting is None:
            # Most were made before; only a new one is worth a transaction.
            if self.store.linked(token) is None:
                self.store.link(token, customer, journey)
        else:
            self._waiting.append((token, customer, journey))
        return token

    def _is(self, token: str, *said: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._digest(*said).encode())

    def _signed(self, state: CustomerState, journey: int, end: int) -> str:
        """A tracker's token that ends with the day before ``end`` (days since 1970, UTC)."""
        day = end.to_bytes(2, "big")
        said = ("tracker", state.customer, str(journey), str(revoked(state.profile)), str(end))
        return urlsafe_b64encode(self._mac(*said)[:_SIGNED] + day).decode()

    def _digest(self, *said: str) -> str:
        return urlsafe_b64encode(self._mac(*said)[:_SIGNED]).decode().rstrip("=")

    def _mac(self, *said: str) -> bytes:
        # With their lengths, so that no two lists of words are the same bytes.
        parts = [part.encode("utf-8", "surrogatepass") for part in said]
        text = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
        return hmac.digest(self._secret, text, "sha256")
