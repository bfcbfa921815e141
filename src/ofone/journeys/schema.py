"""The JSON Schema of a playbook, made from the types that read it."""

from typing import Any

import msgspec

from ofone.journeys.playbook import Playbook


def schema() -> str:
    """JSON Schema 2020-12, as text: point an editor's YAML support at it for completion."""
    made: dict[str, Any] = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Journey of One playbook",
        **msgspec.json.schema(Playbook),
    }
    return msgspec.json.format(msgspec.json.encode(made), indent=2).decode()
