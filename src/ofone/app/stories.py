"""The two people whose journeys come with the package."""

from importlib.resources import files

from ofone.domain.events import Happened
from ofone.sources import parse_json

ANGELA, ADAYA = "angela", "adaya"


def story_events(name: str) -> list[Happened]:
    """The events of one of the two bundled stories, in order."""
    text = (files("ofone.journeys") / "bundled" / f"{name}.jsonl").read_bytes()
    found = [parse_json(line, f"{name}.jsonl:{n}") for n, line in enumerate(text.splitlines(), 1)]
    return [e for e in found if isinstance(e, Happened)]
