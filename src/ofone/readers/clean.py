"""What of a text the customer wrote, now, in words: the rest is blanked before it is read.

Every function keeps the length of the text, so that a place in the result is the same place in
the original: spans that counted as evidence can be shown in what the customer really sent.
"""

import re
from collections.abc import Iterator

Span = tuple[int, int]

LONGEST = 20_000
"""Characters of one text that are read; the rest is left out, and the reading says so."""
WORDS_A_PIECE = 40
"""Short messages are read whole; longer ones in pieces of whole sentences up to this length."""

_TAG = re.compile(r"<(?:/?[a-zA-Z][^<>\n]{0,300}|!--[^<>\n]{0,300})>")
_LINK = re.compile(r"(?:https?://|www\.)\S{1,2000}")
_QUOTED = re.compile(r"\s{0,3}(?:>|\|\s)")
_OPENS_QUOTE = re.compile(
    r"\s{0,3}(?:"
    r"(?:On|Am|Le|El|Op|Il) .{4,200}(?:wrote|schrieb.{0,100}|a écrit|escribió|ha scritto) ?:"
    r"|-{2,}\s?(?:Original|Forwarded|Ursprüngliche|Weitergeleitete|Mensaje|Message)\b.{0,60}"
    r"|Begin forwarded message:|_{20,}"
    r"|(?:From|Von|De|Da): .{1,200}"
    r")\s*$",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"\s{0,3}\*?(?:From|Sent|To|Cc|Date|Subject|Von|Gesendet|An|Betreff|De|Envoyé|À|Objet|Para|"
    r"Enviado|Asunto)\*?\s?:",
    re.IGNORECASE,
)
_WROTE = re.compile(r"(?:wrote|schrieb.{0,100}|a écrit|escribió|ha scritto) ?:\s*$", re.IGNORECASE)
_SIGNATURE = re.compile(r"\s{0,3}--\s*$")
_DEVICE = re.compile(
    r"\s{0,3}(?:Sent from (?:my|Outlook|Yahoo|Mail)|Get Outlook for|Von meinem .{1,40} gesendet|"
    r"Envoyé de mon|Enviado desde mi)\b.{0,80}$",
    re.IGNORECASE,
)
_FAREWELL = re.compile(
    r"\s{0,3}(?:(?:with )?(?:kind|best|warm|many)?\s?(?:regards|wishes)|sincerely(?: yours)?|"
    r"yours (?:sincerely|faithfully|truly)|cheers|best|mit freundlichen grüßen|viele grüße|"
    r"saludos|atentamente|cordialement|bien à vous)\s?[,.!]?\s*$",
    re.IGNORECASE,
)
_LEGAL = re.compile(
    r"intended (?:only|solely|exclusively)? ?(?:for|recipient)|intended recipient"
    r"|received this (?:e-?mail|message|communication)[^.]{0,40} in error"
    r"|(?:e-?mail|message|communication)[^.]{0,80} (?:is|are|may be|contains?)[^.]{0,60} "
    r"(?:confidential|privileged)"
    r"|before printing this|unauthori[sz]ed (?:use|disclosure|review)"
    r"|diese e-?mail enthält vertrauliche|ce message[^.]{0,60} confidentiel",
    re.IGNORECASE,
)
_LONGEST_NOTICE = 2_500
_OTHER_SPEAKER = re.compile(
    r"\s{0,3}(?:\[[^\]\n]{1,20}\]\s?)?"
    r"(?:agent|advisor|adviser|representative|rep|support|bot|assistant|operator|system)\s?:",
    re.IGNORECASE,
)
_OWN_SPEAKER = re.compile(
    r"\s{0,3}(?:\[[^\]\n]{1,20}\]\s?)?(?:customer|client|caller|me|user)\s?:", re.IGNORECASE
)
_END = re.compile(r"[.!?…。！？]+[\"'”’)\]]*(?=\s)|\n[ \t\r]*\n")
_WORD = re.compile(r"\S+")


def is_text(text: str) -> bool:
    """False for what was never meant to be read: bytes taken for characters."""
    part = text[:LONGEST]
    strange = sum((c < " " and c not in "\t\n\r\f\v\x1b") or c in "\ufffd\x7f" for c in part)
    return "\0" not in part and strange * 20 <= len(part)


def clean(text: str) -> str:
    """The text with all that is quoted, signed, boilerplate, markup or another's turn blanked."""
    text = _TAG.sub(_blank, text[:LONGEST])
    text = _LINK.sub(_blank, text)
    lines = text.splitlines(keepends=True)
    kept = _own_lines(lines)
    joined = "".join(
        line if keep else _blanked(line) for line, keep in zip(lines, kept, strict=True)
    )
    return _without_legal(joined)


def _own_lines(lines: list[str]) -> list[bool]:
    """Which lines the customer wrote: no quotes, no signature, no turn of somebody else."""
    kept = [True] * len(lines)
    other = False
    for n, line in enumerate(lines):
        bare = line.rstrip("\r\n")
        if _OTHER_SPEAKER.match(bare):
            other = True
        elif match := _OWN_SPEAKER.match(bare):
            other = False
            lines[n] = _blanked(line[: match.end()]) + line[match.end() :]
        if other or _QUOTED.match(bare) or _DEVICE.match(bare):
            kept[n] = False
        elif _opens_quote(lines, n):
            kept[n] = False
            # Below a quote of marked lines the customer may go on; otherwise all the rest is it.
            if not _quoted_next(lines, n):
                kept[n:] = [False] * (len(lines) - n)
                break
        elif _SIGNATURE.match(bare) or (_FAREWELL.match(bare) and _short_end(lines, n)):
            kept[n:] = [False] * (len(lines) - n)
            break
    return kept


def _opens_quote(lines: list[str], n: int) -> bool:
    bare = lines[n].rstrip("\r\n")
    if not _OPENS_QUOTE.match(bare):
        # "On Tuesday, 3 March, Ana Berg <ana@…>" breaks before "wrote:" in many programs.
        following = lines[n + 1].rstrip("\r\n") if n + 1 < len(lines) else ""
        return (
            len(following) < 120
            and bare.lstrip().lower().startswith(("on ", "am ", "le ", "el "))
            and any(c.isdigit() for c in bare)
            and _WROTE.search(following) is not None
        )
    if _HEADER.match(bare):
        # "From: the bottom of my heart" is no header; a header has a second line like it.
        return any(_HEADER.match(line) for line in lines[n + 1 : n + 4])
    return True


def _quoted_next(lines: list[str], n: int) -> bool:
    rest = (line for line in lines[n + 1 : n + 4] if line.strip() and not _WROTE.search(line))
    return _QUOTED.match(next(rest, "")) is not None


def _short_end(lines: list[str], n: int) -> bool:
    """After a farewell only a few short lines: a name, a role, a number."""
    count = 0
    for line in lines[n + 1 :]:
        if _QUOTED.match(line) or _OPENS_QUOTE.match(line.rstrip("\r\n")):
            break
        if line.strip() and not _LEGAL.search(line):
            count += 1
            if count > 8 or len(line.strip()) > 70:
                return False
    return True


def _without_legal(text: str) -> str:
    """Blank paragraphs of two lawyers' phrases, or of one when they are long.

    Longer than any disclaimer is a whole call, or a mail without paragraphs: that is not blanked
    for one phrase.
    """
    parts = re.split(r"(\n[ \t\r]*\n)", text)
    for n, part in enumerate(parts):
        found = len(_LEGAL.findall(part))
        if len(part) <= _LONGEST_NOTICE and (found > 1 or (found == 1 and len(part) > 150)):
            parts[n] = _blanked(part)
    return "".join(parts)


def _blank(match: re.Match[str]) -> str:
    return " " * len(match[0])


def _blanked(text: str) -> str:
    return "".join(c if c in "\r\n" else " " for c in text)


def sentences(text: str, begin: int = 0, end: int | None = None) -> list[Span]:
    """Places of the sentences, without the white space around them."""
    end = len(text) if end is None else end
    found: list[Span] = []
    start = begin
    for match in _END.finditer(text, begin, end):
        _add(found, text, start, match.end())
        start = match.end()
    _add(found, text, start, end)
    return found


def _add(found: list[Span], text: str, start: int, end: int) -> None:
    part = text[start:end]
    bare = part.strip()
    if bare:
        first = start + part.index(bare)
        found.append((first, first + len(bare)))


def pieces(text: str) -> list[Span]:
    """What is read at once: a short text whole, a long one in sentences packed up to 40 words."""
    found: list[Span] = []
    words = 0
    for start, end in (part for whole in sentences(text) for part in _cut(text, whole)):
        count = len(text[start:end].split())
        if found and words + count <= WORDS_A_PIECE:
            found[-1] = (found[-1][0], end)
            words += count
        else:
            found.append((start, end))
            words = count
    return found


def _cut(text: str, span: Span) -> Iterator[Span]:
    """A sentence that never ends is cut after every 40 words."""
    start, end = span
    words = 0
    begin = start
    for match in _WORD.finditer(text, start, end):
        words += 1
        if words > WORDS_A_PIECE:
            yield begin, match.start()
            begin, words = match.start(), 1
    yield begin, end


_FUNCTION_WORDS = {
    "en": "the and is are was you your my i it's i'm not for with this that have has had to of in "
    "be been will would can could do does what how when please we our they there from about just "
    "me if so on at as it or no any but an by out up all",
    "de": "der die das und ist nicht ich sie wir ein eine mit für auf den dem von zu wie was wann "
    "bitte haben habe noch mein meine es im bei auch schon mir ihr ihre kein keine sehr nach",
    "es": "el la los las que de y en un una es no se por para con mi su cuando cómo como está "
    "gracias tengo muy pero más del al lo qué usted ustedes necesito hay todavía",
    "fr": "le la les des et est un une je vous nous pas que qui pour dans avec mon ma ce il elle "
    "sur quand comment merci très mais plus du au votre suis encore c'est j'ai de mes",
    "it": "il lo la gli che di e un una non è per con mi mio mia sono quando come grazie molto ma "
    "più del della ho ancora questo",
    "pt": "o os as que de e em um uma não é para com meu minha quando como obrigado muito mas "
    "mais do da você eu ainda está",
    "nl": "de het een en is niet ik u wij met voor op van wat wanneer hoe mijn nog maar heb zijn "
    "naar ook geen dit",
}
_TONGUES = {tongue: frozenset(words.split()) for tongue, words in _FUNCTION_WORDS.items()}


def is_english(text: str) -> bool:
    """Whether to trust an English model with it; too little text to tell counts as English.

    Counts function words of seven European languages, and letters of other alphabets.
    """
    part = text[:4000].lower().replace("’", "'")
    letters = [c for c in part if c.isalpha()]
    foreign = sum(c > "\u024f" for c in letters)
    if foreign * 3 > len(letters) and len(letters) > 3:
        return False
    words = re.findall(r"[^\W\d_]+(?:'[^\W\d_]+)?", part)
    hits = {t: sum(w in known for w in words) for t, known in _TONGUES.items()}
    english = hits.pop("en")
    best = max(hits.values())
    return best <= english or best < 2


def is_sarcastic(text: str) -> bool:
    """A few turns of phrase that say the opposite of their words: then better hear nothing."""
    return _SARCASM.search(text) is not None


_PRAISE = (
    r"(?:great|wonderful|fantastic|brilliant|lovely|superb|amazing|excellent|perfect|joy|good|"
    r"marvell?ous|terrific|awesome|nice|congratulations|bravo|well done|fun)"
)
_SARCASM = re.compile(
    r"(?:^|\s)/s\b|\byeah,? right\b|\bas if\b\W*$|\bslow clap\b|\bthanks (?:a lot )?for nothing\b"
    r"|\b(?:oh|wow|gee|well),? (?:how )?" + _PRAISE + r"\b"
    r"|\bjust (?:great|perfect|wonderful|what (?:i|we) (?:needed|wanted))\b"
    r"|\bexactly what (?:i|we) (?:needed|wanted|always)\b"
    r"|\b" + _PRAISE + r"\b[^.!?]{0,40}\b(?:lost|lose|cancell?(?:ed|ing)|disconnected|down again|"
    r"fifth time|again)\b"
    r"|\b(?:lost|down|cancelled|wrong|failed|late)\b[^.!?]{0,20} again\W{1,3}" + _PRAISE + r"\b"
    r"|\bmy favou?rite (?:hobby|pastime|thing)\b|\bmade? my day\b.{0,20}again|\bmakes my day\b"
    r"|\bwhat a (?:joy|surprise|shock|treat)\b|\bhow (?:surprising|lovely|wonderful|original)\b"
    r"|\bwho doesn't love\b|\b(?:right|sure|of course),? because\b"
    r"|\b(?:ten|10) out of (?:ten|10)\b|\bas always\W{0,3}$",
    re.IGNORECASE,
)
