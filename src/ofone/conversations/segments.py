"""How many text messages a text is charged as (3GPP TS 23.038 and 23.040)."""

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENDED = frozenset("\f^{}\\[~]|€")  # an escape and a character: two units


def segments(text: str) -> int:
    """Segments of a text message; 0 for no text.

    GSM 7-bit holds 160 units in one segment and 153 in each of several; one character outside its
    alphabet (’, –, …, an emoji) turns the whole text into UCS-2 with 70 and 67. No character is
    split over two segments.
    """
    seven = all(char in _BASIC or char in _EXTENDED for char in text)
    single, several = (160, 153) if seven else (70, 67)
    units = [1 + (char in _EXTENDED if seven else ord(char) > 0xFFFF) for char in text]
    if sum(units) <= single:
        return min(1, len(text))
    count, room = 1, several
    for unit in units:
        if unit > room:
            count, room = count + 1, several
        room -= unit
    return count
