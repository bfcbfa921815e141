"""Asking once what is the same for every channel changes no answer."""

from msgspec.structs import replace
from tests.decisions.asking import ask

from ofone.decisions.guards import by_channel, verdicts
from ofone.domain.words import CHANNELS


def test_by_channel_says_of_each_channel_what_verdicts_says() -> None:
    """Guards of the moment do not look at the channel."""
    alone, alike = by_channel(ask(), CHANNELS)
    for channel, said in alone.items():
        assert (*said, *alike) == verdicts(replace(ask(), channel=channel))
