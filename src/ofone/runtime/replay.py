"""Fold the log again and compare every state, decision and effect, byte for byte."""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import Struct
from msgspec.structs import replace

from ofone.domain.events import describe
from ofone.domain.state import CustomerState
from ofone.domain.transition import Policy
from ofone.journeys.advance import advance
from ofone.journeys.compiled import Compiled, compile_playbook
from ofone.journeys.lengths import Lengths
from ofone.journeys.library import Facts, Library, library
from ofone.journeys.playbook import Playbook
from ofone.runtime.codec import decode_event, encode
from ofone.runtime.erase import mark
from ofone.runtime.ports import Store


class Difference(Struct, frozen=True, kw_only=True):
    """One thing that came out otherwise than it is stored; ``customer`` is empty for the whole."""

    customer: str
    what: str


class Checked(Struct, kw_only=True):
    """What a check read, and what differed; ``erased``: customers of whom nothing is left."""

    customers: int = 0
    inputs: int = 0
    decisions: int = 0
    effects: int = 0
    erased: int = 0
    differences: list[Difference] = []


def kept_playbooks(store: Store) -> dict[tuple[str, str], Compiled]:
    """Every playbook version the store has kept, compiled."""
    return {
        (name, version): compile_playbook(msgspec.json.decode(text, type=Playbook))
        for name, version, text in store.playbooks()
    }


def kept_lengths(store: Store, number: int) -> Lengths | None:
    """The snapshot of that number; None for 0, which is none."""
    if not number:
        return None
    return replace(msgspec.json.decode(store.read_lengths(number), type=Lengths), number=number)


class _FactsText(Struct, frozen=True, kw_only=True):
    """What was in force, as the log names it. ``lengths``: the number of a snapshot, 0 for none."""

    playbooks: dict[str, str]
    policy: int
    lengths: int = 0


def facts_by_number(store: Store) -> Mapping[int, tuple[Library, Policy]]:
    """The library and the policy behind each number in the log."""
    kept = kept_playbooks(store)
    found = {}
    for number, text in store.all_facts().items():
        said = msgspec.json.decode(text, type=_FactsText)
        current = [kept[name, version] for name, version in said.playbooks.items()]
        books = library(current, kept.values(), kept_lengths(store, said.lengths))
        found[number] = (books, Policy(number=said.policy))
    return found


def check(
    store: Store, *, progress: Callable[[int], None] = lambda _: None, most: int = 20
) -> Checked:
    """Recompute everything from the log. Stops listing after ``most`` differences, not counting."""
    facts = facts_by_number(store)
    done = Checked(erased=store.counts().get("erased", 0))
    graves = {t.mark: t.version for t in store.tombstones()}
    secret = store.secret()
    after = ""
    while rows := store.customers(after):
        for row in rows:
            after = row.customer
            begun = graves.get(mark(secret, after), 0) if graves else 0
            blank = CustomerState(customer=after, version=begun)
            _check_customer(store, blank, row.body, facts, done, most)
            progress(done.inputs)
    known = store.counts().get("customers", 0)
    if done.customers != known and len(done.differences) < most:
        what = f"there are {done.customers} states, and {known} customers were counted"
        done.differences.append(Difference(customer="", what=what))
    return done


def _check_customer(
    store: Store,
    state: CustomerState,
    stored: bytes,
    facts: Mapping[int, tuple[Library, Policy]],
    done: Checked,
    most: int,
) -> None:
    customer = state.customer
    decisions: list[bytes] = []
    effects: list[bytes] = []
    said: list[str] = []
    for n, row in enumerate(store.log(customer), 1):
        done.inputs += 1
        try:
            books, policy = facts[row.facts]
            event = decode_event(row.body)
        except (KeyError, msgspec.DecodeError):
            said.append(f"input {n} cannot be read")
            continue
        transition = advance(state, event, Facts(now=row.now, library=books, policy=policy))
        if transition.unusable:
            said.append(f"{describe(event)} is refused now: {transition.unusable}")
        state = transition.state
        done.decisions += len(transition.decisions)
        if transition.decisions:
            decisions.append(encode(transition.decisions))
        effects += [encode(e) for e in transition.effects]
    done.customers += 1
    done.effects += len(effects)
    if encode(state) != stored:
        said.append("the state differs")
    if decisions != store.decisions(customer):
        said.append("the decisions differ")
    if effects != [e.body for e in store.effects(customer)]:
        said.append("the effects differ")
    room = most - len(done.differences)
    done.differences += [Difference(customer=customer, what=w) for w in said[:room]]
