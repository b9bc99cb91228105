"""What a process says of an error: which and where, wherever it comes up, and not a word of it."""

import subprocess

import pytest

from tests.privacy.places import ROOT, python

START = "import logging, threading\nfrom core.discreet import discreet\ndiscreet()\nlogging.basicConfig()\n"
START += "note = 'Zxqv' + 'note'\n"
LOGGED = "try:\n {}[note]\nexcept KeyError as error:\n "
CAUSED = "try:\n try:\n  {}[note]\n except KeyError as error:\n  raise ValueError(note) from error\n"
CAUSED += "except ValueError as error:\n "


def said(lines: str) -> str:
    """What a process that runs these lines writes on standard error."""
    done = subprocess.run(python("-c", START + lines), cwd=ROOT, check=False, capture_output=True, text=True)
    return done.stderr


@pytest.mark.parametrize(
    ("lines", "kind"),
    [
        ("raise ValueError(note)", "ValueError"),
        ("raise ExceptionGroup(note, [ValueError(note)])", "ExceptionGroup"),
        ("open('/nowhere/' + note)", "FileNotFoundError: No such file or directory"),
        ("threading.Thread(target=lambda: {}[note]).start()", "KeyError"),
        ("class One:\n def __del__(self): raise ValueError(note)\nOne()", "ValueError"),
        (LOGGED + "logging.exception('it failed')", "KeyError"),
        (LOGGED + "logging.error('it failed: %s', error)", "it failed: KeyError"),
        (LOGGED + "logging.error(f'it failed: {error}', exc_info=True)", "it failed: KeyError"),
        (CAUSED + "logging.exception('it failed')", "KeyError\n"),
        (CAUSED + "logging.exception(error)", "ERROR:root:ValueError"),
    ],
)
def test_an_error_is_told_without_its_words(lines, kind):
    told = said(lines)
    assert kind in told
    assert "Zxqv" not in told


def test_what_is_logged_without_an_error_is_logged_as_it_is():
    assert said("logging.error('%d of %s', 3, {'a': 4})") == "ERROR:root:3 of {'a': 4}\n"


def test_where_it_happened_is_told():
    told = said(f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom core.jsonl import read_items\nread_items(note)")
    assert "core/jsonl.py" in told
    assert "in read_items" in told
    assert told.endswith("AttributeError\n")
