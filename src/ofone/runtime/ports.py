"""What the runtime needs from the outside, as protocols."""

from typing import Protocol

from ofone.domain.messages import Message, Outcome


class Channel(Protocol):
    """Carries messages. ``deliver`` may be called again with the same key after a crash."""

    name: str

    def deliver(self, message: Message) -> Outcome:
        """One attempt. Never raises for what the network does: that is an ``Outcome``."""
        ...

    def close(self) -> None: ...
