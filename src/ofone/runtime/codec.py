"""Bytes for what is kept. Arrays without field names: small, quick, and the same for ever."""

import zlib

import msgspec

from ofone.domain.decisions import Decision
from ofone.domain.effects import Effect
from ofone.domain.events import Event
from ofone.domain.messages import Message
from ofone.domain.state import CustomerState

encode = msgspec.msgpack.Encoder().encode
decode_state = msgspec.msgpack.Decoder(CustomerState).decode
decode_event = msgspec.msgpack.Decoder(Event).decode
decode_effect = msgspec.msgpack.Decoder(Effect).decode
decode_decisions = msgspec.msgpack.Decoder(tuple[Decision, ...]).decode
_decode_message = msgspec.msgpack.Decoder(Message).decode


def encode_message(message: Message) -> bytes:
    """A rendered message, compressed: letters share their layout, which is most of them."""
    return zlib.compress(encode(message))


def decode_message(body: bytes) -> Message:
    """What ``encode_message`` made."""
    return _decode_message(zlib.decompress(body))
