"""What holds for any text and any list of codes: languages, sentences, mentions, searches, rules."""

import itertools
from collections import Counter

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from core.encounter import Encounter, Listed
from core.errors import ClinicodeError
from core.language import LANGUAGES, LanguageDetector
from core.note.documents import MAX_CHARACTERS, MAX_QUERY, clean
from core.note.qualifiers import QualifierReader
from core.note.segment import MOST_WORDS, Segmenter
from core.rules import Patient, check
from core.rules.book import rulebook
from core.text import fold
from tests.hostile.claims import language_holds, note_holds, search_holds, sentences_hold
from tests.hostile.inputs import FRAGMENTS, SPACES

ANY = st.text(st.characters(exclude_categories=()), max_size=30)
"""Any code points, halves of pairs among them."""
TEXTS = st.builds(
    str.join, st.sampled_from(SPACES), st.lists(st.sampled_from(FRAGMENTS) | ANY | st.text(max_size=40), max_size=12)
)
SOME_LANGUAGES = st.lists(st.sampled_from(sorted(LANGUAGES)), min_size=1, unique=True)
ONE_WORD = "x" * 100_000
ORDER = {"Code first", "Use additional code", "Manifestation"}
"""Rules that depend on the order of a list."""
quick = settings(max_examples=200, deadline=None, derandomize=True, database=None)
slow = settings(quick, max_examples=40, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


@pytest.fixture(scope="module")
def detector():
    return LanguageDetector()


@pytest.fixture(scope="module")
def segmenter():
    return Segmenter()


@pytest.fixture(scope="module")
def qualifiers():
    return QualifierReader()


@given(TEXTS)
@example(ONE_WORD)
@settings(quick, max_examples=120)
def test_any_text_is_in_one_of_the_languages_and_stays_there(detector, text):
    found = detector.detect(text)
    language_holds(found)
    assert detector.detect(text) == found
    assert sum(detector.probabilities(text).values()) == pytest.approx(1)


@given(st.text(st.characters(exclude_categories=["L", "M", "Nl", "No"]), max_size=60))
@settings(quick, max_examples=60)
def test_a_text_without_letters_says_nothing_of_its_language(detector, text):
    assert list(detector.probabilities(text).values()) == pytest.approx([1 / len(LANGUAGES)] * len(LANGUAGES))
    assert not detector.detect(text).sure


@given(TEXTS)
@quick
def test_cleaning_moves_nothing_and_leaves_what_can_be_written(text):
    cleaned = clean(text)
    assert len(cleaned) == len(text)
    assert clean(cleaned) == cleaned
    assert cleaned.encode("utf-8").decode("utf-8") == cleaned


@given(TEXTS)
@example("ℋ")
@example("𝐅𝐞𝐯𝐞𝐫")
@quick
def test_a_folded_text_folds_to_itself(text):
    folded = fold(text)
    assert fold(folded) == folded
    assert folded == folded.lower().strip()


@given(TEXTS, SOME_LANGUAGES)
@example(ONE_WORD + ". Then B", ["en"])
@example("no fever " * 1_000, ["en"])
@quick
def test_sentences_are_in_order_within_the_text_and_not_endless(segmenter, text, langs):
    sentences = segmenter.sentences(text, langs)
    sentences_hold(text, sentences)
    assert all(len(text[one.start : one.end].split()) <= MOST_WORDS for one in sentences) or not text.isascii()


@given(st.lists(st.text("abcdefgh", min_size=4, max_size=9), min_size=20, max_size=60), st.data())
@quick
def test_sentences_leave_no_word_of_plain_text_out(segmenter, words, data):
    joins = [data.draw(st.sampled_from([" ", ", ", ". ", "? ", "! ", ".\n"])) for _ in words]
    text = "".join(itertools.chain.from_iterable(zip(words, joins, strict=True)))
    sentences = segmenter.sentences(text, ["en"])
    said = [word.strip(".,?!") for one in sentences for word in text[one.start : one.end].split()]
    assert said == words


@given(TEXTS, st.integers(1, 5))
@quick
def test_offsets_of_sentences_count_code_points(segmenter, text, many):
    before = segmenter.sentences(text, ["en"])
    after = segmenter.sentences("😀" * many + "\n" + text, ["en"])
    moved = many + 1
    if not text[:1].isspace():
        assert [(one.start + moved, one.end + moved, one.section) for one in before] == [
            (one.start, one.end, one.section) for one in after
        ]


@given(TEXTS, SOME_LANGUAGES)
@example("9" * 5_000 + " weeks pregnant", ["en"])
@quick
def test_qualifiers_are_read_from_any_text(qualifiers, text, langs):
    assert all(values for values in qualifiers.read(text, langs).values())


@given(TEXTS)
@example("fever\ud800 and cough\x00 in Straße İ")
@slow
def test_mentions_of_any_note_are_where_they_say(opened, text):
    try:
        note = opened.code(text, rerank=False)
    except ClinicodeError:
        assert not any(char.isalpha() for char in clean(text))
    else:
        note_holds(text, note, opened.catalog)


@given(TEXTS, st.integers(1, 30), st.booleans())
@slow
def test_a_search_for_anything_gives_codes_of_the_book(opened, text, top_k, rerank):
    try:
        found = opened.search(text, top_k=top_k, rerank=rerank)
    except ClinicodeError:
        assert not clean(text).split() or len(text) > MAX_QUERY
    else:
        search_holds(found, opened.catalog, top_k)


@given(st.data())
@slow
def test_any_passage_of_a_note_can_be_chosen_or_is_refused(opened, data):
    text = "Fever and cough " + data.draw(TEXTS) + " no asthma"
    note = opened.code(text, rerank=False)
    start = data.draw(st.integers(-2, len(text)))
    try:
        chosen = opened.with_passage(text, note, (start, data.draw(st.integers(-2, len(text) + 2))), rerank=False)
    except ClinicodeError:
        return
    note_holds(text, chosen, opened.catalog)


def test_a_passage_too_long_to_look_up_is_refused(opened):
    text = "fever " * 1_000
    with pytest.raises(ClinicodeError, match="look up at most"):
        opened.with_passage(text, opened.code("fever"), (0, len(text)))


def test_a_text_longer_than_a_note_or_a_phrase_may_be_is_refused(opened):
    with pytest.raises(ClinicodeError, match="at most 200,000"):
        opened.code("a" * (MAX_CHARACTERS + 1))
    with pytest.raises(ClinicodeError, match="at most 2,000"):
        opened.search("a" * (MAX_QUERY + 1))


@pytest.fixture(scope="module")
def pool(catalog):
    """Codes alone, and together with one that a note of the book names: those that rules have something to say of."""
    everything = [code.code for code in catalog.everything()]
    codes = [code for code in everything if code in catalog]
    lines = [line for line in rulebook(catalog).lines if line.parsed and line.at in catalog]
    pairs = [(catalog.leaves(line.at)[0], everything[line.references[0].low]) for line in lines]
    families = [leaf for category in ("E11", "F02", "M17", "S52", "N40", "O80") for leaf in catalog.leaves(category)]
    return [*(pair for pair in pairs if pair[1] in catalog), *((code,) for code in [*codes[::100], *families])]


def lists(pool, data, least=0):
    groups = data.draw(st.lists(st.sampled_from(pool), min_size=least, max_size=4))
    return [code for group in groups for code in group]


@given(st.data())
@settings(slow, max_examples=100)
def test_rules_speak_of_listed_codes_and_their_remedies_can_be_taken(catalog, pool, data):
    codes, mentioned = lists(pool, data), lists(pool, data)
    texts = data.draw(st.dictionaries(st.sampled_from(codes), TEXTS)) if codes else {}
    patient = Patient(data.draw(st.sampled_from(["", "female", "male"])), data.draw(st.none() | st.floats(0, 120)))
    now = Encounter(tuple(Listed(code) for code in codes))
    for found in check(codes, catalog, texts, mentioned=mentioned, patient=patient):
        assert found.codes
        assert set(found.codes) <= {*codes, *mentioned}
        assert found.message
        assert not found.at or catalog[found.at].code == found.at
        for remedy in found.remedies:
            after = now.mended(remedy, found.codes)
            assert all(code in catalog for code in after.codes)
            assert set(after.codes) <= {*codes, *remedy.into}
            again = check(after.codes, catalog, texts, mentioned=mentioned, patient=patient)
            assert found not in again


@given(st.data())
@settings(slow, max_examples=100)
def test_another_order_changes_rules_on_order_alone(catalog, pool, data):
    codes = lists(pool, data, 2)
    other = data.draw(st.permutations(codes))
    assert _unordered(codes, catalog) == _unordered(other, catalog)


def _unordered(codes, catalog):
    found = [one for one in check(codes, catalog) if one.rule not in ORDER]
    return Counter((one.rule, one.severity, frozenset(one.codes) if one.rule != "Sex" else ()) for one in found)


@given(st.sampled_from(FRAGMENTS) | ANY | st.from_regex(r"[A-Z][0-9][0-9A-Z](\.[0-9A-Z]{1,4})?", fullmatch=True))
@settings(quick, max_examples=40)
def test_what_is_no_code_is_said_in_one_line(catalog, text):
    try:
        found = catalog.find(text)
    except ClinicodeError as error:
        refusal = str(error)
    else:
        assert catalog[found.code] == found
        return
    assert len(refusal.splitlines()) == 1
    with pytest.raises(ClinicodeError):
        check([text], catalog)
