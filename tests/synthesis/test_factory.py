"""The factory against a real HTTP server that speaks the protocol, failures included."""

import json
import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from core.errors import ClinicodeError
from core.synthesis.client import ATTEMPTS, Endpoint, ask
from core.synthesis.corpus import read_corpus
from core.synthesis.factory import ANSWERS, estimate, gate, read_answers, write
from core.synthesis.prompt import Prompt, fill


def completion(content: str) -> bytes:
    body = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "test",
        "choices": [{"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": content}}],
        "usage": {"prompt_tokens": 10, "completion_tokens": 5, "total_tokens": 15},
    }
    return json.dumps(body).encode()


GOOD = json.dumps(
    {
        "examples": [
            {"text": "tensió alta des de fa anys.", "style": "lay", "also": []},
            {"text": "HTA essencial mal controlada", "style": "abbrev"},
            {"text": "I10.0 dins del text", "style": "clinical"},
            {"text": "tensió alta des de fa anys", "style": "lay"},
        ]
    }
)


class Model(ThreadingHTTPServer):
    """Answers requests by a script of steps; after its end every answer is good."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.steps: list[str] = []
        self.seen: list[dict] = []
        self.keys: list[str] = []


class Handler(BaseHTTPRequestHandler):
    server: Model

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.seen.append(body)
        self.server.keys.append(self.headers["authorization"])
        step = self.server.steps.pop(0) if self.server.steps else "good"
        if step == "hang":
            threading.Event().wait(2)
        elif step in ("429", "500", "401"):
            self.send_response(int(step))
            self.send_header("content-type", "application/json")
            if step == "429":
                self.send_header("retry-after", "3")
            self.end_headers()
            self.wfile.write(b'{"error": {"message": "no"}}')
        else:
            content = {"broken": "{not json", "empty": '{"examples": []}', "fenced": f"```json\n{GOOD}\n```"}.get(
                step, GOOD
            )
            answer = completion(content)
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer[: len(answer) // 2] if step == "half" else answer)

    def log_message(self, *_: object) -> None:
        return


@pytest.fixture
def model():
    server = Model()
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()


@pytest.fixture
def endpoint(model):
    return Endpoint(f"http://127.0.0.1:{model.server_port}/v1", "test-model", "secret-key", timeout=1.0)


@pytest.fixture
def prompts(catalog):
    return [fill(catalog, code, "ca", 4) for code in ("I10", "I21.4", "J18.9")]


def test_the_prompt_shows_the_hierarchy(catalog):
    text = fill(catalog, "I21.4", "ca", 6).text
    for part in ("Catalan", "I21.4", "Non-ST elevation", "I21 Acute myocardial infarction", "I21.3", "Write 6 texts"):
        assert part in text
    assert "$" not in text


def test_a_broken_prompt_file_is_a_clear_error(catalog, tmp_path):
    (tmp_path / "prompt.md").write_text("$nonsense")
    with pytest.raises(ClinicodeError, match="prompt"):
        fill(catalog, "I10", "ca", 1, tmp_path / "prompt.md")


@pytest.mark.parametrize("step", ["429", "500", "broken", "empty", "half", "hang"])
def test_what_may_pass_is_tried_again(model, endpoint, prompts, step):
    model.steps = [step, step]
    waits = []
    answer = ask(endpoint, prompts[0], waits.append)
    assert len(answer.examples.examples) == 4
    assert (answer.tokens_in, answer.tokens_out) == (10, 5)
    assert len(model.seen) == 3
    assert len(waits) == 2
    if step == "429":
        assert min(waits) >= 3


def test_an_answer_in_a_fence_is_read(model, endpoint, prompts):
    model.steps = ["fenced"]
    assert len(ask(endpoint, prompts[0]).examples.examples) == 4


def test_a_refusal_is_not_tried_again_and_the_key_is_not_told(model, endpoint, prompts):
    model.steps = ["401"]
    with pytest.raises(ClinicodeError, match="401") as error:
        ask(endpoint, prompts[0])
    assert "secret-key" not in str(error.value)
    assert len(model.seen) == 1
    assert model.keys == ["Bearer secret-key"]


def test_it_gives_up_in_the_end_and_says_why(model, endpoint, prompts):
    model.steps = ["500"] * 20
    with pytest.raises(ClinicodeError, match=f"{ATTEMPTS} attempts: the server failed"):
        ask(endpoint, prompts[0], lambda _seconds: None)


def test_answers_are_kept_with_where_they_came_from_and_never_asked_twice(model, endpoint, prompts, tmp_path):
    assert estimate(prompts, 4, tmp_path, 1.0, 2.0, 2).requests == 3
    assert write(prompts[:2], endpoint, tmp_path) == (2, ())
    record = next(read_answers(tmp_path))
    assert {"prompt", "code", "lang", "model", "date", "raw"} <= record.keys()
    assert record["model"] == "test-model"
    assert estimate(prompts, 4, tmp_path, 1.0, 2.0, 2).requests == 1
    write(prompts, endpoint, tmp_path)
    assert len(model.seen) == 3
    write(prompts, endpoint, tmp_path)
    assert len(model.seen) == 3
    assert "secret-key" not in (tmp_path / ANSWERS).read_text()


def test_a_line_cut_by_a_kill_is_asked_again_and_the_rest_kept(model, endpoint, prompts, tmp_path):
    write(prompts[:2], endpoint, tmp_path)
    path = tmp_path / ANSWERS
    path.write_bytes(path.read_bytes()[:-30])
    asked, _ = write(prompts[:2], endpoint, tmp_path)
    assert asked == 1
    assert len(list(read_answers(tmp_path))) == 2


def test_only_what_passes_the_checks_becomes_corpus(model, endpoint, prompts, tmp_path, catalog):
    write(prompts[:1], endpoint, tmp_path)
    kept, refused = gate(tmp_path, catalog, {"a set": ["HTA essencial mal controlada"]})
    assert (kept, refused) == (1, 3)
    (one,) = read_corpus(tmp_path)
    assert (one.text, one.code, one.lang, one.style) == ("tensió alta des de fa anys", "I10", "ca", "lay")
    reasons = (tmp_path / "refused.tsv").read_text()
    assert "leakage" in reasons
    assert "code stands in the text" in reasons
    assert "duplicate" in reasons


def test_the_command_estimates_asks_and_resumes_after_a_kill(model, tmp_path):
    command = [
        sys.executable,
        "-c",
        "from core.cli import main; main()",
        "synthesize",
        "write",
        "--yes",
        "--workers",
        "1",
    ]
    command += ["--out", str(tmp_path), "--codes", "I10,I21.4,J18.9,N39.0", "--lang", "ca", "--count", "4"]
    settings = {
        **os.environ,
        "CLINICODE_LLM_URL": f"http://127.0.0.1:{model.server_port}/v1",
        "CLINICODE_LLM_MODEL": "test-model",
        "CLINICODE_LLM_KEY": "secret-key",
    }
    model.steps = ["good", "good", *["hang"] * 50]
    running = subprocess.Popen(command, env=settings, stderr=subprocess.PIPE, text=True)
    for _ in range(300):
        if len(model.seen) >= 3:
            break
        threading.Event().wait(0.1)
    running.kill()
    running.communicate()
    model.steps = []
    before = len(model.seen)
    done = subprocess.run(command, env=settings, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(model.seen) - before == 2
    assert "2 of 4 requests" in done.stderr
    assert "secret-key" not in done.stderr + done.stdout


def test_without_settings_the_command_says_what_to_set(tmp_path):
    command = [sys.executable, "-c", "from core.cli import main; main()", "synthesize", "write"]
    command += ["--out", str(tmp_path), "--codes", "I10", "--lang", "ca"]
    clean = {name: value for name, value in os.environ.items() if not name.startswith("CLINICODE_LLM")}
    done = subprocess.run(command, env=clean, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "CLINICODE_LLM_URL" in done.stderr


def test_a_prompt_s_digest_is_its_content():
    assert Prompt("I10", "ca", "a").digest == Prompt("I10", "ca", "a").digest
    assert Prompt("I10", "ca", "a").digest != Prompt("I10", "es", "a").digest
