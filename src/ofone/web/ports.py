"""What the pages read. The application carries it out; tests use a small fake."""

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Book(Protocol):
    """The read model behind every page. Nothing here writes.

    Dictionaries have the shape of ``ofone show`` (times ISO 8601 in UTC); names a page does not
    know are ignored, and names it misses are shown as absent, so that old records stay readable.
    """

    def customer(self, customer: str) -> dict[str, Any] | None:
        """One customer whole, or None when nobody has that id."""

    def customers(self, limit: int = 200) -> list[str]:
        """Ids, the most recently heard of first."""

    def count(self) -> int:
        """How many customers there are, listed or not."""

    def by_link(self, token: str) -> tuple[str, int] | None:
        """The customer and the index of the journey a tracker link opens, or None.

        Whoever holds the token sees the tracker: tokens must be impossible to guess.
        """

    def mailbox(self, who: str | None = None, limit: int = 500) -> list[dict[str, Any]]:
        """What was sent on this machine, newest first, to one person or to all.

        Keys: key, to_kind (customer or helper), who, name, channel, address, subject, text, html,
        at, status, kind.
        """

    def helpers(self) -> list[str]:
        """Ids of the people beside the customers."""

    def helper_inbox(self, helper: str) -> list[dict[str, Any]]:
        """Tips and requests, newest first: id, kind, subject, text, at, answer_by, about.

        With ``zone`` (IANA), times are shown as they are there; without, in UTC.
        """

    def story(self) -> dict[str, Any] | None:
        """The two journeys of the demo, or None where there is no demo."""
