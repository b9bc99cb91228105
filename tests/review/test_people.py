"""Names that the log can keep, and roles from the sign-in server's file."""

import pytest

from core.errors import ClinicodeError
from core.review.people import Person, Role, checked_name, local, signed_in


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("CLINICODE_HOME", str(tmp_path))
    return tmp_path


def test_names_are_one_line_and_not_the_log_s_own():
    assert checked_name("  Núria\n Puig ") == "Núria Puig"
    for name in ("", " \t", "x" * 81, "machine", "Adjudication"):
        with pytest.raises(ClinicodeError, match="name"):
            checked_name(name)
    assert local("Ben").role is Role.ADMIN


def test_who_signed_in_has_the_role_that_the_file_gives(home):
    assert signed_in("ana@example.org") == Person("ana@example.org", Role.REVIEWER)
    (home / "people.toml").write_text('"Ana@example.org" = "adjudicator"\n"eva@example.org" = "admin"\n', "utf-8")
    assert signed_in("ana@example.org").role is Role.ADJUDICATOR
    assert signed_in("eva@example.org").role is Role.ADMIN
    assert signed_in("ben@example.org").role is Role.REVIEWER


@pytest.mark.parametrize("text", ['"ana" = "boss"', "no toml", '"ana" = '])
def test_a_file_that_cannot_be_used_gives_nobody_a_role(home, text):
    (home / "people.toml").write_text(text, "utf-8")
    with pytest.raises(ClinicodeError, match=r"people\.toml"):
        signed_in("ana")


def test_a_role_may_do_what_those_below_may():
    Person("Ada", Role.ADMIN).must(Role.REVIEWER, "read")
    with pytest.raises(ClinicodeError, match="Ben may not adjudicate; that takes the role adjudicator"):
        Person("Ben").must(Role.ADJUDICATOR, "adjudicate")


def test_with_a_sign_in_nobody_reviews_without_it(home):
    from streamlit.testing.v1 import AppTest

    from core.settings import ASSETS
    from pages.parts.review import common

    common._store.clear()
    app = AppTest.from_file(str(ASSETS.parent / "app.py"), default_timeout=180)
    app.secrets["auth"] = {"redirect_uri": "http://localhost:8501/oauth2callback", "cookie_secret": "none"}
    app.switch_page("pages/review.py").run()
    assert not app.exception
    assert [button.label for button in app.button] == ["Sign in"]
    assert not app.get("dataframe")
    common._store.clear()
