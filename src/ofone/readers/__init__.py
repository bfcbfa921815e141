"""What a person wrote becomes evidence: free text is read offline, on a CPU, with shipped models.

``TextReader.bundled().read(texts)`` gives a ``Reading`` for each text. ``EndpointReader`` asks a
service of the company's own for a second opinion behind the same port; it is never required.
"""

from ofone.readers.endpoint import EndpointReader
from ofone.readers.text import Heard, Reader, Reading, TextReader

__all__ = ["EndpointReader", "Heard", "Reader", "Reading", "TextReader"]
