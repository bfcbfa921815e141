"""Links to a customer's own pages: nobody can guess one, and none holds personal data."""

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterable
from itertools import count, takewhile
from urllib.parse import urlencode

from ofone.domain.words import CHANNELS, PURPOSES, Channel, Purpose
from ofone.runtime.codec import decode_message
from ofone.runtime.ports import Batch, EffectRow, Store

_NO_JOURNEY = -1
"""Stored where a token opens no journey's pages; below it stands ``-2 - n`` for the thread of n."""

_REVOKED = "helper links revoked: "


class Links:
    """Makes tokens and links. ``base`` is the address the pages are served at, without a final /.

    A token is 128 bits that only the holder of the store's secret can make. What it is for goes
    into the digest, so that one kind never opens what another one does.

    ``remember``: whether a link that is made can be opened later; one who only reads makes none.
    """

    def __init__(self, store: Store, base: str, *, remember: bool = True) -> None:
        self.store = store
        self.remember = remember
        self.base = base.rstrip("/")
        self._secret = store.secret()
        self._waiting: list[tuple[str, str, int]] | None = None

    def gathering(self) -> "Links":
        """The same, but what is made opens nothing until ``keep`` makes all of it durable."""
        copy = Links(self.store, self.base, remember=self.remember)
        copy._waiting = []
        return copy

    def keep(self) -> None:
        """Remember all that was gathered, in one transaction. Raises StoreError."""
        if self._waiting:
            self.store.link_all(self._waiting)
            self._waiting.clear()

    def token(self, customer: str, journey: int) -> str:
        """The token of one journey's pages; remembered when made."""
        return self._made(journey, customer, "tracker", customer, str(journey))

    def tracker(self, customer: str, journey: int) -> str:
        """The address of the tracker of one journey."""
        return f"{self.base}/t/{self.token(customer, journey)}"

    def questions(self, customer: str, journey: int, **chosen: object) -> str:
        """The address of the page that asks; with ``item`` and ``answer``, that answer is chosen.

        Opening it changes nothing: the page sends the answer.
        """
        return f"{self.tracker(customer, journey)}/questions" + (
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
        token = self._digest(*said)
        if not self.remember:
            return token
        if self._waiting is None:
            self.store.link(token, customer, journey)
        else:
            self._waiting.append((token, customer, journey))
        return token

    def _is(self, token: str, *said: str) -> bool:
        return hmac.compare_digest(token.encode("utf-8", "replace"), self._digest(*said).encode())

    def _digest(self, *said: str) -> str:
        digest = hmac.digest(self._secret, "\x1f".join(said).encode(), "sha256")[:16]
        return urlsafe_b64encode(digest).decode().rstrip("=")
