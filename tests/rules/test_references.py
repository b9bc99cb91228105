"""Every note of the release is read, and what could not be read is known."""

import pytest

from core.rules.book import rulebook
from core.rules.references import references


@pytest.fixture(scope="module")
def book(catalog):
    return rulebook(catalog)


def named(line, catalog, *codes):
    found, _ = references(line, catalog)
    return [any(one.meets(catalog.row(code), code) for one in found) for code in codes]


@pytest.mark.parametrize(
    ("line", "inside", "outside"),
    [
        ("type 2 diabetes mellitus (E11.-)", ["E11.9", "E11.621", "E11"], ["E10.9", "E13.9"]),
        ("dementia (F01.-, F02.-, F03.-)", ["F01.50", "F02.80", "F03.90"], ["F04"]),
        ("perinatal conditions (P35-P39)", ["P35.0", "P37.1", "P39.9"], ["P29.9", "P50.0"]),
        ("pancreatitis (K85-K86.-)", ["K85.00", "K86.1"], ["K87", "K83.1"]),
        ("tuberculous enteritis (A18.32)", ["A18.32"], ["A18.31"]),
        ("leg veins (I70.2--I70.7-)", ["I70.201", "I70.799"], ["I70.1", "I70.8"]),
        ("head injury (S00 - S09)", ["S00.12XA", "S09.90XA"], ["S10.0XXA"]),
        (
            "adverse effect (T36-T50 with fifth or sixth character 5)",
            ["T36.0X5A", "T36.95XA"],
            ["T36.0X1A", "T36.91XA"],
        ),
        ("open skull fracture (S02.- with 7th character B)", ["S02.0XXB"], ["S02.0XXA"]),
        ("gangrene in diabetes (E08-E13 with .52)", ["E11.52"], ["E11.51"]),
        ("angiopathy (E08-E13 with .51-.52)", ["E11.51", "E10.52"], ["E11.59"]),
        ("fluency disorder (I69. with final characters -23)", ["I69.023", "I69.323"], ["I69.022"]),
        ("vitamin B12 deficiency anemia (D51.-)", ["D51.0"], ["B15.0"]),
        ("any tuberculosis, any type in A15 (J65)", ["J65"], ["A15.0"]),
        ("code from category O08 to identify any complication", ["O08.1"], ["O04.5"]),
        ("diabetic acidosis - see categories E08-E10, E11, E13", ["E08.10", "E10.10", "E13.10"], ["E15"]),
        ("concussion in S06.1- to S06.6-", ["S06.1X0A", "S06.6X0A"], ["S06.0X0A", "S06.9X0A"]),
    ],
)
def test_codes_of_a_line_are_the_ones_meant(catalog, line, inside, outside):
    assert all(named(line, catalog, *inside))
    assert not any(named(line, catalog, *outside))


def test_nearly_every_line_of_the_release_is_read_and_the_rest_is_known(book):
    unparsed = book.unparsed()
    unknown = [line for line in book.lines if line.unknown]
    assert len(book.lines) > 10_000
    assert len(unparsed) < 0.04 * len(book.lines)
    assert len(unknown) <= 2  # two of the book's own mistakes
    excluded = [line for line in unparsed if line.kind.startswith("excludes")]
    assert len(excluded) < 100


def test_notes_are_inherited_the_nearest_first(book):
    lines = book.applying("E11.9", "use_additional")
    assert [line.at for line in lines] == sorted(
        (line.at for line in lines), key=lambda at: -len(book.catalog.ancestors(at))
    )
    assert lines[0].at == "E11"
    assert {line.at for line in book.applying("E11.9", "excludes1")} >= {"E11"}
