"""Revoke a customer's links, on the command line."""

import time
from pathlib import Path

from ofone.app import opened
from ofone.domain.errors import NotFound, StoreError
from ofone.domain.events import Happened
from ofone.profiles.fold import LINKS_REVOKED


def revoke(data: Path, customer: str, base: str) -> list[str]:
    """Make the links to this customer's pages useless; the new ones, one for each journey.

    Raises NotFound for nobody, and StoreError while another process serves the folder.
    """
    now = time.time_ns() // 1000
    try:
        with opened(data, base=base, alone=True) as app:
            if app.engine.get(customer) is None:
                near = ", ".join(app.store.recent(5)) or "nobody yet"
                raise NotFound(f"no customer {customer!r} here; the newest are: {near}")
            app.engine.submit(
                Happened(
                    id=f"links revoked:{now}",
                    customer=customer,
                    name=LINKS_REVOKED,
                    at=now,
                    source="command line",
                )
            )
            state = app.engine.get(customer)
            assert state is not None  # noqa: S101  (it was there a moment ago)
            return [app.links.tracker(state, j.number, now) for j in state.journeys]
    except StoreError as error:
        raise StoreError(
            f"{error}; to revoke while it is served, POST to its /v1/events: "
            f'{{"id": "revoked-{now}", "customer": "{customer}", "name": "{LINKS_REVOKED}", '
            '"time": "…"}'
        ) from None
