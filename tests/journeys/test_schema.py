"""The JSON Schema that an editor completes a playbook from."""

import json
import re
from copy import deepcopy
from typing import Any

import pytest
from ruamel.yaml import YAML
from tests.building import VISIT

from ofone.journeys.compiled import canonical
from ofone.journeys.load import bundled, bundled_text
from ofone.journeys.schema import schema

SCHEMA: dict[str, Any] = json.loads(schema())
KINDS: dict[str, type | tuple[type, ...]] = {
    "string": str,
    "boolean": bool,
    "integer": int,
    "number": (int, float),
    "array": list,
    "object": dict,
    "null": type(None),
}
# Every keyword that the schema uses is understood below; a new one fails the first test.
KNOWN = {
    *("$ref", "type", "enum", "anyOf", "pattern", "minLength", "maxLength", "minimum", "maximum"),
    *("exclusiveMinimum", "exclusiveMaximum", "items", "minItems", "properties", "required"),
    *("additionalProperties", "default", "description", "title", "minProperties"),
    *("propertyNames", "maxItems"),
}


def refused(value: Any, rule: dict[str, Any], path: str = "$") -> list[str]:
    """Why the value does not fit: a small reading of JSON Schema 2020-12."""
    if "$ref" in rule:
        return refused(value, SCHEMA["$defs"][rule["$ref"].removeprefix("#/$defs/")], path)
    if "anyOf" in rule:
        said = [refused(value, one, path) for one in rule["anyOf"]]
        return [] if [] in said else said[0]
    assert set(rule) <= KNOWN, set(rule) - KNOWN
    found = []
    if "type" in rule and not isinstance(value, KINDS[rule["type"]]):
        return [f"{path}: {value!r} is no {rule['type']}"]
    if "enum" in rule and value not in rule["enum"]:
        found.append(f"{path}: {value!r} is none of {rule['enum']}")
    if isinstance(value, str):
        size = rule.get("minLength", 0) <= len(value) <= rule.get("maxLength", 10**9)
        found += (
            [] if size and re.search(rule.get("pattern", ""), value) else [f"{path}: {value!r}"]
        )
    if isinstance(value, int | float) and not isinstance(value, bool):
        low, high = rule.get("minimum", -1e99), rule.get("maximum", 1e99)
        above, below = rule.get("exclusiveMinimum", -1e99), rule.get("exclusiveMaximum", 1e99)
        found += [] if low <= value <= high and above < value < below else [f"{path}: {value}"]
    if isinstance(value, list):
        found += [] if len(value) >= rule.get("minItems", 0) else [f"{path}: too few"]
        found += [] if len(value) <= rule.get("maxItems", 10**9) else [f"{path}: too many"]
        for n, one in enumerate(value):
            found += refused(one, rule.get("items", {}), f"{path}[{n}]")
    if isinstance(value, dict):
        found += [] if len(value) >= rule.get("minProperties", 0) else [f"{path}: too few"]
        there, rest = rule.get("properties", {}), rule.get("additionalProperties", {})
        found += [f"{path}: no {name}" for name in rule.get("required", []) if name not in value]
        for name, one in value.items():
            found += refused(name, rule.get("propertyNames", {}), f"{path}: the name {name}")
            inner = there.get(name, rest)
            found += (
                [f"{path}: {name} is not known"]
                if inner is False
                else refused(one, inner, f"{path}.{name}")
            )
    return found


def plain(text: str) -> Any:
    return YAML(typ="safe").load(text)


def test_the_schema_says_its_dialect_and_every_reference_resolves() -> None:
    """JSON Schema 2020-12; patterns are patterns."""
    assert SCHEMA["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    named = set(re.findall(r'"#/\$defs/(\w+)"', schema()))
    assert named == set(SCHEMA["$defs"])
    for pattern in re.findall(r'"pattern": "(.*)"', schema()):
        re.compile(json.loads(f'"{pattern}"'))


@pytest.mark.parametrize("name", ["life-insurance", "loan"])
def test_the_schema_accepts_the_bundled_playbooks(name: str) -> None:
    """As they are written, and as canonical JSON."""
    assert refused(plain(bundled_text(name)), SCHEMA) == []
    assert refused(json.loads(canonical(bundled(name).playbook)), SCHEMA) == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("goal",), 3),
        (("stepps",), []),
        (("steps",), []),
        (("steps", 0, "completes"), "Form Sent"),
        (("steps", 0, "days", "usual"), -1),
        (("steps", 0, "complets"), ["Form Sent"]),
        (("approaches", 0, "cadence"), "much"),
        (("approaches", 0, "id"), "Warm One"),
        (("signals", 0, "validity"), 1),
        (("entry", "again"), "never"),
    ],
)
def test_the_schema_refuses_what_the_loader_refuses(
    path: tuple[str | int, ...], value: object
) -> None:
    """So that an editor marks it while it is typed."""
    document = deepcopy(plain(VISIT))
    part = document
    for name in path[:-1]:
        part = part[name]
    part[path[-1]] = value
    assert refused(plain(VISIT), SCHEMA) == []
    assert refused(document, SCHEMA) != []


def test_what_an_editor_shows_is_explained() -> None:
    """Conditions and moments come with an example."""
    touch = SCHEMA["$defs"]["Touch"]["properties"]
    assert "needs.reassurance.high > 0.5" in touch["if"]["description"]
    assert "2 days before appointment_at" in touch["at"]["description"]
