"""People's words become evidence before the event is logged, and count like any other."""

from pathlib import Path

import pytest

from ofone.app import opened
from ofone.app.listening import assessed
from ofone.domain.errors import OfoneError
from ofone.domain.events import Happened
from ofone.journeys.load import bundled
from ofone.readers import TextReader
from ofone.runtime.clocks import VirtualClock
from ofone.runtime.codec import decode_event
from ofone.runtime.replay import check

WORRIED = "I am really worried about this. What if something is wrong? I cannot sleep."


def mail(text: str) -> Happened:
    return Happened(
        id="m1",
        customer="kim",
        name="Email Received",
        at=1_772_445_600_000_000,
        properties={"text": text},
    )


def test_worry_in_a_mail_raises_the_need_for_reassurance(tmp_path: Path) -> None:
    """A little: words correlate weakly with what people say of themselves."""
    with opened(tmp_path, [bundled("loan")], clock=VirtualClock()) as app:
        app.engine.submit(mail(WORRIED))
        state = app.engine.get("kim")
        assert state is not None
        belief = state.needs["reassurance"].belief
        assert 0 < belief.trait + belief.state < 0.5
        assert state.needs["reassurance"].evidence[0].kind.startswith("words")


def test_the_log_holds_what_was_heard_so_that_a_replay_needs_no_model(tmp_path: Path) -> None:
    """The same bytes come out where the model is another one, or none."""
    with opened(tmp_path, [bundled("loan")], clock=VirtualClock()) as app:
        app.engine.submit(mail(WORRIED))
        logged = decode_event(app.store.log("kim")[0].body)
        assert isinstance(logged, Happened)
        assert {h.need for h in logged.heard} >= {"reassurance"}
        assert check(app.store).differences == []


def test_plain_words_say_nothing_of_worry(tmp_path: Path) -> None:
    """What is only the business at hand is no evidence."""
    with opened(tmp_path, [bundled("loan")], clock=VirtualClock()) as app:
        app.engine.submit(mail("Please find my signed form attached."))
        state = app.engine.get("kim")
        assert state is not None
        assert "reassurance" not in state.needs


@pytest.mark.parametrize("bad", [b'{"id": 2}', b'{"id": "\xff"}', b'{"x":' * 100_000])
def test_a_line_that_is_none_is_named(bad: bytes) -> None:
    """File and line, and how a line looks."""
    reader = TextReader.bundled("hashed")
    good = b'{"id": "1", "text": "hello"}'
    with pytest.raises(OfoneError, match=r'words.jsonl:2: .*write a line such as \{"id"'):
        list(assessed([good, bad], "words.jsonl", reader))
