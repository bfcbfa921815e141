"""What a company writes: one frozen document, from YAML or from Python.

Every field is what a CX designer edits; the published JSON Schema is made from these types
(``ofone schema``). References between parts are checked in ``journeys.check``.
"""

from typing import Annotated, Literal

from msgspec import Meta, Struct, field

from ofone.domain.words import Channel, Need
from ofone.needs.items import CUTS, SLOPE

Id = Annotated[
    str,
    Meta(
        pattern=r"^[a-z][a-z0-9_-]{0,63}$",
        description="A short name: small letters, digits, - and _, beginning with a letter.",
    ),
]
Text = Annotated[str, Meta(min_length=1, max_length=20_000)]
Line = Annotated[str, Meta(min_length=1, max_length=300)]
Condition = Annotated[
    str,
    Meta(
        max_length=2_000,
        description="A CEL expression over event, traits, facts, needs and step, such as "
        "needs.reassurance.high > 0.5 && event.amount > 1000",
    ),
]
Moment = Annotated[
    str,
    Meta(
        description='When: "at once", "after 3 days", "after 5 business days", '
        '"2 days before appointment_at" or "1 hour after appointment_at".',
    ),
]
Length = Annotated[str, Meta(description='A length of time: "4 hours", "5 business days".')]
Clock = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="HH:MM, 24 hours")]


class Document(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """Base: immutable, and a field that nobody knows is an error, not a silence."""


class Match(Document, frozen=True, kw_only=True):
    """An event by name, and only when a condition on it holds."""

    event: Line
    if_: Condition = field(name="if", default="")


Events = tuple[str | Match, ...]


class Entry(Document, frozen=True, kw_only=True):
    """What begins a journey, and when the same customer may begin another.

    ``key`` names the event property that tells two journeys apart (an application number).
    ``again``: ``per key`` one journey for each key, ever; ``after end`` a key may begin again once
    its journey ended; ``one at a time`` no second journey of this playbook while one is active.
    """

    event: str | Match
    key: str = ""
    again: Literal["per key", "after end", "one at a time"] = "per key"


class Days(Document, frozen=True, kw_only=True):
    """How long a step takes, in calendar days: half finish by ``usual``, 9 in 10 by ``most``."""

    usual: Annotated[float, Meta(ge=0, le=3650)]
    most: Annotated[float, Meta(ge=0, le=3650)]


class Touch(Document, frozen=True, kw_only=True):
    """One thing to do beside a step: exactly one of ``send``, ``ask`` and ``approach``.

    ``send`` an action to the customer; ``ask`` a helper, by the id of a helper message;
    ``approach`` change to another approach ("add more"). ``for`` limits it to some approaches.
    ``channels``: other than the approach's; ``other`` stands for those of the approach that were
    not written on at this step yet, then for the one of longest ago. What the customer asked for
    comes before what is other. ``hour: other``: not in that third of the open hours in which this
    step was written about; stated hours come before it.
    """

    send: str = ""
    ask: str = ""
    approach: str = ""
    at: Moment = "at once"
    for_: tuple[str, ...] = field(name="for", default=())
    channels: tuple[Channel | Literal["other"], ...] = ()
    hour: Literal["", "other"] = ""
    if_: Condition = field(name="if", default="")


class Reaction(Document, frozen=True, kw_only=True):
    """What is done when the customer has not reacted: the step is still open ``within`` later."""

    id: Id
    within: Length
    because: Line
    then: Annotated[tuple[Touch, ...], Meta(min_length=1)]


class InCalendar(Document, frozen=True, kw_only=True):
    """What an appointment is called in the customer's calendar, where others may read it.

    Say nothing about health here. ``place``: the remembered property that holds the place;
    ``minutes``: how long it takes.
    """

    title: Line
    place: str = ""
    minutes: Annotated[int, Meta(ge=5, le=1440)] = 30


class Quiet(Document, frozen=True, kw_only=True):
    """The action ``send`` says once that nothing needs the customer, when it was quiet for long.

    How long is what the customer stated (``cadence``), else what their acts suggest, else
    ``after``.
    """

    send: str
    after: Length = "7 days"


Code = Annotated[str, Meta(pattern=r"^[a-z]{2,3}$")]


class Prepare(Document, frozen=True, kw_only=True):
    """What helps to be ready for an appointment: on the tracker from ``days`` days before it."""

    points: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=12)]
    days: Annotated[int, Meta(ge=1, le=60)] = 3


class Act(Document, frozen=True, kw_only=True):
    """The button below ``you_do``: where the customer does it.

    ``url`` is an https address (http on localhost alone); ``{key}`` in its path, query or fragment
    becomes the journey's key, percent-encoded. Nothing else is filled in.
    """

    title: Annotated[str, Meta(min_length=1, max_length=60)]
    url: Annotated[str, Meta(max_length=500, description="https://book.example/{key}")]


class StepWords(Document, frozen=True, kw_only=True):
    """A step in another language; what else the step has (who, prepare, act) is needed here too.

    ``act`` is the title of its button: the address is the same in every language.
    ``late_because`` is read on the customer's page behind a colon: "Es dauert länger: das Labor …";
    left out, it gives no reason there.
    """

    title: Line
    happens: Text
    you_do: str = ""
    who: str = ""
    prepare: tuple[Line, ...] = ()
    act: Annotated[str, Meta(max_length=60)] = ""
    late_because: Annotated[str, Meta(max_length=200)] = ""


class Step(Document, frozen=True, kw_only=True):
    """A milestone the customer reaches, completed by an event.

    ``after``: the steps that must be done first; left out, the step above it; ``[]``, none.
    ``opens``: with ``optional``, the step exists only once one of these events came.
    ``date``: the remembered property that holds this step's appointment; with ``calendar``,
    e-mails of the actions that say so bring it into the customer's calendar.
    ``usually``: where people stand at this step, in standard deviations from their average over
    all steps; measured, since it moves everybody (left out, 0).
    ``cc``: the first of the helpers gets a plain copy, at 09:00, saying that the step began.
    ``act``: the button on the customer's page that leads to where ``you_do`` is done.
    ``needs_you: false``: what stands in ``you_do`` may be done, and the step goes on without it.
    ``prepare``: with ``date``, what helps to be ready. ``says``: the same in other languages, by
    their code (``de``), on the customer's own page; without one it shows the playbook's own words.
    ``moved``: the action that confirms a new ``date``, at once and once for each; the first booking
    is no move.
    ``late``: the action that says, a business day before the date that was told has come, that it
    takes longer, with the new range; ``late_because``: why, as it follows "because".
    ``quiet``: what says once that nothing needs the customer.
    """

    id: Id
    title: Line
    happens: Text
    you_do: str = ""
    who: Line = "we"
    after: tuple[str, ...] | None = None
    optional: bool = False
    opens: Events = ()
    completes: Annotated[Events, Meta(min_length=1)]
    repeats: Events = ()
    skips: Events = ()
    days: Days
    date: str = ""
    calendar: InCalendar | None = None
    accompany: dict[str, tuple[Touch, ...]] = {}
    reactions: tuple[Reaction, ...] = ()
    usually: dict[Need, Annotated[float, Meta(ge=-2, le=2)]] = {}
    tip: str = ""
    cc: bool = False
    needs_you: bool = True
    act: Act | None = None
    prepare: Prepare | None = None
    says: dict[Code, StepWords] = {}
    moved: str = ""
    late: str = ""
    late_because: Annotated[str, Meta(max_length=200)] = ""
    quiet: Quiet | None = None


class Outcome(Document, frozen=True, kw_only=True):
    """An end other than the goal: what ends the journey so, and what may open it again.

    ``closing``: the action that tells the customer. ``says_in``: ``says`` in other languages.
    """

    id: Id
    title: Line
    says: Text
    events: Annotated[Events, Meta(min_length=1)]
    reopens: Events = ()
    closing: str = ""
    says_in: dict[Code, Text] = {}


class Approach(Document, frozen=True, kw_only=True):
    """How a step is accompanied: cadence, tone and depth, channel, helper, tracker prominence.

    ``prefer``: when it suits; the first approach whose condition holds is preferred, and the last
    one, which must have none, is for everybody else. ``keep``: while this holds, who has this
    approach stays with it: somewhat wider than ``prefer``, so that nothing flaps.
    """

    id: Id
    title: Line
    prefer: Condition = ""
    keep: Condition = ""
    because: Line
    cadence: Literal["more", "normal", "fewer"]
    tone: Literal["reassuring", "plain", "brief"]
    channels: Annotated[tuple[Channel, ...], Meta(min_length=1)]
    helper: Literal["on request", "active"] = "on request"
    tracker: Literal["front", "quiet"]


class ContentWords(Document, frozen=True, kw_only=True):
    """The same in another language: Liquid, and Markdown in an e-mail's body."""

    subject: Annotated[str, Meta(max_length=150)] = ""
    body: Text


class Content(Document, frozen=True, kw_only=True):
    """What is said on one channel: Liquid, and Markdown in an e-mail's body.

    ``says``: the same in other languages, by their code (``de``), for customers whose trait
    ``language`` is one of them; everybody else reads the playbook's own words.
    """

    subject: Annotated[str, Meta(max_length=150)] = ""
    body: Text
    says: dict[Annotated[str, Meta(pattern=r"^[a-z]{2,3}$")], ContentWords] = {}


class Lint(Document, frozen=True, kw_only=True):
    """What ``ofone lint`` finds here and is meant: by rule, the reason."""

    allow: dict[str, Line] = {}


class Action(Document, frozen=True, kw_only=True):
    """One touch the company can make; ``content`` by approach (or ``any``), then by channel.

    ``calendar``: its e-mails bring the appointment, or take it back (a step with ``calendar``).
    ``presses``: how it presses, if it does; then it waits while somebody is worried or in distress,
    as marketing does. ``asks_for``: traits or remembered properties; it is not sent once all of
    them are known. ``tells``: the event by which its news is seen elsewhere; it is not sent once
    that event came, or the tracker was opened, since the step began.
    """

    id: Id
    title: Line
    purpose: Literal["service", "marketing"] = "service"
    calendar: bool = False
    content: Annotated[dict[str, dict[Channel, Content]], Meta(min_length=1)]
    lint: Lint = Lint()
    presses: Literal["nothing", "scarcity", "deadline", "upsell"] = "nothing"
    asks_for: tuple[str, ...] = ()
    tells: str = ""


class HelperRole(Document, frozen=True, kw_only=True):
    """A person beside the customer, or a person at the company who stands in.

    ``title`` is read after "your" and "the": "adviser", not "dispatcher of our technicians".

    Who it is: for each customer another one, by the traits ``trait`` (the person's id) and ``name``
    (the name); or always the same, by ``person`` (an id) and ``called`` (the name). ``deputy``: the
    role that is asked when this one does not answer, or cannot. ``phone``: on the customer's page,
    the trait that holds the number beside ``trait``, or the number itself beside ``person``.

    Where to write to: the trait ``email`` beside ``trait``, or the ``address`` beside ``person``.
    Without one, messages wait in the local mailbox and on the helper's page.
    """

    id: Id
    title: Line
    trait: str = ""
    name: str = ""
    person: str = ""
    called: str = ""
    deputy: str = ""
    phone: str = ""
    email: str = ""
    address: str = ""


class Unanswered(Document, frozen=True, kw_only=True):
    """What is done once the day to answer a request has passed without an answer.

    ``to``: ``same`` reminds the one who was asked; ``deputy`` passes it on to that one's deputy;
    ``desk`` to the playbook's desk. ``answer_within`` is this one's own time to answer, and
    ``message`` the words; left out, both are those of the request.
    """

    to: Literal["same", "deputy", "desk"]
    answer_within: Length = ""
    message: str = ""


class HelperMessage(Document, frozen=True, kw_only=True):
    """Words to a helper, about a step and people in general; a request may ask for an act.

    Its template sees only what the helper knows anyway: ``helper``, ``customer``, ``step``,
    ``journey``. Needs, approaches and messages do not exist there.

    ``unanswered``: of a request, what follows without an answer, one after the other. ``weekly``:
    of a tip, its words in the list that a helper with many customers gets once a week instead;
    they name nobody, so they have no fields. Left out, the subject.
    """

    id: Id
    to: str
    kind: Literal["tip", "request"]
    subject: Line
    body: Text
    answer_within: Length = "2 business days"
    unanswered: tuple[Unanswered, ...] = ()
    weekly: str = ""
    lint: Lint = Lint()


class Counts(Document, frozen=True, kw_only=True):
    """How often an event is usual while a journey is open, and how much more often with the need.

    ``usual``: times in ``days`` days for most people. ``weight``: a standard deviation more of the
    need makes it e to the power of ``weight`` times as frequent (negative: less frequent).
    """

    usual: Annotated[float, Meta(gt=0, le=1000)]
    days: Annotated[float, Meta(gt=0, le=3650)] = 7
    weight: Annotated[float, Meta(ge=-2, le=2)]


class Signal(Document, frozen=True, kw_only=True):
    """An event that is evidence for a need. ``because`` is told to the customer who asks.

    Exactly one of: ``score`` (standard normal), when it comes at all; ``soon``, when it matters how
    soon it comes after our last message: people usually take that long, and ``score`` is that of
    coming e (2.7) times as soon; ``counts``, when it matters how often it comes.

    ``unless``: the evidence is silence; none of these events came ``within`` that time. Silence
    says little: its validity is .15 at most, and its score between -1 and 1.

    ``validity`` is the correlation of the score with self-report, 0 < validity < 1. ``measured``
    says how you know it; left out, it is an assumption, and is called one.
    """

    event: str | Match
    need: Need
    score: Annotated[float, Meta(ge=-4, le=4)] | None = None
    soon: str = ""
    counts: Counts | None = None
    validity: Annotated[float, Meta(gt=0, lt=1)] = 0.32
    unless: tuple[str, ...] = ()
    within: str = ""
    because: Line
    measured: str = ""


class ItemWords(Document, frozen=True, kw_only=True):
    """A baseline question in another language: the question, and the words at 1 and at 5."""

    text: Line
    low: Annotated[str, Meta(max_length=60)] = ""
    high: Annotated[str, Meta(max_length=60)] = ""


class Item(Document, frozen=True, kw_only=True):
    """A baseline question: answers 1 to 5; ``toward`` is +1 when 5 means more of the need.

    ``low`` and ``high``: the words at 1 and at 5; ``says``: the same in other languages, by their
    code (``de``); who reads none of them gets the playbook's own words. ``a`` and ``b`` are how
    sharply the answers tell people apart, and where on the need's scale one answer gives way to the
    next (ascending; with ``toward: -1`` for the answers turned round). ``ofone calibrate-items``
    estimates them.
    """

    id: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{0,15}$")]
    need: Need
    text: Line
    toward: Literal[1, -1]
    low: Annotated[str, Meta(max_length=60)] = ""
    high: Annotated[str, Meta(max_length=60)] = ""
    says: dict[Annotated[str, Meta(pattern=r"^[a-z]{2,3}$")], ItemWords] = {}
    a: Annotated[float, Meta(gt=0, le=8)] = SLOPE
    b: Annotated[
        tuple[Annotated[float, Meta(ge=-6, le=6)], ...], Meta(min_length=4, max_length=4)
    ] = CUTS


class QuietHours(Document, frozen=True, kw_only=True):
    """Messages go out from ``from`` until ``to`` in the recipient's zone, and at no other hour.

    ``days``: the weekdays on which they do; ``holidays: closed``: never on one of the playbook's.
    ``zones``: where customers may be of whom neither zone nor country is known (left out, the
    playbook's zone): it must be open in all of them.
    """

    from_: Clock = field(name="from", default="09:00")
    to: Clock = "20:00"
    days: Annotated[str, Meta(description="mon-sat, or mon,wed-fri")] = "mon-sun"
    holidays: Literal["open", "closed"] = "open"
    zones: tuple[str, ...] = ()


class Cap(Document, frozen=True, kw_only=True):
    """At most ``messages`` to one person in any ``days`` days, over all journeys."""

    messages: Annotated[int, Meta(ge=1, le=50)] = 5
    days: Annotated[int, Meta(ge=1, le=365)] = 7


class Guards(Document, frozen=True, kw_only=True):
    """The rules that remove options; all of them hold for every message of this playbook.

    ``keep_room``: what could come later leaves room under the cap for reminders before a date.
    """

    quiet_hours: QuietHours = QuietHours()
    cap: Cap = Cap()
    gap: Length = "2 hours"
    stale: Length = "3 days"
    cooling_off: Length = "7 days"
    keep_room: bool = False


class Contact(Document, frozen=True, kw_only=True):
    """How customers reach a person at the company, in one tap: any of the three.

    ``hours``: when somebody answers; ``hours_in``: the same in other languages.
    """

    phone: Annotated[
        str, Meta(pattern=r"^\+?[0-9 ()./-]{3,30}$", description="+1 212 555 0100")
    ] = ""
    email: Annotated[
        str,
        Meta(
            pattern=r"^[^\s@<>\"]{1,64}@[A-Za-z0-9.-]{1,190}$", description="help@company.example"
        ),
    ] = ""
    url: Annotated[
        str,
        Meta(pattern=r"^https://[^\s\"<>]{1,300}$", description="https://company.example/help"),
    ] = ""
    hours: Annotated[str, Meta(max_length=80, description="Mon to Fri, 9 to 5")] = ""
    hours_in: dict[Code, Annotated[str, Meta(min_length=1, max_length=80)]] = {}


class Playbook(Document, frozen=True, kw_only=True):
    """One company's journey, whole. ``playbook`` is its name; the version is made from the text.

    ``goal`` is the step that completes the journey; ``closing`` the action sent when it is reached.
    ``dwell``: an approach changes at most once in that time, unless the customer asks for it or a
    reaction does. ``desk``: the helper role of the person at the company who is asked when nobody
    else is there.
    ``distress``: events after which nobody is pressed or advertised to for ``guards.cooling_off``,
    beside "Distress Noted". ``holdout``: the share of customers who get the standard service (the
    last approach), so that what the others get can be measured. ``contact``: a person at the
    company; ``title_in``: the title in other languages, for the customer's own page.
    """

    playbook: Id
    title: Line
    about: Text
    company: Line = "Your company"
    company_address: Annotated[
        str, Meta(max_length=300, description="The postal address below every e-mail, in one line.")
    ] = ""
    language: str = "en"
    zone: str = "UTC"
    holidays: tuple[str, ...] = ()
    goal: str
    closing: str = ""
    entry: Entry
    remember: tuple[str, ...] = ()
    cut: Annotated[float, Meta(ge=0, le=3)] = 0.5
    dwell: Length = "0 minutes"
    explore: Annotated[float, Meta(ge=0, le=0.2)] = 0.0
    helpers: tuple[HelperRole, ...] = ()
    desk: str = ""
    approaches: Annotated[tuple[Approach, ...], Meta(min_length=1)]
    steps: Annotated[tuple[Step, ...], Meta(min_length=1)]
    outcomes: tuple[Outcome, ...] = ()
    actions: tuple[Action, ...] = ()
    helper_messages: tuple[HelperMessage, ...] = ()
    items: tuple[Item, ...] = ()
    signals: tuple[Signal, ...] = ()
    guards: Guards = Guards()
    distress: Events = ()
    holdout: Annotated[float, Meta(ge=0, le=0.5)] = 0.0
    contact: Contact | None = None
    title_in: dict[Code, Line] = {}
