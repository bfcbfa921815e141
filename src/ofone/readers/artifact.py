"""The shipped files: read whole, and refused unless they are the ones that were tested."""

import hashlib
from importlib.resources import files
from typing import Any

import msgspec

from ofone.domain.errors import OfoneError

_FOLDER = files("ofone.readers").joinpath("models")


def read(name: str) -> bytes:
    """A shipped file. Raises OfoneError if it is missing or is not the file that was tested."""
    try:
        raw = _FOLDER.joinpath(name).read_bytes()
        expected = _sums()[name]
    except (OSError, KeyError) as why:
        raise OfoneError(
            f"text model: {name} is not part of this installation ({why}); install ofone again"
        ) from why
    found = hashlib.sha256(raw).hexdigest()
    if found != expected:
        raise OfoneError(
            f"text model: {name} has SHA-256 {found}, {expected} was tested: it is damaged or "
            "was changed; install ofone again"
        )
    return raw


def _sums() -> dict[str, str]:
    return msgspec.json.decode(_FOLDER.joinpath("checksums.json").read_bytes(), type=dict[str, str])


def read_json(name: str) -> Any:
    """A shipped JSON file, checked like the others."""
    return msgspec.json.decode(read(name))
