"""No message without the customer's word for this channel and this purpose.

A complaint takes back every word for its channel. From then on only what the customer gave later,
with its wording, counts: a list that says "yes" again is no answer to a complaint.
"""

from ofone.decisions.guards.ask import Ask
from ofone.domain.decisions import Verdict
from ofone.profiles.fold import muted

_OWN_PAGE = Verdict(
    guard="consent", ok=True, reason="a service notice on the customer's own page needs no consent"
)


def consent(ask: Ask) -> Verdict:
    if ask.channel == "in_app" and ask.purpose == "service":
        return _OWN_PAGE
    word = ask.profile.consents.get(f"{ask.channel}:{ask.purpose}")
    what = f"{ask.purpose} messages by {ask.channel}"
    if muted(ask.profile, ask.channel, word):
        reason = f"the customer complained about messages by {ask.channel}"
        if word is not None and word.granted:
            reason += "; a later consent without its wording does not undo that"
        return Verdict(guard="consent", ok=False, reason=reason)
    if word is None:
        return Verdict(guard="consent", ok=False, reason=f"nobody has consented to {what}")
    if not word.granted:
        return Verdict(guard="consent", ok=False, reason=f"consent to {what} was withdrawn")
    return Verdict(guard="consent", ok=True, reason=f"the customer agreed to {what}")
