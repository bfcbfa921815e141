"""What a customer's own device may do with a tracker: install it, and be told."""

from typing import Protocol, runtime_checkable

import msgspec
from msgspec import Struct

from ofone.app import App
from ofone.domain.state import CustomerState, Journey
from ofone.journeys.compiled import Compiled
from ofone.profiles.fold import muted
from ofone.web.ports import Pushing


@runtime_checkable
class _Subscribable(Protocol):
    """A channel that browsers subscribe to, by its public key."""

    public: str


class _Endpoint(Struct):
    endpoint: str


class AppDevices:
    """Pushes are offered where a channel carries them and the playbook has words for them."""

    def __init__(self, app: App) -> None:
        self.app = app
        channel = app.channels.get("push")
        self.key = channel.public if isinstance(channel, _Subscribable) else ""

    def named(self, customer: str, journey: int) -> tuple[str, str, str] | None:
        found = self._journey(customer, journey)
        if found is None:
            return None
        playbook = found[2].playbook
        return playbook.title, playbook.company, playbook.language

    def pushing(self, customer: str, journey: int) -> Pushing | None:
        found = self._journey(customer, journey)
        if found is None or not self.key:
            return None
        state, mine, compiled = found
        said = (by for action in compiled.actions.values() for by in action.content.values())
        if mine.status != "active" or not any("push" in by for by in said):
            return None
        word = state.profile.consents.get("push:service")
        known = state.profile.traits.get("push")
        may = word is not None and word.granted and not muted(state.profile, "push", word)
        return Pushing(
            customer=customer,
            key=self.key,
            endpoint=_endpoint(known.value) if may and known is not None else "",
            since=max(word.at if word is not None else 0, known.at if known is not None else 0),
        )

    def _journey(
        self, customer: str, number: int
    ) -> tuple[CustomerState, Journey, Compiled] | None:
        state = self.app.engine.get(customer)
        if state is None or not 0 <= number < len(state.journeys):
            return None
        mine = state.journeys[number]
        return state, mine, self.app.library.version(mine.playbook, mine.version)


def _endpoint(trait: object) -> str:
    try:
        return msgspec.json.decode(str(trait or ""), type=_Endpoint).endpoint
    except msgspec.DecodeError:
        return ""
