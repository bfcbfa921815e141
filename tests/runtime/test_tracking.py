"""What a customer's own page reads of one journey."""

from collections.abc import Iterator

import msgspec
from tests.building import AGREED, START, Life, begun, event, visit_with
from tests.runtime.small import LIBRARY, MONDAY
from tests.runtime.test_dispatch import desk

from ofone.domain.state import CustomerState
from ofone.domain.times import DAY
from ofone.journeys.library import Library
from ofone.journeys.load import bundled
from ofone.runtime.links import Links
from ofone.runtime.ports import EffectRow, Store
from ofone.runtime.tracking import Reach, Tracked, tracked
from ofone.stores.memory import MemoryStore


def page(
    state: CustomerState, library: Library, number: int = 0, *, at: int = START, store: Store
) -> Tracked | None:
    return tracked(store, library, Links(store, "https://a.example"), state, number, at)


class Unread(MemoryStore):
    """A store whose outbox nobody may look into."""

    def effects(self, customer: str | None = None) -> Iterator[EffectRow]:
        raise AssertionError(f"read the outbox of {customer}")


def test_it_is_made_of_the_state_alone() -> None:
    """Nothing waits on the page itself, so the outbox is not read: it is the dearest part."""
    life = begun()
    found = page(life.state, life.library, store=Unread())
    assert found is not None
    assert (found.name, found.zone, found.own) == ("Ana", "UTC", "en")
    assert [s["status"] for s in found.journey["steps"]].count("current") == 1


def test_it_knows_nothing_of_needs_decisions_and_other_journeys() -> None:
    """What is not there cannot leak onto a page."""
    life = begun()
    found = page(life.state, life.library, store=MemoryStore())
    text = msgspec.json.encode(found).decode()
    assert not any(word in text for word in ('"needs"', "decision", "assessment", "probability"))


def test_messages_on_the_page_are_those_of_the_journey() -> None:
    """Once they were written; the newest first."""
    d = desk(channels=("in_app",))
    before = d.engine.get("anna")
    assert before is not None
    assert page(before, LIBRARY, at=MONDAY, store=d.store).notes == ()  # type: ignore[union-attr]
    d.at(MONDAY)
    d.at(MONDAY + 3 * DAY)
    d.engine.fire_due(MONDAY + 3 * DAY)
    d.at(MONDAY + 3 * DAY)
    state = d.engine.get("anna")
    assert state is not None
    found = page(state, LIBRARY, at=MONDAY + 3 * DAY, store=d.store)
    assert found is not None
    assert [n.text for n in found.notes] == ["The form waits for you.", "Welcome."]


def test_the_first_helper_with_a_name_is_the_one_to_reach() -> None:
    """With the number and the address that are known of them."""
    life = begun()
    found = page(life.state, life.library, store=MemoryStore())
    assert found is not None
    assert found.person == Reach(name="Gil", title="guide")
    life.tell(event("Known", 0.1, traits={"guide_email": "gil@example.com"}))
    after = page(life.state, life.library, store=MemoryStore())
    assert after is not None
    assert after.person == Reach(name="Gil", title="guide", email="gil@example.com")


def test_the_button_of_a_step_leads_to_this_journey_and_tells_nothing_else() -> None:
    """Of all that is known only the key is filled in, and no key leads to another place."""
    old, new = "You fill in a form.\n", "You fill in a form.\n    you_do: Fill it in.\n"
    url = "https://book.example/{key}?of={key}"
    book = visit_with(old, f"{new}    act: {{title: Fill it in, url: '{url}'}}\n")
    life = Life(book).tell(AGREED, event("Ordered", 0, key="A/../?b=é&c"))
    found = page(life.state, life.library, store=MemoryStore())
    assert found is not None
    key = "A%2F..%2F%3Fb%3D%C3%A9%26c"
    assert found.journey["steps"][0]["act"] == {
        "title": "Fill it in",
        "url": f"https://book.example/{key}?of={key}",
    }


def test_there_is_no_page_for_a_journey_that_is_not_there() -> None:
    """Neither the next one nor the one before the first."""
    life = begun()
    for number in (1, -1):
        assert page(life.state, life.library, number, store=MemoryStore()) is None


def test_the_bundled_steps_bring_their_words_in_all_languages() -> None:
    """The page chooses; the reading does not know the reader."""
    book = bundled("life-insurance")
    life = begun(book).tell(event("Application Started", 1, key=None, application_id="A"))
    found = page(life.state, life.library, store=MemoryStore())
    assert found is not None
    assert found.contact == book.playbook.contact
    assert found.journey["steps"][0]["says"]["de"].title == "Ihr Antrag"


def test_a_pause_is_known_until_it_is_over() -> None:
    """And not once the journey is."""
    told = event("Preference Stated", 0.1, key=None, pause="2026-03-09T10:00:00Z")
    life = begun().tell(told)
    found = page(life.state, life.library, store=MemoryStore())
    after = page(life.state, life.library, at=START + 8 * DAY, store=MemoryStore())
    assert found is not None
    assert after is not None
    assert (found.paused, after.paused) == (START + 7 * DAY, 0)
