"""Links to helpers' pages, made and revoked beside a running server."""

from contextlib import closing
from pathlib import Path

from ofone.app import DATABASE, existing
from ofone.runtime.links import Links
from ofone.stores.sqlite import SqliteStore


def link(data: Path, helper: str, base: str, *, revoke: bool = False) -> str:
    """The address of a helper's page; with ``revoke`` a new one, and the old one opens nothing.

    Raises NotFound for a folder without journeys, StoreError when it cannot be written.
    """
    with closing(SqliteStore(existing(data) / DATABASE)) as store:
        links = Links(store, base)
        return links.revoke_helper(helper) if revoke else links.helper(helper)
