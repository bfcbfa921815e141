"""A call becomes the customer's words, and no more than that."""

from pathlib import Path

import numpy as np
import pytest
from tests.readers.sound import Parrot, noise, pitch, silence, tone, wav

from ofone.domain.errors import OfoneError
from ofone.readers import TextReader, hear
from ofone.readers.audio import RATE
from ofone.readers.text import PRECISION
from ofone.readers.voice import STRETCH, stretches

WORRIED = "I am really worried about the exam and I do not know what will happen."


@pytest.fixture
def call(tmp_path: Path) -> Path:
    """The customer at 440 Hz on the left, the company at 700 Hz on the right."""
    return wav(tmp_path / "call.wav", tone(440), tone(700))


def test_only_the_customers_channel_reaches_the_transcriber(call: Path) -> None:
    """The company's words are no evidence of what a customer needs."""
    left, right = Parrot(), Parrot()
    assert hear(call, "left", left).channel == "left"
    assert hear(call, "right", right).channel == "right"
    assert (pitch(left.heard), pitch(right.heard)) == (440, 700)


def test_a_call_is_its_words_their_times_and_its_length(call: Path) -> None:
    """In seconds from the beginning of the recording."""
    found = hear(call, "left", Parrot((" Good\nmorning. ", 0.9), ("I have a question.", 0.8)))
    assert found.transcript == "Good morning. I have a question."
    assert [(s.start, s.end) for s in found.segments] == [(0, 1), (1, 2)]
    assert (found.seconds, found.language, found.note) == (2, "en", "")


def test_times_stay_within_the_recording(call: Path) -> None:
    """A model that thinks in windows of thirty seconds may end a word after the call."""
    found = hear(call, "left", Parrot(*[("Yes.", 0.9)] * 4))
    assert [(s.start, s.end) for s in found.segments] == [(0, 1), (1, 2), (2, 2), (2, 2)]


def test_unsure_words_are_shown_and_say_nothing(call: Path) -> None:
    """What a model calls a guess is no evidence; a person can still look at it."""
    found = hear(call, "left", Parrot(("Thank you.", 0.9), (WORRIED, 0.2)))
    assert found.transcript == "Thank you."
    assert [s.text for s in found.unsure] == [WORRIED]
    assert found.note == "1 of 2 segments are too unsure to be evidence"


@pytest.mark.parametrize("said", ["Cheers.", "Kind regards,", "--", "From: the bank", ">> Yes."])
def test_what_is_said_is_not_taken_for_the_end_of_an_email(call: Path, said: str) -> None:
    """People say cheers and go on."""
    found = hear(call, "left", Parrot((said, 0.9), (WORRIED, 0.9)))
    (reading,) = TextReader.bundled("hashed").read([found.transcript])
    assert "reassurance" in reading.evidence


def test_a_call_counts_as_one_contact(call: Path) -> None:
    """Forty worried sentences in a call weigh no more than one e-mail can."""
    found = hear(call, "left", Parrot(*[(WORRIED, 0.9)] * 40))
    (reading,) = TextReader.bundled("hashed").read([found.transcript])
    assert 0 < reading.evidence["reassurance"].weight <= round(PRECISION, 4)


def test_the_same_recording_is_the_same_call_whatever_its_name(call: Path, tmp_path: Path) -> None:
    """Its id is made from its bytes, so that a repeat changes nothing."""
    again = tmp_path / "again.wav"
    again.write_bytes(call.read_bytes())
    other = wav(tmp_path / "other.wav", tone(450), tone(700))
    first, second, third = (hear(path, "left", Parrot()).id for path in (call, again, other))
    assert first == second != third
    assert first.startswith("call-")


def test_a_silent_customer_said_nothing(tmp_path: Path) -> None:
    """That is an answer; perhaps the channels are the other way round."""
    parrot = Parrot(("Thanks for watching!", 0.9))
    found = hear(wav(tmp_path / "a.wav", silence(), noise(1)), "left", parrot)
    assert (found.transcript, found.segments, parrot.given) == ("", (), [])
    assert found.note == "the left channel is silent; was the customer recorded on the right one?"


def test_a_silent_call_said_nothing(tmp_path: Path) -> None:
    """Neither side is to be looked for on the other."""
    found = hear(wav(tmp_path / "a.wav", silence(), silence()), "right", Parrot(("Bye.", 0.9)))
    assert (found.transcript, found.note) == ("", "both channels are silent")


def test_one_channel_beside_silence_is_refused(tmp_path: Path) -> None:
    """Both people may be on the one that is not silent."""
    path = wav(tmp_path / "a.wav", noise(1), silence())
    with pytest.raises(OfoneError, match=r"right channel is silent .* may be a one-channel record"):
        hear(path, "left", Parrot())


def test_a_blink_of_sound_holds_no_words(tmp_path: Path) -> None:
    """Somebody hung up at once; a transcriber would make something up."""
    path = wav(tmp_path / "a.wav", noise(1, 0.2), noise(2, 0.2))
    found = hear(path, "left", Parrot(("You.", 0.9)))
    assert (found.transcript, found.note) == ("", "0.20 seconds are too short to hold words")


def test_a_channel_without_words_says_so(call: Path) -> None:
    """Coughs, music, a humming line."""
    assert hear(call, "left", Parrot()).note == "no words were found in the left channel"


def test_a_recording_cut_off_is_heard_as_far_as_it_goes(call: Path) -> None:
    """With the note that it is not whole."""
    call.write_bytes(call.read_bytes()[: RATE * 4])
    found = hear(call, "left", Parrot(("Hello.", 0.9)))
    assert found.transcript == "Hello."
    assert found.note == "damaged or cut off: 1.0 seconds of it could be read"


def test_an_hour_is_heard_in_parts_at_their_own_times(tmp_path: Path) -> None:
    """Times go on from part to part, and progress ends at the end."""
    rate, seconds = 4_000, 3_600
    path = wav(tmp_path / "a.wav", *(noise(n, seconds, rate) for n in (1, 2)), rate=rate)
    parrot, told = Parrot(("Still here.", 0.9)), list[float]()
    found = hear(path, "left", parrot, lambda done, of: told.append(done / of))
    assert max(len(part) for part in parrot.given) <= STRETCH * RATE
    assert len(parrot.given) == len(found.segments) in range(12, 15)
    assert found.segments[-1].start == pytest.approx(seconds, abs=STRETCH)
    assert told == sorted(told)
    assert told[-1] == 1


def test_parts_are_cut_where_it_is_quiet_and_lose_nothing() -> None:
    """A word cut in two is two wrong words."""
    sound = noise(1, STRETCH + 40)
    sound[int((STRETCH - 10) * RATE) : int((STRETCH - 9) * RATE)] = 0
    (begin, first), (then, second) = stretches(np.split(sound, 20))
    assert np.array_equal(np.concatenate([first, second]), sound)
    assert (begin, then) == (0, len(first) / RATE)
    assert STRETCH - 10 <= then <= STRETCH - 9
