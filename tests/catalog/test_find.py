"""Search within the book."""

import pytest

from core.catalog.find import MOST, Finder
from core.text import fold


@pytest.fixture(scope="module")
def finder(catalog) -> Finder:
    return Finder(catalog)


def codes(found) -> list[str]:
    return [hit.code for group in found.groups for hit in group.hits]


def test_the_beginning_of_a_code_lists_its_codes_in_the_books_order(finder):
    found = finder.find("i214")
    assert codes(found) == ["I21.4"]
    found = finder.find("E11.2")
    assert codes(found) == ["E11.2", "E11.21", "E11.22", "E11.29"]
    assert [group.chapter for group in found.groups] == ["4"]


def test_all_words_must_occur_each_as_the_beginning_of_one(finder):
    found = finder.find("left rad frac")
    assert found.total > 100
    for code in codes(found):
        words = [fold(name).split() for name in (finder.catalog.title(code), *finder.catalog[code].inclusion_terms)]
        assert any(
            all(any(word.startswith(asked) for word in name) for asked in ("left", "rad", "frac")) for name in words
        )
    assert finder.find("asthma zzz").total == 0


def test_case_and_accents_do_not_matter(finder):
    assert codes(finder.find("MENIERE"))[0] == "H81.0"
    assert codes(finder.find("ménière"))[0] == "H81.0"


def test_an_inclusion_term_finds_its_code_and_is_named(finder):
    found = finder.find("Non-Q wave myocardial infarction")
    hit = found.groups[0].hits[0]
    assert (hit.code, hit.term) == ("I21.4", "Non-Q wave myocardial infarction NOS")


def test_the_name_that_is_nearest_comes_first(finder):
    found = finder.find("asthma")
    assert codes(found)[0] == "J45"
    assert found.groups[0].chapter == "10"
    assert len(set(codes(found))) == len(codes(found))


def test_what_is_too_much_is_cut_and_counted(finder):
    found = finder.find("fracture")
    assert found.shown == MOST
    assert found.total > 10_000
    assert sum(len(group.hits) for group in found.groups) == MOST


@pytest.mark.parametrize(("text", "code"), [("I20-I25", "I20-I25"), ("9", "9")])
def test_a_block_and_a_chapter_are_found_by_their_name(finder, text, code):
    assert codes(finder.find(text)) == [code]


@pytest.mark.parametrize("text", ["", "  ", "☃", "(", "a|b", "x" * 5000])
def test_strange_text_finds_something_or_nothing(finder, text):
    finder.find(text)


def test_names_are_folded_as_everywhere(finder):
    pairs = finder._terms.select("text", "folded").unique("text").iter_rows()
    assert all(folded == " " + fold(text) for text, folded in pairs)
