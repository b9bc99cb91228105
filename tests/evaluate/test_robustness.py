import re

import pytest

from core.errors import ClinicodeError
from core.evaluate.charts import robustness as charts
from core.evaluate.charts.chart import DARK, LIGHT
from core.evaluate.flips import lines, summary
from core.evaluate.gold import GoldQuery
from core.evaluate.mentions import PUBLIC, read_mentions
from core.evaluate.perturb import PERTURBATIONS, generator, word_rows
from core.evaluate.robustness import SCALE, SCHEMA, SIDE, but_for, measure_robustness, names_one, says_a_quality
from core.evaluate.runs import read_run
from core.language import LANGUAGES
from core.settings import ASSETS

SHIPPED = ASSETS / "evaluation" / "measured" / "robustness.parquet"
BY_NAME = {one.name: one for one in PERTURBATIONS}


def changed(name, text, lang="en", seed=7):
    return BY_NAME[name].apply(text, lang, generator(seed, text, name))


@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [
        ("en", "Left wrist, LLL pneumonia", "Right wrist, RLL pneumonia"),
        ("es", "mama IZQUIERDA, ojo dcho", "mama DERECHA, ojo izdo"),
        ("es", "TVP MII", "TVP MID"),
        ("ca", "luxació d'espatlla esquerra", "luxació d'espatlla dreta"),
        ("it", "PTA dx", "PTA sx"),
        ("pt", "rotura do menisco direito", "rotura do menisco esquerdo"),
        ("fr", "brûlure de la main gauche", "brûlure de la main droite"),
        ("fr", "tibia gauche", "tibia droit"),
        ("de", "linker Unterschenkel", "rechter Unterschenkel"),
        ("de", "BSV L5/S1 li.", "BSV L5/S1 re."),
    ],
)
def test_a_side_turns_in_its_inflection_and_back(lang, before, after):
    assert changed("side", before, lang) == after
    assert changed("side", after, lang) == before


def test_what_has_no_side_or_number_is_left_alone():
    assert changed("side", "mid-shaft fracture") is None
    assert changed("side", "recurrent rectal cancer", "de") is None
    assert changed("number", "COVID 19, 3 days", "en") is None
    assert changed("accents", "asthma") is None
    assert changed("order", "asthma") is None
    assert changed("abbreviation", "Knöchelbruch", "de") is None


@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [
        ("en", "type 2 diabetes", "type 1 diabetes"),
        ("en", "T1DM", "T2DM"),
        ("en", "stage 4 pressure ulcer", "stage 3 pressure ulcer"),
        ("es", "quemadura de segundo grado", "quemadura de primer grado"),
        ("ca", "MRC estadi 3b", "MRC estadi 2"),
        ("it", "piaga III stadio", "piaga II stadio"),
        ("pt", "queimadura de 2.º grau", "queimadura de 1.º grau"),
        ("fr", "brûlure du 2e degré", "brûlure du 1er degré"),
        ("de", "Typ-2-Diabetes", "Typ-1-Diabetes"),
    ],
)
def test_the_number_of_a_scale_changes(lang, before, after):
    assert changed("number", before, lang) == after


@pytest.mark.parametrize(
    ("lang", "before", "after"),
    [
        ("en", "alcoholic cirrhosis", "non alcoholic cirrhosis"),
        ("es", "úlcera por presión sacra", "úlcera no por presión sacra"),
        ("ca", "AVC isquèmic", "AVC no isquèmic"),
        ("it", "frattura scomposta", "frattura non scomposta"),
        ("pt", "AVC isquémico", "AVC não isquémico"),
        ("fr", "cirrhose alcoolique", "cirrhose non alcoolique"),
        ("de", "eitrige Angina", "nicht eitrige Angina"),
        ("es", "fractura no desplazada", None),
        ("en", "asthma", None),
    ],
)
def test_a_quality_is_denied_where_it_is_said(lang, before, after):
    assert changed("quality", before, lang) == after


def test_spelling_changes():
    assert changed("accents", "úlcera péptica", "es") == "ulcera peptica"
    assert changed("upper", "grippe à VRS", "fr") == "GRIPPE À VRS"
    assert changed("lower", "Typ-2-Diabetes", "de") == "typ-2-diabetes"
    assert changed("abbreviation", "Hipertensió arterial mal controlada", "ca") == "HTA mal controlada"
    assert sorted(changed("order", "ictus isquémico izquierdo", "es").split()) == ["ictus", "isquémico", "izquierdo"]
    assert changed("order", "ictus isquémico") == "isquémico ictus"
    assert changed("ocr", "m") == "rn"


def test_typos_go_into_long_words_only_and_never_leave_them_as_they_were():
    text = "dolor de pecho irradiado"
    for seed in range(30):
        words = text.split()
        one, every = (changed(name, text, "es", seed).split() for name in ("typo", "typo-a-word"))
        assert sum(word != was for word, was in zip(one, words, strict=True)) == 1
        assert [word != was for word, was in zip(every, words, strict=True)] == [True, False, True, True]
        assert changed("two-typos-a-word", text, "es", seed) != " ".join(every)
        for word, was in zip(every, words, strict=True):
            assert abs(len(word) - len(was)) <= 1


@pytest.mark.parametrize("lang", LANGUAGES)
def test_every_language_has_negations_and_sentences(lang):
    negated, distracted = changed("negation", "asma", lang), changed("distraction", "asma.", lang)
    assert negated.endswith(" asma")
    assert negated.removesuffix(" asma") in [cue for row in word_rows("negation", lang) for cue in row]
    assert distracted.startswith("asma. ")
    assert distracted.endswith(".")


def test_the_same_seed_changes_a_text_the_same_way_and_another_does_not():
    text = "community-acquired pneumonia with pleural effusion"
    for name in ("typo-a-word", "order", "ocr"):
        assert changed(name, text) == changed(name, text)
        assert len({changed(name, text, seed=seed) for seed in range(10)}) > 1


def test_a_title_depends_on_a_side_or_number_that_it_names_once():
    assert names_one("Pain in left knee", SIDE)
    assert not names_one("Pain in unspecified knee", SIDE)
    assert names_one("Pressure ulcer of sacral region, stage 3", SCALE)
    assert names_one("Burn of second degree of right forearm", SCALE)
    assert not names_one("Fracture of left tibia, open fracture type I or II", SCALE)
    assert but_for("Type 2 diabetes mellitus", SCALE) == but_for("Type 1 diabetes mellitus", SCALE)
    assert but_for("Kidney disease, stage 2 (mild)", SCALE) == but_for("Kidney disease, stage 3b", SCALE)
    left, right = "affecting left non-dominant side", "affecting right dominant side"
    assert but_for(left, SIDE) == but_for(right, SIDE)


def test_what_ships_has_every_perturbation_and_is_of_the_public_mentions(catalog):
    run = read_run(SHIPPED)
    told = {one.perturbation: one for one in summary(run)}
    assert list(told) == list(BY_NAME)
    names = {query.name for query in read_mentions(PUBLIC, catalog)}
    assert set(run.table["query"]) <= names
    assert told["distraction"].queries == len(names)
    assert all(one.queries >= 20 for one in told.values())
    assert run.provenance.command == "clinicode evaluate --robustness"
    assert SHIPPED.stat().st_size < 300_000
    assert any("the other side" in line for line in lines(run))


def test_a_title_depends_on_a_quality_that_it_says():
    stroke = GoldQuery("q", "AVC isquèmic", (frozenset({"I63.9"}),), "ca")
    assert not says_a_quality("Cerebral infarction, unspecified", stroke)
    assert says_a_quality("Ischemic stroke", stroke)
    assert not says_a_quality("Non-ischemic stroke", stroke)


def test_the_product_measured_on_a_few_queries(coder):
    queries = [
        query
        for query in read_mentions(PUBLIC, coder.catalog)
        if query.text in ("primary osteoarthritis, left knee", "stage 4 sacral pressure ulcer", "asma bronquial")
    ]
    steps = []
    run = measure_robustness(coder, queries, "clinicode evaluate", lambda *step: steps.append(step))
    assert run.table.schema == SCHEMA
    assert steps[-1] == (len(PERTURBATIONS) + 1,) * 2
    rows = {(row["query"], row["perturbation"]): row for row in run.table.iter_rows(named=True)}
    knee, ulcer = (next(one.name for one in queries if word in one.text) for word in ("knee", "ulcer"))
    assert rows[knee, "side"]["top_before"] == "M17.12"
    assert rows[knee, "side"]["top_after"] == "M17.11"
    assert rows[knee, "side"]["right_after"]
    assert rows[ulcer, "number"]["top_after"] == "L89.153"
    assert (ulcer, "side") not in rows
    assert not rows[knee, "upper"]["flipped"]
    assert rows[ulcer, "negation"]["flipped"]


@pytest.mark.parametrize("palette", [LIGHT, DARK])
def test_the_charts_say_their_figures_in_words(palette):
    run = read_run(SHIPPED)
    told = summary(run)
    kept, flips = charts.kept(run, palette), charts.flips(run, palette)
    assert set(kept.table["change"]) == {one.about for one in told if not one.must_flip}
    worst = max((one for one in told if not one.must_flip), key=lambda one: one.r5_before.value - one.r5_after.value)
    assert f"to {worst.r5_after.value:.1%}" in kept.alt
    assert flips.table.height == len(told)
    assert set(flips.table["first code"]) == {charts.FLIPS, charts.FAILS}
    for one in told:
        share = 1 - one.flips.value if one.must_flip else one.flips.value
        assert f"{one.about} {share:.1%}" in flips.alt
    assert re.search(r"R@5", kept.figure.layout.xaxis.title.text)


def test_robustness_goes_with_no_data_set():
    from core.commands.measuring import evaluate

    with pytest.raises(ClinicodeError, match="--robustness"):
        evaluate(dataset="mentions", robustness=True)
