"""Nothing leaves the machine: every socket that does not end on it is blocked, and written down. There is none."""

import subprocess

import pytest

from tests.privacy.places import ROOT, Place, python

ASKS = "import socket\ntry:\n socket.create_connection(('192.0.2.1', 80), 1)\nexcept OSError: print('blocked')"


def test_what_leaves_the_machine_is_blocked_and_written_down(tmp_path):
    place = Place(tmp_path / "machine")
    done = subprocess.run(python("-c", ASKS), env=place.environment, capture_output=True, text=True, check=True)
    assert done.stdout == "blocked\n"
    assert "192.0.2.1" in place.asked()


@pytest.mark.browser
def test_the_pages_ask_nobody(visitor, server):
    for page in ("", "code_a_note", "review", "evaluate", "catalog"):
        visitor.open(page)
    visitor.page.get_by_role("link", name="Look up").first.click()
    visitor.page.get_by_label("Diagnosis, symptom or code").fill("asma")
    visitor.page.keyboard.press("Enter")
    visitor.page.get_by_text("Why this code").wait_for()
    assert server.place.asked() == ""
    own = (server.address, server.address.replace("http", "ws"), "data:", "blob:")
    assert [address for address in visitor.asked if not address.startswith(own)] == []


def test_the_commands_ask_nobody(commands):
    assert commands.run("catalog", "show", "E11.2") == 0
    assert commands.run("search", "asma") == 0
    assert commands.place.asked() == ""


def test_a_hub_is_asked_once_and_only_for_its_own_encoder(tmp_path):
    place = Place(tmp_path / "machine")
    command = python("-c", "from core.encode.load import load_encoder; load_encoder('somebody/encoder')")
    done = subprocess.run(command, cwd=ROOT, env=place.environment, check=False, capture_output=True, text=True)
    assert "ClinicodeError: The encoder somebody/encoder cannot be loaded" in done.stderr
    asked = place.asked().splitlines()
    assert 1 <= len(asked) <= 2  # for the model; its library asks for the programs it knows, too
    assert all(line.endswith("socket.getaddrinfo 'huggingface.co'") for line in asked)
