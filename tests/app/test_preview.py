"""Previews of the personas and of real customers; and nothing is shown that would not be sent."""

import re
from pathlib import Path

import pytest

from ofone.app import opened, opened_to_read
from ofone.app.demo import play
from ofone.app.preview import PERSONAS, AppPreviews, preview, write_files
from ofone.app.stories import ANGELA
from ofone.domain.errors import NotFound, OfoneError
from ofone.domain.events import Happened
from ofone.journeys.load import bundled, bundled_names
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.preview import Wanted
from ofone.sources import parse_json

BOOK = bundled("life-insurance")
BEGAN = b"""{"id": "1", "customer": "nora", "name": "Application Started",
    "time": "2026-03-02T10:00:00Z", "properties": {"application_id": "N"},
    "traits": {"name": "Nora Bright"}}"""


def plain(text: str) -> str:
    """Without tokens, which every store makes its own."""
    return re.sub(r"/([tu])/[\w-]+", r"/\1/…", text)


@pytest.mark.parametrize("who", PERSONAS)
def test_a_preview_is_what_the_story_sent(who: str) -> None:
    """Every text that a persona got in the demo, byte for byte but for its links' tokens."""
    sent = play()["customers"][who]["deliveries"]
    found = {
        (t.action, a, t.channel): t for t in preview(BOOK, who, Wanted()) for a in t.approaches
    }
    assert len(sent) > 5
    for d in sent:
        text = found[d["action"], d["approach"], d["channel"]]
        assert (text.subject, plain(text.text)) == (d["subject"], plain(d["text"]))


@pytest.mark.parametrize("name", bundled_names())
@pytest.mark.parametrize("who", PERSONAS)
def test_every_text_of_ours_can_be_shown_for_both(name: str, who: str) -> None:
    """Also of a playbook that the story is not about."""
    assert [t for t in preview(bundled(name), who, Wanted()) if t.held] == []


def test_a_customer_is_shown_as_of_now_and_nothing_is_written(tmp_path: Path) -> None:
    """The folder is only read, and no link is made that would open."""
    began = parse_json(BEGAN, "test")
    assert isinstance(began, Happened)
    with opened(tmp_path, [BOOK], clock=VirtualClock()) as app:
        app.engine.submit(began)
    wanted = Wanted(action="welcome", approach="standard", channel="email")
    with opened_to_read(tmp_path) as app:
        (text,) = preview(BOOK, "nora", wanted, app.store)
        token = text.text.split("/t/")[1].split()[0]
        assert app.store.linked(token) is None
    assert text.text.startswith("Hi Nora,")


def test_nobody_is_not_shown(tmp_path: Path) -> None:
    """The message names who there is, and how to find others."""
    with pytest.raises(NotFound, match=r"there are: angela, adaya; .* --data FOLDER"):
        preview(BOOK, "bob", Wanted())
    with opened(tmp_path, [BOOK]) as app, pytest.raises(NotFound, match="no customer 'bob' here"):
        preview(BOOK, "bob", Wanted(), app.store)


def test_texts_become_files(tmp_path: Path) -> None:
    """Text and HTML beside each other, named for what they are."""
    found = preview(BOOK, ANGELA, Wanted(action="sign"))
    names = {p.name for p in write_files(found, tmp_path / "new")}
    assert {"sign.brief.email.txt", "sign.brief.email.html", "sign.brief.sms.txt"} <= names
    said = (tmp_path / "new" / "sign.brief.email.txt").read_text(encoding="utf-8")
    assert said.startswith("Subject: Ready to sign\n\nYour application is ready")


def test_a_file_is_no_folder(tmp_path: Path) -> None:
    """Said in words."""
    (tmp_path / "taken").write_text("", encoding="utf-8")
    with pytest.raises(OfoneError, match="choose a folder you may write with --out"):
        write_files(preview(BOOK, ANGELA, Wanted(action="sign")), tmp_path / "taken")


def test_the_page_reads_the_books_in_force_and_a_persona_stays_one(tmp_path: Path) -> None:
    """Also where a customer has the persona's id; anybody else is the folder's."""
    with opened(tmp_path, [BOOK], clock=VirtualClock(), base="https://a.example") as app:
        began = parse_json(BEGAN.replace(b"nora", b"angela").replace(b"Nora", b"Eve"), "test")
        other = parse_json(BEGAN, "test")
        assert isinstance(began, Happened)
        assert isinstance(other, Happened)
        app.engine.submit_many([began, other])
        previews, wanted = AppPreviews(app), Wanted(action="welcome", channel="email")
        assert previews.playbooks() == [BOOK]
        assert previews.texts(BOOK, "angela", wanted)[0].text.startswith("Hi Angela,")
        nora = previews.texts(BOOK, "nora", wanted)[0].text
        assert nora.startswith("Hi Nora,")
        assert "https://a.example/t/" in nora
