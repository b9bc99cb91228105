"""Two servers of the application behind nginx on one PostgreSQL, as `.ci/nginx.conf` lays them out."""

import os
import re
import shutil
import signal
import subprocess
import time
import urllib.error
import urllib.request
from contextlib import ExitStack
from dataclasses import dataclass, field
from http.client import HTTPConnection
from pathlib import Path

import pytest

from core.note.context import Status
from core.review.model import Decision, Incoming, Option, Origin, Settings, Suggestion
from core.review.people import Person, Role
from tests.browser.wide import press
from tests.conftest import ROOT
from tests.databases import new_database
from tests.servers import free_port, ready, start, stop

pytestmark = pytest.mark.browser

NGINX = shutil.which("nginx", path=os.environ.get("PATH", "") + ":/usr/sbin")
NOTE = "Known mal de Quatretonda, followed up."
TERM = "mal de Quatretonda"
MAIN = """daemon off;
pid {folder}/pid;
error_log {folder}/error.log;
events {{}}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    log_format who '$cookie_clinicode_replica>$clinicode_answered $request_method $status $uri';
    access_log {folder}/access.log who;
    include {folder}/clinicode.conf;
}}
"""


@dataclass
class Replicas:
    """What runs, and where."""

    address: str
    folder: Path
    servers: dict[str, subprocess.Popen] = field(default_factory=dict)

    def asked(self) -> list[tuple[str, str, str]]:
        """For each request that is over: the replica that its cookie named, the one that answered, what was asked."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [tuple(re.split("[> ]", line, maxsplit=2)) for line in lines]


@pytest.fixture(scope="module")
def shared_database(workspace):
    """An empty PostgreSQL database and the workspace's folder, for this process and those that it starts."""
    with new_database("replicas") as address, pytest.MonkeyPatch.context() as patch:
        patch.setenv("CLINICODE_DATABASE_URL", address)
        yield


@pytest.fixture(scope="module")
def replicas(opened, shared_database, tmp_path_factory):
    """Both servers and nginx. `opened` has built the index in the folder that all share."""
    if NGINX is None:
        pytest.skip("nginx is not installed (.ci/run installs it)")
    folder = tmp_path_factory.mktemp("replicas")
    folder.chmod(0o755)
    front, ports = free_port(), {"a": free_port(), "b": free_port()}
    shipped = (ROOT / ".ci" / "nginx.conf").read_text(encoding="utf-8")
    for given, used in (("8500", front), ("8501", ports["a"]), ("8502", ports["b"])):
        shipped = shipped.replace(f":{given}", f":{used}")
    (folder / "clinicode.conf").write_text(shipped, encoding="utf-8")
    (folder / "nginx.conf").write_text(MAIN.format(folder=folder), encoding="utf-8")
    running = Replicas(f"http://127.0.0.1:{front}", folder)
    with ExitStack() as ending:
        for name, port in ports.items():
            running.servers[name] = start(port, folder / "servers.log")
            ending.callback(stop, running.servers[name])
        nginx = subprocess.Popen([NGINX, "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
        ending.callback(stop, nginx)
        for port in (*ports.values(), front):
            ready(f"http://127.0.0.1:{port}")
        yield running
    assert "Traceback" not in (folder / "servers.log").read_text()
    assert "Quatretonda" not in (folder / "servers.log").read_text() + (folder / "access.log").read_text()


@pytest.fixture
def visit(chromium, replicas):
    """A new visitor's page, whom nginx has given to the replica named."""
    with ExitStack() as ending:

        def page(replica: str, place: str = ""):
            context = chromium.new_context(viewport={"width": 1280, "height": 900}, locale="en-GB")
            ending.callback(context.close)
            context.add_cookies([{"name": "clinicode_replica", "value": replica, "url": replicas.address}])
            opened = context.new_page()
            opened.set_default_timeout(90_000)
            opened.goto(f"{replicas.address}/{place}")
            return opened

        yield page


def answered(address: str, cookie: str = "") -> str:
    """The replica that a cookie handed out with the answer names; the one asked for where none was handed out."""
    request = urllib.request.Request(f"{address}/_stcore/health", headers={"Cookie": f"clinicode_replica={cookie}"})  # noqa: S310
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        told = " ".join(answer.headers.get_all("Set-Cookie") or [])
    found = re.search("clinicode_replica=([^;]*); Path=/; HttpOnly; SameSite=Lax", told)
    return found[1] if found else cookie


def look_up(page, words: str) -> str:
    """What the first code's card says."""
    page.get_by_label("Diagnosis, symptom or code").fill(words)
    page.get_by_role("button", name="Search", exact=True).click()
    page.locator(".st-key-lookup_why mark", has_text=words.rsplit(maxsplit=1)[-1]).first.wait_for()
    return page.locator("button.card").first.inner_text()


def cookie_of(page) -> str:
    return {one["name"]: one["value"] for one in page.context.cookies()}["clinicode_replica"]


def until(holds) -> None:
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    pytest.fail("it did not come about in 30 s")


def undecided():
    """A document of a new project, with one suggestion."""
    from core.review.store import ReviewStore

    start = NOTE.index(TERM)
    codes = (Option("M54.59", 0.7),)
    passage = Suggestion(((start, start + len(TERM)),), Status.AFFIRMED, ("M54.59",), 0.9, codes)
    store = ReviewStore()
    admin = Person("Ada", Role.ADMIN)
    project = store.create(admin, "Pilot", Settings())
    store.import_documents(admin, project, [Incoming("one.txt", NOTE, "en")])
    (listed,) = store.documents(project.id)
    document = store.document(listed.id)
    store.suggest(document, [passage], Origin("m", "i", "c"), "en", 0.5)
    store.engine.dispose()
    return document


def test_new_visitors_are_spread_and_each_stays(replicas):
    given = {answered(replicas.address) for _ in range(30)}
    assert given == {"a", "b"}
    for name in given:
        assert {answered(replicas.address, name) for _ in range(10)} == {name}
    assert answered(replicas.address, "<script>") in given


def test_the_server_s_own_figures_are_not_for_visitors(replicas):
    with pytest.raises(urllib.error.HTTPError, match="403"):
        urllib.request.urlopen(f"{replicas.address}/_stcore/metrics")  # noqa: S310


@pytest.fixture
def ada(workspace):
    """The name under which whoever uses the shared folder without a sign-in reviews."""
    profile = workspace / "profile.txt"
    profile.write_text("Ada", "utf-8")
    yield "Ada"
    profile.unlink()


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("localhost", "http://localhost", 101),
        ("127.0.0.1:1", "http://127.0.0.1:1", 101),
        ("rebound.example", "http://rebound.example", 403),
        ("localhost", "http://elsewhere.example", 403),
    ],
)
def test_a_session_is_opened_only_by_a_page_of_our_own(replicas, host, origin, status):
    wanted = {"Host": host, "Origin": origin, "Upgrade": "websocket", "Connection": "Upgrade"}
    wanted |= {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="}
    connection = HTTPConnection(replicas.address.removeprefix("http://"), timeout=20)
    connection.request("GET", "/_stcore/stream", headers=wanted)
    answer = connection.getresponse()
    connection.close()
    assert answer.status == status


def test_what_one_replica_learns_the_other_knows_and_nothing_is_lost_with_a_replica(replicas, visit, ada):
    from core.review.store import ReviewStore

    document = undecided()
    other = visit("b")
    assert "M54.59" not in look_up(other, TERM)

    desk = visit("a", "review?section=Review")
    desk.locator(".mention[data-id=m1][aria-pressed=true]").wait_for()
    desk.locator('button.card[data-id^="m1|"]').first.wait_for()
    press(desk, "a")
    desk.get_by_text("All decided").wait_for()
    look_up(other, "gout")
    assert re.search("M54.59.*team memory", look_up(other, TERM), re.DOTALL)

    note = visit("a", "code_a_note")
    note.locator(".mention").first.wait_for()
    note.get_by_role("button", name="Open a file").click()
    file = {"name": "nota.txt", "mimeType": "text/plain", "buffer": "Neumonía bacteriana".encode()}
    note.locator("input[type=file]").set_input_files(file)
    note.locator(".mention", has_text="Neumonía bacteriana").wait_for()
    asked = replicas.asked()
    assert any("PUT" in what for *_, what in asked)
    assert {(cookie, by) for cookie, by, _ in asked if cookie in ("a", "b")} == {("a", "a"), ("b", "b")}

    mine = visit("a")
    look_up(mine, TERM)
    replicas.servers["a"].send_signal(signal.SIGKILL)
    replicas.servers["a"].wait()
    for page in (mine, note):
        until(lambda page=page: cookie_of(page) == "b")
    assert mine.get_by_label("Diagnosis, symptom or code").input_value() == TERM
    mine.get_by_role("button", name="Search", exact=True).click()
    assert re.search("M54.59.*team memory", look_up(mine, TERM), re.DOTALL)
    assert note.get_by_label("The note (at most").input_value() == "Neumonía bacteriana"
    assert answered(replicas.address, "a") == "b"

    store = ReviewStore()
    (project,) = store.projects()
    (annotation,) = store.work(document, ada, project.settings).annotations
    assert annotation.decision is Decision.ACCEPTED
    store.engine.dispose()
