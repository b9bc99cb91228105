"""Codes that stand together: what excludes what, what comes first, what is asked for besides."""

from __future__ import annotations

import re
from itertools import combinations
from typing import TYPE_CHECKING

from core.interface import _
from core.rules.finding import Finding, Remedy, Severity

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Sequence

    from core.rules.book import Line, Rulebook

MANIFESTATION = re.compile(
    r"\b(?:in|with) (?:\w+,? ){0,4}?(?:diseases?|disorders?|conditions?) classified elsewhere", re.I
)
ADVERSE = re.compile(r"adverse effect", re.IGNORECASE)
CAUSES = 3
INJURY = re.compile(r"S|T(?:0\d|1[0-4])")
"""Injuries of several places stand together more often than not."""
DRUGS = re.compile(r"T(?:3[6-9]|4\d|50)")


def excludes(codes: Sequence[str], book: Rulebook) -> Iterator[Finding]:
    """Excludes1 is a conflict, Excludes2 only says that one is not part of the other."""
    for one, other in combinations(dict.fromkeys(codes), 2):
        if line := _either(book, one, other, "excludes1"):
            yield Finding(
                "Excludes1",
                Severity.WARNING if INJURY.match(one) and INJURY.match(other) else Severity.ERROR,
                (one, other),
                _("{one} and {other} are not coded together, unless they are two unrelated conditions.").format(
                    one=one, other=other
                ),
                line.sentence,
                line.at,
                (Remedy(_keep(one), out=(other,)), Remedy(_keep(other), out=(one,))),
            )
        elif line := _between_codes(book, one, other):
            message = _("{one} and {other} are no part of one another: where both are present, both are coded.")
            said = message.format(one=one, other=other)
            yield Finding("Excludes2", Severity.HINT, (one, other), said, line.sentence, line.at)


def _keep(code: str) -> str:
    return _("Keep {code}").format(code=code)


def _either(book: Rulebook, one: str, other: str, kind: str) -> Line | None:
    return book.naming(one, kind, other) or book.naming(other, kind, one)


def _between_codes(book: Rulebook, one: str, other: str) -> Line | None:
    """Of Excludes2, the line at a code: that a chapter leaves something to another chapter is worth nobody's time."""
    lines = book.naming(one, "excludes2", other), book.naming(other, "excludes2", one)
    return next((line for line in lines if line and book.catalog[line.at].codable), None)


def order(codes: Sequence[str], book: Rulebook) -> Iterator[Finding]:
    """What the book wants first stands first, and what is additional after it.

    Where one of the causes that a manifestation asks for stands before it, its others need not.
    """
    listed = list(dict.fromkeys(codes))
    for place, code in enumerate(listed):
        caused = any(_asks(book, code, "code_first", before) for before in listed[:place])
        for other in listed[place + 1 :]:
            if line := _asks(book, code, "code_first", other):
                if caused:
                    continue
                yield _swap("Code first", code, other, line)
                continue
            line = _asks(book, other, "use_additional", code)
            both_ways = _asks(book, code, "use_additional", other) or _asks(book, other, "code_first", code)
            if line is not None and both_ways is None:
                yield _swap("Use additional code", code, other, line)


def _asks(book: Rulebook, code: str, kind: str, other: str) -> Line | None:
    """The line by which one code asks for another; one about adverse effects holds for those alone."""
    line = book.naming(code, kind, other)
    if line is None or (ADVERSE.search(f"{line.heading} {line.text}") and DRUGS.match(code) and not _adverse(code)):
        return None
    return line


def _adverse(code: str) -> bool:
    """Whether a code of T36 to T50 says that a drug rightly taken did harm (5), not a poisoning or underdosing."""
    intent = [char for char in code.replace(".", "")[4:6] if char != "X"]
    return bool(intent) and intent[-1] == "5"


def _swap(rule: str, code: str, other: str, line: Line) -> Finding:
    message = _("{first} stands before {second}.").format(first=other, second=code)
    return Finding(
        rule,
        Severity.WARNING,
        (code, other),
        message,
        line.sentence,
        line.at,
        (Remedy(_("Put {first} before {second}").format(first=other, second=code), first=other),),
    )


def manifestations(codes: Sequence[str], book: Rulebook, mentioned: Collection[str] = ()) -> Iterator[Finding]:
    """A manifestation is not listed first; where the disease behind it stands further down, `order` says so."""
    for code in codes[:1]:
        lines = book.applying(code, "code_first")
        behind = [other for other in codes[1:] if book.naming(code, "code_first", other)]
        if not MANIFESTATION.search(book.catalog.title(code)) or not lines or behind:
            continue
        causes = [other for other in sorted(set(mentioned)) if book.naming(code, "code_first", other)][:CAUSES]
        yield Finding(
            "Manifestation",
            Severity.ERROR,
            (code,),
            _("{code} is a manifestation: the disease behind it is coded first.").format(code=code),
            lines[0].sentence,
            lines[0].at,
            tuple(Remedy(_("Add {code} before it").format(code=other), into=(other,), first=other) for other in causes),
        )


def asked_for(codes: Sequence[str], book: Rulebook, mentioned: Collection[str]) -> Iterator[Finding]:
    """Codes that the note speaks for and that the book asks for beside one of the list."""
    listed = list(dict.fromkeys(codes))
    for code in listed:
        for other in sorted(set(mentioned) - set(listed)):
            for kind, rule in (("use_additional", "Use additional code"), ("code_also", "Code also")):
                line = _asks(book, code, kind, other)
                if line is not None and not _answered(book, code, line, listed):
                    yield Finding(
                        rule,
                        Severity.HINT,
                        (code, other),
                        _("The note also speaks of {other} ({title}), which {code} asks for.").format(
                            other=other, title=book.catalog.title(other), code=code
                        ),
                        line.sentence,
                        line.at,
                        (Remedy(_("Add {code}").format(code=other), into=(other,)),),
                    )
                    break


def _answered(book: Rulebook, code: str, line: Line, listed: Sequence[str]) -> bool:
    return any(line.meets(book.catalog.row(other), other) for other in listed if other != code)


def repeated(codes: Sequence[str], book: Rulebook) -> Iterator[Finding]:
    """A code twice, and a code beside the header that it stands under."""
    for code in dict.fromkeys(codes):
        if codes.count(code) > 1:
            yield Finding(
                "Listed twice",
                Severity.WARNING,
                (code,),
                _("{code} is listed {count} times; once is enough.").format(code=code, count=codes.count(code)),
                remedies=(Remedy(_("Keep one"), out=(code,), into=(code,)),),
            )
    listed = dict.fromkeys(codes)
    for code in listed:
        for above in book.catalog.ancestors(code):
            if above.code in listed:
                yield Finding(
                    "Beside its header",
                    Severity.WARNING,
                    (above.code, code),
                    _("{code} stands under {above}, which says less of the same.").format(code=code, above=above.code),
                    remedies=(Remedy(_keep(code), out=(above.code,)),),
                )
