"""All that a helper's page, and every export to a helper, is made of.

These types hold what the helper knows anyway: steps, dates, requests, and notes that everybody
gets. Every field is a text, a number or one of these types, so there is no place for a need, an
approach or a message to the customer: a leak does not type-check. Times are ISO 8601 in UTC.
"""

from typing import Literal

from msgspec import Struct

from ofone.domain.words import JourneyStatus, StepStatus

RequestState = Literal["open", "taken up", "answered", "passed on", "over"]
"""``passed on``: somebody else was asked since; ``over``: the customer acted, or time ran out."""


class HelperStep(Struct, frozen=True, kw_only=True):
    """A step, with its dates from the playbook's figures and what happened, as everybody's."""

    title: str
    status: StepStatus
    began: str | None = None
    done: str | None = None
    appointment: str | None = None
    expected_from: str | None = None
    expected_to: str | None = None
    late: bool = False


class HelperCase(Struct, frozen=True, kw_only=True):
    """One journey of one customer whom the helper is beside. ``end`` is its outcome's title."""

    customer: str
    name: str
    journey: str
    status: JourneyStatus
    end: str
    began: str
    steps: tuple[HelperStep, ...]


class HelperRequest(Struct, frozen=True, kw_only=True):
    """Something the helper was asked. ``subject`` and ``text`` are empty until it has gone out.

    ``phone`` is the customer's number as known by now, while the request waits for this helper.
    """

    reference: str
    customer: str
    name: str
    step: str
    subject: str
    text: str
    asked: str
    due: str
    state: RequestState
    outcome: str = ""
    by: str = ""
    phone: str = ""


class HelperNote(Struct, frozen=True, kw_only=True):
    """A tip or a weekly list of them, or a plain copy that a step began."""

    kind: Literal["tip", "copy"]
    step: str
    subject: str
    text: str
    at: str


class HelperInbox(Struct, frozen=True, kw_only=True):
    """One helper's page. ``zone`` (IANA) is the one its times are told in."""

    helper: str
    name: str
    zone: str
    requests: tuple[HelperRequest, ...]
    cases: tuple[HelperCase, ...]
    notes: tuple[HelperNote, ...]
