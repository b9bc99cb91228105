import threading

import pytest

from core.errors import ClinicodeError
from core.language import LANGUAGES, LanguageDetector, function_words, read_words
from core.settings import ASSETS


@pytest.fixture(scope="module")
def detector():
    return LanguageDetector()


@pytest.mark.parametrize("path", sorted((ASSETS / "demo").glob("*.txt")), ids=lambda path: path.stem)
def test_right_and_sure_on_every_demo_note(detector, path):
    language = detector.detect(path.read_text(encoding="utf-8"))
    assert language.lang == path.name[:2]
    assert language.sure


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("mal de panxa amb febre", "ca"),
        ("pneumònia adquirida a la comunitat", "ca"),
        ("dolor de espalda al levantarse", "es"),
        ("mal di schiena da due giorni", "it"),
        ("falta de ar ao subir escadas", "pt"),
        ("maux de tête depuis hier", "fr"),
        ("Schmerzen beim Wasserlassen", "de"),
        ("shortness of breath on exertion", "en"),
    ],
)
def test_right_on_short_phrases(detector, text, lang):
    assert detector.detect(text).lang == lang


def test_the_same_text_always_gets_the_same_answer(detector):
    text = "hipertensión arterial"
    answers: set[float] = set()
    threads = [threading.Thread(target=lambda: answers.add(detector.detect(text).confidence)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == {LanguageDetector().detect(text).confidence}


@pytest.mark.parametrize("text", ["", "123 / 45", "DM2", "☃", "TC"])
def test_unsure_where_a_text_gives_no_hint(detector, text):
    assert not detector.detect(text).sure


def test_a_person_can_say_it(detector):
    language = detector.detect("dolor", "ca")
    assert (language.lang, language.confidence, language.given) == ("ca", 1.0, True)
    assert detector.detect("falta de ar ao subir escadas", "auto").lang == "pt"


def test_an_unknown_language_is_a_clear_error(detector):
    with pytest.raises(ClinicodeError, match="'nl' is not known"):
        detector.detect("buikpijn", "nl")


def test_probabilities_add_up(detector):
    probabilities = detector.probabilities("fractura de fémur")
    assert set(probabilities) == set(LANGUAGES)
    assert sum(probabilities.values()) == pytest.approx(1)


@pytest.mark.parametrize("lang", LANGUAGES)
def test_word_lists_hold_function_words_and_more(lang):
    few, all_ = read_words(lang, function_only=True), read_words(lang)
    assert 80 <= len(few) < len(all_)
    assert len(all_) == len(set(all_))
    assert set(few) <= function_words()
