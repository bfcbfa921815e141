"""Nobody is told twice: the same action goes out once within one attempt at a step."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict

_NEW = Verdict(guard="repeat", ok=True, reason="this has not been said yet")
_SAID = Verdict(guard="repeat", ok=False, reason="this was already said at this step")


def repeat(ask: Ask) -> Verdict:
    return _NEW if ask.said is None else _SAID
