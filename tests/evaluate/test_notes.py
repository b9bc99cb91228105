import json

import pytest

from core.coder import CodedNote
from core.errors import ClinicodeError
from core.evaluate.notes import PUBLIC_NOTES, judge, read_notes
from core.language import LANGUAGES, Language
from core.note.context import Status, Verdict
from core.note.mentions import Mention
from core.note.segment import Section
from core.retrieve.candidate import Candidate, EntryTerm, Scores, Source


def mention(text, start, end, status, code):
    term = EntryTerm(code, code, Source.TITLE, "en")
    candidate = Candidate(code, code, True, 1.0, 1.0, term, Scores(1.0))
    return Mention(start, end, text[start:end], Verdict(status), Section.OTHER, 1.0, text[start:end], (candidate,))


def coded(note, lang=None, status=None, code=None):
    mentions = tuple(
        mention(note.text, one.start, one.end, status or one.status, code or min(one.codes)) for one in note.mentions
    )
    return CodedNote(Language(lang or note.lang, 1.0, ()), mentions, ())


def test_the_public_notes_are_ten_a_language_with_exact_passages(catalog):
    notes = read_notes(PUBLIC_NOTES, catalog)
    assert {lang: sum(note.lang == lang for note in notes) for lang in LANGUAGES} == dict.fromkeys(LANGUAGES, 10)
    for line in PUBLIC_NOTES.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        for one in row["mentions"]:
            assert row["text"][one["start"] : one["end"]] == one["text"]
    assert {one.status for note in notes for one in note.mentions} == set(Status)


def test_a_perfect_reader_and_one_that_finds_nothing(catalog):
    notes = read_notes(PUBLIC_NOTES, catalog)[:3]
    by_text = {note.text: note for note in notes}
    perfect = judge(notes, lambda text: coded(by_text[text]), lambda: None)
    assert [one.value for one in perfect.figures().values()] == [1.0, 1.0, 1.0]
    assert (perfect.languages_right, perfect.spurious) == (3, 0)
    nothing = judge(notes, lambda text: CodedNote(Language("de", 1.0, ()), (), ()), lambda: None)
    assert nothing.figures()["found"].value == 0
    wrong = judge(notes, lambda text: coded(by_text[text], status=Status.FAMILY, code="Z00.00"), lambda: None)
    assert wrong.figures(status=Status.NEGATED)["status"].value == 0
    assert wrong.figures(status=Status.FAMILY)["status"].value == 1
    assert any("passages a 1,000 characters" in line for line in perfect.lines())


ONE = '{"id": "a", "lang": "en", "text": "x", "mentions": [{"start": 0, "end": %d, "status": "%s", "codes": ["%s"]}]}'


@pytest.mark.parametrize(
    "line",
    ["no json", '{"id": "a"}', ONE % (9, "affirmed", "I10"), ONE % (1, "affirmed", "XX"), ONE % (1, "sure", "I10")],
)
def test_a_bad_line_is_named(catalog, tmp_path, line):
    path = tmp_path / "notes.jsonl"
    path.write_text(line + "\n")
    with pytest.raises(ClinicodeError, match="line 1"):
        read_notes(path, catalog)
    with pytest.raises(ClinicodeError, match="cannot be read"):
        read_notes(tmp_path / "absent.jsonl", catalog)
