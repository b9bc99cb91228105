"""Twenty-five people at one server for a moment; ``tests.load.load`` measures what they wait for."""

import asyncio
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.load.load import load
from tests.servers import serving

PEOPLE = 25


@pytest.fixture(scope="module")
def server(opened, tmp_path_factory):
    log = tmp_path_factory.mktemp("log") / "server.log"
    with serving(log) as (address, process):
        yield address, process.pid
    assert "Traceback" not in log.read_text()


def test_everyone_is_answered_with_the_same_codes_for_the_same_words_from_one_copy_of_the_models(server):
    visits = load(*server, PEOPLE, seconds=10, think=3, phrases=40)
    with ThreadPoolExecutor() as aside:  # the browser of other tests has a loop in this thread
        watch = aside.submit(asyncio.run, visits).result()
    assert not watch.errors()
    assert len(watch.answers["open Look up"]) >= PEOPLE
    assert len(watch.waits("look up")) >= PEOPLE
    assert all(one.codes for one in watch.answers["look up"] if not one.busy)
    first, *_, last = watch.memory
    assert last - first < first / 2
