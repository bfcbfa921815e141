"""What a careful editor would say about a playbook's words: one small rule each.

A rule sees a text as its reader would, rendered once with everything known and once with nothing
that may be missing. What it finds is advice, not a fault: ``validate`` refuses faults.
"""

import re
import tomllib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import groupby
from typing import Any

from msgspec import Struct

from ofone.conversations import letters, reading, templates
from ofone.conversations.segments import segments
from ofone.domain.errors import TemplateError

RULES = {
    "maybe-missing": "a name is used that may not be known, and then the message is held",
    "link": "a link that leads nowhere, or over an open line",
    "bare-link": "an address in an e-mail's words, where a link should have words of its own",
    "reading-level": "harder to read than most people of 13 find easy",
    "too-long": "over two segments of a text, 60 characters of a subject, 300 in the app",
    "alarm": "words that frighten people into acting",
    "guilt": "words that blame",
    "scarcity": "words that make something scarce",
    "health": "what strangers may read says something about health",
    "need-named": "a need is named to the person who has it, or to a helper",
    "call-differs": "words of a call that differ by approach: who calls would learn of a need",
    "same-subject": "two messages that a mailbox shows as one",
    "translation": "words that are there in some languages only",
    "not-measured": "a language this linter does not know",
    "not-read": "a text that made-up values do not fit, so that most rules could not look at it",
    "idle-allow": "a rule is allowed where it finds nothing",
}
NOTES = ("translation", "not-measured", "not-read")
"""Rules that only tell: what they find is nothing to mend."""

SEGMENTS = 2
SUBJECT = 60
IN_APP = 300

_LOOSE = {"alarm": "say what happens and by when", "guilt": "say what is open, and offer help"}
_LOOSE["scarcity"] = "name the date, and that both answers are fine"
# What lies open on a table; words for those who call and for other systems do not.
_SEEN = {"sms": "a text message", "in_app": "a line in the app", "push": "a push message"}
_PREVIEW = 110  # characters of the first line that a lock screen shows
_ADDRESS = re.compile(r"(?:https?:|mailto:|www\.)[^\s<>\"']*", re.IGNORECASE)
_LINK = re.compile(r"\[([^\]]*)\]\(\s*<?([^)\s>]*)[^)]*\)")
_HOST = re.compile(r"https://(?:[\w-]+\.)+[\w-]{2,}(?::\d+)?(?:[/?#].*)?$|https://$", re.IGNORECASE)
_MAILTO = re.compile(r"mailto:[^@\s]+@[^@\s]+\.[^@\s]+$", re.IGNORECASE)
_VALUE = re.compile(r"(?s)\{\{.*?\}\}")
_ADDRESSES_OF_OURS = re.compile(r"\{\{-?\s*(tracker_url|question\.link|answer\.link|page)\b.*?\}\}")


class Piece(Struct, frozen=True, kw_only=True):
    """One text of a playbook: where it stands, whose it is, and its templates.

    ``path`` as the loader writes it; ``owner`` the id of the action or helper message; ``channel``
    also "helper". ``told``: approach and channel, in words. ``sample`` is everything a template may
    name with a value; ``missing`` the groups of dotted names that may be unknown together.
    """

    path: str
    owner: str
    channel: str
    language: str
    told: str
    subject: str
    body: str
    sample: Mapping[str, Any]
    missing: Sequence[Sequence[str]]


class Finding(Struct, frozen=True, kw_only=True):
    """What a rule found; ``line`` within the template (from 1), 0 where it is about all of it."""

    rule: str
    owner: str
    path: str
    what: str
    hint: str
    line: int = 0


class _Read(Struct, frozen=True, kw_only=True):
    """A piece as read: subject, lines of the body, and what shows before it is opened."""

    subject: str
    lines: tuple[str, ...]
    first: str


def lint(pieces: Sequence[Piece], allowed: Mapping[str, Mapping[str, str]]) -> list[Finding]:
    """Everything found and not allowed; ``allowed`` is, by owner, rules with their reasons."""
    found = [f for piece in pieces for f in _of(piece)]
    found += [*_calls(pieces), *_same_subjects(pieces), *_translations(pieces), *_unknown(pieces)]
    used = {(f.owner, f.rule) for f in found}
    paths = {p.owner: p.path.partition(".")[0] for p in reversed(pieces)}
    idle = [
        Finding(
            rule="idle-allow",
            owner=owner,
            path=f"{paths[owner]}.lint.allow.{rule}",
            what=f"{rule!r} is allowed and finds nothing here",
            hint="leave it out",
        )
        for owner, rules in allowed.items()
        for rule in rules
        if owner in paths and (owner, rule) not in used
    ]
    return [f for f in found if f.rule not in allowed.get(f.owner, {})] + idle


def _of(piece: Piece) -> Iterator[Finding]:
    # Both as all that is known and as nothing: each shows sentences that the other hides.
    seen = set()
    reads: list[_Read] = []
    for full in (True, False):
        try:
            reads.append(_read(piece, full=full))
        except (TemplateError, ValueError) as error:
            if full:
                what = f"made-up values do not fit: {str(error).removeprefix(': ')}"
                yield _found("not-read", piece, "body", what, "let a person read it", "")
    for rule in _RULES:
        for found in rule(piece, reads):
            if (found.rule, found.path, found.what) not in seen:
                seen.add((found.rule, found.path, found.what))
                yield found


def _missing(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    for names in piece.missing:
        for part, source in (("subject", piece.subject), ("body", piece.body)):
            if names[0].split(".")[-1] not in source and names[0].split(".")[0] not in source:
                continue
            try:
                templates.render(source, _without(piece.sample, names), "")
            except TemplateError as error:
                try:
                    templates.render(source, piece.sample, "")
                except TemplateError:
                    continue  # a sample that does not fit says nothing about what may be missing
                at, _, what = str(error).removeprefix(": ").partition(": ")
                what, _, hint = what.partition("; ")
                # The filters do not know what they were given.
                hint = hint.replace("if …", f"if {names[0]}").replace("{{ …", f"{{{{ {names[0]}")
                yield Finding(
                    rule="maybe-missing",
                    owner=piece.owner,
                    path=f"{piece.path}.{part}",
                    what=f"{names[0]} may not be known, and then this message is held: {what}",
                    hint=hint or f"put it inside {{% if {names[0]} %}} … {{% endif %}}",
                    line=int(at.removeprefix("line ")) if at.startswith("line ") else 0,
                )


def _links(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    source = _VALUE.sub(lambda m: "\n" * m[0].count("\n") or "·", piece.body)
    for link in _LINK.finditer(source):
        if not link[2]:
            yield _found("link", piece, "body", f"“{link[1]}” leads nowhere", _WRITE_LINK, link[0])
    for match in _ADDRESS.finditer(source):
        address = match[0].rstrip(".,;:!?)]")
        lower = address.lower()
        whole = address.replace("·", "x")
        if lower.startswith("http:"):
            what, hint = f"{address} is not encrypted", "write https://"
        elif lower.startswith("www."):
            what, hint = f"{address} is no address yet", f"write https://{address}"
        elif lower.startswith("mailto:") and not _MAILTO.match(whole) and "·" not in address:
            what, hint = f"{address} names nobody", "write mailto:name@example.com"
        elif lower.startswith("https:") and not _HOST.match(whole) and "·" not in address:
            what, hint = f"{address} is no address", "write https://example.com/page"
        else:
            continue
        yield _found("link", piece, "body", what, hint, match[0])


_WRITE_LINK = "write [words](https://example.com/page)"


def _bare(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    if piece.channel not in ("email", "helper"):
        return
    outside = _LINK.sub(lambda m: f"[{m[1]}]" + "\n" * m[0][len(m[1]) :].count("\n"), piece.body)
    for match in (*_ADDRESSES_OF_OURS.finditer(outside), *_ADDRESS.finditer(outside)):
        if "{%" in outside[max(0, match.start() - 3) : match.start()]:
            continue
        hint = f"write [what it is for]({match[0]})"
        what = f"{match[0]} stands in the words as it is"
        line = outside.count("\n", 0, match.start()) + 1
        path = f"{piece.path}.body"
        yield Finding(
            rule="bare-link", owner=piece.owner, path=path, what=what, hint=hint, line=line
        )


def _level(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    if piece.channel in ("helper", "call", "webhook"):  # people whose work it is, and programs
        return
    for read in reads[:1]:
        found = reading.level([_LEADS_TO.sub("", x) for x in read.lines], piece.language)
        if found is not None and found.hard:
            most = (
                f"grade {reading.GRADE:.0f} at most"
                if piece.language == "en"
                else f"{reading.EASE:.0f} at least"
            )
            what = f"{found.index} over {found.words} words; hardest is “{_cut(found.hardest)}”"
            hint = f"shorter sentences and shorter words: {most}"
            yield _found("reading-level", piece, "body", what, hint, found.hardest)


def _long(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    for read in reads[:1]:
        text = " ".join(read.lines)
        if (n := len(read.subject)) > SUBJECT:
            what = f"the subject has {n} characters with everything known: “{_cut(read.subject)}”"
            yield _found("too-long", piece, "subject", what, f"{SUBJECT} at most", "")
        if piece.channel == "sms" and (n := segments(text)) > SEGMENTS:
            what = f"{n} text messages with everything known"
            hint = f"{SEGMENTS} at most; characters such as ’ – … make the segments shorter"
            yield _found("too-long", piece, "body", what, hint, "")
        if piece.channel == "in_app" and (n := len(text)) > IN_APP:
            yield _found("too-long", piece, "body", f"{n} characters", f"{IN_APP} at most", "")


def _pressure(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    for rule, hint in _LOOSE.items():
        for part, word in _words(rule, piece, reads):
            yield _found(rule, piece, part, f"“{word}”", hint, word)


def _health(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    pattern = _pattern(piece.language, "health")
    for read in reads if pattern else ():
        shown = [("subject", read.subject, "a subject")]
        if piece.channel == "email":
            shown += [("body", read.first, "the first line of an e-mail")]
        elif piece.channel in _SEEN:
            shown += [("body", " ".join(read.lines), _SEEN[piece.channel])]
        for part, text, where_said in shown:
            for match in pattern.finditer(_plain(text)) if pattern else ():
                what = f"“{match[0]}” in {where_said}"
                hint = "say it where only this person reads it"
                yield _found("health", piece, part, what, hint, match[0])


def _needs(piece: Piece, reads: Sequence[_Read]) -> Iterator[Finding]:
    for part, word in _words("need", piece, reads):
        hint = "speak of the step, and of what happens"
        yield _found("need-named", piece, part, f"“{word}” names a need", hint, word)


_RULES: tuple[Callable[[Piece, Sequence[_Read]], Iterator[Finding]], ...] = (
    _missing,
    _links,
    _bare,
    _level,
    _long,
    _pressure,
    _health,
    _needs,
)


def _calls(pieces: Sequence[Piece]) -> Iterator[Finding]:
    """Whoever calls reads the words: a customer with others than the rest has some need."""
    for _, group in groupby((p for p in pieces if p.channel == "call"), key=lambda p: p.owner):
        texts: dict[str, dict[str, Piece]] = {}
        for piece in group:
            texts.setdefault(piece.told, {})[piece.language] = piece
        own = next(iter(next(iter(texts.values()))))  # the playbook's own stands before the others
        for language in sorted({code for said in texts.values() for code in said}):
            said = {told: known.get(language, known[own]) for told, known in texts.items()}
            first, *others = said.values()
            for piece in others:
                if _words_of(piece) == _words_of(first):
                    continue
                what = f"in {language!r}, a call has other words for {piece.told} than {first.told}"
                hint = "write them once, under content.any"
                yield _found("call-differs", piece, "", what, hint, "")


def _words_of(piece: Piece) -> tuple[list[str], list[str]]:
    return piece.subject.split(), piece.body.split()


def _same_subjects(pieces: Sequence[Piece]) -> Iterator[Finding]:
    first: dict[tuple[str, str, str], Piece] = {}
    for piece in pieces:
        subject = " ".join(piece.subject.split()).casefold()
        if not subject:
            continue
        known = first.setdefault((piece.channel, piece.language, subject), piece)
        if known.owner != piece.owner:
            what = f"{known.owner!r} has the same subject “{_cut(piece.subject.strip())}”"
            yield _found("same-subject", piece, "subject", what, "say what is new", "")


def _translations(pieces: Sequence[Piece]) -> Iterator[Finding]:
    def base(piece: Piece) -> str:
        return piece.path.partition(".says.")[0]

    there: dict[str, set[str]] = {}
    for piece in pieces:
        there.setdefault(base(piece), set()).add(piece.language)
    own = [p for p in pieces if p.path == base(p) and p.channel != "helper"]
    others = {p.language for p in pieces if p.path != base(p)}
    for language in sorted(others):
        wholly = []
        for owner, group in groupby(own, key=lambda p: p.owner):
            texts = list(group)
            lacking = [p for p in texts if language not in there[base(p)]]
            if len(lacking) == len(texts):
                wholly.append(owner)
            elif lacking:
                what = f"{language!r} is missing for {', '.join(p.told for p in lacking)}"
                yield _found("translation", lacking[0], "", what, _ADD, "")
        if wholly:
            yield Finding(
                rule="translation",
                owner="",
                path="actions",
                what=f"{language!r} is missing in {len(wholly)} actions: {', '.join(wholly)}",
                hint=_ADD,
            )


_ADD = "add it under says; until then people read the playbook's own language"


def _unknown(pieces: Sequence[Piece]) -> Iterator[Finding]:
    for language in sorted({p.language for p in pieces}):
        lacks = [] if reading.measured(language) else ["how hard texts are to read"]
        lacks += [] if _lexicon(language) else ["words of alarm, guilt, scarcity, health and needs"]
        if lacks:
            yield Finding(
                rule="not-measured",
                owner="",
                path="language",
                what=f"in {language!r}, nothing is said of {' and of '.join(lacks)}",
                hint="let somebody read them who speaks it",
            )


def _read(piece: Piece, *, full: bool) -> _Read:
    """The piece as its reader has it. Raises TemplateError or ValueError where it has none."""
    names = () if full else [n for group in piece.missing for n in group]
    context = _without(piece.sample, names)
    subject = templates.printable(templates.render(piece.subject, context, ""))
    if piece.channel not in ("email", "helper"):
        text = templates.printable(templates.render(piece.body, context, ""))
        return _Read(subject=subject, lines=(text,), first=text)
    skeleton, values = templates.skeleton(piece.body, context, "")
    letter = letters.letter(skeleton)
    lead = letters.fill(letter, values)[2]
    shown = lead if len(lead) <= _PREVIEW else lead[:_PREVIEW].rpartition(" ")[0]
    lines = (_filled(line.words, values) for line in letter.lines)
    return _Read(subject=subject, lines=tuple(x for x in lines if x.strip(" -")), first=shown)


_LEADS_TO = re.compile(r":? <?oq(?:link|part)\d+z[^\s>]*>?|:? <?(?:https?|mailto|tel):[^\s>]+>?")


def _filled(words: str, values: Sequence[str]) -> str:
    """A line without its addresses, with its values."""
    return templates.SLOT.sub(lambda m: values[int(m[1])], _LEADS_TO.sub("", words))


def _without(sample: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """The sample, with these dotted names unknown."""
    context = dict(sample)
    for name in names:
        above, _, below = name.partition(".")
        if below and isinstance(context.get(above), dict):
            context[above] = {**context[above], below: None}
        else:
            context[above] = None
    return context


def _words(name: str, piece: Piece, reads: Sequence[_Read]) -> Iterator[tuple[str, str]]:
    pattern = _pattern(piece.language, name)
    for read in reads if pattern else ():
        for part, text in (("subject", read.subject), ("body", " ".join(read.lines))):
            for match in pattern.finditer(_plain(text)) if pattern else ():
                yield part, match[0]


def _plain(text: str) -> str:
    return text.replace("’", "'")


@cache
def _lexicon(language: str) -> dict[str, list[str]]:
    """The word lists of one language; empty for one that has none."""
    path = files("ofone.conversations") / "lexicon" / f"{language}.toml"
    return tomllib.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}


@cache
def _pattern(language: str, name: str) -> re.Pattern[str] | None:
    phrases = _lexicon(language).get(name, [])
    if not phrases:
        return None
    one = "|".join(re.escape(p).replace(r"\*", r"\w*").replace(r"\ ", r"\s+") for p in phrases)
    return re.compile(rf"(?<!\w)(?:{one})(?!\w)", re.IGNORECASE)


def _found(rule: str, piece: Piece, part: str, what: str, hint: str, near: str) -> Finding:
    source = piece.subject if part == "subject" else piece.body
    return Finding(
        rule=rule,
        owner=piece.owner,
        path=f"{piece.path}.{part}" if part else piece.path,
        what=what,
        hint=hint,
        line=_line(source, near),
    )


def _line(source: str, near: str) -> int:
    """Where words stand in a template, by as many of the first of them as it has in a row."""
    words = near.replace("·", " ").split()
    for n in sorted({len(words), 5, 3, 2}, reverse=True):
        if words and n <= len(words):
            pattern = r"[\s*_]+".join(map(re.escape, words[:n]))
            if match := re.search(pattern, _plain(source), re.IGNORECASE):
                return source.count("\n", 0, match.start()) + 1
    return 0


def _cut(text: str, most: int = 90) -> str:
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
