from core.encode.ngrams import NgramTokenizer, word_tokens
from core.text import fold


def test_a_word_is_itself_and_its_ngrams():
    assert word_tokens("ivu", 3, 4) == ["<ivu>", "<iv", "ivu", "vu>", "<ivu", "ivu>"]
    assert word_tokens("a", 3, 5) == ["<a>"]


def test_folding_takes_off_case_accents_and_punctuation():
    assert fold("Insuficiència  renal, AGUDA!") == "insuficiencia renal aguda"
    assert fold("al·lèrgia") == fold("allergia") == "allergia"
    assert fold("Größe") == "grosse"
    assert fold("😀 \u202e <b>") == "b"


def test_the_vocabulary_keeps_the_frequent_and_drops_what_occurs_once():
    tokenizer, counts = NgramTokenizer.fit(["tos", "tos seca", "fiebre"], size=100)
    assert "<tos>" in tokenizer.vocabulary
    assert "<fiebre>" not in tokenizer.vocabulary
    assert counts[tokenizer.vocabulary.index("<tos>")] == 2
    assert NgramTokenizer.fit(["tos", "tos seca", "fiebre"], size=100)[0].vocabulary == tokenizer.vocabulary


def test_an_unknown_word_has_no_rows():
    tokenizer, _ = NgramTokenizer.fit(["tos", "tos"], size=100)
    assert tokenizer(["xyzxyz", "", "tos"])[:2] == [[], []]
    assert len(tokenizer(["tos"])[0]) == len(tokenizer.vocabulary)
