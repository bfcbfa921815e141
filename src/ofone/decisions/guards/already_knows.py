"""Nobody is asked for what they gave, or told what they have seen."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict

_NEW = Verdict(guard="already_knows", ok=True, reason="not all of this is known yet")


def already_knows(ask: Ask) -> Verdict:
    if ask.news is None:
        return _NEW
    asks, news = ask.news.asks_for, ask.news
    if asks and all(_given(ask, name) for name in asks):
        reason = f"all that this asks for is known: {', '.join(asks)}"
    elif news.tells and news.seen >= news.since:
        reason = f"this was seen already: “{news.tells}” came since the step began"
    elif news.tells and _looked(ask) >= news.since:
        reason = "this was seen already: the tracker was opened since the step began"
    else:
        return _NEW
    return Verdict(guard="already_knows", ok=False, reason=reason)


def _given(ask: Ask, name: str) -> bool:
    assert ask.news is not None  # noqa: S101  (the guard has looked)
    found = ask.news.facts.get(name) or ask.profile.traits.get(name)
    return found is not None and found.value not in (None, "")


def _looked(ask: Ask) -> int:
    return max((h.at for h in ask.profile.habits if h.what == "looked"), default=-1)
