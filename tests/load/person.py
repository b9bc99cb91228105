"""One person at a page: what a browser says to the server over its WebSocket, without the browser."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass, field
from time import perf_counter
from typing import TYPE_CHECKING, Self

from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from streamlit.proto.WidgetStates_pb2 import WidgetState
from websockets.asyncio.client import connect

from pages.parts.busy import BUSY

if TYPE_CHECKING:
    from streamlit.proto.Element_pb2 import Element
    from websockets.asyncio.client import ClientConnection

PATIENCE = 120.0
"""Seconds after which an answer counts as one that never comes."""
LISTS = {"lookup_results", "note_codes"}
"""The lists of codes that answer a person."""


@dataclass
class Answer:
    """What a page showed when its script had ended: `seconds` after it was asked."""

    seconds: float = 0.0
    busy: bool = False
    errors: list[str] = field(default_factory=list)
    codes: tuple[str, ...] = ()


class Person:
    """A session of its own. Enter with ``async with``; then open a page and use it.

    Parameters
    ----------
    address
        Where the server is, as ``127.0.0.1:8501``.

    """

    def __init__(self, address: str) -> None:
        self.address = address
        self._pages: dict[str, str] = {}
        self._page = ""
        self._ids: dict[str, str] = {}
        self._held: dict[str, WidgetState] = {}

    async def __aenter__(self) -> Self:
        self._connection: ClientConnection = await connect(
            f"ws://{self.address}/_stcore/stream", subprotocols=["streamlit"], max_size=None, ping_timeout=PATIENCE
        )
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()

    async def open(self, path: str = "") -> Answer:
        """Go to a page, by its path in the address."""
        self._held = {}
        self._page = self._pages.get(path, "")
        return await self._run([], path="" if self._pages else path)

    async def look_up(self, phrase: str) -> Answer:
        """Type a phrase on Look up and press Enter."""
        self._hold("lookup_text", phrase)
        return await self._run([self._press("Search")])

    async def code(self, note: str) -> Answer:
        """Paste a note on Code a note and ask for its codes."""
        self._hold("note_text", note)
        return await self._run([self._press("Find the codes")])

    async def choose(self, code: str) -> Answer:
        """Open a code of the list that the page shows."""
        told = json.dumps([{"event": "chosen", "value": code}])
        return await self._run([WidgetState(id=self._ids["chosen"], json_trigger_value=told)])

    def _hold(self, key: str, value: str) -> None:
        self._held[key] = WidgetState(id=self._ids[key], string_value=value)

    def _press(self, label: str) -> WidgetState:
        return WidgetState(id=self._ids[label], trigger_value=True)

    async def _run(self, pressed: list[WidgetState], path: str = "") -> Answer:
        asked = BackMsg()
        asked.rerun_script.page_script_hash = self._page
        asked.rerun_script.page_name = path
        asked.rerun_script.widget_states.widgets.extend([*self._held.values(), *pressed])
        asked.rerun_script.context_info.locale = "en-GB"
        started = perf_counter()
        await self._connection.send(asked.SerializeToString())
        answer = Answer()
        async with asyncio.timeout(PATIENCE):
            while not self._take(ForwardMsg.FromString(await self._connection.recv()), answer):
                pass
        answer.seconds = perf_counter() - started
        return answer

    def _take(self, said: ForwardMsg, answer: Answer) -> bool:
        """Keep what matters of a message; whether it says that the script has ended."""
        kind = said.WhichOneof("type")
        if kind == "navigation":
            self._pages = {page.url_pathname: page.page_script_hash for page in said.navigation.app_pages}
        elif kind == "new_session":
            self._page = said.new_session.page_script_hash
        elif kind == "delta" and said.delta.WhichOneof("type") == "new_element":
            self._see(said.delta.new_element, answer)
        elif kind == "script_finished" and said.script_finished == ForwardMsg.FINISHED_WITH_COMPILE_ERROR:
            answer.errors.append("the page could not be run")
        return kind == "script_finished" and said.script_finished != ForwardMsg.FINISHED_EARLY_FOR_RERUN

    def _see(self, element: Element, answer: Answer) -> None:
        kind = element.WhichOneof("type")
        one = getattr(element, kind)
        if kind == "exception":
            answer.errors.append(f"{one.type}: {one.message}")
        elif kind == "alert" and one.icon == BUSY:
            answer.busy = True
        elif kind == "alert" and one.format == Alert.ERROR:
            answer.errors.append(one.body)
        elif kind == "bidi_component" and _key(one.id) in LISTS:
            answer.codes = tuple(item["id"] for item in json.loads(one.json)["items"])
            self._ids["chosen"] = f"$$STREAMLIT_INTERNAL_KEY_{one.id}__events"
        elif kind in {"text_input", "text_area"}:
            self._ids[_key(one.id)] = one.id
        elif kind == "button":
            self._ids[one.label] = one.id


def _key(name: str) -> str:
    """The key that the code gave a widget, from ``$$ID-<hash>-<key>``."""
    return name.split("-", 2)[2]
