"""``ofone``: every command, its options, and how errors are said.

Errors that a person can mend go to stderr in words, with exit code 2; a fault of ours keeps its
traceback. ``--json`` prints exactly one JSON object on stdout and nothing else there.
"""

import sys
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, Literal

import click
import msgspec
from rich.console import Console
from rich.progress import (
    BarColumn,
    DownloadColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from ofone import __version__
from ofone.app import (
    AUDIT,
    BASE,
    App,
    dated,
    existing,
    opened,
    opened_to_read,
    placed_in,
    playbook,
    records,
    replay_dead,
    source,
)
from ofone.cli import say
from ofone.conversations.lint import NOTES, RULES, Finding
from ofone.domain.calling import ENDS, Ended
from ofone.domain.errors import NotFound, OfoneError, PlaybookError, Problem, StoreError
from ofone.domain.events import Happened, Value
from ofone.domain.times import Micros, to_micros
from ofone.domain.words import CHANNELS
from ofone.journeys.describe import describe, mermaid
from ofone.journeys.load import bundled_names
from ofone.journeys.schema import schema
from ofone.journeys.wording import linted, problem
from ofone.needs.measure import LEAST_PEOPLE
from ofone.readers import Call, Side, TextReader, WhisperTranscriber, examine, hear
from ofone.readers.whisper import HOW
from ofone.runtime import show as shown
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.feed import Fed, feed, run_out
from ofone.runtime.helping import inbox
from ofone.runtime.links import LIFE
from ofone.runtime.migrate import migrate as migrate_all
from ofone.runtime.migrate import plan as plan_migration
from ofone.runtime.preview import Wanted
from ofone.runtime.replay import check
from ofone.sources import ReadOptions, size, to_json
from ofone.stores.audit import FileAudit

_DATA = click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="The folder that holds the journeys.",
)
EX_TEMPFAIL = 75
"""What a mail server understands as: keep it, and try again (sysexits.h)."""
_NEWEST = 20
_PORT = click.IntRange(0, 65535)
_PAGES = click.option(
    "--base",
    default=BASE,
    envvar="OFONE_BASE",
    show_default=True,
    help="Where the pages are served.",
)
_LINK_DAYS = click.option(
    "--link-days",
    type=click.IntRange(1, 3650),
    default=LIFE,
    show_default=True,
    envvar="OFONE_LINK_DAYS",
    help="How long a link to a customer's pages opens them, up to 30 days more.",
)
_JSON = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="ofone")
def cli() -> None:
    """Journey of One: every customer gets a journey of their own, and you can prove why.

    PLAYBOOK is a file, or the name of a bundled one: life-insurance, loan.
    """


def main(arguments: Sequence[str] | None = None) -> None:
    """Run a command; what a person can mend is said in words, with exit code 2."""
    try:
        cli.main(args=arguments, prog_name="ofone", standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        click.echo("stopped; what was acknowledged is kept", err=True)
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except OfoneError as error:
        click.echo(str(error), err=True)
        sys.exit(2)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(0)


class _Until(click.ParamType[Micros]):
    """A moment in ISO 8601, or a day, as microseconds; without a zone it is UTC."""

    name = "time"

    def convert(self, value: Any, param: Any, ctx: Any) -> Micros:
        try:
            found = datetime.fromisoformat(value)
        except ValueError:
            self.fail(
                f"{value!r} is no time; write 2026-06-30, 2026-06-30T18:00:00Z or "
                "2026-06-30T18:00:00+02:00",
                param,
                ctx,
            )
        return to_micros(found if found.tzinfo is not None else found.replace(tzinfo=UTC))


def _print(data: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(data), indent=2).decode())


@cli.command()
@click.argument("name", metavar="PLAYBOOK")
@_JSON
def validate(name: str, as_json: bool) -> None:
    """Check a playbook: file, line, column, what is wrong, and what would work."""
    try:
        compiled = playbook(name)
    except PlaybookError as error:
        if as_json:
            _print({"playbook": name, "problems": [msgspec.to_builtins(p) for p in error.problems]})
        raise
    p = compiled.playbook
    assumed = sum(not s.measured for s in p.signals)
    if as_json:
        _print(
            {
                "playbook": p.playbook,
                "version": compiled.version,
                "steps": list(compiled.steps),
                "approaches": list(compiled.approaches),
                "signals": len(p.signals),
                "signals_assumed": assumed,
                "problems": [],
                "notices": [msgspec.to_builtins(n) for n in compiled.notices],
                "lint": Counter(f.rule for f in linted(compiled)),
            }
        )
        return
    click.echo(
        f"{p.playbook} is good: version {compiled.version}, {len(p.steps)} steps, "
        f"{len(p.approaches)} approaches, {len(p.actions)} actions"
    )
    for notice in compiled.notices:
        click.echo(f"but look at {notice}")
    found = Counter(f.rule for f in linted(compiled) if f.rule not in NOTES)
    if found:
        rules = ", ".join(f"{rule} {n}" for rule, n in found.items())
        click.echo(f"and its words could be better ({rules}): ofone lint {name}")
    if assumed:
        click.echo(
            f"{assumed} of its {len(p.signals)} signals are assumptions; once {LEAST_PEOPLE} "
            f"customers have answered: ofone calibrate-signals {name} --data FOLDER"
        )


@cli.command(name="lint")
@click.argument("name", metavar="PLAYBOOK")
@_JSON
def lint_command(name: str, as_json: bool) -> None:
    """Read a playbook's words as an editor would: what alarms, reveals, is too long or too hard.

    Exit code 1 when something should be mended. A rule is silenced where it is meant, with the
    reason, in the playbook: lint: {allow: {RULE: REASON}} at an action or helper message.
    """
    told = [(f, placed_in(name, [problem(f)])[0]) for f in linted(playbook(name))]
    notes = [(f, p) for f, p in told if f.rule in NOTES]
    found = [(f, p) for f, p in told if f.rule not in NOTES]

    def rows(lines: list[tuple[Finding, Problem]]) -> list[dict[str, Any]]:
        named = [{"rule": f.rule, "owner": f.owner, "path": f.path} for f, _ in lines]
        return [n | msgspec.to_builtins(p) for n, (_, p) in zip(named, lines, strict=True)]

    if as_json:
        _print({"playbook": name, "findings": rows(found), "notes": rows(notes), "rules": RULES})
    else:
        for _, p in found:
            click.echo(str(p))
        for _, p in notes:
            click.echo(f"note: {p}")
        click.echo(
            f"{len(found) or 'nothing'} to mend, {len(notes) or 'no'} notes; the word lists "
            "catch much, not all: let a person read every text too"
        )
    if found:
        sys.exit(1)


@cli.command(name="preview")
@click.argument("name", metavar="PLAYBOOK")
@click.argument("action", default="")
@click.option(
    "--for",
    "who",
    default="angela",
    show_default=True,
    help="angela, adaya, or a customer of the data folder, as of now.",
)
@click.option(
    "--data",
    type=click.Path(file_okay=False, path_type=Path),
    help="The folder that holds the customer.",
)
@click.option("--approach", default="", help="Only as this approach says it.")
@click.option("--channel", type=click.Choice(CHANNELS), help="Only on this channel.")
@click.option("--language", default="", help="As if the customer read this language, such as de.")
@click.option(
    "--fact",
    "facts",
    multiple=True,
    metavar="NAME=VALUE",
    help="As if this were remembered of the journey. May be repeated.",
)
@click.option(
    "--out", type=click.Path(file_okay=False, path_type=Path), help="Write files here instead."
)
@_JSON
def preview_command(
    name: str,
    action: str,
    who: str,
    data: Path | None,
    approach: str,
    channel: str | None,
    language: str,
    facts: tuple[str, ...],
    out: Path | None,
    as_json: bool,
) -> None:
    """Show every text of a playbook, or those of one ACTION, as they would go out.

    Angela and Adaya live the bundled story with this playbook: each text is shown at the moment it
    was sent to them, or else at the last moment of its step.
    """
    from ofone.app.preview import preview, write_files

    wanted = Wanted(
        action=action,
        approach=approach,
        channel=channel or "",
        language=language,
        facts=_facts(facts),
    )
    compiled = playbook(name)
    if data is None:
        found = preview(compiled, who, wanted)
    else:
        with opened_to_read(data) as app:
            found = preview(compiled, who, wanted, app.store)
    if out is not None:
        written = write_files(found, out)
        if not as_json:
            click.echo(f"{len(found)} texts in {len(written)} files in {out}")
            return
    if as_json:
        _print({"playbook": name, "for": who, "texts": [msgspec.to_builtins(t) for t in found]})
    else:
        say.texts(found)


def _facts(given: Sequence[str]) -> dict[str, Value]:
    """Remembered properties by name; a value is JSON where it reads as such, else text."""
    found: dict[str, Value] = {}
    for one in given:
        key, equals, text = one.partition("=")
        if not (key and equals):
            raise click.UsageError(f"--fact {one!r}: write NAME=VALUE")
        try:
            found[key] = msgspec.json.decode(text, type=int | float | bool | str)
        except msgspec.DecodeError:
            found[key] = text
    return found


@cli.command(name="describe")
@click.argument("name", metavar="PLAYBOOK")
@click.option("--mermaid", "diagram", is_flag=True, help="Only the Mermaid diagram.")
@click.option("--words", is_flag=True, help="Also every text that would be sent.")
@_JSON
def describe_command(name: str, diagram: bool, words: bool, as_json: bool) -> None:
    """Say a playbook in plain English, with a Mermaid diagram, for sign-off."""
    compiled = playbook(name)
    if as_json:
        _print({"text": describe(compiled, words=words), "mermaid": mermaid(compiled)})
    elif diagram:
        click.echo(mermaid(compiled))
    else:
        click.echo(f"{describe(compiled, words=words)}\n```mermaid\n{mermaid(compiled)}\n```")


@cli.command(name="schema")
def schema_command() -> None:
    """Print the JSON Schema of playbooks, for completion in an editor."""
    click.echo(schema())


@cli.command()
@click.argument("name", metavar="PLAYBOOK")
@click.option(
    "--events",
    "files",
    multiple=True,
    required=True,
    type=click.Path(path_type=Path),
    help="JSONL, CSV, Parquet or XES, also .gz; - reads JSON lines from stdin. May be repeated.",
)
@_DATA
@click.option("--case-key", default="", help="XES trace attribute (or column) of the customer.")
@click.option("--activity", default="", help="XES event attribute (or column) of the event name.")
@click.option("--lifecycle", default="", help="XES event attribute of the lifecycle transition.")
@click.option("--time", "time_key", default="", help="XES event attribute (or column) of the time.")
@click.option("--id", "id_key", default="", help="Column of the event id.")
@click.option(
    "--until",
    type=_Until(),
    help="Let time pass until then: 2026-06-30, or 2026-06-30T18:00:00+02:00; without a zone it is "
    "UTC. Left out, until the latest event. Only with it an event may lie ahead of now.",
)
@click.option("--smtp", default="", envvar="OFONE_SMTP", help="Mail server; see `ofone serve -h`.")
@click.option(
    "--base",
    default=BASE,
    envvar="OFONE_BASE",
    show_default=True,
    help="The address customers reach the pages at, for links.",
)
@_JSON
def run(
    name: str,
    files: tuple[Path, ...],
    data: Path,
    case_key: str,
    activity: str,
    lifecycle: str,
    time_key: str,
    id_key: str,
    until: Micros | None,
    smtp: str,
    base: str,
    as_json: bool,
) -> None:
    """Feed files of events through a playbook, at the events' own times."""
    compiled = playbook(name)
    options = ReadOptions(
        id=id_key, case_key=case_key, activity=activity, lifecycle=lifecycle, time=time_key
    )
    wall, cpu = time.perf_counter(), time.process_time()
    taken = partial(dated, until=until or 0)
    with _bar(files, quiet=as_json) as bar:
        # Opened before the folder is made, so that a misspelt file leaves nothing behind.
        streams = [
            (path, map(taken, records(path, options, progress=partial(bar, path))))
            for path in files
        ]
        with opened(
            data, [compiled], clock=VirtualClock(), smtp=smtp, base=base, alone=True
        ) as app:
            before = app.store.counts()
            fed = Fed()
            for path, stream in streams:
                feed(app.engine, app.dispatcher, source(path), stream, fed)
            run_out(app.engine, app.dispatcher, fed.last if until is None else until, fed)
            summary = _summary(app, before, fed)
    summary["cpu_seconds"] = round(time.process_time() - cpu, 3)
    summary["wall_seconds"] = round(time.perf_counter() - wall, 3)
    if as_json:
        _print(summary)
    else:
        say.summary(summary, data)


def _summary(app: App, before: dict[str, int], fed: Fed) -> dict[str, Any]:
    """Of this run: events, duplicates, decisions, deliveries, timers, dead letters, and events of
    names that nothing knows. The customers and journeys are those in the folder.
    """
    unknown, named = fed.names.unknown() if fed.names is not None else (0, [])
    after = app.store.counts()

    def grown(name: str) -> int:
        return after.get(name, 0) - before.get(name, 0)

    journeys = {"started": after.get("started", 0), "active": 0, "completed": 0, "ended": 0}
    outcomes: dict[str, int] = {}
    for name, n in after.items():
        if name.count(":") == 2 and n:
            _, status, outcome = name.split(":")
            journeys[status] += n
            if outcome:
                outcomes[outcome] = outcomes.get(outcome, 0) + n
    return {
        "events": grown("events"),
        "duplicates": grown("duplicates"),
        "customers": after.get("customers", 0),
        "journeys": journeys,
        "outcomes": outcomes,
        "waiting_for_a_journey": after.get("early", 0),
        "decisions": grown("decisions"),
        "deliveries": fed.deliveries,
        "timers_fired": grown("timers_fired"),
        "dead_letters": grown("dead_letters"),
        "unknown_events": {"events": unknown, "names": [msgspec.to_builtins(n) for n in named]},
    }


@contextmanager
def _bar(files: Sequence[Path], *, quiet: bool) -> Any:
    """A progress bar on stderr over the bytes of all files; nothing where nobody looks."""
    console = Console(stderr=True)
    total = sum(size(f) or 0 for f in files if f.is_file())
    if quiet or not console.is_terminal:
        yield lambda path, n: None
        return
    done: dict[Path, int] = {}
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(bar_width=40),
        DownloadColumn(),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        transient=True,
    ) as progress:
        task = progress.add_task("reading", total=total or None)

        def show(path: Path, n: int) -> None:
            done[path] = n
            progress.update(task, completed=sum(done.values()), description=path.name)

        yield show


@cli.command(name="show")
@click.argument("customer", default="")
@_DATA
@_JSON
def show_command(customer: str, data: Path, as_json: bool) -> None:
    """Everything known about one customer: needs, journeys, decisions, deliveries, timers.

    Without a CUSTOMER, the ids of the newest.
    """
    with opened_to_read(data) as app:
        if not customer:
            newest, count = app.store.recent(_NEWEST), app.store.counts().get("customers", 0)
            if as_json:
                _print({"customers": count, "newest": newest})
            else:
                say.newest(newest, count)
            return
        found = shown.customer(app.store, customer, app.library, app.links)
    if as_json:
        _print(found)
    else:
        say.customer(found)


@cli.command()
@click.option(
    "--text",
    "file",
    is_flag=False,
    flag_value="-",
    help='Lines of {"id", "text"}: a file, or standard input.',
)
@click.option("--audio", type=click.Path(path_type=Path), help="A call recorded on two channels.")
@click.option(
    "--customer-channel",
    "side",
    type=click.Choice(["left", "right"]),
    default="left",
    show_default=True,
    help="Where the customer is heard; the other channel is dropped.",
)
@click.option(
    "--transcriber",
    "folder",
    envvar="OFONE_TRANSCRIBER",
    type=click.Path(path_type=Path),
    help="A folder with a Whisper model, as converted for CTranslate2.",
)
@click.option("--as-event", "customer", help="Print the call as an event of this customer instead.")
@click.option("--at", help="When the call was, with its zone; left out, when the file was changed.")
@click.option(
    "--model",
    type=click.Choice(["best", "encoder", "hashed"]),
    default="best",
    show_default=True,
    help="The encoder, or the small one that needs only numpy.",
)
def assess(
    file: str | None,
    audio: Path | None,
    side: Side,
    folder: Path | None,
    customer: str | None,
    at: str | None,
    model: Literal["best", "encoder", "hashed"],
) -> None:
    """What people's words say about their needs, as lines of JSON: of texts, or of one call."""
    from ofone.app.listening import assessed, lines_of

    if (file is None) == (audio is None):
        raise click.UsageError("give either --text or --audio")
    if file is not None:
        if customer is not None or at is not None:
            raise click.UsageError("--as-event and --at belong to --audio; texts come as events")
        path = None if file == "-" else Path(file)
        lines = lines_of(path)
        for found in assessed(lines, file, TextReader.bundled(model)):
            click.echo(msgspec.json.encode(found))
        return
    assert audio is not None  # noqa: S101  (one of the two is given, and the type does not know)
    if at is not None and customer is None:
        raise click.UsageError("--at says when an event was; give --as-event CUSTOMER with it")
    moment = None if at is None else _moment(at)
    call = _heard(audio, side, folder)
    if customer is None:
        (reading,) = TextReader.bundled(model).read([call.transcript])
        notes = (call.note, reading.note if call.transcript else "")
        found = msgspec.to_builtins(call) | msgspec.to_builtins(reading)
        click.echo(msgspec.json.encode(found | {"note": "; ".join(n for n in notes if n)}))
        return
    if call.note:
        click.echo(f"{audio}: {call.note}", err=True)
    event = Happened(
        id=call.id,
        customer=customer,
        name="Call Transcribed",
        at=audio.stat().st_mtime_ns // 1000 if moment is None else moment,
        properties={"text": call.transcript, "channel": "phone", "recording": audio.name},
    )
    click.echo(to_json(event))


def _moment(text: str) -> Micros:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise OfoneError(f"--at {text!r}: write a time with its zone, as 2026-03-14T09:30:00+01:00")
    return to_micros(found)


def _heard(audio: Path, side: Side, folder: Path | None) -> Call:
    """The customer's words in a call, with a progress bar on stderr where somebody looks."""
    if folder is None:
        # What is wrong with the recording is said first: no model mends it.
        examine(audio)
        raise OfoneError(
            "a recording needs a model that turns speech into text, and none is shipped; give its "
            f"folder as --transcriber FOLDER or in OFONE_TRANSCRIBER. {HOW}"
        )
    transcriber = WhisperTranscriber(folder)
    console = Console(stderr=True)
    if not console.is_terminal:
        return hear(audio, side, transcriber)
    columns = (TextColumn("{task.description}"), BarColumn(bar_width=40), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True) as progress:
        task = progress.add_task(audio.name, total=None)

        def show(done: float, of: float) -> None:
            progress.update(task, completed=done, total=of)

        return hear(audio, side, transcriber, show)


@cli.command()
@click.argument("name", metavar="PLAYBOOK", default="life-insurance")
@click.option("--simulate", is_flag=True, required=True, help="Rehearse it with made-up newcomers.")
@click.option("--customers", type=click.IntRange(10), default=500, show_default=True)
@click.option("--seed", default=1, show_default=True)
@_JSON
def baseline(name: str, simulate: bool, customers: int, seed: int, as_json: bool) -> None:
    """How the adaptive baseline of a playbook does: questions asked, certainty, approach found."""
    from ofone.app.baseline import simulate as rehearse

    found = rehearse(playbook(name), customers=customers, seed=seed)
    if as_json:
        _print(found)
    else:
        say.table(found)


@cli.command(name="calibrate-items")
@click.argument("name", metavar="PLAYBOOK")
@click.option(
    "--answers",
    "file",
    required=True,
    type=click.Path(path_type=Path),
    help='Lines of {"person", "item", "answer", "group"}; the group may be left out.',
)
@click.option(
    "--out", type=click.Path(path_type=Path), help="Write the items here, as a playbook has them."
)
@_JSON
def calibrate_items(name: str, file: Path, out: Path | None, as_json: bool) -> None:
    """Fit the items of a playbook to collected answers: parameters, fit, information, fairness."""
    from ofone.app.baseline import calibrate_items as calibrate
    from ofone.app.listening import lines_of

    if out is not None and not out.parent.is_dir():
        raise OfoneError(f"{out.parent} is no folder; give --out a file in one that is there")
    report, items = calibrate(playbook(name), lines_of(file), str(file))
    if out is not None:
        # JSON is YAML: the list can stand in a playbook as it is.
        out.write_bytes(msgspec.json.format(msgspec.json.encode(items), indent=2))
    if as_json:
        _print({"report": report, "items": items})
    else:
        say.table(report)


@cli.command(name="calibrate-signals")
@click.argument("name", metavar="PLAYBOOK")
@_DATA
@click.option(
    "--least",
    type=click.IntRange(1),
    default=LEAST_PEOPLE,
    show_default=True,
    help="Customers who answered about the need; with fewer, nothing is said.",
)
@_JSON
def calibrate_signals(name: str, data: Path, least: int, as_json: bool) -> None:
    """Measure the signals of a playbook by what the same customers said of themselves."""
    from ofone.app.signals import calibrate_signals as calibrate

    with opened_to_read(data) as app:
        found = calibrate(playbook(name), app.store, least=least)
    if as_json:
        _print({"signals": found})
    else:
        say.signals(found)


@cli.command()
@click.argument("name", metavar="HELPER")
@_DATA
@click.option("--link", is_flag=True, help="Also the link to the helper's own page.")
@click.option("--revoke", is_flag=True, help="Make a new link; the old one opens nothing any more.")
@_PAGES
@_JSON
def helper(name: str, data: Path, link: bool, revoke: bool, base: str, as_json: bool) -> None:
    """What one helper sees: requests to answer, customers with their steps, and notes."""
    from ofone.app import helping

    with opened_to_read(data) as app:
        found = inbox(app.store, app.library, name)
    page = helping.link(data, name, base, revoke=revoke) if link or revoke else ""
    if as_json:
        _print(({"link": page} if page else {}) | msgspec.to_builtins(found))
    else:
        say.helper(found, page)


@cli.command()
@click.argument("number", type=click.IntRange(1), required=False)
@click.argument("outcome", type=click.Choice(ENDS), required=False)
@_DATA
@click.option("--by", default="", help="Who called.")
@click.option(
    "--file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="The list that --channel calls:FILE names; left out, the folder's own.",
)
@click.option(
    "--server", default="", metavar="URL", help="Who serves the folder now; it takes the answer."
)
@_JSON
def calls(
    number: int | None,
    outcome: Ended | None,
    data: Path,
    by: str,
    file: Path | None,
    server: str,
    as_json: bool,
) -> None:
    """Calls that wait for a person; with NUMBER and OUTCOME, how one of them went."""
    from ofone.app.answering import answer, waiting

    if number is None:
        found = waiting(data, file)
        if as_json:
            _print(msgspec.to_builtins(found))
        else:
            say.calls(found)
        return
    if outcome is None:
        raise click.UsageError(f"say how call {number} went: {', '.join(ENDS)}")
    task = answer(data, file, number, outcome, by, server)
    if as_json:
        _print({"number": number, "customer": task.customer, "outcome": task.ended, "by": by})
    else:
        click.echo(f"call {number}, {task.name or task.customer}: {outcome}, noted")


@cli.command()
@click.argument("decision")
@_DATA
@_JSON
def explain(decision: str, data: Path, as_json: bool) -> None:
    """Why one decision came out as it did, and why not the others."""
    with opened_to_read(data) as app:
        found = shown.explained(app.store, decision)
    if as_json:
        _print(found)
    else:
        say.decision(found)


@cli.command()
@click.argument("customer")
@_DATA
@_JSON
def consent(customer: str, data: Path, as_json: bool) -> None:
    """The ledger of one customer: what was agreed to, and what was promised, with proof."""
    from ofone.runtime.ledger import ledger

    with opened_to_read(data) as app:
        found = ledger(app.store, customer, app.library, time.time_ns() // 1000)
    if as_json:
        _print(found)
    else:
        say.ledger(found)


@cli.command()
@_DATA
@_JSON
def audit(data: Path, as_json: bool) -> None:
    """Who asked for customers' needs, when, and what for; and what they were told."""
    found = FileAudit(existing(data) / AUDIT).read()
    if as_json:
        _print({"asked": [msgspec.to_builtins(a) for a in found]})
    else:
        say.audit(found)


@cli.command(name="export")
@click.argument("customer")
@_DATA
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write it here.")
def export_command(customer: str, data: Path, out: Path | None) -> None:
    """Everything that is kept of one customer, as JSON to hand to them.

    Events, needs with their evidence, consents with their wording, journeys, messages with their
    texts, and why they came. Nothing in it is another person's.
    """
    from ofone.runtime.export import export

    with opened_to_read(data) as app:
        found = export(app.store, app.library, customer, time.time_ns() // 1000)
    body = msgspec.json.format(msgspec.json.encode(found), indent=2)
    if out is None:
        click.echo(body)
        return
    try:
        out.write_bytes(body + b"\n")
    except OSError as error:
        raise OfoneError(f"{out}: {error.strerror}; give --out a file you may write") from None
    click.echo(f"{out}: {len(found['events'])} events, {len(found['messages'])} messages", err=True)


@cli.command()
@click.argument("customer", default="")
@_DATA
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option(
    "--from",
    "listed",
    type=click.Path(path_type=Path),
    help="Instead of a CUSTOMER: erase again everybody in this erased.jsonl, in a backup say.",
)
@click.option(
    "--channel",
    "carried",
    multiple=True,
    envvar="OFONE_CHANNELS",
    metavar="ADDRESS",
    help="As for `ofone serve`: a list of calls elsewhere is wiped as well.",
)
@_JSON
def erase(
    customer: str,
    data: Path,
    yes: bool,
    listed: Path | None,
    carried: tuple[str, ...],
    as_json: bool,
) -> None:
    """Erase one customer for good: database, log, messages, lists, links. It cannot be undone.

    Without --yes it says what would go, and asks for the customer's id once more. While the
    journeys are served, send the event "Erase Requested" to POST /v1/events instead.
    """
    from ofone.app import rights

    if bool(customer) == (listed is not None):
        raise click.UsageError("give a CUSTOMER, or --from FILE with who was erased elsewhere")
    if listed is not None:
        again = rights.erase_again(data, listed)
        _print({"erased_again": again}) if as_json else click.echo(f"{again} erased again")
        return
    if as_json and not yes:
        raise click.UsageError("--json asks nothing; give --yes with it")
    with opened_to_read(data) as reading:
        held = rights.holdings(reading.store, customer)
    if not yes:
        say.holdings(held)
        typed = click.prompt(
            f"Type {customer} to erase this for good", default="", show_default=False, err=True
        )
        if typed != customer:
            raise OfoneError(f"nothing was erased: {typed!r} is not {customer!r}")
    whole = rights.erase(data, customer, carried)
    if as_json:
        _print({"erased": customer, "wiped": whole, **msgspec.to_builtins(held)})
        return
    click.echo(f"{customer} is erased; what comes late of the time before is not taken again")
    if not whole:
        click.echo(
            "another process reads the files: bytes of it are wiped when `ofone serve` or any "
            "command that writes comes next"
        )


@cli.command()
@click.argument("folder", type=click.Path(path_type=Path))
@_DATA
@_JSON
def backup(folder: Path, data: Path, as_json: bool) -> None:
    """Copy a data folder whole into a new FOLDER, also while it is served.

    To restore, use a copy of FOLDER as --data, with the newest erased.jsonl in it.
    """
    from ofone.app.rights import back_up

    made = back_up(data, folder)
    if as_json:
        _print({"made": [str(p) for p in made]})
    else:
        click.echo(f"{folder}: {', '.join(p.name for p in made)}")


@cli.group()
def turnaround() -> None:
    """How long steps take: measure it, tell it, and account for what was told."""


@turnaround.command(name="fit")
@_DATA
@_JSON
def turnaround_fit(data: Path, as_json: bool) -> None:
    """Measure how long steps take, and keep it under a number.

    Customers are told dates from it within seconds where the folder is served, else from the next
    `ofone serve` or `ofone run` on.
    """
    from ofone.app.turnaround import fit

    lengths, new = fit(data)
    if as_json:
        _print({"new": new, **say.courses(lengths)})
    else:
        say.lengths(lengths, new=new)


@turnaround.command(name="report")
@_DATA
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Also draw the calibration into this file.",
)
@_JSON
def turnaround_report(data: Path, svg: Path | None, as_json: bool) -> None:
    """What customers were told of how long it takes, and how much of it held."""
    from ofone.app.turnaround import accounted, drawn

    found = accounted(data)
    if svg is not None:
        svg.write_text(drawn(found), encoding="utf-8")
    if as_json:
        _print(found)
    else:
        say.turnaround(found)


@cli.group(name="dead-letters")
def dead_letters() -> None:
    """What could not be processed: kept whole, with its reason."""


@dead_letters.command(name="list")
@_DATA
@click.option("--all", "everything", is_flag=True, help="Also those that went through later.")
@_JSON
def dead_list(data: Path, everything: bool, as_json: bool) -> None:
    """List dead letters with their reasons."""
    with opened_to_read(data) as app:
        letters = app.store.dead_letters(waiting=not everything)
    found = [shown.dead_letter(d) for d in letters]
    if as_json:
        _print({"dead_letters": found})
    else:
        say.dead_letters(found)


@dead_letters.command(name="replay")
@_DATA
@click.option("--number", "numbers", type=int, multiple=True, help="Only this one; may repeat.")
@_JSON
def dead_replay(data: Path, numbers: tuple[int, ...], as_json: bool) -> None:
    """Try them again, after the playbook, the program or the customer's data was mended."""
    with opened(existing(data), clock=VirtualClock(), alone=True) as app:
        through, left = replay_dead(app, numbers)
    if as_json:
        _print({"replayed": through, "left": [shown.dead_letter(d) for d in left]})
        return
    click.echo(f"{through} went through, {len(left)} still wait")
    say.dead_letters([shown.dead_letter(d) for d in left])


@cli.command()
@click.option("--check", "checking", is_flag=True, required=True, help="Compare byte for byte.")
@_DATA
@_JSON
def replay(checking: bool, data: Path, as_json: bool) -> None:
    """Recompute every state, decision and effect from the log, and compare byte for byte."""
    with opened_to_read(data) as app:
        found = check(app.store)
    ok = not found.differences
    if as_json:
        _print({"clean": ok, **msgspec.to_builtins(found)})
    else:
        click.echo(
            f"{found.customers} customers, {found.inputs} inputs, {found.decisions} decisions, "
            f"{found.effects} effects: "
            + ("all come out the same, byte for byte" if ok else "NOT the same")
        )
        if found.erased:
            click.echo(f"{found.erased} more were erased; nothing of them is left to compare")
        for d in found.differences:
            click.echo(f"  {d.customer}: {d.what}")
    if not ok:
        sys.exit(1)


@cli.command()
@click.argument("name", metavar="PLAYBOOK")
@_DATA
@click.option("--dry-run", is_flag=True, help="Only show who would move, and what would change.")
@_JSON
def migrate(name: str, data: Path, dry_run: bool, as_json: bool) -> None:
    """Move running journeys to this version of their playbook."""
    compiled = playbook(name)
    books = [] if dry_run else [compiled]
    with opened(existing(data), books, clock=VirtualClock(), alone=not dry_run) as app:
        moves = list(plan_migration(app.engine, compiled))
        moved = 0 if dry_run else migrate_all(app.engine, moves)
    found = {
        "playbook": compiled.name,
        "to": compiled.version,
        "dry_run": dry_run,
        "moved": moved,
        "moves": [msgspec.to_builtins(m) for m in moves],
    }
    if as_json:
        _print(found)
    else:
        say.migration(found)


@cli.command()
@click.argument("names", nargs=-1, metavar="[PLAYBOOK]...")
@_DATA
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=_PORT, default=8765, show_default=True)
@click.option("--playbook", "more", multiple=True, metavar="PLAYBOOK", help="The same; may repeat.")
@click.option(
    "--base", default="", envvar="OFONE_BASE", help="The address customers reach it at, for links."
)
@click.option(
    "--channel",
    "carried",
    multiple=True,
    envvar="OFONE_CHANNELS",
    metavar="ADDRESS",
    help="twilio://SID:TOKEN@host?from=+1…, vapid:…, webhook+https://…, calls:…, apprise:NAME=…; "
    "may be repeated; see docs/how-to/channels.md.",
)
@click.option(
    "--embed-on",
    default="",
    envvar="OFONE_EMBED_ON",
    metavar="ORIGIN",
    help="https://www.example.com: the one other site that may show a journey's status.",
)
@_LINK_DAYS
@click.option(
    "--smtp",
    default="",
    envvar="OFONE_SMTP",
    help="smtp://host:25?from=a@b.example, smtp+starttls://user:password@host:587 or smtps://…; "
    "left out, e-mail stays in the local mailbox.",
)
def serve(
    names: tuple[str, ...],
    data: Path,
    host: str,
    port: int,
    more: tuple[str, ...],
    base: str,
    carried: tuple[str, ...],
    embed_on: str,
    link_days: int,
    smtp: str,
) -> None:
    """Serve the pages and the intake, and keep time: timers fire, messages go out.

    Without a PLAYBOOK, those of the data folder; in a new one, the bundled ones.
    """
    from ofone.app.server import serve as serve_app

    books = [playbook(n) for n in (*names, *more)]
    if not books and not (data / "journeys.db").exists():
        books = [playbook(n) for n in bundled_names()]
    serve_app(
        data,
        books,
        host=host,
        port=port,
        base=base,
        smtp=smtp,
        carried=carried,
        embed_on=embed_on,
        link_days=link_days,
    )


@cli.command()
@click.argument("file", metavar="[FILE|-]", default="-")
@_DATA
@_JSON
def receive(file: str, data: Path, as_json: bool) -> None:
    """Take in mail: one from standard input, or a file, an mbox, a Maildir.

    Bounces, complaints and answers become events; the rest is kept as dead letters. While the
    journeys are served, send a mail to POST /v1/mail instead. Exit code 75 asks to try again.
    """
    from ofone.app.post import mails, said_of, take

    found = [sys.stdin.buffer.read()] if file == "-" else mails(Path(file))
    try:
        with opened(existing(data), alone=True) as app:
            now = time.time_ns() // 1000
            said = said_of([take(raw, app.engine, app.links, now) for raw in found])
    except StoreError as error:
        click.echo(str(error), err=True)
        sys.exit(EX_TEMPFAIL)
    if as_json:
        _print(said)
        return
    for name, n in sorted(Counter(said["events"]).items()):
        click.echo(f"{n} {name}")
    for reason in said["kept_as_dead_letters"]:
        click.echo(f"kept as a dead letter: {reason}")
    if said["helper_mail_bounced"]:
        click.echo(f"{said['helper_mail_bounced']} to a helper bounced")
    if said["nothing_new"]:
        click.echo(f"{said['nothing_new']} said nothing new")


@cli.group()
def links() -> None:
    """Links to customers' own pages."""


@links.command(name="show")
@click.argument("customer")
@_DATA
@_PAGES
@_LINK_DAYS
@_JSON
def links_show(customer: str, data: Path, base: str, link_days: int, as_json: bool) -> None:
    """Print the address of each of a customer's trackers, also while the journeys are served.

    Whoever has it sees what the customer sees. Give the --base and --link-days of `ofone serve`.
    """
    from ofone.app.links import show as show_links

    found = show_links(data, customer, base, link_days)
    if as_json:
        _print({"customer": customer, "links": [{"journey": j, "link": a} for j, a in found]})
    for journey, address in [] if as_json else found:
        click.echo(f"{journey}: {address}")
    if not (as_json or found):
        click.echo(f"{customer} is on no journey yet, so there is no tracker")


@links.command()
@click.argument("customer")
@_DATA
@_PAGES
@_JSON
def revoke(customer: str, data: Path, base: str, as_json: bool) -> None:
    """Make every link to this customer's pages useless, at once, and print new ones.

    While the journeys are served, send the event "Links Revoked" to the intake instead.
    """
    from ofone.app.links import revoke as revoke_links

    found = revoke_links(existing(data), customer, base)
    if as_json:
        _print({"customer": customer, "links": found})
        return
    click.echo(f"Every link to the pages of {customer} that was sent before is useless now.")
    for address in found:
        click.echo(address)


@cli.command()
@click.option("--headless", is_flag=True, help="Play it to the end, without a page.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port", type=_PORT, default=8765, show_default=True, help="0 takes any free port.")
@_JSON
def demo(headless: bool, host: str, port: int, as_json: bool) -> None:
    """Watch Angela and Adaya live through the same purchase in two different ways."""
    from ofone.app.demo import play, watch

    if headless or as_json:
        found = play()
        if as_json:
            _print(found)
        else:
            say.demo(found)
        return
    watch(host, port)


@cli.command()
@click.option("--data", type=click.Path(file_okay=False, path_type=Path), default=None)
@_JSON
def doctor(data: Path | None, as_json: bool) -> None:
    """Check that everything needed is here, and say what is not."""
    from ofone.app.doctor import examine

    found = examine(data)
    if as_json:
        _print({"ok": all(c["ok"] for c in found), "checks": found})
    else:
        say.doctor(found)
    if not all(c["ok"] for c in found):
        sys.exit(1)


@cli.command()
@click.argument("name", default="")
@click.argument("options", nargs=-1, type=click.UNPROCESSED)
@_JSON
def bench(name: str, options: tuple[str, ...], as_json: bool) -> None:
    """Measure this machine: NAME, and options as NAME=VALUE; without a name, what there is."""
    from ofone.benchmarks import BENCHMARKS, benchmark

    there = "\n".join(f"  {n:<8} {what}" for n, what in BENCHMARKS.items())
    if not name:
        click.echo(there)
        return
    if name not in BENCHMARKS:
        raise NotFound(f"no benchmark {name!r}; there are:\n{there}")
    found = benchmark(name)(dict(o.split("=", 1) for o in options))
    if as_json:
        _print(found)
    else:
        say.table(found)
