"""Every route there is: forms of other sites, headers, and what customers call themselves."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path

import pytest
from litestar.routes import HTTPRoute
from tests.web.secured import SITE, Browser, House

from ofone.domain.errors import OfoneError
from ofone.domain.events import Value
from ofone.runtime.intake import Intake
from ofone.web.headers import Site

ELSEWHERE = [
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site"},
    {"origin": "https://evil.example"},
    {"origin": "https://alder.example.evil.example"},
    {"origin": "http://alder.example:81"},
]
BY_DESIGN = {"/u/{token}"}
"""Mail programs post here from their own site (RFC 8058); all it can do is silence."""


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    from ofone.app.phone import sms_handlers
    from ofone.app.preview import AppPreviews
    from ofone.app.server import assessment_handler, intake_handler, mail_handler
    from ofone.web.preview import preview_handlers

    made = House(tmp_path)
    intake = Intake(made.app.engine)
    for handler in [
        intake_handler(intake),
        mail_handler(made.app),
        assessment_handler(made.app),
        *sms_handlers(made.app, "token"),
        *preview_handlers(AppPreviews(made.app)),
    ]:
        made.pages.register(handler)
    yield made
    intake.close()
    made.app.close()


def routes(house: House) -> list[tuple[str, str]]:
    """Method and path of every route that there is, by looking at the application."""
    return [
        (method, route.path_format)
        for route in house.pages.routes
        if isinstance(route, HTTPRoute)
        for handler in route.route_handlers
        for method in handler.http_methods
    ]


def filled(path: str, tracker: str) -> str:
    """The path with something where its parameters are."""
    path = path.replace("/t/{token}", tracker).replace("{step}.ics", "visit.ics")
    return re.sub(r"\{[^}]*\}", "anna", path)


def test_no_other_site_can_send_any_form(house: House) -> None:
    """Found by discovery: who adds a route need not think of it."""
    tracker, browser = house.enters("anna"), Browser(house)
    posts = [path for method, path in routes(house) if method not in ("GET", "HEAD", "OPTIONS")]
    assert {"/desk", "/h/{token}", "/t/{token}/code", "/v1/events"} <= set(posts)
    before = house.app.store.counts()
    for path in set(posts) - BY_DESIGN:
        for headers in ELSEWHERE:
            answer = browser.post(filled(path, tracker), {"a": "b"}, **headers)
            assert answer.status_code == 403, (path, headers)
    assert house.told == []
    assert house.app.store.counts() == before


def test_our_own_forms_pass_the_gate(house: House) -> None:
    """Whatever becomes of them behind it; browsers that say nothing, and programs, as well."""
    tracker, browser = house.enters("anna"), Browser(house)
    own = [{"sec-fetch-site": "same-origin"}, {"origin": "null"}, {}]
    for headers in [*own, {"origin": "https://alder.example"}]:
        answer = browser.post(f"{tracker}/code", {"code": "1"}, **headers)
        assert answer.status_code == 422, headers


def test_every_answer_has_every_header(house: House) -> None:
    """Pages, files, JSON, and errors of all kinds."""
    tracker, browser = house.enters("anna"), Browser(house)
    paths = [filled(p, tracker) for method, p in routes(house) if method == "GET"]
    paths += ["/nothing", "/t/nothing", "/static/nothing", "/static/ofone.css", f"{tracker}x"]
    for path in paths:
        if path.endswith("/live"):
            continue
        said = browser.get(path).headers
        policy = said["content-security-policy"]
        assert "unsafe" not in policy or "sandbox" in policy, path
        assert said["referrer-policy"] == "no-referrer", path
        assert said["x-content-type-options"] == "nosniff", path
        assert said["strict-transport-security"] == "max-age=31536000", path
        assert "no-store" in said["cache-control"] or path.startswith("/static"), path
        if "/fragment" not in path and "/status.json" not in path:
            assert re.search(r"frame-ancestors '(none|self)'", policy), path
            assert "access-control-allow-origin" not in said, path


def test_the_fragment_and_the_status_are_for_one_site_more(house: House) -> None:
    """And only for it, and only these two."""
    tracker, browser = house.enters("anna"), Browser(house)
    for part in ("fragment", "status.json"):
        said = browser.get(f"{tracker}/{part}", origin="https://evil.example").headers
        assert said["access-control-allow-origin"] == "https://www.alder.example"
        assert "frame-ancestors https://www.alder.example;" in said["content-security-policy"]
        assert "access-control-allow-credentials" not in said
        assert "origin" in said["vary"].lower()


def test_without_a_site_nobody_embeds_anything(tmp_path: Path) -> None:
    """Nor is anything said of https where there is none."""
    house = House(tmp_path, site=Site(base="http://127.0.0.1:8765"))
    tracker = house.enters("anna")
    said = Browser(house).get(f"{tracker}/fragment").headers
    assert "frame-ancestors 'none'" in said["content-security-policy"]
    assert {"access-control-allow-origin", "strict-transport-security"} & set(said) == set()
    house.app.close()


@pytest.mark.parametrize(
    "origin",
    [
        "www.example.com",
        "http://www.example.com",
        "https://www.example.com/",
        "https://*.example.com",
        "https://a.example https://b.example",
        "https://a.example; script-src *",
        "https://a.example\r\nX: y",
        "*",
        "null",
    ],
)
def test_what_is_no_origin_is_refused_at_the_start(origin: str) -> None:
    """It stands in a header, so nothing else may."""
    with pytest.raises(OfoneError, match="it takes an origin"):
        Site(embed_on=origin)


HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "{{ 7*7 }}{% for x in range(9) %}{{ x }}{% endfor %}{{ config }}",
    "${7*7} #{7*7} <%= 7*7 %>",
    "\u202eevil\u202d\u2066\u200f",
    "javascript:alert(1)",
    "</title><base href=//evil.example>",
    "[x](javascript:alert(1))",
    "\x00\x1b[31m\x7f",
    "🧑🏽‍🚀" * 640,
]
FIELDS = ["name", "first_name", "email", "phone", "language", "locale", "zone", "advisor_name"]


@pytest.mark.parametrize("value", HOSTILE, ids=range(len(HOSTILE)))
def test_whatever_somebody_is_called_no_page_obeys_it(house: House, value: str) -> None:
    """Every trait, on every page that can be opened, the customer's and the staff's."""
    said: dict[str, Value] = {**dict.fromkeys(FIELDS, value), "advisor_id": "martin"}
    tracker, browser = house.enters("anna"), Browser(house)
    assert browser.proves(tracker, "anna").status_code == 303
    house.says("anna", "Profile Changed", traits=said)
    house.says("anna", "Exam Booked", {"application_id": value, "place": value})
    house.app.dispatcher.run_until_idle(house.state("anna").now)
    helper = house.app.links.helper("martin").removeprefix(SITE.base)
    paths = [filled(p, tracker) for method, p in routes(house) if method == "GET"]
    for path in [*paths, helper, "/mailbox?who=anna", "/mailbox?who=martin"]:
        if path.endswith("/live"):
            continue
        answer = browser.get(path)
        assert answer.status_code < 500, path
        assert answer.status_code != 303 or "/you/" not in path, path
        if "text/html" in answer.headers.get("content-type", ""):
            assert not injected(answer.text), (path, injected(answer.text))


class Reading(HTMLParser):
    """A page as a browser reads it: what in it would run, load or lead astray."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        self.found += [f"{tag} {name}" for name in said if name.startswith("on") or name == "style"]
        self.found += [tag] if tag in ("base", "object", "embed", "marquee") else []
        for name in ("src", "href", "action", "formaction"):
            where = re.sub(r"[\x00-\x20]", "", said.get(name, "")).lower()
            self.found += [where] if where.startswith(("javascript:", "data:", "//", "x")) else []
        if tag == "script" and not said.get("src", "").startswith("/static/"):
            self.found.append("script of its own")

    def handle_data(self, data: str) -> None:
        if data.strip() == "49":
            self.found.append("an expression that was computed")


def injected(page: str) -> list[str]:
    """What would run, load or lead astray in a page; its own scripts are files of ours."""
    reading = Reading()
    reading.feed(page)
    return reading.found


def test_the_finder_of_injections_finds_them() -> None:
    """A check that cannot fail would be none."""
    assert injected("<script>alert(1)</script>")
    assert injected('<a href="javascript:alert(1)">x</a>')
    assert injected("<a class=\"x\" onmouseover='alert(1)'>")
    assert injected("<p>49</p>")
    assert injected("<base href=//evil.example>")
    assert injected("<img src=x onerror=alert(1)>")
    assert injected('<a href=" java\nscript:alert(1)">x</a>')
    assert not injected('<script src="/static/one-tap.js" defer></script><a href="/t/x">on it</a>')


def test_forms_are_slowed_for_each_link(house: House) -> None:
    """Sixty at once and one a second; kindly, and with the time to wait. Looking is free."""
    tracker, browser = house.enters("anna"), Browser(house)
    said = [browser.post(f"{tracker}/code", {"code": ""}).status_code for _ in range(62)]
    assert said == [422] * 60 + [429] * 2
    waits = browser.post(f"{tracker}/code", {"code": ""})
    assert waits.headers["retry-after"] == "1"
    assert "Please wait a little" in waits.text
    assert all(browser.get(tracker).status_code == 200 for _ in range(100))
    house.later(seconds=2)
    assert browser.post(f"{tracker}/code", {"code": ""}).status_code == 422
