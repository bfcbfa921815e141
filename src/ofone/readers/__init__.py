"""What a person wrote or said becomes evidence: read offline, on a CPU, with shipped models.

``TextReader.bundled().read(texts)`` gives a ``Reading`` for each text. ``EndpointReader`` asks a
service of the company's own for a second opinion behind the same port; it is never required.
``hear`` makes a text of the customer's side of a recorded call, through a ``Transcriber`` such as
``WhisperTranscriber``.
"""

from ofone.readers.audio import Side, examine
from ofone.readers.endpoint import EndpointReader
from ofone.readers.text import Heard, Reader, Reading, TextReader
from ofone.readers.voice import Call, Segment, Transcriber, hear
from ofone.readers.whisper import WhisperTranscriber

__all__ = [
    "Call",
    "EndpointReader",
    "Heard",
    "Reader",
    "Reading",
    "Segment",
    "Side",
    "TextReader",
    "Transcriber",
    "WhisperTranscriber",
    "examine",
    "hear",
]
