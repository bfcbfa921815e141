"""Kill the process between sending and hearing that it was sent; count at the provider.

A provider of mail (SMTP), texts (Twilio's interface) and webhooks in a process of its own writes
down what it took, and answers a moment later. The process that dispatches is killed (SIGKILL) when
the provider has just taken something. In the end, of each customer's three messages:

- the mail came at most once; it is *unknown* where nobody can tell, and was not sent again then;
- the text came once: the provider was asked what became of those in doubt;
- the webhook came, again where in doubt, always with the same id: a receiver keeps it once.
"""

import json
import random
import socketserver
import sys
import time
from collections import Counter
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qs

from msgspec import Struct

from ofone.benchmarks.measure import own_process
from ofone.channels.sms import Sms
from ofone.channels.smtp import Smtp
from ofone.channels.webhook import Webhook
from ofone.domain.effects import Send
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened, Value
from ofone.domain.times import DAY, MINUTE, Micros
from ofone.journeys.library import library
from ofone.journeys.load import load
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_effect
from ofone.runtime.dispatch import Dispatcher
from ofone.runtime.engine import Engine
from ofone.runtime.links import Links
from ofone.runtime.ports import Channel
from ofone.stores.sqlite import SqliteStore

BOOK = """\
playbook: sends
title: Three messages
about: A mail, a text and a webhook at once, for everybody.
company: Alder
zone: UTC
goal: done
entry: {event: Ordered, key: order}
approaches:
  - {id: plain, title: Plain, because: All alike., cadence: normal, tone: plain,
     channels: [email, sms, webhook], tracker: quiet}
steps:
  - id: done
    title: Done
    happens: It is done.
    completes: [Done]
    days: {usual: 1, most: 3}
    accompany:
      plain:
        - {send: mail, channels: [email]}
        - {send: text, channels: [sms]}
        - {send: hook, channels: [webhook]}
actions:
  - {id: mail, title: Mail, content: {any: {email: {subject: Hello, body: Hello}}}}
  - {id: text, title: Text, content: {any: {sms: {body: Hello}}}}
  - {id: hook, title: Hook, content: {any: {webhook: {body: Hello}}}}
guards:
  quiet_hours: {from: "00:00", to: "23:59"}
  cap: {messages: 50, days: 1}
  gap: 0 minutes
"""
SECRET = "whsec_" + "b2ZvbmUgYmVuY2htYXJrIG9mIHNlbmRpbmc="
LONGEST_S = 0.02
"""How long the provider thinks between taking a message and saying so."""
BATCH = 16


class Sent(Struct):
    """What the provider took, over all rounds, and what was wrong (which must be nothing)."""

    kills: int = 0
    starts: int = 0
    rounds: int = 0
    customers: int = 0
    mails: int = 0
    mails_unknown: int = 0
    of_them_taken: int = 0
    texts: int = 0
    webhooks: int = 0
    webhooks_again: int = 0
    differences: list[str] = []


def sends_round(place: Path, customers: int, sent: Sent, kills: int, chance: random.Random) -> None:
    """One store from nothing to all messages settled, killed on the way while kills are left."""
    now = time.time_ns() // 1000
    provider = own_process("sends.provider", place)
    came: SimpleQueue[bytes] = SimpleQueue()
    reader = Thread(target=_listen, args=(provider, came), daemon=True)
    reader.start()
    mail, web = came.get(timeout=30).split()
    while True:
        sent.starts += 1
        # Who is in doubt is asked after a while: each start is some minutes later.
        then = now + sent.starts * 10 * MINUTE
        victim = own_process(
            "sends.sending", place, customers, now, then, mail.decode(), web.decode()
        )
        with victim:
            if sent.kills >= kills:
                code = victim.wait()
            else:
                # Mails go out last in a batch, and fast: chance alone would seldom hit one.
                kind = chance.choice((b"mail", b"text", b"hook"))
                code = _killed(victim, came, kind, chance.randrange(1, BATCH // 2))
                sent.kills += code < 0
        if code > 0:
            raise OfoneError(f"the process that was to be killed failed by itself, with {code}")
        if code == 0:
            break
    provider.kill()
    provider.wait()
    reader.join()
    sent.customers += customers
    _count(place, customers, sent)


def _listen(provider: Any, came: "SimpleQueue[bytes]") -> None:
    with provider.stdout as lines:
        for line in lines:
            came.put(line.strip())


def _killed(victim: Any, came: "SimpleQueue[bytes]", kind: bytes, messages: int) -> int:
    """Kill it as soon as the provider took so many more of a kind; its exit code (< 0: killed)."""
    while not came.empty():
        came.get()
    left = messages
    while left and victim.poll() is None:
        try:
            left -= came.get(timeout=0.05) == kind
        except Empty:
            continue
    if victim.poll() is None:
        victim.kill()
    code: int = victim.wait()
    return code


def _count(place: Path, customers: int, sent: Sent) -> None:
    """Compare what the provider took with what the outbox says."""
    took = [json.loads(line) for line in (place / "took.jsonl").read_text().splitlines()]
    count = {how: Counter(t["to"] for t in took if t["how"] == how) for how in ("mail", "text")}
    hooks = Counter(t["to"] for t in took if t["how"] == "hook")
    store = SqliteStore(place / "journeys.db")
    seen = 0
    for row in store.effects():
        effect = decode_effect(row.body)
        if not isinstance(effect, Send):
            continue
        seen += 1
        n = count["mail"][f"{row.customer}@example.com"]
        m = count["text"][_phone(row.customer)]
        match effect.channel:
            case "email" if row.status == "unknown" and n <= 1:
                sent.mails_unknown += 1
                sent.of_them_taken += n
            case "email" if row.status != "accepted" or n != 1:
                sent.differences.append(f"{row.customer}: mail {row.status}, taken {n} times")
            case "sms" if row.status not in ("accepted", "delivered") or m != 1:
                sent.differences.append(
                    f"{row.customer}: text {row.status}, taken {m} times: {row.detail}"
                )
            case "webhook" if row.status != "delivered":
                sent.differences.append(f"{row.customer}: webhook {row.status}: {row.detail}")
            case _:
                pass
    if seen != 3 * customers or len(hooks) != customers:
        sent.differences.append(f"{seen} messages, {len(hooks)} webhooks of {customers} customers")
    sent.mails += count["mail"].total()
    sent.texts += count["text"].total()
    sent.webhooks += len(hooks)
    sent.webhooks_again += hooks.total() - len(hooks)
    store.close()


def _phone(customer: str) -> str:
    return f"+1518555{int(customer[1:]):04d}"


def sending(place: str, customers: str, now: str, then: str, mail: str, web: str) -> None:
    """What is killed: everybody's order comes in, and what follows from it goes to the provider."""
    at: Micros = int(now)
    store = SqliteStore(Path(place) / "journeys.db")
    engine = Engine(store, library([load(BOOK, "sends.yaml")]), VirtualClock())
    for n in range(int(customers)):
        engine.submit_many(_orders(f"c{n}", at))
    channels: dict[str, Channel] = {
        "email": Smtp("127.0.0.1", int(mail), tls="none", sender="Alder <a@example.com>"),
        "sms": Sms(
            "AC1", "token", sender="+15005550006", base=f"http://127.0.0.1:{web}", settled_s=0.0
        ),
        "webhook": Webhook(f"http://127.0.0.1:{web}/hook", SECRET),
    }
    dispatcher = Dispatcher(engine, channels, Links(store, "http://localhost"))
    moment = int(then)
    # What is in doubt is asked, and asked again, within a day of this clock.
    while store.pending(int(then) + DAY, 1):
        if not dispatcher.run_once(moment, limit=BATCH).attempts:
            moment += MINUTE
    store.close()


def _orders(customer: str, at: Micros) -> list[Happened]:
    traits: dict[str, Value] = {
        "name": "Kim Doe",
        "email": f"{customer}@example.com",
        "phone": _phone(customer),
        "zone": "UTC",
    }
    agreed: dict[str, Value] = {"channels": ["email", "sms", "webhook"], "purpose": "service"}
    return [
        Happened(
            id="agreed",
            customer=customer,
            name="Consent Given",
            at=at - 1,
            traits=traits,
            properties=agreed,
        ),
        Happened(id="order", customer=customer, name="Ordered", at=at, properties={"order": "A"}),
    ]


def provider(place: str) -> None:
    """The other side. Its first line says its two ports; then it says a line for each it took."""
    book = _Book(Path(place) / "took.jsonl")
    mail, web = _Server(("127.0.0.1", 0), _Mail), _Server(("127.0.0.1", 0), _Web)
    for server in (mail, web):
        server.book = book
    book.say(f"{mail.server_address[1]} {web.server_address[1]}")
    Thread(target=mail.serve_forever, daemon=True).start()
    web.serve_forever()


class _Book:
    """What was taken, written down before it is answered."""

    def __init__(self, path: Path) -> None:
        self._file = path.open("a", encoding="utf-8")
        self._lock = Lock()
        self.texts: list[dict[str, str]] = []

    def take(self, how: str, to: str) -> None:
        with self._lock:
            self._file.write(json.dumps({"how": how, "to": to}) + "\n")
            self._file.flush()
            self.say(how)
        time.sleep(random.random() * LONGEST_S)

    def say(self, line: str) -> None:
        sys.stdout.write(line + "\n")
        sys.stdout.flush()


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    request_queue_size = 64
    book: _Book

    def handle_error(self, *_: Any) -> None:
        """Whoever spoke to us was killed: that is what this is about."""


class _Mail(socketserver.StreamRequestHandler):
    """As little SMTP as a client needs."""

    server: Any

    def handle(self) -> None:
        to = ""
        self.answer("220 provider")
        while line := self.rfile.readline():
            word = line.split()[0].upper() if line.strip() else b""
            if word == b"RCPT":
                to = line.decode().partition("<")[2].partition(">")[0]
            if word == b"DATA":
                self.answer("354 go on")
                while (part := self.rfile.readline()) not in (b".\r\n", b""):
                    pass
                if not part:
                    return
                self.server.book.take("mail", to)
            self.answer("221 bye" if word == b"QUIT" else "250 ok")

    def answer(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")


class _Web(BaseHTTPRequestHandler):
    """Texts are made and listed; webhooks are taken."""

    protocol_version = "HTTP/1.1"
    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("content-length", 0))).decode()
        book = self.server.book
        if self.path.startswith("/hook"):
            book.take("hook", self.headers["webhook-id"])
            self.answer(200, {})
            return
        form = parse_qs(body)
        made = {"sid": f"SM{len(book.texts)}", "status": "sent", "to": form["To"][0]}
        made |= {"body": form["Body"][0], "date_created": formatdate(usegmt=True)}
        book.texts.append(made)
        book.take("text", made["to"])
        self.answer(201, made)

    def do_GET(self) -> None:
        to = parse_qs(self.path.partition("?")[2])["To"][0]
        self.answer(200, {"messages": [t for t in self.server.book.texts if t["to"] == to]})

    def answer(self, status: int, said: object) -> None:
        body = json.dumps(said).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing: what matters is in the book."""
