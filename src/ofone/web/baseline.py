"""The page that asks a customer one to four questions, one at a time.

It is drawn from the state each time, works without script, and may be left at any moment. What is
answered goes through the one door, as an event.

A link in a message may carry an answer. Opening it changes nothing: mail scanners and previews
open links, and nobody should have answered because a machine looked. It shows the question with
that answer chosen; where the browser runs script, the form is sent at once, so that for a person
it is one tap, and where it does not, there is one button. A scanner that runs script could still
answer; so an item that was answered already is never sent by itself, and a person's own tap, which
comes later, corrects it.
"""

import re
from datetime import datetime
from secrets import token_urlsafe
from typing import Any
from urllib.parse import quote, urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template

from ofone.domain.events import Happened, Value
from ofone.domain.times import to_micros
from ofone.journeys.ask_next import PACE, Asking, Baseline
from ofone.needs.evidence import BASELINE
from ofone.web.language import chosen, named
from ofone.web.ports import Book, Desk
from ofone.web.telling import STATUS, told

_NONCE = re.compile(r"[\w-]{8,64}", re.ASCII)
_FORM = 4_096
"""Bytes of the largest form; ours has some hundred."""


@get("/t/{token:str}/questions", sync_to_thread=False)
def questions(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    token: FromPath[str],
    item: FromQuery[str] = "",
    answer: FromQuery[str] = "",
    lang: FromQuery[str] = "",
) -> Template:
    """The next question, or the one that is asked for; with ``answer``, that answer is chosen."""
    facts = _facts(book, token, item)[1]
    page = _Page(request, facts, token, lang)
    if facts.question is None:
        return page.end()
    return page.question(facts.question, answer if facts.question.item == item else "")


@post("/t/{token:str}/questions", status_code=303, request_max_body_size=_FORM)
async def answered(
    request: Request[Any, Any, Any],
    book: NamedDependency[Book],
    desk: NamedDependency[Desk],
    now: NamedDependency[datetime],
    token: FromPath[str],
) -> Response[Any]:
    """Take one answer, one question passed over, or the word that it is enough."""
    sent = {name: str(value) for name, value in (await request.form()).items()}
    item, lang = sent.get("item", ""), sent.get("lang", "")
    customer, facts = _facts(book, token, item)
    page = _Page(request, facts, token, lang)
    try:
        properties = _said(facts.question, facts.after, item, sent)
    except KeyError:
        return page.sorry("unknown", 400)
    event = Happened(
        # The same form twice is the same event, so a double tap answers once.
        id=f"{BASELINE}:{item}:{sent['nonce']}",
        customer=customer,
        name=BASELINE,
        at=to_micros(now),
        properties=properties,
        source="baseline page",
    )
    if why := await told(desk, event):
        return page.sorry(why, STATUS[why])
    return Redirect(page.address(), status_code=303)


def _facts(book: Book, token: str, item: str) -> tuple[str, Baseline]:
    found = book.by_link(token)
    facts = book.baseline(*found, item) if found else None
    if found is None or facts is None:
        raise NotFoundException("no questions behind this link")
    return found[0], facts


def _said(
    question: Asking | None, after: tuple[str, ...], item: str, sent: dict[str, str]
) -> dict[str, Value]:
    """What a form says, by item. Raises KeyError for what our own form cannot say."""
    if question is None or question.item != item or not _NONCE.fullmatch(sent["nonce"]):
        raise KeyError(item)
    if "enough" in sent:
        return dict.fromkeys((item, *after))
    values: dict[str, Value] = {str(v): v for v, _ in question.words("").answers}
    return {item: ({"": None} | values)[sent["answer"]]}


class _Page:
    """One view of the page, in the reader's language. ``lang`` is the switch, where it was used."""

    def __init__(
        self, request: Request[Any, Any, Any], facts: Baseline, token: str, lang: str
    ) -> None:
        accepted = request.headers.get("accept-language", "")
        self.facts = facts
        self.token = quote(token, safe="")
        self.language = chosen(lang, facts.language, accepted, facts.own)
        self.switched = self.language if self.language == chosen(lang, "", "", "") and lang else ""

    def address(self, **query: str) -> str:
        """An address of this page; the switched language stays."""
        said = {k: v for k, v in {"lang": self.switched, **query}.items() if v}
        return f"/t/{self.token}/questions" + (f"?{urlencode(said)}" if said else "")

    def question(self, asking: Asking, answer: str = "") -> Template:
        facts, words = self.facts, asking.words(self.language)
        asked = [a.item for a in facts.before]
        earlier = asked[: asked.index(asking.item)] if asking.item in asked else asked
        return self._template(
            words=words,
            item=asking.item,
            picked=next(((v, label) for v, label in words.answers if str(v) == answer), None),
            languages=self._languages(item=asking.item, answer=answer),
            again=asking.item in asked,
            answered=asking.item in facts.answered,
            back=self.address(item=earlier[-1]) if earlier else "",
            nonce=token_urlsafe(12),
        )

    def end(self) -> Template:
        """No question is left. Of a journey that is over nothing more is asked or promised."""
        facts, pace = self.facts, self.facts.pace
        if facts.over:
            return self._template()
        return self._template(
            # How often they wish to hear from us changes no approach.
            counts=facts.answered - {PACE},
            before=[(a.words(self.language), self.address(item=a.item)) for a in facts.before],
            pace=self.address(item=pace.item) if pace and facts.before else "",
        )

    def sorry(self, why: str, status: int) -> Template:
        """Why an answer was not taken, kindly, and the way on."""
        return self._template(status, sorry=why)

    def _template(self, status: int = 200, **more: Any) -> Template:
        facts = self.facts
        return Template(
            "baseline.html",
            status_code=status,
            context={
                "facts": facts,
                "language": self.language,
                "switched": self.switched,
                "action": self.address(),
                "tracker": f"/t/{self.token}" + (f"?lang={self.switched}" if self.switched else ""),
                "title": facts.title_in.get(self.language, facts.title),
                # A role is named in the company's language alone.
                "helper": facts.helper if self.language == facts.own else "",
                "languages": self._languages(),
                **more,
            },
        )

    def _languages(self, **query: str) -> list[tuple[str, str, str]]:
        """(code, its own name, the address of this page in it)."""
        kept = {k: v for k, v in query.items() if v}
        where = f"/t/{self.token}/questions?"
        return [
            (code, name, where + urlencode({"lang": code, **kept}))
            for code, name in named().items()
        ]
