from pathlib import Path

import pytest

from core.errors import ClinicodeError
from core.language import LanguageDetector
from core.synthesis.check import check_duplicates, check_language, check_leakage, check_rules
from core.synthesis.corpus import CORPORA, Example, read_corpus
from core.synthesis.report import check_everything, coverage_lines


def example(text, code="I10", lang="es", style="clinical", also=(), line=1):
    return Example(text, code, lang, style, also, f"{lang}/test.tsv", line)


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        (example("HTA", code="ZZZ"), "ZZZ is no code"),
        (example("HTA", code="I10-I1A"), "is no code"),
        (example("HTA", code="9"), "is no code"),
        (example("HTA", also=("I99.99",)), "I99.99"),
        (example("HTA", style="poetic"), "style"),
        (example("HTA", lang="nl"), "language"),
        (example("x"), "characters"),
        (example("x" * 200), "200 characters"),
        (example("tensión  alta"), "spaces"),
        (example("HTA I10.9"), "code stands"),
        (example("HTA ☃"), "not allowed: ☃"),
        (example("HTA (mal controlada"), "not balanced"),
        (example("140/90"), "no letters"),
    ],
)
def test_rules_name_what_is_wrong(catalog, wrong, says):
    findings = list(check_rules([wrong], catalog))
    assert any(says in finding.what for finding in findings)
    assert all(finding.level == "error" for finding in findings)


def test_rules_pass_what_is_right(catalog):
    good = [example("HTA mal controlada (3 fármacos)"), example("pressió alta", lang="ca", style="lay")]
    assert list(check_rules(good, catalog)) == []


def test_the_same_text_twice_is_an_error_in_one_language_only():
    findings = list(
        check_duplicates([example("Pneumonia"), example("pneumonía.", line=2), example("pneumonia", lang="pt")])
    )
    assert [(finding.level, finding.line) for finding in findings] == [("error", 2)]


def test_nearly_the_same_text_of_one_code_is_to_be_read():
    findings = list(check_duplicates([example("hipertensión arterial"), example("hipertension arterall", line=2)]))
    assert [(finding.kind, finding.level) for finding in findings] == [("near duplicate", "reading")]


def test_one_spelling_with_unrelated_codes_in_two_languages_is_to_be_read():
    findings = list(check_duplicates([example("FAP", "D13.91", "de"), example("FAP", "I48.0", "it")]))
    assert [finding.kind for finding in findings] == ["between languages"]


def test_what_is_kept_for_measuring_must_not_be_in_the_corpus():
    corpus = [
        example("infarto agudo de miocardio"),
        example("Infarto agudo de  miocárdio", line=2),
        example("infarto de miocardio agudo", line=3),
        example("infarto antiguo de miocardio inferior", line=4),
        example("IAM", line=5),
        example("IMA", line=6),
    ]
    findings = list(check_leakage(corpus, {"a set": ["infarto agudo de miocardio", "iam"]}))
    assert [finding.line for finding in findings] == [1, 2, 3, 5]
    assert list(check_leakage(corpus, {"nothing": []})) == []


def test_lines_of_another_language_are_found():
    german = ["akute Bronchitis mit Fieber", "Schmerzen beim Wasserlassen", "Bluthochdruck seit Jahren"] * 8
    wrong = [example(f"{text} {at}", lang="es", line=at) for at, text in enumerate(german)]
    assert any(finding.level == "error" for finding in check_language(wrong, LanguageDetector()))
    right = [example("sono della paziente alla notte", lang="es")]
    assert [finding.level for finding in check_language(right, LanguageDetector())] == ["reading"]


def test_a_broken_line_is_named(tmp_path):
    (tmp_path / "es").mkdir()
    (tmp_path / "es" / "09.tsv").write_text("code\ttext\tstyle\talso\nI10\tHTA\n")
    with pytest.raises(ClinicodeError, match=r"es/09\.tsv, line 2"):
        list(read_corpus(tmp_path))


def test_no_corpus_is_a_clear_error(tmp_path):
    with pytest.raises(ClinicodeError, match="no LANG/CHAPTER"):
        check_everything(tmp_path, None)


def test_the_shipped_corpus_passes_and_is_large_enough(workspace, request):
    data = Path(__file__).resolve().parents[3] / "shared" / "data"
    report = check_everything(CORPORA, data if data.is_dir() else None)
    assert [finding for finding in report.findings if finding.level == "error"] == []
    covered = report.coverage
    assert covered.examples >= 30_000
    assert min(covered.by_lang.values()) >= 3_500
    assert covered.codes >= 2_800
    assert covered.categories >= 1_700
    for lang in covered.by_lang:
        assert covered.by_style["abbrev", lang] >= 300
        assert covered.by_style["lay", lang] >= 500
    assert any("chapter 9" in line for line in coverage_lines(report))
