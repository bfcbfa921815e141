"""What is asked next, of whom, and in which words."""

from msgspec.structs import replace
from tests.building import START, Life, begun, edited, event

from ofone.domain.events import Value
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY
from ofone.journeys.ask_next import THIS_TIME, asked_lately, baseline, put, to_ask
from ofone.journeys.library import library
from ofone.journeys.load import bundled

BOOK = bundled("life-insurance")
LIBRARY = library([BOOK])


def newcomer(**traits: str) -> CustomerState:
    known: dict[str, Value] = {"email": "ana@example.com", "phone": "+12125550123", **traits}
    started = event("Application Started", 0, key=None, application_id="1", traits=known)
    agreed = event("Consent Given", 0, key=None, channels=["email", "sms"], purpose="service")
    return begun(BOOK).tell(started, agreed).state


def answered(state: CustomerState, **answers: Value) -> CustomerState:
    life = begun(BOOK)
    life.state = state
    said = event("Baseline Answered", 1, named=f"answered {sorted(answers)}")
    return life.tell(replace(said, properties=answers)).state


def test_everybody_is_asked_at_most_four() -> None:
    """In the order of the playbook's needs, the channel first; what is passed over counts."""
    state, asked = newcomer(), []
    for _ in range(5):
        item = to_ask(LIBRARY, state, 0, state.now)
        asked.append(item)
        state = answered(state, **{item: None}) if item else state
    assert asked[:3] == ["P1", "A1", "I1"]
    assert asked[3:] == ["A2", None]


def test_what_was_passed_over_is_not_asked_for_a_month() -> None:
    """Then it may be asked again."""
    state = answered(newcomer(), P1=None, A1=None)
    assert to_ask(LIBRARY, state, 0, state.now) == "I1"
    assert asked_lately(state, state.now + THIS_TIME + DAY) == ()
    assert to_ask(LIBRARY, state, 0, state.now + THIS_TIME + DAY) == "P1"


def test_a_channel_that_leaves_no_choice_is_not_asked_for() -> None:
    """Only what the customer agreed to, and can be reached by, is offered."""
    state = Life(BOOK).tell(event("Application Started", key=None, application_id="1")).state
    assert to_ask(LIBRARY, state, 0, state.now) == "A1"
    where = put(BOOK, newcomer(phone=""), "P1")
    assert where is not None
    assert [value for value, _ in where.words("en").answers] == ["email", "in_app"]


def test_a_channel_that_was_stated_is_not_asked_for() -> None:
    """Wherever it was said; a word taken back may be asked for again."""
    life = begun(BOOK)
    life.state = newcomer()
    life.tell(event("Preference Stated", 1, key=None, channel="sms"))
    assert to_ask(LIBRARY, life.state, 0, life.state.now) == "A1"
    life.tell(event("Preference Stated", 2, key=None, channel=None))
    assert to_ask(LIBRARY, life.state, 0, life.state.now) == "P1"


def test_who_wants_no_personal_service_is_asked_nothing_personal() -> None:
    """The channel alone is still a service."""
    life = begun(BOOK)
    life.state = newcomer()
    life.tell(event("Preference Stated", 1, key=None, personalisation=False))
    assert to_ask(LIBRARY, life.state, 0, life.state.now) == "P1"
    assert to_ask(LIBRARY, answered(life.state, P1="sms"), 0, life.state.now) is None


def test_a_journey_that_is_over_asks_nothing() -> None:
    """An answer could change nothing any more."""
    state = newcomer()
    over = replace(state, journeys=(replace(state.journeys[0], status="ended"),))
    assert to_ask(LIBRARY, over, 0, over.now) is None


def test_an_item_out_of_turn_is_put_and_has_no_number() -> None:
    """One that nobody asks here is ignored, and the next one is put."""
    state = newcomer()
    again = baseline(LIBRARY, state, 0, state.now, "P2")
    assert again.question is not None
    assert (again.question.item, again.number) == ("P2", 0)
    other = baseline(LIBRARY, state, 0, state.now, "A9")
    assert other.question is not None
    assert (other.question.item, other.number, other.most) == ("P1", 1, 4)


def test_enough_passes_over_all_that_would_have_come() -> None:
    """Four in all, counting the one on the page."""
    found = baseline(LIBRARY, newcomer(), 0, START)
    assert found.after[:2] == ("A1", "I1")
    assert len(found.after) == 3


def test_words_are_in_the_readers_language_or_the_companys() -> None:
    """A question that has no French is put in the playbook's own."""
    item = put(BOOK, newcomer(), "A1")
    assert item is not None
    assert item.words("fr").low == "pas du tout"
    assert (item.words("pt").language, item.words("pt").low) == ("en", "not at all")
    assert item.words("en").answers[0] == (1, "1 – not at all")


def test_a_playbook_without_items_asks_where_to_write_alone() -> None:
    """No need is weighed by answers that nobody can give."""
    book = edited(items=())
    life = begun(book)
    found = baseline(library([book]), life.state, 0, life.state.now)
    assert found.after == ()
