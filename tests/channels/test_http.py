"""One request, against a real server and against liars."""

import shutil
import socket
import ssl
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.channels.web import LIES, Says, free_port, liar, web_server

from ofone.channels.http import LONGEST_ANSWER, Answer, Http, NoAnswer


@pytest.fixture
def http() -> Iterator[Http]:
    client = Http(timeout_s=5, private=True)
    yield client
    client.close()


def test_an_answer_comes_back_as_it_was_given(http: Http) -> None:
    with web_server(lambda a: Says(418, a.body[::-1], {"X-Tea": "green"})) as server:
        answer = http.send("POST", f"{server.url}/pot?x=1", {"X-Key": "7"}, b"abc")
    assert isinstance(answer, Answer)
    assert (answer.status, answer.headers["x-tea"], answer.body) == (418, "green", b"cba")
    (asked,) = server.asked
    assert (asked.method, asked.path, asked.headers["x-key"]) == ("POST", "/pot?x=1", "7")
    assert asked.headers["host"] == f"127.0.0.1:{server.server_port}"


def test_requests_share_a_connection(http: Http) -> None:
    with web_server() as server:
        for _ in range(3):
            http.send("GET", server.url, {})
        assert server.connections == 1


def test_a_redirect_is_an_answer_and_is_not_followed(http: Http) -> None:
    """Where it leads was not checked, and the one who was asked is not the one who would be."""
    with web_server(lambda _: Says(302, b"", {"Location": "/elsewhere"})) as server:
        answer = http.send("POST", server.url, {}, b"x")
    assert isinstance(answer, Answer)
    assert [answer.status, len(server.asked)] == [302, 1]


@pytest.mark.parametrize("says", LIES.values(), ids=LIES)
def test_an_answer_that_is_none_leaves_everything_open(http: Http, says: bytes) -> None:
    """The request was written whole: it may have been taken, whatever was said then."""
    with liar(says) as server:
        answer = http.send("POST", server.url, {}, b"hello")
    assert isinstance(answer, NoAnswer)
    assert answer.taken
    assert answer.why
    assert server.heard == 1


def test_where_nobody_listens_nothing_was_taken(http: Http) -> None:
    answer = http.send("POST", f"http://127.0.0.1:{free_port()}", {}, b"x")
    assert isinstance(answer, NoAnswer)
    assert not answer.taken
    assert "refused" in answer.why


def test_half_a_request_is_not_taken(http: Http) -> None:
    """The other side hangs up while we still write: it cannot act on what it has not read."""
    with liar(deaf=True) as server:
        answer = http.send("POST", server.url, {}, b"x" * 50_000_000)
    assert isinstance(answer, NoAnswer)
    assert not answer.taken


@pytest.mark.parametrize("how", [{"holds": True}, {"drips": True}])
@pytest.mark.parametrize("says", [b"H", b"HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\nx"])
def test_an_exchange_ends_by_its_deadline(says: bytes, how: dict[str, bool]) -> None:
    """Also with one who says a letter now and then: the deadline is for the whole."""
    http = Http(timeout_s=0.2, private=True)
    with liar(says, **how) as server:
        answer = http.send("POST", server.url, {}, b"x")
        assert answer == NoAnswer(taken=True, why="no answer within 0.2 s")
    http.close()


def test_who_does_not_stop_talking_is_not_listened_to(http: Http) -> None:
    with web_server(lambda _: Says(200, b"x" * (LONGEST_ANSWER + 1))) as server:
        answer = http.send("GET", server.url, {})
    assert answer == NoAnswer(taken=True, why=f"it answered more than {LONGEST_ANSWER} bytes")


def test_a_closed_client_asks_nobody(http: Http) -> None:
    http.close()
    http.close()
    assert http.send("GET", "http://127.0.0.1:1", {}) == NoAnswer(
        taken=False, why="closed on our side"
    )


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
    *("0.0.0.0", "224.0.0.1", "255.255.255.255", "::1", "::", "fe80::1", "fe80::1%eth0"),
    *("fd00::1", "ff02::1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "64:ff9b::a00:1"),
    "2002:7f00:1::",
)


@pytest.mark.parametrize("address", PRIVATE)
def test_no_name_leads_into_our_own_network(address: str) -> None:
    """One private address among public ones is enough: an attacker chooses which is used."""
    http = Http(lookup=lambda *_: ["93.184.215.14", address])
    answer = http.send("POST", "https://innocent.example/hook", {}, b"x")
    assert isinstance(answer, NoAnswer)
    assert not answer.taken
    assert answer.why == f"innocent.example leads to {address}, which is not a public address"
    http.close()


def test_a_private_address_is_refused_without_a_connection() -> None:
    with web_server() as server:
        http = Http()
        assert isinstance(http.send("GET", server.url, {}), NoAnswer)
        http.close()
        assert server.connections == 0


def test_the_address_that_was_checked_is_the_one_that_is_used() -> None:
    """A name is looked up once for a connection; a second answer cannot lead elsewhere."""
    looked: list[str] = []

    def once(host: str, port: int) -> list[str]:
        looked.append(host)
        return ["127.0.0.1"]

    http = Http(private=True, lookup=once)
    with web_server() as server:
        answer = http.send("GET", f"http://shop.example:{server.server_port}/", {})
    assert isinstance(answer, Answer)
    assert server.asked[0].headers["host"] == f"shop.example:{server.server_port}"
    assert looked == ["shop.example"]
    http.close()


def test_the_next_address_is_tried_when_one_is_silent() -> None:
    http = Http(private=True, lookup=lambda *_: ["127.0.0.2", "127.0.0.1"])
    with web_server() as server:
        answer = http.send("GET", f"http://two.example:{server.server_port}/", {})
    assert isinstance(answer, Answer)
    http.close()


def test_a_name_that_is_not_found_is_said() -> None:
    def nowhere(host: str, port: int) -> list[str]:
        raise socket.gaierror(-2, "Name or service not known")

    http = Http(lookup=nowhere)
    answer = http.send("GET", "https://nowhere.example/", {})
    assert isinstance(answer, NoAnswer)
    assert answer.why.startswith("nowhere.example cannot be found")
    http.close()


@pytest.mark.parametrize(
    ("said", "seconds"),
    [
        ("120", 120),
        ("0", 0),
        ("", 0),
        ("soon", 0),
        ("-5", 0),
        ("9" * 30, 86400),
        ("Thu, 01 Jan 1970 00:02:00 GMT", 20),
        ("Wed, 01 Jan 1969 00:00:00 GMT", 0),
        ("Thu, 01 Jan 2099 00:00:00 GMT", 86400),
    ],
)
def test_a_pause_that_is_asked_for_is_understood(said: str, seconds: float) -> None:
    """Seconds or a date; at most a day, and 0 for what is neither."""
    assert Answer(429, {"retry-after": said}, b"").wait_s(100.0) == seconds


@given(st.text())
def test_any_pause_has_a_length(said: str) -> None:
    assert 0 <= Answer(503, {"retry-after": said}, b"").wait_s(0.0) <= 86400


def test_a_certificate_must_be_of_an_authority_we_trust(tmp_path: Path) -> None:
    """And for the name that was asked for, although the address is looked up by us."""
    if not (openssl := shutil.which("openssl")):
        pytest.skip("no openssl on this machine to make a certificate with")
    made = ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=shop.example"]
    made += ["-addext", "subjectAltName=DNS:shop.example", "-days", "2"]
    made += ["-keyout", str(tmp_path / "key.pem"), "-out", str(tmp_path / "cert.pem")]
    subprocess.run([openssl, *made], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "cert.pem", tmp_path / "key.pem")
    outcomes = []
    with web_server() as server:
        server.socket = context.wrap_socket(server.socket, server_side=True)
        for host, ca in [("shop", "cert.pem"), ("shop", ""), ("other", "cert.pem")]:
            trusted = tmp_path / ca if ca else None
            http = Http(private=True, ca=trusted, lookup=lambda *_: ["127.0.0.1"])
            outcomes.append(http.send("GET", f"https://{host}.example:{server.server_port}/", {}))
            http.close()
    assert isinstance(outcomes[0], Answer)
    for outcome, why in zip(outcomes[1:], ["self-signed", "mismatch"], strict=True):
        assert isinstance(outcome, NoAnswer)
        assert not outcome.taken
        assert why in outcome.why.lower()


def test_nobody_waits_for_a_channel_that_is_not_used() -> None:
    """The command's help comes at once: what carries messages is imported when it is named."""
    heavy = {"httpcore", "apprise", "pywebpush", "phonenumbers", "standardwebhooks"}
    code = f"import sys, ofone.cli.main; sys.exit(', '.join({heavy} & set(sys.modules)) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
