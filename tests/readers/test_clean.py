"""What of a text is the customer's own."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ofone.readers.clean import (
    LONGEST,
    WORDS_A_PIECE,
    clean,
    is_english,
    is_sarcastic,
    is_text,
    pieces,
    sentences,
)


def own(text: str) -> str:
    return " ".join(clean(text).split())


@pytest.mark.parametrize(
    "below",
    [
        "> We are worried about your heart.\n> Call us.",
        "On Mon, 3 Mar 2025 at 10:00, Care <care@example.com> wrote:\nWe are worried.",
        "On Mon, 3 Mar 2025 at 10:00, Care\n<care@example.com> wrote:\nWe are worried.",
        "-----Original Message-----\nFrom: Care\nWe are worried.",
        "From: Care <care@example.com>\nSent: Monday\nTo: Ana\n\nWe are worried.",
        "Am 3. März 2025 um 10:00 schrieb Care:\nWir sind besorgt.",
        "Le 3 mars 2025, Care a écrit :\nNous sommes inquiets.",
        "-- \nAna Berg\nWorried Street 5",
        "Kind regards,\nAna Berg\nHead of Worry",
        "Sent from my iPhone",
        "This e-mail is confidential. If you are not the intended recipient, be worried.",
    ],
)
def test_what_others_wrote_and_what_is_boilerplate_is_not_read(below: str) -> None:
    """Quotes, signatures and disclaimers say nothing about what the customer feels."""
    assert own(f"Is my file complete?\n\n{below}\n") == "Is my file complete?"


def test_an_answer_below_or_between_quotes_is_read() -> None:
    """Who answers below the quote is heard as well."""
    text = "On 3 March 2025 Care wrote:\n> Are you well?\nYes, I am.\n> And the exam?\nIt is done."
    assert own(text) == "Yes, I am. It is done."


def test_words_that_look_like_headers_stay() -> None:
    """A sentence that begins with "From:" or names a date is no header."""
    for text in ("From: the bottom of my heart, thank you.", "On 3 March I wrote to you."):
        assert own(text) == text


def test_only_the_customer_of_a_transcript_is_read() -> None:
    """What the agent says about worry is not the customer's worry."""
    text = "Agent: You sound worried.\nAre you?\nCustomer: No, I am fine.\nAgent: Good."
    assert own(text) == "No, I am fine."


def test_markup_and_links_are_blanked() -> None:
    """Tags and addresses are not words."""
    text = "<p>I am <b>fine</b>, see https://example.com/afraid?x=1 please</p>"
    assert own(text) == "I am fine , see please"


@given(st.text(max_size=300))
def test_every_place_stays_where_it_was(text: str) -> None:
    """Spans found in the cleaned text are places in the original one."""
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert all(a == b or b.isspace() for a, b in zip(text, cleaned, strict=True))


@given(st.text(max_size=300))
def test_pieces_are_in_order_and_hold_every_word(text: str) -> None:
    """Nothing is read twice, nothing is left out."""
    spans = pieces(text)
    joined = "".join("".join(text[a:b].split()) for a, b in spans)
    assert joined == "".join(text.split())
    assert all(b <= c for (_, b), (c, _) in pairwise(spans))


def test_a_sentence_without_end_is_read_in_pieces() -> None:
    """A piece holds so many words that the model sees all of it."""
    spans = pieces("word " * 1000)
    assert len(spans) == 1000 / WORDS_A_PIECE


def test_a_number_is_not_the_end_of_a_sentence() -> None:
    """A sentence ends where white space follows."""
    text = "It was 5.4 on Monday. Is that bad?"
    assert [text[a:b] for a, b in sentences(text)] == ["It was 5.4 on Monday.", "Is that bad?"]


@pytest.mark.parametrize("text", ["\x00\x01PNG", "\ufffd\ufffdabc\ufffd", "\x1f" * 50])
def test_bytes_are_not_text(text: str) -> None:
    """A picture that was taken for a message is not read."""
    assert not is_text(text)


def test_an_enormous_text_is_cut() -> None:
    """Time and memory have an upper bound, whatever arrives."""
    assert len(clean("a" * 10**6)) == LONGEST


@pytest.mark.parametrize(
    ("text", "english"),
    [
        ("Is my file complete?", True),
        ("Ok", True),
        ("Ich habe noch nichts von Ihnen gehört, wie ist der Stand?", False),
        ("¿Cuándo recibo la póliza? No me han llamado todavía.", False),
        ("Je n'ai pas encore reçu votre réponse et je suis inquiet.", False),
        ("我还没有收到你们的消息", False),
    ],
)
def test_languages_that_the_model_does_not_know_are_told_apart(text: str, english: bool) -> None:
    """Too little to tell counts as English."""
    assert is_english(text) is english


@pytest.mark.parametrize(
    ("text", "sarcastic"),
    [
        ("Oh great, another form.", True),
        ("Brilliant service /s", True),
        ("Yeah right, tomorrow.", True),
        ("Great, thank you!", False),
        ("The nurse was wonderful.", False),
    ],
)
def test_turns_of_phrase_that_mean_the_opposite(text: str, sarcastic: bool) -> None:
    """Better to hear nothing than the opposite."""
    assert is_sarcastic(text) is sarcastic


def test_one_legal_phrase_does_not_blank_a_whole_call() -> None:
    """A transcript is one long line; a disclaimer is a paragraph."""
    call = "I worry about this. " * 150 + "It said the message is confidential."
    assert clean(call) == call
