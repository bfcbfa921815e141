"""How hard a text is to read: the published formulas, and syllables that are nearly right."""

import pytest

from ofone.conversations.reading import LEAST, level, measured, syllables

EASY = "You choose a time. It takes half an hour. You can change it. We tell you when it is done. "
HARD = (
    "Notwithstanding the aforementioned considerations, applicants are obligated to "
    "communicate any modification of their circumstances immediately and unambiguously. "
)
SYLLABLES = {
    "en": {"because": 2, "asked": 1, "needed": 2, "little": 2, "offices": 3, "going": 2},
    "de": {"gesundheit": 3, "häuser": 2, "eröffnet": 3, "euro": 2, "liegt": 1},
    "es": {"gracias": 2, "quiere": 2, "cuidado": 3, "aquí": 2},
    "fr": {"demande": 2, "parlent": 1, "beau": 1, "rappelle": 2},
}


@pytest.mark.parametrize("language", SYLLABLES)
def test_syllables_are_counted_by_ear(language: str) -> None:
    """Groups of vowels, without the endings that nobody speaks."""
    known = SYLLABLES[language]
    assert {word: syllables(word, language) for word in known} == known


def test_the_english_index_is_the_grade_of_flesch_and_kincaid() -> None:
    """0.39 words a sentence + 11.8 syllables a word - 15.59 (Kincaid et al. 1975)."""
    found = level(["The cat sat on the mat."] * 10, "en")
    assert found is not None
    assert found.value == pytest.approx(0.39 * 6 + 11.8 * 1 - 15.59)


def test_long_words_in_long_sentences_are_hard() -> None:
    """And the sentence that weighs most is named."""
    easy, hard = level([EASY] * 3, "en"), level([EASY, HARD * 3], "en")
    assert easy is not None
    assert hard is not None
    assert (easy.hard, hard.hard) == (False, True)
    assert hard.hardest == HARD.strip()


@pytest.mark.parametrize(
    ("language", "easy", "hard"),
    [
        (
            "de",
            "Ihr Antrag ist da. Sie wählen die Zeit. Das geht schnell. Wir rufen Sie an.",
            (
                "Versicherungsvertragsrechtliche Obliegenheitsverletzungen beeinträchtigen unter "
                "Umständen die Leistungsverpflichtung der Versicherungsgesellschaft."
            ),
        ),
        (
            "es",
            "Su caso va bien. Usted elige el día. Es muy fácil. Le damos la hora que le va bien.",
            (
                "La incompatibilidad administrativa imposibilita la consideración inmediata de "
                "reclamaciones extraordinarias presentadas extemporáneamente."
            ),
        ),
        (
            "fr",
            "Le choix est à vous. Le jour vous va. On vous dit tout. Il y a du temps pour cela.",
            (
                "La considération approfondie des réclamations administratives nécessite "
                "impérativement la présentation de justificatifs supplémentaires."
            ),
        ),
    ],
)
def test_other_languages_have_their_own_index(language: str, easy: str, hard: str) -> None:
    """Amstad, Fernández Huerta, Kandel and Moles: 60 and more is read with ease."""
    light, heavy = level([easy] * 3, language), level([hard] * 4, language)
    assert light is not None
    assert heavy is not None
    assert light.value > 60 > heavy.value


def test_a_few_words_are_not_measured() -> None:
    """An index over one line would say anything."""
    assert level(["word " * (LEAST - 1)], "en") is None
    assert level([EASY * 3], "nl") is None
    assert not measured("nl")
