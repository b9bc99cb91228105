"""Hostile texts, made anew from their numbers: the shipped notes and mentions spoilt in every way that text can be."""

from __future__ import annotations

import json
import random
import unicodedata
from collections.abc import Callable
from functools import cache

from core.note.documents import MAX_CHARACTERS
from core.settings import ASSETS

COUNT = 20_480
SLICES = 256
LONG, LONGEST = 37, 311
"""Every so many inputs is one of thousands of characters, or one as long as a note may be."""
SHORT = 240
"""Characters of most inputs."""

FRAGMENTS = (
    *("\ud800", "\udfff\ud83d", "\x00", "\x1b[31m", "\ufeff", "\ufffe", "\uffff", "\ufffd", "\U0010ffff", "\x7f\x85"),
    *("a\u0301\u0327\u0323", "Z͑ͫ̓ͪ̂ͫ̽͏̴̙̤̞͉͚̯̞̠͍A̴̵̜̰͔ͫ͗͢", "\u0301", "한\u1100\u1161\u11a8", "ﬁbrosis ﬂu ﬀ ﬆ", "ﷺ", "㍿ ½ ⑴ ㎎", "ºª"),
    *("İSTANBUL ıI", "STRAẞE Straße ß", "ŉ ǰ ΐ", "ΣΑΣ ς", "ǅ ǆ", "l·l ŀl", "Å Å Å", "①②③ ⅷ Ⅻ", "٣٤٥ ४५ ௧"),
    *(
        "\u202eofni\u202c",
        "\u2066فيروس\u2069",
        "שלום",
        "حمى شديدة",
        "发烧咳嗽",
        "ไข้",
        "🤒",
        "👩‍⚕️",
        "👨‍👩‍👧‍👦",
        "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "🇪🇸",
    ),
    *(
        "\u200b",
        "\u200d",
        "\u00ad",
        "\u2060",
        "\u180e",
        "\u3164",
        "\r",
        "\r\n",
        "\n\r",
        "\u2028",
        "\u2029",
        "\x0b\x0c",
        "\u00a0",
    ),
    *(
        "<script>alert(1)</script>",
        "<img src=x onerror=alert(1)>",
        "&lt;&#x41;&nbsp;",
        "<!--",
        "]]>",
        "javascript:void(0)",
    ),
    *(
        "{0.__class__} {text}",
        "%s%n%d %(x)s",
        "${jndi:ldap://x}",
        "{{7*7}}",
        "`id`",
        "$(id)",
        "\\u0041\\x00\\",
        "../../etc/passwd",
    ),
    *(
        "'; DROP TABLE remembered; --",
        '" OR 1=1 --',
        "=cmd|' /C calc'!A0",
        "+1+1",
        "@SUM(A1)",
        'a,"b""c",;\t',
        "NULL",
        "NaN",
        "-inf",
    ),
    *(
        "9" * 400,
        "1e999",
        "0x7fffffff",
        "-0",
        "1/0",
        "99999999999999 weeks pregnant",
        "week ٢٠ of pregnancy",
        "٣ Wochen",
    ),
    *(
        "I21.4",
        "i214",
        "E11.",
        "Z99.99Z",
        "A00-B99",
        "S25.02X",
        "T68.XXXA",
        "I2I.4",
        "O80",
        "ICD-10-CM:",
        "A00 B00 C00",
    ),
    *(
        "....",
        "!!!!",
        "?!?!",
        "....x",
        "Dr. Dr. Dr.",
        "1. 2. 3.",
        "a) b) c)",
        "---",
        "***",
        "(((((",
        "[{<«“",
        ")]}>»”",
        "; ; ;",
        ":::",
    ),
    *(
        "Diagnosis:",
        "ALLERGIES:\n",
        "Family history: mother",
        "no no no",
        "denies",
        "without",
        "but",
        "?",
        "(-)",
        ": neg",
        "2010",
    ),
    *(
        "fractura de tibia y peroné",
        "fever",
        "no fever",
        "dolor torácico",
        "mal de panxa",
        "febbre alta",
        "falta de ar",
        "fièvre",
        "Husten",
    ),
)
RUNS = (
    *(
        "a",
        "9",
        ".",
        "!",
        "-",
        "(",
        ")",
        ":",
        ";",
        "İ",
        "ß",
        "\u0301",
        "\u200b",
        "\ud800",
        "\u202e",
        "字",
        "ก",
        "😀",
        "\U0001f468\u200d",
    ),
    *(
        "\n",
        "\r\n",
        "\u2028",
        "\x00",
        "#\n",
        "ab.",
        "1.",
        "...x",
        ".)",
        "a\n",
        "=;",
        "x:\n",
        "<b>",
        "%s",
        "{}",
        "I21.4.",
        "ﬁ",
        "A.",
        "½",
    ),
)
"""What is repeated up to the length of the longest note."""
DENSE = (
    *(
        "fever ",
        "no fever ",
        "but no fever ",
        "Dr. ",
        "TB ",
        "ºa ",
        "ﷺ ",
        "fever. ",
        "fever: no; ",
        "Diagnosis: fever. ",
        "fever\n",
    ),
    *(
        "fracture of tibia and fibula ",
        "I21.4 E11.9 ",
        "mother cancer ",
        "fever 2010 ",
        "a. ",
        "12. x ",
        "1. ",
        "; ",
        "9 weeks ",
    ),
)
"""What is repeated thousands of times: each is a word, a sentence, a cue or a diagnosis to the reader."""
SPACES = (" ", "", "\u00a0", "\u200b", "\r", "\u2028", "\n\n", "\x0b", "\t", "\u3000", "_", "·", "\x00")


def made(number: int) -> str:
    """The input of this number, the same each time."""
    draw = random.Random(f"hostile {number}")
    if number % LONGEST == 0:
        run = draw.choice(RUNS) * MAX_CHARACTERS
        words = draw.choice(_phrases())
        return _short(f"{words} {run}" if draw.random() < 0.5 else run, MAX_CHARACTERS - 80) + f" {words}"
    if number % LONG == 0:
        text = draw.choice(DENSE) * 1_000 if draw.random() < 0.5 else draw.choice(_notes())
        text = draw.choice(WAYS)(draw, _short(text, 4_000))
        return _short(text, 5_000)
    text = draw.choice(_phrases())
    if draw.random() < 0.5:
        note = draw.choice(_notes())
        start = draw.randrange(len(note))
        text = note[start : start + draw.randrange(20, SHORT)]
    for _ in range(draw.randrange(1, 5)):
        text = draw.choice(WAYS)(draw, text)
    return _short(text, SHORT if draw.random() < 0.9 else 4 * SHORT)


@cache
def _notes() -> tuple[str, ...]:
    lines = (ASSETS / "evaluation" / "notes.jsonl").read_text(encoding="utf-8").splitlines()
    demo = sorted((ASSETS / "demo").glob("*.txt"))
    return (*(json.loads(line)["text"] for line in lines), *(path.read_text(encoding="utf-8") for path in demo))


@cache
def _phrases() -> tuple[str, ...]:
    lines = (ASSETS / "evaluation" / "mentions.tsv").read_text(encoding="utf-8").splitlines()
    rows = [line.split("\t") for line in lines if line and not line.startswith("#")]
    return tuple(row[rows[0].index("text")] for row in rows[1:])


def _short(text: str, most: int) -> str:
    return text[:most]


def _put(draw: random.Random, text: str) -> str:
    for _ in range(draw.randrange(1, 6)):
        at = draw.randrange(len(text) + 1)
        text = text[:at] + draw.choice(FRAGMENTS) + text[at:]
    return text


def _only_fragments(draw: random.Random, text: str) -> str:
    return draw.choice(SPACES).join(draw.choices(FRAGMENTS, k=draw.randrange(1, 12)))


def _lose(draw: random.Random, text: str) -> str:
    start, end = sorted(draw.randrange(len(text) + 1) for _ in range(2))
    return text[:start] + text[end:]


def _repeat(draw: random.Random, text: str) -> str:
    start = draw.randrange(len(text) + 1)
    return text[:start] + text[start : start + draw.randrange(1, 20)] * draw.randrange(2, 40) + text[start:]


def _shuffle(draw: random.Random, text: str) -> str:
    words = text.split()
    draw.shuffle(words)
    return " ".join(words)


def _case(draw: random.Random, text: str) -> str:
    return draw.choice((text.upper(), text.casefold(), text.swapcase(), text.title()))


def _form(draw: random.Random, text: str) -> str:
    return unicodedata.normalize(draw.choice(("NFC", "NFD", "NFKC", "NFKD")), text)


def _space(draw: random.Random, text: str) -> str:
    return draw.choice(SPACES).join(text.split(" "))


def _between(draw: random.Random, text: str) -> str:
    return draw.choice(("\u200b", "\u0301", " ", ".", "\ud800", "\u00ad", "\n", "\x00")).join(text)


def _backwards(draw: random.Random, text: str) -> str:
    return text[::-1]


def _misread(draw: random.Random, text: str) -> str:
    return text.encode("utf-8", "surrogatepass").decode(draw.choice(("latin-1", "cp437", "utf-16-le")), "replace")


def _any_characters(draw: random.Random, text: str) -> str:
    places = draw.choice(((0, 0x250), (0x300, 0x370), (0x2000, 0x2C00), (0xD000, 0x10000), (0, 0x110000)))
    fresh = {draw.randrange(len(text) + 1): chr(draw.randrange(*places)) for _ in range(draw.randrange(1, 30))}
    return "".join(fresh.get(at, char) for at, char in enumerate(text + " "))


def _only_marks(draw: random.Random, text: str) -> str:
    return "".join(char if not char.isalnum() else draw.choice(".,;:!?()[]-–—/'\"…") for char in text)


def _numbers(draw: random.Random, text: str) -> str:
    return "".join(draw.choice("0123456789٣४²½") if char.isalpha() and draw.random() < 0.5 else char for char in text)


def _join(draw: random.Random, text: str) -> str:
    return text + draw.choice((" ", "\n", ". ", ", ", "", ": ", " y ", " and ")) + draw.choice(_phrases())


WAYS: tuple[Callable[[random.Random, str], str], ...] = (
    *(_put, _put, _join, _only_fragments, _lose, _repeat, _shuffle, _case, _form, _space),
    *(_between, _backwards, _misread, _any_characters, _only_marks, _numbers),
)
