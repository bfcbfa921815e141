"""Show and revoke a customer's links, on the command line."""

import time
from contextlib import closing
from pathlib import Path

from ofone.app import DATABASE, existing, opened
from ofone.domain.errors import NotFound, StoreError
from ofone.domain.events import Happened
from ofone.profiles.fold import LINKS_REVOKED
from ofone.runtime.codec import decode_state
from ofone.runtime.links import Links
from ofone.runtime.ports import Store
from ofone.stores.sqlite import SqliteStore


def show(data: Path, customer: str, base: str, life: int) -> list[tuple[str, str]]:
    """Each journey by playbook, key and status, and the address of its tracker as it is sent today.

    Works beside a running server: all that is kept is that the link opens. ``life``: its days.
    Raises NotFound for nobody.
    """
    with closing(SqliteStore(existing(data) / DATABASE)) as store:
        body = store.load(customer)
        if body is None:
            raise _nobody(customer, store)
        links, state, now = Links(store, base, life=life), decode_state(body), _now()
        return [
            (f"{j.playbook} {j.key} ({j.status})", links.tracker(state, j.number, now))
            for j in state.journeys
        ]


def revoke(data: Path, customer: str, base: str) -> list[str]:
    """Make the links to this customer's pages useless; the new ones, one for each journey.

    Raises NotFound for nobody, and StoreError while another process serves the folder.
    """
    now = _now()
    try:
        with opened(data, base=base, alone=True) as app:
            if app.engine.get(customer) is None:
                raise _nobody(customer, app.store)
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


def _nobody(customer: str, store: Store) -> NotFound:
    near = ", ".join(store.recent(5)) or "nobody yet"
    return NotFound(f"no customer {customer!r} here; the newest are: {near}")


def _now() -> int:
    return time.time_ns() // 1000
