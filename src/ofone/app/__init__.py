"""The one place that wires everything: which store, clock and channels make a running app."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from hashlib import blake2b
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import msgspec
from filelock import FileLock, Timeout
from msgspec.structs import replace

from ofone.app.calling import AppCalls, listed
from ofone.app.carriers import carriers
from ofone.app.listening import Words
from ofone.channels.calls import Calls
from ofone.channels.mailbox import Mailbox
from ofone.channels.smtp import Smtp
from ofone.domain.errors import NotFound, OfoneError, Problem, StoreError
from ofone.domain.events import Happened
from ofone.domain.times import HOUR, Micros, iso
from ofone.domain.words import CHANNELS
from ofone.journeys.compiled import Compiled
from ofone.journeys.library import Library, library
from ofone.journeys.load import bundled, bundled_names, bundled_text, load, placed
from ofone.runtime.clocks import RealClock, VirtualClock
from ofone.runtime.codec import decode_event
from ofone.runtime.digest import EVERYTHING
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.erase import clean
from ofone.runtime.links import LIFE, Links
from ofone.runtime.ports import Channel, Clock, DeadLetter, Erasable, Store
from ofone.runtime.replay import kept_lengths, kept_playbooks
from ofone.sources import ReadOptions, Record, Unreadable, parse_json, read, to_json
from ofone.stores.audit import FileAudit
from ofone.stores.graves import FileGraves
from ofone.stores.sqlite import SqliteStore

DATABASE = "journeys.db"
MAILBOX = "mailbox.db"
AUDIT = "audit.jsonl"
"""Who asked for needs, and what for."""
ERASED = "erased.jsonl"
"""Who was erased, for a backup that is put back."""
LARGE = 64_000_000
"""Bytes of a database that are written anew in a second or two."""
AHEAD = HOUR
"""How far ahead of ours the clocks of those who send events may be."""
BASE = "http://127.0.0.1:8765"
"""Where `ofone serve` is found when nothing else is said; links to customers begin with it."""


class App:
    """Everything that one data folder needs to run; close it when done.

    ``alone`` claims the folder: states live in the memory of the one process that advances them.
    ``smtp`` and ``carried`` are addresses of channels (``ofone.app.carriers``). ``listing``: calls
    go to the folder's list, for people to make; else they stay in the mailbox. ``calls`` is the
    list, where one of the channels is.
    """

    def __init__(
        self,
        data: Path,
        playbooks: Sequence[Compiled] = (),
        *,
        clock: Clock | None = None,
        base: str = BASE,
        smtp: str = "",
        carried: Sequence[str] = (),
        listing: bool = False,
        alone: bool = False,
        link_days: int = LIFE,
    ) -> None:
        self.data = data
        with ExitStack() as opening:
            if alone:
                opening.callback(_claim(data).release)
            self.store: Store = SqliteStore(data / DATABASE)
            opening.callback(self.store.close)
            self.mailbox = Mailbox(data / MAILBOX)
            opening.callback(self.mailbox.close)
            books = _library(self.store, playbooks, newest=True)
            self.engine = Engine(self.store, books, clock or RealClock(), listener=Words())
            self.links = Links(self.store, base, life=link_days)
            own: dict[str, Channel] = {"call": listed(data)} if listing else {}
            self.channels = channels(self.mailbox, smtp) | own | carriers(carried, self.links)
            made = self.channels["call"]
            self.calls = (
                AppCalls(made, self.store, self.library) if isinstance(made, Calls) else None
            )
            for channel in {id(c): c for c in self.channels.values()}.values():
                opening.callback(channel.close)
            self.dispatcher = Dispatcher(
                self.engine, self.channels, self.links, real=not isinstance(clock, VirtualClock)
            )
            self.audit = FileAudit(data / AUDIT)
            self.graves = FileGraves(data / ERASED)
            if alone:
                self.engine.erase_again(self.graves.read())
            self._alone = alone
            self._open = opening.pop_all()

    @property
    def library(self) -> Library:
        """The playbooks, and how long their steps take: as the engine has them now."""
        return self.engine.library

    def renew(self) -> None:
        """Take up the newest snapshot of how long steps take, if there is a newer one."""
        lengths = self.library.lengths
        newest = max(self.store.lengths(), default=0)
        if newest > (lengths.number if lengths is not None else 0):
            found = kept_lengths(self.store, newest)
            if found is not None:
                self.engine.take_up(found)
            if self.calls is not None:
                self.calls.library = self.library

    def clean(self, *, whole: bool = True) -> int:
        """Wipe what is left of customers who were erased; how many are still to be wiped.

        That takes longer the larger the database is, and nothing can be written meanwhile: without
        ``whole``, a ``large`` one is left for later. To be called by whoever dispatches, between
        two rounds. Raises StoreError.
        """
        waiting = [t for t in self.store.tombstones() if t.told is not None]
        if not waiting:
            return 0
        self.graves.add(waiting)
        with closing(listed(self.data)) as calls:  # also where nothing is put on that list now
            places = {id(c): c for c in (self.mailbox, *self.channels.values(), self.audit, calls)}
            kept = [p for p in places.values() if isinstance(p, Erasable)]
            return len(waiting) - clean(self.store, kept, scrub=whole or not self.large)

    @property
    def large(self) -> bool:
        """Whether it takes more than a moment to write the database anew."""
        return (self.data / DATABASE).stat().st_size > LARGE

    def close(self) -> None:
        """Raises StoreError when somebody was erased, and not all of it could be wiped yet."""
        with self._open:
            if self._alone:
                self.clean(whole=False)


def _claim(data: Path) -> FileLock:
    """The folder for this process only. Raises StoreError when another one has it."""
    try:
        data.mkdir(parents=True, exist_ok=True)
        claim = FileLock(data / "writer.lock", timeout=0)
        claim.acquire()
    except Timeout:
        raise StoreError(
            f"{data}: another ofone process is advancing these journeys; stop it first, or send "
            "events to its intake (POST /v1/events), or choose another --data folder"
        ) from None
    except OSError as error:
        raise StoreError(f"{data}: {error.strerror}; choose a folder you may write") from None
    return claim


@contextmanager
def opened(data: Path, playbooks: Sequence[Compiled] = (), **how: Any) -> Iterator[App]:
    """An app that is closed at the end."""
    app = App(data, playbooks, **how)
    try:
        yield app
    finally:
        app.close()


class Reading:
    """A data folder to look into: nothing in it is changed, also not while another serves it."""

    def __init__(self, data: Path) -> None:
        self.store: Store = SqliteStore(existing(data) / DATABASE, reading=True)
        self.library = _library(self.store, (), newest=False)
        self.links = Links(self.store, BASE, remember=False)


@contextmanager
def opened_to_read(data: Path) -> Iterator[Reading]:
    """A folder that is only read. Raises NotFound when nothing was run into it."""
    reading = Reading(data)
    try:
        yield reading
    finally:
        reading.store.close()


def existing(data: Path) -> Path:
    """The folder, if something was run into it. Raises NotFound that says how to begin."""
    if not (data / DATABASE).exists():
        raise NotFound(
            f"{data} holds no journeys; begin with: ofone run life-insurance --events FILE "
            f"--data {data}"
        )
    return data


def channels(mailbox: Mailbox, smtp: str) -> dict[str, Channel]:
    """Who carries what: everything stays in the local mailbox, but e-mail where a server is named.

    ``smtp`` is ``smtp://[user:password@]host[:port][?from=address&reply-to=address]``, or
    ``smtps://`` for TLS.
    """
    carried: dict[str, Channel] = dict.fromkeys((*CHANNELS, "helper"), mailbox)
    if smtp:
        carried["email"] = _smtp(smtp)
    return carried


def _smtp(address: str) -> Smtp:
    url = urlsplit(address)
    if url.scheme not in ("smtp", "smtps", "smtp+starttls") or not url.hostname:
        raise OfoneError(
            f"cannot read the mail server {address!r}; write smtp://host:25, "
            "smtp+starttls://user:password@host:587 or smtps://user:password@host:465, "
            "with ?from=service@example.com"
        )
    query = dict(part.split("=", 1) for part in url.query.split("&") if "=" in part)
    tls = {"smtp": "none", "smtps": "tls", "smtp+starttls": "starttls"}[url.scheme]
    return Smtp(
        url.hostname,
        url.port or {"none": 25, "tls": 465, "starttls": 587}[tls],
        tls=tls,  # type: ignore[arg-type]
        username=unquote(url.username or ""),
        password=unquote(url.password or ""),
        sender=unquote(query.get("from", f"service@{url.hostname}")),
        reply_to=unquote(query.get("reply-to", "")),
    )


def playbook(name: str) -> Compiled:
    """A playbook by file or by the name of a bundled one. Raises NotFound or PlaybookError."""
    text = _file(name)
    return bundled(name) if text is None else load(text, name)


def placed_in(name: str, found: Iterable[Problem]) -> tuple[Problem, ...]:
    """Problems with the words of a playbook, each at its file and line."""
    text = _file(name)
    if text is None:
        return placed(bundled_text(name), f"{name}.yaml", found)
    return placed(text, name, found)


def _file(name: str) -> str | None:
    """A playbook's text, or None for a name that may be a bundled one's."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml") and not path.exists():
        return None
    if path.is_dir():
        if name in bundled_names():
            return None
        raise NotFound(
            f"{name} is a folder; name a playbook file in it, or a bundled one: {_names()}"
        )
    try:
        return path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise NotFound(f"there is no file {name}; bundled playbooks are: {_names()}") from None
    except (OSError, UnicodeDecodeError) as error:
        raise OfoneError(f"{name} cannot be read: {error}; it should be YAML in UTF-8") from None


def _names() -> str:
    return ", ".join(bundled_names())


def _library(store: Store, given: Sequence[Compiled], *, newest: bool) -> Library:
    """The playbooks given, and beside them every version the store has kept.

    And how long steps take: of the ``newest`` snapshot, else of the one that is in force.
    """
    kept = kept_playbooks(store)
    facts = store.all_facts()
    said = msgspec.json.decode(facts[max(facts)]) if facts else {"playbooks": {}}
    current = {name: kept[name, version] for name, version in said["playbooks"].items()}
    current |= {c.name: c for c in given}
    number = max(store.lengths(), default=0) if newest else said.get("lengths", 0)
    return library(current.values(), kept.values(), kept_lengths(store, number))


def records(
    path: Path, options: ReadOptions, progress: Callable[[int], None] | None = None
) -> Iterator[Happened | DeadLetter]:
    """A file's events; what cannot be read comes as a dead letter with its reason.

    Raises OfoneError at once for a file that is not there, or of a format that is not read.
    """
    return map(as_letter, read(path, options, progress=progress))


def source(path: Path) -> str:
    """What a file is known by, so that a feed goes on where it was cut off; empty for stdin.

    A file that was changed is another one: it is read from its beginning, and what is there
    already is a duplicate.
    """
    if str(path) == "-":
        return ""
    found = path.stat()
    named = f"{path.resolve()} {found.st_size} {found.st_mtime_ns}"
    # Not its name: that may be somebody's, and would outlive them.
    return blake2b(named.encode("utf-8", "surrogateescape"), digest_size=16).hexdigest()


def as_letter(record: Record) -> Happened | DeadLetter:
    """An event as it is; what is none as a dead letter."""
    if isinstance(record, Unreadable):
        return DeadLetter(
            at=time.time_ns() // 1000,
            kind="raw",
            origin=record.origin,
            reason=record.reason,
            raw=record.raw,
        )
    return record


def dated(
    record: Happened | DeadLetter, *, until: Micros = 0, raw: bytes | None = None
) -> Happened | DeadLetter:
    """What happened cannot lie ahead: such a time would hold the customer's clocks for as long.

    In a replay it would fire everybody's timers, too. ``until``: time may pass that far (and it may
    lie in the past). ``raw`` is the event as it came; left out, it is written anew.
    """
    now = time.time_ns() // 1000
    if isinstance(record, DeadLetter) or record.at <= max(now + AHEAD, until):
        return record
    return DeadLetter(
        at=now,
        kind="raw",
        origin=f"{record.customer}/{record.id}",
        reason=f"its time {iso(record.at)} lies ahead of now; check the clock of the sender",
        raw=to_json(record) if raw is None else raw,
    )


def replay_dead(app: App, numbers: Iterable[int] = ()) -> tuple[int, list[DeadLetter]]:
    """Try dead letters again (all, or some); how many went through, and those that did not."""
    from ofone.app import post

    wanted = set(numbers)
    failed: list[int] = []
    through = 0
    for letter in app.store.dead_letters():
        if wanted and letter.number not in wanted:
            continue
        match letter.kind:
            case "delivery":
                row = app.store.effect(letter.raw.decode())
                if row is None:
                    continue
                app.store.settle([replace(row, status="requested", next_at=row.at, message=None)])
                app.dispatcher.run_once(max(row.at, app.engine.clock.now(0, 0)))
                again = app.store.effect(row.key)
                ok = again is not None and (again.status != "held" or again.next_at is not None)
            case "event":
                ok = app.engine.submit(decode_event(letter.raw)).status != "dead letter"
            case _ if letter.origin == post.ORIGIN:
                found = post.opened(letter.raw, app.engine, app.links, letter.at)
                ok = found.letter is None
                if ok:
                    post.take(letter.raw, app.engine, app.links, letter.at)
            case _:
                record = dated(as_letter(parse_json(letter.raw, letter.origin)))
                ok = isinstance(record, Happened) and (
                    app.engine.submit(record).status != "dead letter"
                )
        if ok:
            app.store.replayed(letter.number)
            through += 1
        else:
            failed.append(letter.number)
    app.dispatcher.run_until_idle(EVERYTHING)
    return through, [d for d in app.store.dead_letters() if d.number in failed]
