"""The playbooks in force, indexed by what may arrive: the frozen facts that ``advance`` is told."""

from collections.abc import Iterable

from msgspec import Struct

from ofone.domain.errors import NotFound
from ofone.domain.times import Micros
from ofone.domain.transition import Policy
from ofone.journeys.compiled import Compiled
from ofone.journeys.conditions import Condition
from ofone.journeys.lengths import Lengths
from ofone.needs.evidence import SignalRule
from ofone.needs.items import Question

SILENCE = "silence:"
"""How the timers begin that wait for an answer."""


def silence(event: str, rule: SignalRule) -> str:
    """The name of the timer of a silence after this event, one for each need it tells of."""
    return f"{SILENCE}{rule.need}:{event}"


class Library(Struct, frozen=True, kw_only=True):
    """The current version of every playbook, and the older ones that journeys still run on.

    ``answers``: by event, the timers of silences that it ends, and how long each of them waits.
    ``beside``: the traits that name the people beside a customer. ``dates``: the properties that
    hold an appointment in any of them.
    ``staged``: whether any step has a usual level of a need. ``distress``: by event, the conditions
    on which it is one of distress. ``lengths``: how long steps take, as measured; without it, as
    the playbooks say.
    """

    current: dict[str, Compiled]
    versions: dict[tuple[str, str], Compiled]
    entries: dict[str, tuple[Compiled, ...]]
    awaited: dict[str, tuple[Compiled, ...]]
    questions: dict[str, Question]
    signals: dict[str, tuple[tuple[Condition | None, SignalRule], ...]]
    answers: dict[str, tuple[tuple[str, Micros], ...]]
    staged: bool
    beside: frozenset[str] = frozenset()
    dates: frozenset[str] = frozenset()
    distress: dict[str, tuple[Condition | None, ...]] = {}
    lengths: Lengths | None = None

    def version(self, name: str, version: str) -> Compiled:
        """The playbook a journey runs on. Raises NotFound when nobody kept it."""
        found = self.versions.get((name, version))
        if found is None:
            raise NotFound(f"playbook {name!r} version {version} is not in the library")
        return found


class Facts(Struct, frozen=True, gc=False, kw_only=True):
    """What is true while one event is folded: the time, the playbooks, the policy snapshot."""

    now: Micros
    library: Library
    policy: Policy = Policy()


def library(
    current: Iterable[Compiled],
    older: Iterable[Compiled] = (),
    lengths: Lengths | None = None,
) -> Library:
    """Index the current playbooks (one per name) and keep the older versions beside them."""
    now = {c.name: c for c in current}
    versions = {(c.name, c.version): c for c in (*older, *now.values())}
    entries: dict[str, list[Compiled]] = {}
    awaited: dict[str, list[Compiled]] = {}
    questions: dict[str, Question] = {}
    signals: dict[str, list[tuple[Condition | None, SignalRule]]] = {}
    for c in now.values():
        entries.setdefault(c.entry, []).append(c)
        questions |= c.questions
        for name in c.uses:
            awaited.setdefault(name, []).append(c)
        for name, rules in c.signals.items():
            # Two playbooks may declare the same signal; a contact counts once for a need.
            have = {rule.need for _, rule in signals.get(name, ())}
            signals.setdefault(name, []).extend(r for r in rules if r[1].need not in have)
    distress: dict[str, tuple[Condition | None, ...]] = {}
    for c in now.values():
        for name, conditions in c.distress.items():
            distress[name] = (*distress.get(name, ()), *conditions)
    answers: dict[str, list[tuple[str, Micros]]] = {}
    for name, heard in signals.items():
        for _, rule in heard:
            if rule.silence is not None:
                within, ends = rule.silence
                for end in ends:
                    answers.setdefault(end, []).append((silence(name, rule), within))
    return Library(
        current=now,
        versions=versions,
        entries={k: tuple(v) for k, v in entries.items()},
        awaited={k: tuple(v) for k, v in awaited.items()},
        questions=questions,
        signals={k: tuple(v) for k, v in signals.items()},
        answers={k: tuple(v) for k, v in answers.items()},
        staged=any(c.usually for c in versions.values()),
        beside=frozenset(h.trait for c in versions.values() for h in c.playbook.helpers if h.trait),
        dates=frozenset(
            r.step.date for c in versions.values() for r in c.steps.values() if r.step.date
        ),
        distress=distress,
        lengths=lengths,
    )
