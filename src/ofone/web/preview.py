"""Every text of a playbook as a person would get it, on a phone and on a desk, side by side."""

from typing import Any, Protocol, runtime_checkable
from urllib.parse import urlencode

from babel import Locale, UnknownLocaleError
from litestar import Response, get
from litestar.exceptions import NotFoundException
from litestar.params import FromPath, FromQuery
from litestar.response import Redirect, Template
from litestar.types import ControllerRouterHandler

from ofone.domain.errors import NotFound
from ofone.journeys.compiled import Compiled
from ofone.journeys.playbook import Action
from ofone.runtime.preview import Text, Wanted, said_at
from ofone.web.mail import mail_page


@runtime_checkable
class Previews(Protocol):
    """What this page reads."""

    def playbooks(self) -> list[Compiled]:
        """Those in force here, in the order in which they are offered."""

    def personas(self) -> dict[str, str]:
        """Ids and names of the people who are always there, the usual one first."""

    def texts(self, compiled: Compiled, who: str, wanted: Wanted) -> list[Text]:
        """For a persona, or for a customer as of now. Raises NotFound."""


_ON_PAGE = ("email", "sms", "in_app")
"""Channels that always have their place on the page, also where nothing is said."""


def preview_handlers(previews: Previews) -> list[ControllerRouterHandler]:
    """The routes below ``/preview``; for staff."""

    @get("/preview", sync_to_thread=False)
    def first() -> Redirect:
        """The first playbook there is."""
        for compiled in previews.playbooks():
            return Redirect(f"/preview/{compiled.name}", status_code=303)
        raise NotFoundException("no playbook is in force here")

    @get("/preview/{playbook:str}", sync_to_thread=True)
    def page(
        playbook: FromPath[str],
        who: FromQuery[str] = "",
        action: FromQuery[str] = "",
        approach: FromQuery[str] = "",
        language: FromQuery[str] = "",
    ) -> Template:
        """One action as one approach says it, beside a list of all."""
        compiled = _compiled(previews, playbook)
        said = said_at(compiled)
        action = action if action in said else next(iter(said))
        approach = approach if approach in said[action] else next(iter(said[action]))
        wanted = Wanted(action=action, approach=approach, language=language)
        asked = who.strip()
        person = asked or next(iter(previews.personas()))
        unknown = ""
        try:
            found = previews.texts(compiled, person, wanted)
        except NotFound:
            person, unknown = next(iter(previews.personas())), asked
            found = previews.texts(compiled, person, wanted)
        chosen = {"who": person, "action": action, "approach": approach, "language": language}

        def link(**other: str) -> str:
            query = {k: v for k, v in (chosen | other).items() if v}
            return f"/preview/{compiled.name}?{urlencode(query)}"

        return Template(
            "preview.html",
            context={
                "books": [(b.name, b.playbook.title) for b in previews.playbooks()],
                "book": compiled.playbook,
                "steps": {name: ready.step.title for name, ready in compiled.steps.items()},
                "titles": {a: s.approach.title for a, s in compiled.approaches.items()},
                "said": list(_by_step(compiled, said, approach).items()),
                "here": said[action][approach],
                "approaches": list(said[action]),
                "languages": _languages(compiled),
                "personas": previews.personas(),
                "person": person,
                "unknown": unknown,
                "chosen": chosen,
                "link": link,
                "shown": {t.channel: t for t in found},
                "more": [t for t in found if t.channel not in _ON_PAGE],
                "title": compiled.actions[action].title,
                "frame": f"/preview/{compiled.name}/html?{urlencode(chosen)}",
            },
        )

    @get("/preview/{playbook:str}/html", sync_to_thread=True)
    def html(
        playbook: FromPath[str],
        who: FromQuery[str],
        action: FromQuery[str],
        approach: FromQuery[str],
        language: FromQuery[str] = "",
    ) -> Response[str]:
        """An e-mail's own HTML, for the sandboxed frames."""
        wanted = Wanted(action=action, approach=approach, channel="email", language=language)
        try:
            (text, *_) = previews.texts(_compiled(previews, playbook), who, wanted)
        except NotFound as error:
            raise NotFoundException(str(error)) from None
        return mail_page({"html": text.html, "text": text.text})

    return [first, page, html]


def _compiled(previews: Previews, name: str) -> Compiled:
    books = {b.name: b for b in previews.playbooks()}
    if name not in books:
        raise NotFoundException(f"no playbook {name!r} here; there are: {', '.join(books)}")
    return books[name]


def _by_step(
    compiled: Compiled, said: dict[str, dict[str, str]], approach: str
) -> dict[str, list[tuple[Action, str]]]:
    """Actions by the step at which they are first said, each as this approach says it, if it does.

    A step at which nothing is said is left out.
    """
    found: dict[str, list[tuple[Action, str]]] = {name: [] for name in compiled.steps}
    for action, by in said.items():
        chosen = approach if approach in by else next(iter(by))
        found[by[chosen]].append((compiled.actions[action], chosen))
    return {step: actions for step, actions in found.items() if actions}


def _languages(compiled: Compiled) -> list[tuple[str, str]]:
    """Codes and own names of the languages that a playbook has words in; "" is the customer's."""
    contents: list[Any] = [
        c for a in compiled.actions.values() for by in a.content.values() for c in by.values()
    ]
    others = sorted({language for c in contents for language in c.says})
    own = compiled.playbook.language.partition("-")[0]
    return [("", "Their own"), *((code, _name(code)) for code in (own, *others))]


def _name(code: str) -> str:
    try:
        return str(Locale.parse(code.replace("-", "_")).get_display_name()).capitalize()
    except (UnknownLocaleError, ValueError):
        return code
