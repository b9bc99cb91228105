import pytest

from core.explain.details import compare
from core.explain.neighbours import only_in
from core.explain.readings import pieces
from core.explain.surface import surface_words
from core.note.qualifiers import qualifier_reader
from core.text import fold


@pytest.mark.parametrize(
    "text",
    [
        "s/p caída, brazo (dcho)",
        "«Schenkelhalsfraktur» — li.",
        "cel·lulitis 2º dit",
        "ŒDÈME aigu_du  poumon",
        "½ dose; ﬁbrillation",
        "a\u0301 b\u200fc",
        "",
    ],
)
def test_the_words_of_a_text_fold_to_the_folded_text(text):
    words = surface_words(text)
    assert [folded for word in words for folded in word.folded] == fold(text).split()
    assert all(text[word.start : word.end] == word.text for word in words)


def test_a_form_is_followed_back_to_the_words_of_the_text():
    form = ["hipertension", "arterial", "y", "diabetes", "mellitus", "tipo", "2"]
    found = pieces(["hta", "y", "dm2"], form)
    assert [(piece.start, piece.end, piece.form_start, piece.form_end) for piece in found] == [
        (0, 1, 0, 2),
        (1, 2, 2, 3),
        (2, 3, 3, 7),
    ]
    with pytest.raises(ValueError, match="not one of"):
        pieces(["hta"], ["otra", "cosa"])


def sentences(text: str, title: str) -> dict[str, list[str]]:
    details = compare(qualifier_reader().read(text, ("en",)), qualifier_reader().read(title, ("en",)))
    return {name: [one.sentence for one in getattr(details, name)] for name in details.__slots__}


def test_details_that_exclude_each_other_contradict():
    said = sentences("closed fracture, type 1", "open fracture, type 2")
    assert said["contradicts"] == [
        "The text says type 1; this code is for type 2.",
        "The text says closed; this code is for open.",
    ]


def test_details_that_may_go_together_do_not_contradict():
    said = sentences("acute bleeding ulcer", "recurrent ulcer with perforation")
    assert said["contradicts"] == []
    assert "Both say ulcer." in said["agrees"]
    assert "This code's title says perforation; the text does not." in said["missing"]
    assert "The text says acute; this code's title does not." in said["missing"]


def test_an_unspecified_title_is_not_held_against_the_text():
    assert sentences("pneumonia", "Pneumonia, unspecified organism") == {"agrees": [], "missing": [], "contradicts": []}


def test_titles_differ_in_words_and_keep_together_what_stands_together():
    this = "Displaced fracture of neck of right radius, initial encounter for closed fracture"
    other = "Fracture of neck of left radius, sequela"
    assert only_in(this, other) == ("Displaced", "right", "initial encounter for closed fracture")
    assert only_in(other, this) == ("left", "sequela")
    assert only_in(this, this) == ()
