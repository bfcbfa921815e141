"""The read model behind the pages, over a running app."""

from datetime import UTC, datetime
from typing import Any

from ofone.app import App
from ofone.domain.errors import NotFound
from ofone.domain.messages import Message
from ofone.domain.times import iso, to_micros
from ofone.runtime import show


class AppBook:
    """What the pages read. ``told`` is the demo's story, where there is one.

    ``live``: whether pages are drawn for the wall's now, or for each customer's own last moment
    (a replay lives in the past).
    """

    def __init__(self, app: App, told: dict[str, Any] | None = None, *, live: bool = True) -> None:
        self.app = app
        self.told = told
        self.live = live

    def customer(self, customer: str) -> dict[str, Any] | None:
        now = to_micros(datetime.now(UTC)) if self.live else None
        try:
            return show.customer(self.app.store, customer, self.app.library, self.app.links, now)
        except NotFound:
            return None

    def customers(self, limit: int = 200) -> list[str]:
        return self.app.store.recent(limit)

    def count(self) -> int:
        return self.app.store.counts().get("customers", 0)

    def by_link(self, token: str) -> tuple[str, int] | None:
        return self.app.store.linked(token)

    def mailbox(self, who: str | None = None, limit: int = 500) -> list[dict[str, Any]]:
        return [_mail(m) for m in self.app.mailbox.messages(who=who, limit=limit)]

    def helpers(self) -> list[str]:
        return sorted({m["helper"] for m in show.helper_inbox(self.app.store, self.app.library)})

    def helper_inbox(self, helper: str) -> list[dict[str, Any]]:
        return show.helper_inbox(self.app.store, self.app.library, helper)[::-1]

    def story(self) -> dict[str, Any] | None:
        return self.told


def _mail(m: Message) -> dict[str, Any]:
    return {
        "key": m.key,
        "to_kind": m.to_kind,
        "who": m.who,
        "name": m.name,
        "channel": m.channel,
        "address": m.address,
        "subject": m.subject,
        "text": m.text,
        "html": m.html,
        "at": iso(m.at),
        "status": "delivered",
        "kind": m.to_kind,
    }
