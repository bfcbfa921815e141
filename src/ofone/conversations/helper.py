"""What a helper is told. The words see a ``HelperView`` and nothing else of the customer.

There is no argument here that could carry a need, an approach or a message to the customer, so no
template can print one, and two customers with the same view get the same bytes.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from msgspec import Struct

from ofone.conversations.messages import Rendered, compose
from ofone.domain.effects import HelperView
from ofone.domain.times import Micros

KNOWN: Mapping[str, Any] = {
    "helper": {"name": None},
    "customer": {"name": None, "phone": None},
    "step": {"title": None, "entered": None, "days": None},
    "journey": {"title": None},
    "answer_by": None,
    "page": None,
}
"""The names a helper message may use; ``step.entered`` and ``answer_by`` are moments.

``customer.phone`` is known to a request alone, and only where it was told. ``page`` is the address
of the helper's own page. A request ends with both, each unless its words name it.
"""

COPY_SUBJECT = "For your information: {{ customer.name }}, {{ step.title }}"
COPY_BODY = """\
{{ customer.name }} has reached the step "{{ step.title }}" ({{ journey.title }}) on
{{ step.entered | date_long }}.

This is a copy for your information. It is the same for every customer, and there is nothing you
have to do.
"""
"""A plain copy has fixed words: what the customer was sent is never shown to a helper."""

_CALL = "\n\nTelephone: {{ customer.phone }}\n"
_ANSWER = "\n\n[Answer with one tap]({{ page }})\n"


def compose_helper(
    subject: str,
    body: str,
    view: HelperView,
    answer_by: Micros | None,
    zone: str,
    locale: str,
    where: str,
    page: str = "",
    company: str = "",
) -> Rendered:
    """A tip, a request or a copy as an e-mail, with dates in the helper's zone and locale.

    ``company`` signs it; else the journey's title does. Raises TemplateError, which begins with
    ``where``.
    """
    context = {
        "_zone": zone,
        "_locale": locale,
        "_company": company or view.journey_title,
        "helper": {"name": view.helper_name},
        "customer": {"name": view.customer_name, "phone": view.phone or None},
        "step": {"title": view.step_title, "entered": view.step_entered, "days": view.step_days},
        "journey": {"title": view.journey_title},
        "answer_by": answer_by,
        "page": page or None,
    }
    if view.phone and answer_by is not None and "customer.phone" not in body:
        body += _CALL
    if page and answer_by is not None and "page" not in body:
        body += _ANSWER
    return compose(subject=subject, body=body, channel="email", context=context, where=where)


class Entry(Struct, frozen=True, kw_only=True):
    """One step in a weekly list. ``words`` are Markdown without any name."""

    journey: str
    step: str
    words: str


def compose_list(
    entries: Sequence[Entry], *, helper_name: str, page: str, zone: str, locale: str, company: str
) -> Rendered:
    """The tips of a week as one e-mail, a paragraph a step; no customer is singled out.

    ``company`` signs it. Raises TemplateError.
    """
    steps = [f"**{{{{ step{n} }}}}**\n\n{one.words.strip()}" for n, one in enumerate(entries)]
    context = {f"step{n}": f"{one.step} ({one.journey})" for n, one in enumerate(entries)}
    count = "one step" if len(entries) == 1 else f"{len(entries)} steps"
    end = _PAGE if page else ""
    return compose(
        subject=f"This week: what helps people at {count}",
        body="\n\n".join([_GREETING, *steps, _NOTHING_TO_DO + end]),
        channel="email",
        context=context
        | {"_zone": zone, "_locale": locale, "_company": company}
        | {"helper": {"name": helper_name}, "page": page},
        where="weekly list",
    )


_GREETING = """\
Hello {{ helper.name }},

Customers of yours have reached these steps this week. What helps people in general:"""
_NOTHING_TO_DO = (
    "There is nothing you have to do. We send this list to everybody with many customers."
)
_PAGE = " [Your customers and their steps]({{ page }})"
