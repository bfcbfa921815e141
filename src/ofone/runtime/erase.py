"""Forgetting one customer: what is to go, and what stands for them afterwards.

Everything the store has of them goes in the transaction that acknowledges the wish. What lies
elsewhere (mailboxes, lists of calls, bytes that a database leaves in its file) is wiped right
after it by ``clean``; a tombstone says that this is still to be done, whatever crashes.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import msgspec

from ofone.decisions.guards.address import TRAIT
from ofone.domain.effects import TellHelper
from ofone.domain.state import CustomerState
from ofone.domain.times import Micros
from ofone.runtime.codec import decode_effect, decode_message
from ofone.runtime.links import Links
from ofone.runtime.ports import DeadLetter, Erasable, Erasure, Gone, Store, Tombstone

_LEAST = 5
"""Letters of a trait that make it worth looking for; "Ann" would be found in everybody's mail."""
_TELLING = ("name", "mail", "phone", "address")
"""Parts of the names of traits that say who somebody is."""


def mark(secret: bytes, customer: str) -> bytes:
    """What stands for a customer who is gone: it can be compared, and not be read.

    Keyed BLAKE2b (RFC 7693) under the store's secret, 16 bytes; who has the secret can try ids.
    Every event is looked up by it once somebody was erased, and HMAC takes four times as long.
    """
    return blake2b(customer.encode(), digest_size=16, key=secret, person=b"erased").digest()


def erasure(store: Store, state: CustomerState, at: Micros) -> Erasure:
    """All that is to be known to forget this customer, who is in ``state`` at ``at``.

    What they did ahead of our clock counts as done: it is not taken a second time.
    """
    told: dict[str, None] = {}
    notes: list[tuple[str, str]] = []
    letters: list[str] = []
    words = dict.fromkeys([state.customer, *_words(state)])
    phone = state.profile.traits.get(TRAIT["sms"])
    numbers = dict.fromkeys([str(phone.value)] if phone is not None and phone.value else ())
    for row in store.effects(state.customer):
        message = decode_message(row.message) if row.message else None
        effect = decode_effect(row.body)
        # A list of tips belongs to several customers and speaks of none: its key is its own.
        if isinstance(effect, TellHelper):
            told[effect.reference] = None
            if message is not None and message.key.startswith(effect.reference):
                told[message.key] = None
                notes.append((effect.view.helper, message.key))
            continue
        letters.append(row.key)
        if message is not None and message.address:
            words[message.address] = None
            if effect.channel == "sms":
                numbers[message.address] = None
    links = Links(store, "", remember=False)
    return Erasure(
        customer=state.customer,
        mark=mark(store.secret(), state.customer),
        at=max(at, state.now, state.profile.last),
        version=state.version,
        told=tuple(told),
        words=tuple(w.encode("utf-8", "surrogatepass") for w in words if w),
        links=(*links.closed_up(state.customer, _e164(numbers)), *links.blanked(letters, notes)),
    )


def mentions(letter: DeadLetter, customer: str, words: Sequence[bytes]) -> bool:
    """Whether a dead letter is the customer's, or speaks of them where nobody knows whose it is."""
    if letter.customer:
        return letter.customer == customer
    told = letter.raw + b" " + letter.origin.encode("utf-8", "replace")
    found = (form for word in words for form in _forms(word))
    return any(re.search(rb"(?<![\w.@+-])" + re.escape(f) + rb"(?![\w@-])", told) for f in found)


def gone(secret: bytes, tombstones: Iterable[Tombstone]) -> Gone:
    """Asks of a customer and a moment whether an erasure covers it."""
    until = {t.mark: t.at for t in tombstones}
    return lambda customer, at: at <= until.get(mark(secret, customer), -1)


def clean(store: Store, places: Iterable[Erasable], *, scrub: bool = True) -> int:
    """Wipe what is left of everybody who was erased, in every file; of how many.

    None while another process reads the database: it is asked again. Raises StoreError. To be
    called where no message is on its way to a channel. ``scrub``: also the bytes that deleted rows
    left in the database's file, which is written anew for it; without, that stays to be done.
    """
    left = [t for t in store.tombstones() if t.told is not None]
    if not left:
        return 0
    whose = gone(store.secret(), left)
    told = {key for t in left for key in t.told or ()}
    for place in places:
        place.erase(whose, told)
    store.tidy(whose)
    if not scrub or not store.scrub():
        return 0
    store.scrubbed([t.mark for t in left])
    return len(left)


def _words(state: CustomerState) -> Iterator[str]:
    """What their traits say of who they are, where it is long enough to be theirs alone."""
    for name, dated in state.profile.traits.items():
        value = dated.value
        if isinstance(value, str) and any(part in name for part in _TELLING):
            beside = name.rpartition("_")[0]
            # ``advisor_name`` beside ``advisor_id``: that is somebody else.
            if beside and f"{beside}_id" in state.profile.traits:
                continue
            if len(value) >= _LEAST:
                yield value


def _forms(word: bytes) -> set[bytes]:
    """A word as it stands in text and in JSON."""
    text = word.decode("utf-8", "replace")
    escaped = text.encode("ascii", "backslashreplace").replace(b"\\x", b"\\u00")
    return {word, escaped, msgspec.json.encode(text)[1:-1]}


def _e164(numbers: Iterable[str]) -> Iterator[str]:
    """The numbers as texts went to them; what is none was never written to."""
    for number in numbers:
        import phonenumbers  # a large library; most customers were never sent a text

        try:
            parsed = phonenumbers.parse(number)
        except phonenumbers.NumberParseException:
            continue
        yield phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)
