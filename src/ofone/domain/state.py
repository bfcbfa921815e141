"""What is remembered of one customer, whole: it is loaded, advanced and stored as one value.

Structs are encoded as arrays, so new fields go at the end and have a default. They never form
cycles, so the garbage collector need not look at them (``gc=False``): there are millions.
"""

from msgspec import Struct

from ofone.domain.events import Happened, Value
from ofone.domain.times import Micros
from ofone.domain.words import JourneyStatus, Need, StepStatus


class Dated(Struct, frozen=True, gc=False, array_like=True):
    """A value and the source's time of it: a later word wins, whatever arrives first."""

    value: Value
    at: Micros


class Consent(Struct, frozen=True, gc=False, array_like=True):
    """One word on one channel for one purpose, with its proof (the event's id and wording)."""

    granted: bool
    at: Micros
    event: str
    wording: str = ""


class Habit(Struct, frozen=True, gc=False, array_like=True, order=True):
    """One act of the customer that tells how they like to be in touch (``profiles.habits``).

    ``what`` is a word for the act; ``channel`` is empty where it is none of ours, ``purpose`` where
    the act is about all of them.
    """

    at: Micros
    event: str
    what: str
    channel: str = ""
    purpose: str = ""


class Profile(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """The fold of a customer's events. ``consents`` is keyed ``channel:purpose``.

    ``asked``: when each baseline item was last answered or passed over. ``habits``: the newest
    acts that tell how they like to be in touch, in order of time. ``distressed``: when they were in
    distress last; 0 is never.
    """

    traits: dict[str, Dated] = {}
    consents: dict[str, Consent] = {}
    preferences: dict[str, Dated] = {}
    first: Micros = 0
    last: Micros = 0
    asked: dict[str, Micros] = {}
    habits: tuple[Habit, ...] = ()
    distressed: Micros = 0


class Count(Struct, frozen=True, gc=False, array_like=True):
    """One more of something that is counted, and how long it had been waited for.

    Its rate a day is exp(``log_rate`` + ``weight`` theta). ``since``: when the waiting began; a
    later one of the same kind puts it forward. ``share`` of the information counts (tempering).
    """

    log_rate: float
    weight: float
    since: Micros
    share: float = 1.0


class Evidence(Struct, frozen=True, gc=False, array_like=True):
    """One piece of evidence: a score, its variance, when, from which event, and of what kind.

    ``answer`` is there for an answer to an item: its slope and the two thresholds it lies between
    (``ofone.needs.items``); ``count`` for what is counted. Score and variance are then what it
    would say of a stranger; how much it moves a belief is computed from the answer or count itself.
    """

    at: Micros
    score: float
    variance: float
    event: str
    kind: str
    answer: tuple[float, float, float] | None = None
    count: Count | None = None


class Belief(Struct, frozen=True, gc=False, array_like=True):
    """A Gaussian over (trait, state) of one need at a moment: means, variances, covariance."""

    at: Micros
    trait: float
    state: float
    trait_var: float
    state_var: float
    cov: float


class NeedState(Struct, frozen=True, gc=False, array_like=True):
    """The belief after all evidence, where it began, and the evidence in between.

    ``base`` is the belief before the oldest kept evidence; late evidence is folded from there.
    ``said`` is the customer's own last word on this need, which overrides what was inferred.
    """

    belief: Belief
    base: Belief
    evidence: tuple[Evidence, ...]
    said: Evidence | None = None


class StepState(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """One step of one journey. ``marks`` is its own history: (when, what), ordered by time.

    ``left``: the approach that was not reacted to, and was changed for that reason.
    """

    status: StepStatus = "ahead"
    entered: Micros | None = None
    done: Micros | None = None
    attempts: int = 0
    approach: str = ""
    marks: tuple[tuple[Micros, str], ...] = ()
    left: str = ""


class Request(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """A helper was asked about one attempt at a step. Made of observables only.

    ``message`` is what was asked first, ``stage`` how often it was passed on since. ``role`` and
    ``helper`` are those of the person asked last, ``due`` when that person's answer is due.
    ``outcome`` is the last word (``journeys.helper``), "" while there is none; ``by`` gave it.
    """

    step: str
    attempt: int
    message: str
    at: Micros
    role: str
    helper: str
    due: Micros
    stage: int = 0
    outcome: str = ""
    by: str = ""
    answered: Micros | None = None


class Told(Struct, frozen=True, gc=False, array_like=True):
    """The range that a customer was told of the step they are in, and since when.

    ``was``: the range told before, where it was moved because the step takes longer.
    """

    start: Micros
    end: Micros
    at: Micros
    was: tuple[Micros, Micros] | None = None


class Journey(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """One run through a playbook. It keeps the version it began with.

    ``facts`` holds the remembered properties; ``sent`` when each action was last sent; ``closings``
    the (when, outcome) history that decides ``status``; ``decided`` counts its decisions;
    ``requests`` to helpers by reference; ``seen``: by event, when the news that an action tells of
    was last seen elsewhere; ``ways``: when each channel was last written on; ``approached``:
    when its approach was last chosen; ``told``: the range of each current step that is watched
    (``late`` in the playbook).
    """

    number: int
    playbook: str
    version: str
    key: str
    started: Micros
    status: JourneyStatus = "active"
    outcome: str = ""
    ended: Micros | None = None
    approach: str = ""
    facts: dict[str, Dated] = {}
    steps: dict[str, StepState] = {}
    sent: dict[str, Micros] = {}
    closings: tuple[tuple[Micros, str], ...] = ()
    requests: dict[str, Request] = {}
    seen: dict[str, Micros] = {}
    ways: dict[str, Micros] = {}
    approached: Micros = 0
    told: dict[str, Told] = {}


class Admission(Struct, frozen=True, gc=False, array_like=True):
    """A code or a link (``what``) that the customer asked for. ``key`` is its effect's, and empty
    once the code was used.
    """

    at: Micros
    what: str
    journey: int
    key: str


class Timer(Struct, frozen=True, gc=False, array_like=True, order=True):
    """A moment this customer's journeys wait for. Never early; at least once."""

    due: Micros
    name: str


class CustomerState(Struct, frozen=True, gc=False, kw_only=True, array_like=True):
    """Everything about one customer. ``version`` counts the inputs that changed it.

    ``recent`` is a ring of 8-byte digests of event ids; ``forgotten`` says that the ring has
    lost some, so that older repeats are looked up in the log. ``early`` holds events that came
    before the journey they belong to. ``contacts`` are the times of messages to this person.
    ``admissions``: what they asked for within a day to be let in to their own pages.
    """

    customer: str
    version: int = 0
    now: Micros = 0
    recent: bytes = b""
    forgotten: bool = False
    profile: Profile = Profile()
    needs: dict[Need, NeedState] = {}
    journeys: tuple[Journey, ...] = ()
    early: tuple[Happened, ...] = ()
    timers: tuple[Timer, ...] = ()
    contacts: tuple[Micros, ...] = ()
    decided: int = 0
    admissions: tuple[Admission, ...] = ()
