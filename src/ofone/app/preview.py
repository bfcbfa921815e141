"""Previews for people: Angela, Adaya, or a customer of a data folder; on a page, or as files."""

from collections.abc import Sequence
from pathlib import Path

from ofone.app import BASE, App
from ofone.app.stories import ADAYA, ANGELA, story_events
from ofone.domain.errors import NotFound, OfoneError
from ofone.domain.state import CustomerState
from ofone.domain.times import DAY, Micros
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import library
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_state
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import Store
from ofone.runtime.preview import Moments, Text, Wanted, texts
from ofone.stores.memory import MemoryStore

PERSONAS = {ANGELA: "Angela", ADAYA: "Adaya"}
AFTER = 120 * DAY
"""How long a persona's timers go on once the last event of the story came."""


def preview(
    compiled: Compiled, who: str, wanted: Wanted, store: Store | None = None, base: str = BASE
) -> list[Text]:
    """The texts of a playbook for a persona, or for a customer in ``store`` as of the last moment.

    Raises NotFound for a customer, an action or an approach that is not there.
    """
    if store is None and who not in PERSONAS:
        raise NotFound(
            f"no persona {who!r}; there are: {', '.join(PERSONAS)}; for a customer of yours, "
            "say where: --data FOLDER"
        )
    state = None if store is None else store.load(who)
    if state is not None and store is not None:
        found = decode_state(state)
        return texts(compiled, lambda *_: found, Links(store, base, remember=False), wanted)
    if who not in PERSONAS:
        raise NotFound(f"no customer {who!r} here, and the personas are: {', '.join(PERSONAS)}")
    return texts(compiled, _moments(compiled, who), _LINKS, wanted)


_LINKS = Links(MemoryStore(), BASE, remember=False)


def _moments(compiled: Compiled, who: str) -> Moments:
    """For each action, the moment it was sent; else the last at its step; else the last of all."""
    lived = _lived(compiled, who)

    def moment(action: str, step: str) -> CustomerState:
        of = [(s, j) for s in lived for j in s.journeys if j.playbook == compiled.name]
        sent = [s for s, j in of if action in j.sent]
        here = [s for s, j in of if step in j.steps and j.steps[step].status == "current"]
        return sent[0] if sent else here[-1] if here else lived[-1]

    return moment


_LIVES: dict[tuple[str, str, str], list[CustomerState]] = {}
"""By playbook, version and persona: a page asks for the same again and again."""


def _lived(compiled: Compiled, who: str) -> Sequence[CustomerState]:
    """Every state of a persona who lives the bundled story with this playbook, in order."""
    key = (compiled.name, compiled.version, who)
    if key in _LIVES:
        return _LIVES[key]
    store = MemoryStore()
    engine = Engine(store, library([compiled]), VirtualClock())
    lived: list[CustomerState] = []

    def note() -> None:
        state = engine.get(who)
        if state is not None and (not lived or state.version != lived[-1].version):
            lived.append(state)

    def pass_until(at: Micros) -> None:
        while (due := store.next_due()) is not None and due <= at:
            engine.fire_due(due)
            note()

    events = story_events(who)
    for event in events:
        pass_until(event.at)
        engine.submit(event)
        note()
    if lived and lived[-1].journeys:
        pass_until(events[-1].at + AFTER)
    _LIVES[key] = lived
    return lived


def write_files(found: Sequence[Text], folder: Path) -> list[Path]:
    """A file for each text, and one more for its HTML. Raises OfoneError for no such folder."""
    written: list[Path] = []
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for text in found:
            name = f"{text.action}.{'+'.join(text.approaches)}.{text.channel}"
            said = f"Subject: {text.subject}\n\n{text.text}" if text.subject else text.text
            parts = [(".txt", f"HELD: {text.held}" if text.held else said)]
            parts += [(".html", text.html)] if text.html else []
            for ending, part in parts:
                path = folder / f"{name}{ending}"
                path.write_text(f"{part.rstrip()}\n", encoding="utf-8")
                written.append(path)
    except OSError as error:
        raise OfoneError(
            f"{folder}: {error.strerror}; choose a folder you may write with --out"
        ) from None
    return written


class AppPreviews:
    """What the page of texts reads, over a running app."""

    def __init__(self, app: App) -> None:
        self.app = app

    def playbooks(self) -> list[Compiled]:
        return list(self.app.library.current.values())

    def personas(self) -> dict[str, str]:
        return PERSONAS

    def texts(self, compiled: Compiled, who: str, wanted: Wanted) -> list[Text]:
        # A persona is the story's, also where a customer has that id.
        store = None if who in PERSONAS else self.app.store
        return preview(compiled, who, wanted, store, self.app.links.base)
