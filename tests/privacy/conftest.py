"""A server of the application on a machine of its own, and people who use it in a real Chromium."""

import json
import signal
import subprocess
import time
import urllib.parse
import urllib.request
from contextlib import contextmanager
from dataclasses import dataclass, field

import pytest

from tests.privacy.places import ROOT, Place, python
from tests.servers import free_port, ready, stop

WAIT = 180_000


@dataclass
class Server:
    place: Place
    address: str
    process: subprocess.Popen

    def said(self) -> str:
        return self.place.log.read_text(encoding="utf-8")

    def cached(self) -> dict:
        """What its caches hold of any marker."""
        self.place.caches.unlink(missing_ok=True)
        self.process.send_signal(signal.SIGUSR2)
        until = time.monotonic() + WAIT / 1000
        while not self.place.caches.exists() and time.monotonic() < until:
            time.sleep(0.05)
        return json.loads(self.place.caches.read_text())


@dataclass
class Visitor:
    """Somebody with a browser of their own, and every address that it asked for."""

    page: object
    server: Server
    asked: list[str] = field(default_factory=list)
    heard: list[str] = field(default_factory=list)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.server.address}/{path}")
        self.page.get_by_role("heading", level=1).wait_for()
        self.settle()

    def settle(self) -> None:
        """Wait until the server has said all it has to say."""
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=WAIT)
        self.page.wait_for_timeout(150)
        self.page.locator("[data-testid=stApp][data-test-script-state=notRunning]").wait_for(timeout=WAIT)

    def upload(self, name: str, data: bytes) -> None:
        self.page.locator("input[type=file]").first.set_input_files(
            {"name": name, "mimeType": "application/octet-stream", "buffer": data}
        )

    def download(self, button) -> tuple[str, bytes]:
        """What a button gives: its address and its content."""
        with self.page.expect_download() as caught:
            button.click()
        self.asked.append(caught.value.url)
        return caught.value.url, caught.value.path().read_bytes()

    def addresses(self) -> str:
        """What a server in front would write into its log, and the browser into its history."""
        return urllib.parse.unquote(" ".join([*self.asked, self.page.url]))


@pytest.fixture(scope="session")
def server(opened, workspace, tmp_path_factory):
    """Started as `clinicode demo` starts it, with nothing chosen but the port."""
    place = Place(tmp_path_factory.mktemp("machine"))
    place.furnish(workspace)
    port = free_port()
    command = python("-m", "streamlit", "run", "app.py", "--server.headless", "true", "--server.port", str(port))
    environment = place.environment | {"WATCH_CACHES": str(place.caches)}
    with place.log.open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=log, stderr=log)
    address = f"http://localhost:{port}"
    ready(address)
    yield Server(place, address, process)
    stop(process)


@contextmanager
def visiting(chromium, server):
    context = chromium.new_context(viewport={"width": 1280, "height": 1000}, locale="en-GB")
    visitor = Visitor(context.new_page(), server)
    visitor.page.set_default_timeout(WAIT)
    visitor.page.on("request", lambda sent: visitor.asked.append(sent.url))
    visitor.page.on("websocket", lambda opened: _listen(visitor, opened))
    yield visitor
    context.close()


def _listen(visitor, opened) -> None:
    def keep(frame) -> None:
        visitor.heard.append(frame if isinstance(frame, str) else frame.decode("utf-8", "replace"))

    visitor.asked.append(opened.url)
    opened.on("framereceived", keep)


@pytest.fixture
def visitor(chromium, server):
    with visiting(chromium, server) as one:
        yield one


@pytest.fixture
def another(chromium, server):
    with visiting(chromium, server) as one:
        yield one


DRIVER = """
import json, sys
from core.cli import main
replies, sys.stdout = sys.stdout, open(sys.argv[1], "a", encoding="utf-8")
for line in sys.stdin:
    sys.argv = ["clinicode", *json.loads(line)]
    code = "none"
    try:
        main()
    except SystemExit as ended:
        code = ended.code
    sys.stdout.flush()
    print(code, file=replies, flush=True)
"""


@dataclass
class Commands:
    """The command line in one process, which reads its packages once; `own` is the user's folder of notes."""

    place: Place
    own: object
    process: subprocess.Popen

    def run(self, *arguments: object) -> int:
        self.process.stdin.write(json.dumps([str(one) for one in arguments]) + "\n")
        self.process.stdin.flush()
        return int(self.process.stdout.readline())

    def file(self, name: str, text: str):
        path = self.own / name
        path.write_text(text, encoding="utf-8")
        return path

    def said(self) -> str:
        return self.place.log.read_text(encoding="utf-8")

    def answered(self) -> str:
        return (self.own / "answers").read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def commands(opened, workspace, tmp_path_factory):
    place, own = Place(tmp_path_factory.mktemp("machine")), tmp_path_factory.mktemp("own")
    place.furnish(workspace)
    with place.log.open("w") as log:
        process = subprocess.Popen(
            python("-c", DRIVER, str(own / "answers")),
            cwd=ROOT, env=place.environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True,
        )  # fmt: skip
    yield Commands(place, own, process)
    process.stdin.close()
    process.wait()
