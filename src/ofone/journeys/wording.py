"""What the linter reads of a playbook: every text with a full sample of what it may name."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from ofone.conversations.lint import Finding, Piece, lint
from ofone.domain.errors import Problem
from ofone.domain.times import to_micros
from ofone.journeys.compiled import Compiled, Planned
from ofone.journeys.playbook import Content, ContentWords, HelperMessage

_MOMENT = to_micros(datetime(2026, 9, 23, 14, 20, tzinfo=UTC))
_DAY = "2026-09-23T14:20:00Z"
# The length of a real one: so many segments does a text message have.
_PAGE = "https://my.example.com/t/abcdefghijklmnopqrstuv"
_TIMED = re.compile(r"facts\.(\w+)\s*\|\s*(?:date_long|date_short|time)\b")
_COUNTED = re.compile(r"facts\.(\w+)\s*\|\s*(?:number|plus|minus|times|divided_by|round)\b")
_LONG = "1200 Example Boulevard, Suite 300"


def linted(compiled: Compiled) -> list[Finding]:
    """What the linter finds in a playbook, less what the playbook allows with a reason."""
    p = compiled.playbook
    allowed = {a.id: a.lint.allow for a in p.actions}
    return lint(pieces(compiled), allowed | {m.id: m.lint.allow for m in p.helper_messages})


def problem(found: Finding) -> Problem:
    """A finding as the loader places it (``load.placed``)."""
    line = f"line {found.line}: " if found.line else ""
    what = f"{line}{found.what}"
    return Problem(where=found.path, what=what, hint=f"{found.hint} [{found.rule}]")


def pieces(compiled: Compiled) -> list[Piece]:
    """Every text of the playbook, in its order: to customers in all languages, and to helpers."""
    p = compiled.playbook
    own = p.language.partition("-")[0]
    sample = _sample(compiled)
    found: list[Piece] = []
    for n, action in enumerate(p.actions):
        missing = _missing(compiled, action.id)
        for approach, channels in action.content.items():
            for channel, content in channels.items():
                path = f"actions[{n}].content.{approach}.{channel}"
                for where, language, said in _languages(path, own, content):
                    piece = Piece(
                        path=where,
                        owner=action.id,
                        channel=channel,
                        language=language,
                        told=f"{approach}/{channel}",
                        subject=said.subject,
                        body=said.body,
                        sample=sample | {"_locale": language},
                        missing=missing,
                    )
                    found.append(piece)
    found += [
        Piece(
            path=f"helper_messages[{n}]",
            owner=message.id,
            channel="helper",
            language=own,
            told=message.kind,
            subject=message.subject,
            body=message.body,
            sample=_to_helper(compiled, message),
            # There always is a name, and a page only where pages are served.
            missing=(("page",),) if message.kind == "request" else (("page",), ("answer_by",)),
        )
        for n, message in enumerate(p.helper_messages)
    ]
    return found


def _languages(
    path: str, own: str, content: Content
) -> Iterator[tuple[str, str, Content | ContentWords]]:
    yield path, own, content
    for language, words in content.says.items():
        yield f"{path}.says.{language}", language, words


def _sample(compiled: Compiled) -> dict[str, Any]:
    """Every name that a customer's text may use, with a value that is long but not the longest."""
    p = compiled.playbook
    step = max((s.step for s in compiled.steps.values()), key=lambda s: len(s.title))
    contents = [c for a in p.actions for said in a.content.values() for c in said.values()]
    said = [words for content in contents for _, _, words in _languages("", "", content)]
    sources = " ".join(f"{words.subject} {words.body}" for words in said)
    timed, counted = set(_TIMED.findall(sources)), set(_COUNTED.findall(sources))
    dates = timed | {s.step.date for s in compiled.steps.values()}
    answers = [{"value": n, "label": str(n), "link": f"{_PAGE}/q{n}"} for n in range(1, 6)]
    return {
        "company": p.company,
        "customer": {"name": "Alexandra Winterbourne", "first_name": "Alexandra"},
        "helper": {"name": "Martin Oyelaran", "title": p.helpers[0].title if p.helpers else ""},
        "journey": {"title": p.title},
        "step": {
            "title": step.title,
            "happens": step.happens,
            "you_do": step.you_do or "Nothing.",
            "late_because": max((s.step.late_because for s in compiled.steps.values()), key=len)
            or "somebody has not answered yet",
        },
        "expected": {"from": _MOMENT, "to": _MOMENT},
        "was": {"from": _MOMENT, "to": _MOMENT},
        "end": {"from": _MOMENT, "to": _MOMENT},
        "tracker_url": _PAGE,
        "question": {
            "text": "A question?",
            "low": "not at all",
            "high": "completely",
            "link": f"{_PAGE}/questions",
            "answers": answers,
        },
        "facts": {n: _DAY if n in dates else 12 if n in counted else _LONG for n in p.remember},
        "_zone": p.zone,
    }


def _missing(compiled: Compiled, action: str) -> Sequence[Sequence[str]]:
    """Which names may be unknown to it, those together that become known together."""
    late = [s.step for s in compiled.steps.values() if s.step.late == action]
    others = _planned(compiled, action)
    always = bool(late) and not others
    # What hangs on a date, or tells that it moved, is not sent without it.
    anchors = {one.moment.anchor for one in others}
    dated = anchors.pop() if len(anchors) == 1 and not late else ""
    ranges = (("expected.from", "expected.to"), ("was.from", "was.to"))
    return (
        *(() if always else ranges),
        *(() if always and all(s.late_because for s in late) else (("step.late_because",),)),
        ("customer.first_name", "customer.name"),
        ("customer.name",),
        ("helper.name",),
        ("end.from", "end.to"),
        ("question",),
        ("question.low", "question.high"),
        *((f"facts.{name}",) for name in compiled.playbook.remember if name != dated),
    )


def _planned(compiled: Compiled, action: str) -> list[Planned]:
    """Where it is sent, but for saying that a step takes longer than was told."""
    planned = list(compiled.closings.values())
    for s in compiled.steps.values():
        planned += [one for plan in s.accompany.values() for one in plan]
        planned += [one for r in s.reactions.values() for one in r.then]
        planned += [s.moved] if s.moved is not None else []
        planned += [s.calm.planned] if s.calm is not None else []
    return [one for one in planned if one.touch.send == action]


def _to_helper(compiled: Compiled, message: HelperMessage) -> Mapping[str, Any]:
    step = max((s.step for s in compiled.steps.values()), key=lambda s: len(s.title))
    return {
        "helper": {"name": "Martin Oyelaran"},
        "customer": {"name": "Alexandra Winterbourne"},
        "step": {"title": step.title, "entered": _MOMENT, "days": 12},
        "journey": {"title": compiled.playbook.title},
        "answer_by": _MOMENT,
        "page": "https://my.example.com/helper/abcdefghijklmnopqrstuv",
        "_zone": compiled.zone.key,
        "_locale": compiled.playbook.language,
    }
