"""What is known of a person as text."""

from ofone.domain.state import Profile


def trait(profile: Profile, name: str) -> str:
    """A trait as text; empty where it is not known, or was taken back."""
    known = profile.traits.get(name)
    return "" if known is None or known.value is None else str(known.value)
