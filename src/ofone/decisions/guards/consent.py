"""No message without the customer's word for this channel and this purpose."""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict

_OWN_PAGE = Verdict(
    guard="consent", ok=True, reason="a service notice on the customer's own page needs no consent"
)


def consent(ask: Ask) -> Verdict:
    if ask.channel == "in_app" and ask.purpose == "service":
        return _OWN_PAGE
    word = ask.profile.consents.get(f"{ask.channel}:{ask.purpose}")
    what = f"{ask.purpose} messages by {ask.channel}"
    if word is None:
        return Verdict(guard="consent", ok=False, reason=f"nobody has consented to {what}")
    if not word.granted:
        return Verdict(guard="consent", ok=False, reason=f"consent to {what} was withdrawn")
    return Verdict(guard="consent", ok=True, reason=f"the customer agreed to {what}")
