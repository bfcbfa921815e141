"""Builds that leak on purpose: what the firewall's tests must catch, else they have no power.

Each is a context in which one function of the core is wrapped, from outside; the product has no
such switch. In each, something that a helper sees follows the approach, and so the need.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from msgspec.structs import replace

from ofone.domain.effects import TellHelper
from ofone.journeys import helper, pace
from ofone.journeys.compiled import Planned
from ofone.journeys.place import Place
from ofone.journeys.say import say
from ofone.journeys.schedule import Length


def _leading(place: Place) -> bool:
    """Whether this step is accompanied by the playbook's first approach."""
    return place.step.approach == place.compiled.playbook.approaches[0].id


@contextmanager
def _instead(module: Any, name: str, wrapped: Callable[..., Any]) -> Iterator[None]:
    real = getattr(module, name)
    setattr(module, name, wrapped)
    try:
        yield
    finally:
        setattr(module, name, real)


@contextmanager
def tip_with_the_message() -> Iterator[None]:
    """The tip comes with the last message that the approach begins the step with, not at nine."""
    real = pace._accompany

    def leaky(place: Place, trigger: str, switch: str = "") -> None:
        real(place, trigger, switch)
        tip = place.timer("h")
        plan = place.ready.accompany.get(place.step.approach, ())
        dues = [due for p in plan if (due := pace._due(place, p, place.entered)) is not None]
        if tip in place.draft.timers and dues:
            place.draft.set_timer(tip, max(place.draft.now, *dues))

    with _instead(pace, "_accompany", leaky):
        yield


@contextmanager
def sooner_for_some() -> Iterator[None]:
    """A helper is asked two business days after the step began, where the approach is the first."""
    real = pace._accompany

    def leaky(place: Place, trigger: str, switch: str = "") -> None:
        real(place, trigger, switch)
        for reaction in place.ready.reactions.values():
            window = place.timer(f"r/{reaction.id}")
            asks = any(planned.touch.ask for planned in reaction.then)
            if asks and window in place.draft.timers and _leading(place):
                early = place.compiled.after(place.entered, Length(2, "business day"))
                place.draft.set_timer(window, max(place.draft.now, early))

    with _instead(pace, "_accompany", leaky):
        yield


@contextmanager
def _told(change: Callable[[Place, TellHelper], TellHelper]) -> Iterator[None]:
    """What a helper is told is changed on its way."""
    real = helper.tell

    def leaky(place: Place, *message: Any) -> None:
        before = len(place.draft.effects)
        real(place, *message)
        for n, effect in enumerate(place.draft.effects[before:], before):
            if isinstance(effect, TellHelper):
                place.draft.effects[n] = change(place, effect)

    with _instead(pace, "tell", leaky), _instead(helper, "tell", leaky):
        yield


@contextmanager
def a_word_for_some() -> Iterator[None]:
    """Where the approach is the first, the step has two more words in its title."""

    def change(place: Place, effect: TellHelper) -> TellHelper:
        title = effect.view.step_title + (", with patience" if _leading(place) else "")
        return replace(effect, view=replace(effect.view, step_title=title))

    with _told(change):
        yield


@contextmanager
def a_counting_reference() -> Iterator[None]:
    """The id that the helper sees is the effect's key, which counts the customer's versions."""
    with _told(lambda _, effect: replace(effect, reference=effect.key)):
        yield


@contextmanager
def a_copy_of_each_message() -> Iterator[None]:
    """Whenever the customer is written to, the helper is told the step's tip, or any other."""

    def leaky(place: Place, planned: Planned, *rest: Any) -> None:
        before = len(place.draft.effects)
        say(place, planned, *rest)
        if len(place.draft.effects) > before and place.compiled.helper_messages:
            tip = place.ready.step.tip or next(iter(place.compiled.helper_messages))
            helper.tell(place, tip, place.draft.now)

    with _instead(pace, "say", leaky):
        yield


LEAKS = {
    "the tip comes with the customer's message": tip_with_the_message,
    "the request comes sooner for some": sooner_for_some,
    "the tip has a word for some": a_word_for_some,
    "the reference counts what was sent": a_counting_reference,
    "a copy of each message": a_copy_of_each_message,
}
