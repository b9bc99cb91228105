from datetime import UTC, datetime

import pytest

from core.encode.load import Encoder
from core.errors import ClinicodeError
from core.explain.explain import explain
from core.explain.explanation import Relation, Stage
from core.retrieve.candidate import BOOK, Source
from core.retrieve.memory import Reviewed
from core.retrieve.retriever import READING

TEXTS = [
    ("infart agut de miocardi sense elevació de l'ST", "ca"),
    ("IAM con elevación del ST", "es"),
    ("s/p fx radio dcho, HTA/DM2", "es"),
    ("Left-sided (open) wrist   fracture!", "en"),
    ("Diabetes mellitus Typ II mit Nierenbeteiligung", "de"),
    ("pressão alta na gravidez", "pt"),
    ("COPD", "en"),
]


def stage(explanation, name):
    return next(one for one in explanation.stages if one.stage is name)


@pytest.mark.parametrize(("text", "lang"), TEXTS)
def test_the_shares_of_the_words_add_up_to_the_similarity(coder, text, lang):
    candidates = coder.search(text, lang).candidates
    for explanation, candidate in zip(
        explain(coder, text, [one.code for one in candidates], lang), candidates, strict=True
    ):
        scores = candidate.scores
        found = scores.dense if candidate.term.source in BOOK else scores.written
        assert explanation.term == candidate.term
        assert explanation.similarity == pytest.approx(found, abs=1e-3)
        assert sum(word.share for word in explanation.words) == pytest.approx(found, abs=1e-3)
        assert sum(word.share for word in explanation.term_words) == pytest.approx(found, abs=1e-3)


@pytest.mark.parametrize(("text", "lang"), TEXTS)
def test_words_are_those_of_the_text_as_given(coder, text, lang):
    explanation = coder.explain(text, coder.search(text, lang).candidates[0].code, lang)
    for word in explanation.words:
        assert text[word.start : word.end] == word.text
    for word in explanation.term_words:
        assert explanation.term.text[word.start : word.end] == word.text


def test_offsets_hold_where_the_text_has_other_signs_before_and_between(coder):
    text = "🙂\t—  Neumonía\u200b\n bacteriana."
    explanation = coder.explain(text, "J15.9", "es")
    assert [text[word.start : word.end] for word in explanation.words] == ["Neumonía", "bacteriana"]


def test_a_word_that_is_read_as_several_has_their_sum(coder):
    together = coder.explain("dolor torácico/abdominal", "R07.9", "es")
    apart = coder.explain("dolor torácico abdominal", "R07.9", "es")
    assert [word.text for word in together.words] == ["dolor", "torácico/abdominal"]
    assert together.words[1].share == pytest.approx(apart.words[1].share + apart.words[2].share, abs=1e-6)


def test_a_short_form_says_what_it_was_read_as_and_earns_what_the_reading_earned(coder):
    explanation = coder.explain("HTA mal controlada", "I10", "es")
    reading = explanation.read_as[0]
    assert (reading.text, reading.start, reading.end) == ("HTA", 0, 3)
    assert reading.expansion == "hipertensión arterial"
    written_out = coder.explain("hipertensión arterial mal controlada", "I10", "es")
    assert explanation.words[0].share == pytest.approx(
        READING * (written_out.words[0].share + written_out.words[1].share), abs=1e-3
    )
    assert "“HTA” was read as “hipertensión arterial”" in explanation.why


def test_a_short_form_within_a_word_is_told_apart_from_the_rest_of_it(coder):
    readings = coder.explain("control de HTA/DM2", "E11.9", "es").read_as
    assert [reading.text for reading in readings] == ["HTA", "DM2"]


def test_each_of_several_readings_is_named_for_the_code_that_it_found(coder):
    heart, ear = explain(coder, "IC bilateral", ["I50.9", "Z96.21"], "es")
    assert heart.read_as[0].expansion == "insuficiencia cardiaca"
    assert ear.read_as[0].expansion == "implante coclear"


def test_an_entry_that_is_a_short_form_says_what_it_stands_for(coder):
    explanation = coder.explain("HTA?", "I10", "es")
    assert explanation.term.text == "HTA"
    assert explanation.read_as[0].expansion == "hipertensión arterial"
    assert (explanation.read_as[0].start, explanation.read_as[0].end) == (0, 3)


def test_explanations_of_one_text_differ_where_the_codes_differ(coder):
    text = "fractura de radio derecho y hipertensión arterial"
    bone, pressure = explain(coder, text, ["S52.91XA", "I10"], "es")
    of_bone = {word.text: word.share for word in bone.words}
    of_pressure = {word.text: word.share for word in pressure.words}
    assert of_bone["fractura"] > of_bone["hipertensión"]
    assert of_pressure["hipertensión"] > of_pressure["fractura"]
    assert bone.why != pressure.why
    assert bone.neighbours != pressure.neighbours


def test_a_side_that_contradicts_is_said(coder):
    wrong = coder.explain("fracture of the left radius", "S52.91XA", "en")
    assert [one.sentence for one in wrong.qualifiers.contradicts] == ["The text says left; this code is for right."]
    assert "but the text says left and this code is for right" in wrong.why
    right = coder.explain("fracture of the left radius", "S52.92XA", "en")
    assert right.qualifiers.contradicts == ()
    assert "Both say left." in {one.sentence for one in right.qualifiers.agrees}


def test_what_the_code_says_and_the_text_does_not_is_missing(coder):
    missing = coder.explain("fractura de radi esquerre", "S52.92XA", "ca").qualifiers.missing
    assert "This code's title says initial encounter; the text does not." in {one.sentence for one in missing}


def test_a_remembered_wording_says_how_often_and_when_it_was_chosen(coder):
    coder.remember([Reviewed("crisi de mar", "T75.3XXA", "ca")] * 3)
    explanation = coder.explain("Crisi de MAR", "T75.3XXA", "ca")
    assert explanation.term.source is Source.MEMORY
    assert explanation.term.count == 3
    assert (datetime.now(UTC).date() - explanation.term.last.date()).days <= 1
    assert explanation.similarity == pytest.approx(1, abs=1e-3)
    assert explanation.why.startswith("The text is a wording that the team coded so, “crisi de mar”, word for word")
    assert stage(explanation, Stage.MEMORY).rank == 1


def test_neighbours_differ_by_their_titles_words(coder):
    explanation = coder.explain("infarto agudo de miocardio sin elevación del ST", "I21.4", "es")
    other = next(one for one in explanation.neighbours if one.code == "I21.3")
    assert "Non-ST" in other.only_this
    assert "ST" in other.only_other
    assert other.relation is Relation.OPPOSITE
    assert other.rank > len(explanation.neighbours)


def test_what_the_text_says_the_opposite_of_is_named_once(coder):
    explanation = coder.explain("non-rheumatic mitral stenosis", "I34.2", "en")
    first, *others = explanation.neighbours
    assert (first.code, first.relation) == ("I05.0", Relation.OPPOSITE)
    assert not any(one.relation is Relation.OPPOSITE for one in others)
    assert Relation.OPPOSITE not in [one.relation for one in coder.explain("asthma", "J45.909", "en").neighbours]


def test_a_code_without_its_siblings_among_the_next_is_compared_with_the_best_of_them(coder):
    explanation = coder.explain("left wrist contracture", "M24.532", "en")
    siblings = {one.code for one in coder.catalog.siblings("M24.532")}
    assert siblings & {one.code for one in explanation.neighbours}


def test_exclusions_name_the_code_at_which_they_are_printed(coder):
    explanation = coder.explain("NSTEMI", "I21.4", "en")
    printed = {note.printed_at for note in explanation.notes}
    assert "I21" in printed
    for note in explanation.notes:
        notes = coder.catalog[note.printed_at].notes
        assert note.text in (notes.excludes1 if note.kind == "Excludes1" else notes.excludes2)
    assert explanation.path[-1].code == "I21"


def test_stages_are_the_candidates_scores_and_places(coder):
    found = coder.search("dolor torácico opresivo", "es", rerank=False)
    for place, candidate in enumerate(found.candidates, 1):
        explanation = coder.explain(found.text, candidate.code, "es", rerank=False)
        assert explanation.rank == place
        fused = stage(explanation, Stage.FUSED)
        assert fused.rank == place
        assert fused.score == pytest.approx(candidate.score)
        assert stage(explanation, Stage.BOOK).score == pytest.approx(candidate.scores.dense)
        assert stage(explanation, Stage.MEMORY).rank is None


def test_the_second_stage_has_its_place_and_what_each_word_does_to_it(coder):
    if coder.reranker is None:
        pytest.skip("no reranker ships yet")
    found = coder.search("fracture of the left distal radius", "en")
    explanation = coder.explain(found.text, found.candidates[0].code, "en")
    reranked = stage(explanation, Stage.RERANKED)
    assert reranked.rank == explanation.rank == 1
    assert reranked.score == pytest.approx(found.candidates[0].score)
    left_out = coder.search("of the left distal radius", "en", top_k=200)
    score = next(one.score for one in left_out.candidates if one.code == explanation.code)
    assert explanation.words[0].drop == pytest.approx(reranked.score - score, abs=1e-6)


def test_a_code_that_the_search_does_not_bring_up_is_explained_too(coder):
    explanation = coder.explain("dolor de espalda", "H60.331", "es")
    assert explanation.rank is None
    assert stage(explanation, Stage.FUSED).rank is None
    assert sum(word.share for word in explanation.words) == pytest.approx(explanation.similarity, abs=1e-3)


def test_a_text_of_nothing_known_has_no_shares_and_is_no_error(coder):
    explanation = coder.explain("☃☃☃", "I10")
    assert explanation.words == ()
    assert explanation.similarity == 0


@pytest.mark.parametrize(("text", "code"), [("", "I10"), ("tos", "ZZ9"), ("tos", "9"), ("x" * 3000, "I10")])
def test_what_cannot_be_explained_is_said_in_a_sentence(coder, text, code):
    with pytest.raises(ClinicodeError):
        coder.explain(text, code)


def test_an_encoder_that_has_no_words_says_so(coder, monkeypatch):
    monkeypatch.setattr(Encoder, "ngrams", property(lambda _: None))
    explanation = coder.explain("dolor torácico raro", "R07.9", "es", rerank=False)
    assert not explanation.by_word
    assert all(word.share == 0 for word in explanation.words)
    assert [word.text for word in explanation.words] == ["dolor", "torácico", "raro"]
    assert explanation.why.startswith("Found through")


def test_what_why_quotes_stands_in_the_text_or_in_the_term(coder):
    for text, lang in TEXTS:
        explanation = coder.explain(text, coder.search(text, lang).candidates[0].code, lang)
        expansions = "".join(reading.expansion for reading in explanation.read_as)
        for quoted in explanation.why.split("“")[1:]:
            assert quoted.split("”")[0] in text + explanation.term.text + expansions
