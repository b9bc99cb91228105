"""Reading a note: its mentions, each with its status and its candidate codes."""

from __future__ import annotations

import itertools
import json
from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

import lightgbm
from safetensors import SafetensorError

from core.catalog.sides import sided
from core.errors import ClinicodeError
from core.fingerprint import check
from core.interface import _
from core.language import function_words
from core.note.context import ContextReader, Status, Verdict
from core.note.coordination import Reading, readings
from core.note.cut import CLOSER, UNSURE, is_one, touching
from core.note.detector import Detected, Detector
from core.note.history import family_history, lasts, personal_history
from core.note.mentions import Mention
from core.note.qualifiers import qualifier_reader
from core.note.ranking import STATUSES, NoteRanker
from core.note.segment import Section, Segmenter, Sentence
from core.note.sides import only_side, without_side
from core.note.spans import BREAK, Span, surroundings
from core.retrieve.candidate import Candidate, EntryTerm, Scores, Source
from core.text import fold

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from core.language import Language
    from core.rerank.reranker import Reranker
    from core.retrieve.retriever import Retriever

SETTINGS = "reader.json"
TOP = 10
"""Candidates of a mention."""
BETWEEN = 4
"""Words at most between two mentions that are also read as one."""
SURE = 0.6
"""How sure a condition with its side is at least, as a part of how sure it is without."""
Answers: TypeAlias = "dict[tuple[str, str], list[Candidate]]"
"""Of a text with the words around it."""
DAMAGED = (SafetensorError, lightgbm.basic.LightGBMError)


class NoteReader:
    """From a note to its mentions.

    Parameters
    ----------
    detector
        Finds the passages.
    segmenter, context
        Sections and sentences; statuses.

    """

    def __init__(self, detector: Detector, segmenter: Segmenter, context: ContextReader) -> None:
        self.detector, self.segmenter, self.context = detector, segmenter, context
        self._qualifiers = qualifier_reader()

    def read(self, text: str, language: Language, stage: Retriever | Reranker) -> list[Mention]:
        """The mentions of a note in the order of the text; they do not overlap. `stage` says which codes each has."""
        sentences = self.segmenter.sentences(text, language.likely)
        answers: Answers = {}
        passages = self.detector.find(text, sentences, language.lang)
        found, verdicts = self._in_context(text, sentences, passages, language.lang)
        found, verdicts = self._whole(text, sentences, found, verdicts, language, stage, answers)
        joined = [readings(one.span) for one in found]
        near = [_around(text, sentences[one.sentence], [one.span]) for one in found]
        further = [
            [(reading, "") for reading in one.remembered if fold(reading.query) != fold(one.span.text)]
            + self._together(text, sentences[one.sentence], found[at : at + 2], verdicts[at : at + 2])
            for at, one in enumerate(found)
        ]
        asked = [(one.query or one.span.text, about) for one, about in zip(found, near, strict=True)]
        asked += [(part.query, about) for parts, about in zip(joined, near, strict=True) for part in parts]
        asked += [(reading.query, about) for own in further for reading, about in own]
        bare = [None if one.query else _bare(text, sentences[one.sentence], one.span, language.lang) for one in found]
        asked += [one for one in bare if one]
        self._ask(asked, language, stage, answers)
        mentions = []
        for at, (one, parts, about) in enumerate(zip(found, joined, near, strict=True)):
            if only_side(one.span):  # it was read with what is before it
                continue
            whole, sentence = Reading(one.span, one.query or one.span.text), sentences[one.sentence]
            others = tuple(
                self._mention(reading, verdicts[at], sentence, one.score, answers[reading.query, beside])
                for reading, beside in further[at]
                if answers[reading.query, beside]
            )
            first = {part: answers[part.query, about] for part in (whole, *parts)}
            if without := bare[at]:
                side = self._side(one.span.text, language)
                if led := self._led(first[whole], answers[without], side):
                    first[whole] = led
                elif _side_misleads(first[whole], answers[without]):
                    whole = Reading(one.span, without[0])
                    first[whole] = answers[without]
            for part in parts if _better(whole, parts, first) else (whole,):
                if first[part]:
                    mention = self._mention(part, verdicts[at], sentence, one.score, first[part])
                    mentions.append(replace(mention, further=others))
                    others = ()
        return mentions

    def passage(
        self, text: str, start: int, end: int, language: Language, stage: Retriever | Reranker
    ) -> Mention | None:
        """A passage that a person chose, as a mention; None where it has no candidates."""
        sentences = self.segmenter.sentences(text, language.likely)
        at = next((at for at, one in enumerate(sentences) if one.start < end and start < one.end), -1)
        whole = Sentence(start, end, Section.OTHER)
        sentence = sentences[at] if at >= 0 else whole
        span = Span(start, end, text[start:end])
        verdict = self.context.read(text, sentence, [span], language.lang)[0]
        asked = " ".join(span.text.split()), _around(text, sentence, [span])
        answers: Answers = {}
        self._ask([asked], language, stage, answers)
        candidates = answers[asked]
        return self._mention(Reading(span, span.text), verdict, sentence, 1.0, candidates) if candidates else None

    @staticmethod
    def _together(
        text: str, sentence: Sentence, found: Sequence[Detected], verdicts: Sequence[Verdict]
    ) -> list[tuple[Reading, str]]:
        """Two neighbours read as one (a finding and, a few words on, where it is), with the words around them."""
        if len(found) < 2 or found[0].sentence != found[1].sentence or verdicts[0].status is not verdicts[1].status:
            return []
        one, two = found[0].span, found[1].span
        gap = text[one.end : two.start]
        if verdicts[0].status not in STATUSES or len(gap.split()) > BETWEEN or BREAK.search(gap):
            return []
        whole = Span(one.start, two.end, text[one.start : two.end])
        return [(Reading(whole, f"{one.text} {two.text}"), _around(text, sentence, [one, two]))]

    def _whole(
        self,
        text: str,
        sentences: Sequence[Sentence],
        found: Sequence[Detected],
        verdicts: Sequence[Verdict],
        language: Language,
        stage: Retriever | Reranker,
        answers: Answers,
    ) -> tuple[list[Detected], list[Verdict]]:
        """The passages, those that are pieces of one diagnosis made one."""
        pairs: dict[int, tuple[Span, list[tuple[str, str]]]] = {}
        for at, (one, two) in enumerate(itertools.pairwise(found)):
            alike = one.sentence == two.sentence and verdicts[at].status is verdicts[at + 1].status
            if alike and not one.remembered and not two.remembered and (whole := touching(text, one.span, two.span)):
                sentence = sentences[one.sentence]
                asked = [(span.text, _around(text, sentence, [span])) for span in (one.span, two.span, whole)]
                pairs[at] = whole, [*asked, _bare(text, sentence, whole, language.lang) or asked[-1]]
        self._ask([question for _, asked in pairs.values() for question in asked], language, stage, answers)
        passages: list[Detected] = []
        own: list[Verdict] = []
        for at, (one, verdict) in enumerate(zip(found, verdicts, strict=True)):
            if passages and one.span.start < passages[-1].span.end:
                continue
            mended = None
            if at in pairs:
                whole, asked = pairs[at]
                mended = _joined((one, found[at + 1]), whole, [answers[question] for question in asked])
            passages.append(mended or one)
            own.append(verdict)
        return passages, own

    def _ask(
        self, asked: Sequence[tuple[str, str]], language: Language, stage: Retriever | Reranker, answers: Answers
    ) -> None:
        """Add the candidates of texts with the words around them to the answers, each asked once."""
        distinct = [one for one in dict.fromkeys(asked) if one not in answers]
        texts, contexts = [text for text, _ in distinct], [about for _, about in distinct]
        found = stage.search(texts, TOP, [language.likely] * len(distinct), contexts)
        answers.update(zip(distinct, found, strict=True))

    def _mention(
        self, part: Reading, verdict: Verdict, sentence: Sentence, score: float, candidates: Sequence[Candidate]
    ) -> Mention:
        span, best = part.span, candidates[0].code
        if verdict.status is Status.HISTORICAL and lasts(best):
            verdict = Verdict(Status.AFFIRMED)
        elif verdict.status is Status.AFFIRMED and sentence.section is Section.PERSONAL and _passes(best):
            verdict = Verdict(Status.HISTORICAL, sentence.heading)
        listed = list(candidates)
        if verdict.status is Status.FAMILY:
            listed = [*self._history(family_history(best), candidates[0]), *listed]
        elif verdict.status is Status.HISTORICAL:
            listed[1:1] = self._history(personal_history(best), candidates[0])
        first = {one.code: at for at, one in reversed(list(enumerate(listed)))}
        listed = [one for at, one in enumerate(listed) if first[one.code] == at]
        return Mention(span.start, span.end, span.text, verdict, sentence.section, score, part.query, tuple(listed))

    def _side(self, words: str, language: Language) -> str:
        """The side that a passage says; empty where it says none or more than one."""
        said = self._qualifiers.read(words, [language.lang]).get("side", frozenset())
        return next(iter(said)) if len(said) == 1 else ""

    def _led(self, asked: Sequence[Candidate], bare: Sequence[Candidate], side: str) -> list[Candidate]:
        """The candidates of a passage, led by the code that its condition has on its side; empty: no such code.

        They stay as they are where the first of them is as sure as the condition is without the side, or remembered.
        """
        catalog = self.detector.retriever.catalog
        own = sided(bare[0].code, catalog).get(side) if bare and side else None
        if own is None:
            return []
        if asked and (asked[0].scores.share or asked[0].confidence >= bare[0].confidence):
            return list(asked)
        led = replace(bare[0], code=own, title=catalog.title(own), billable=True, leaves=())
        return [led, *(one for one in asked if one.code != own)]

    def _history(self, code: str, condition: Candidate) -> list[Candidate]:
        """The code for having had a condition, or for it in the family, as sure as the condition is."""
        catalog = self.detector.retriever.catalog
        if code not in catalog or code == condition.code:
            return []
        title = catalog.title(code)
        term = EntryTerm(title, code, Source.TITLE, "en")
        billable = catalog.billable(code)
        return [Candidate(code, title, billable, condition.score, condition.confidence, term, Scores(0.0))]

    def _in_context(
        self, text: str, sentences: Sequence[Sentence], found: Sequence[Detected], lang: str
    ) -> tuple[list[Detected], list[Verdict]]:
        """Each passage without its cue, and its status; those of a sentence are read together."""
        by_sentence: dict[int, list[int]] = {}
        for at, one in enumerate(found):
            by_sentence.setdefault(one.sentence, []).append(at)
        passages, verdicts = list(found), [Verdict(Status.AFFIRMED)] * len(found)
        for number, own in by_sentence.items():
            spans = self.context.trimmed(text, sentences[number], [found[at].span for at in own], lang)
            read = self.context.read(text, sentences[number], spans, lang)
            for at, span, verdict in zip(own, spans, read, strict=True):
                passages[at], verdicts[at] = replace(found[at], span=span), verdict
        return passages, verdicts


def _around(text: str, sentence: Sentence, spans: Sequence[Span]) -> str:
    return surroundings(text, sentence.start, sentence.end, [(span.start, span.end) for span in spans])


def _joined(pieces: Sequence[Detected], whole: Span, answers: Sequence[Sequence[Candidate]]) -> Detected | None:
    """Two pieces as one passage; None where they are two diagnoses.

    `answers` are the candidates of either, of the whole, and of it without a side. Where a piece's own code is much
    surer, what is looked up is that piece.
    """
    alone = answers[:2]
    ones = [whole for whole in answers[2:] if whole and all(alone) and is_one(whole, alone)]
    if not ones:
        return None
    said = max(ones, key=_surest)
    best = max((0, 1), key=lambda at: _surest(alone[at]))
    same = alone[best][0].code[:3] == said[0].code[:3]
    query = pieces[best].span.text if same and _surest(said) < CLOSER * _surest(alone[best]) else ""
    head = Reading(pieces[0].span, pieces[0].span.text)
    general = (head,) if _surest(alone[0]) >= UNSURE and not query else ()
    return Detected(whole, max(one.score for one in pieces), pieces[0].sentence, general, query)


def _surest(candidates: Sequence[Candidate]) -> float:
    return candidates[0].confidence if candidates else 0.0


def _bare(text: str, sentence: Sentence, span: Span, lang: str) -> tuple[str, str] | None:
    """A passage without the sides in it, and the words around it.

    None where it says none, or what is left is a short form: that is sure of itself whatever stands beside it.
    """
    pieces = without_side(span, lang)
    bare = " ".join(piece.text for piece in pieces)
    return (bare, _around(text, sentence, pieces)) if bare and not bare.isupper() else None


def _side_misleads(sided: Sequence[Candidate], bare: Sequence[Candidate]) -> bool:
    """Whether the side leads away: it is believed where it chooses among the codes of a category, if it is not unsure.

    What the book has without sides (a cataract) is far less sure with one, and is looked up without.
    """
    if not bare or not sided:
        return bool(bare)
    one, other = sided[0], bare[0]
    chooses = one.code != other.code and one.code[:3] == other.code[:3]
    return one.confidence < (SURE if chooses else 1.0) * other.confidence


def _passes(code: str) -> bool:
    """Whether a condition named under past history is over: neither one that lasts nor a symptom or circumstance."""
    return not lasts(code) and code[0] not in "RUVWXYZ"


def _better(whole: Reading, parts: Sequence[Reading], candidates: dict[Reading, list[Candidate]]) -> bool:
    """Whether a passage is several diagnoses rather than one: as many codes, each as sure as the one of the whole."""
    first = [candidates[one][0] for one in parts if candidates[one]]
    if len(first) < max(2, len(parts)) or not candidates[whole]:
        return False
    one, surest = candidates[whole][0], min(candidate.confidence for candidate in first)
    distinct = len({candidate.code for candidate in first}) == len(first)
    return not one.scores.share and distinct and surest >= one.confidence


def open_reader(folder: Path, retriever: Retriever) -> tuple[NoteReader, NoteRanker]:
    """A trained model's folder: what finds mentions, and what ranks a note's codes.

    Raises
    ------
    ClinicodeError
        If a file is absent or damaged.
    """
    try:
        check(folder)
        thresholds = json.loads((folder / SETTINGS).read_text(encoding="utf-8"))
        detector = Detector.load(folder, retriever, function_words(), float(thresholds["mention"]))
        ranker = NoteRanker.load(folder, float(thresholds["suggested"]))
    except (OSError, ValueError, KeyError, TypeError, RuntimeError, *DAMAGED) as error:
        message = _("The note reader in {folder} cannot be read ({error}); get it again or train it anew.").format(
            folder=folder, error=error
        )
        raise ClinicodeError(message) from error
    return NoteReader(detector, Segmenter(), ContextReader()), ranker
