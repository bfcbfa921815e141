"""How pages tell what somebody said there: through the one door, with an answer for the page."""

import logging

from ofone.domain.errors import StoreError
from ofone.domain.events import Happened
from ofone.web.ports import Desk

STATUS = {"later": 503, "refused": 422}
"""By what went wrong."""
_log = logging.getLogger(__name__)


async def told(desk: Desk, event: Happened) -> str:
    """Nothing once it is durable; ``later`` where it was not kept, ``refused`` where it is no use.

    Why stands in the log, without the customer.
    """
    try:
        why_not = await desk.tell(event)
    except StoreError as error:
        _log.error("%r was not kept: %s", event.name, error)
        return "later"
    if why_not:
        _log.error("%r was refused: %s", event.name, why_not)
        return "refused"
    return ""
