"""Who carries what: channels by their addresses; what is not named stays on this machine."""

from collections.abc import Callable, Iterable
from urllib.parse import unquote, urlsplit

from ofone.domain.errors import OfoneError
from ofone.domain.messages import Message
from ofone.domain.words import CHANNELS
from ofone.runtime.links import Links
from ofone.runtime.ports import Channel

_LIKE = {
    "twilio": "twilio://SID:TOKEN@api.twilio.com?from=+15005550006",
    "vapid": "vapid:vapid.pem?subject=mailto:service@example.com",
    "webhook+https": "webhook+https://example.com/messages?secret=whsec_…",
    "calls": "calls:calls.db?within=24",
    "apprise": "apprise:sms=whatsapp://TOKEN@FROM/{address}",
}


def carriers(addresses: Iterable[str], links: Links) -> dict[str, Channel]:
    """The channels of these addresses by the name they carry.

    Raises OfoneError for an address that cannot be read, and for two that carry the same.
    """
    carried: dict[str, Channel] = {}
    for text in addresses:
        channel = _opened(text, news_of(links))
        if channel.name not in CHANNELS:
            raise OfoneError(
                f"{channel.name!r} is no channel of a playbook; write apprise:NAME=… with the one "
                f"it should carry: {', '.join(CHANNELS)}"
            )
        if channel.name in carried:
            raise OfoneError(f"two addresses carry {channel.name}; name one of them")
        carried[channel.name] = channel
    return carried


def news_of(links: Links) -> Callable[[Message], str]:
    """Where news of a text is posted, and from whom an answer to it comes.

    A provider cannot reach a page on this machine, so without https nothing is asked for.
    """
    from ofone.channels.sms import e164

    def address(message: Message) -> str:
        if message.to_kind != "customer" or not links.base.startswith("https://"):
            return ""
        links.number(message.who, e164(message.address))
        return f"{links.base}/v1/sms/status/{links.letter(message.who, message.key)}"

    return address


def secret_of(addresses: Iterable[str]) -> str:
    """The token that the provider of text messages signs with; empty where there is none."""
    return next(
        (unquote(urlsplit(a).password or "") for a in addresses if a.startswith("twilio:")), ""
    )


def _opened(text: str, callback: Callable[[Message], str]) -> Channel:
    scheme = text.partition(":")[0]
    # Imported when named: some of them bring large libraries.
    match scheme:
        case "twilio":
            from ofone.channels import sms

            return sms.from_url(text, callback)
        case "vapid":
            from ofone.channels import push

            return push.from_url(text)
        case "webhook+https" | "webhook+http":
            from ofone.channels import webhook

            return webhook.from_url(text)
        case "calls":
            from ofone.channels import calls

            return calls.from_url(text)
        case "apprise":
            from ofone.channels import longtail

            return longtail.from_url(text)
        case _:
            known = "\n".join(f"  {like}" for like in _LIKE.values())
            raise OfoneError(f"no channel has the address {scheme}:…; there are:\n{known}")
