"""Asking a language model through any OpenAI-compatible endpoint, with answers checked for their form."""

from __future__ import annotations

import logging
import os
import random
import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

import openai
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from core.errors import ClinicodeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.synthesis.prompt import Prompt

logger = logging.getLogger(__name__)
logging.getLogger("openai").setLevel(logging.WARNING)  # what is sent is never logged
logging.getLogger("httpx").setLevel(logging.WARNING)

ATTEMPTS = 6
FENCE = re.compile(r"^```(?:json)?\s*|\s*```$")


class WrittenExample(BaseModel):
    """One example as the model gives it."""

    model_config = ConfigDict(extra="ignore")
    text: str = Field(min_length=1, max_length=300)
    style: str
    also: list[str] = []


class WrittenExamples(BaseModel):
    """A whole answer."""

    model_config = ConfigDict(extra="ignore")
    examples: list[WrittenExample] = Field(min_length=1)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where the language model is: base URL, model name and key, and how long to wait for an answer (seconds)."""

    base_url: str
    model: str
    key: str
    timeout: float = 120.0

    @classmethod
    def from_settings(cls, base_url: str | None = None, model: str | None = None) -> Endpoint:
        """From ``CLINICODE_LLM_URL``, ``CLINICODE_LLM_MODEL`` and ``CLINICODE_LLM_KEY``; the first two may be given.

        Raises
        ------
        ClinicodeError
            If the address or the model is not set.
        """
        url = base_url or os.environ.get("CLINICODE_LLM_URL", "")
        name = model or os.environ.get("CLINICODE_LLM_MODEL", "")
        if not url or not name:
            message = "Say which language model to ask: CLINICODE_LLM_URL, CLINICODE_LLM_MODEL and CLINICODE_LLM_KEY."
            raise ClinicodeError(message)
        return cls(url, name, os.environ.get("CLINICODE_LLM_KEY", "none"))


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back, and what it cost in tokens."""

    examples: WrittenExamples
    raw: str
    tokens_in: int
    tokens_out: int


def ask(endpoint: Endpoint, prompt: Prompt, sleep: Callable[[float], None] = time.sleep) -> Answer:
    """One answer to a prompt; what may pass (time-outs, 429, 5xx, a broken answer) is tried again, ever later.

    Raises
    ------
    ClinicodeError
        If the endpoint refuses (wrong key, unknown model) or keeps failing.
    """
    client = openai.OpenAI(base_url=endpoint.base_url, api_key=endpoint.key, timeout=endpoint.timeout, max_retries=0)
    reason = ""
    for attempt in range(ATTEMPTS):
        wait = min(60.0, 2.0**attempt) * random.uniform(0.5, 1.0)  # noqa: S311  jitter, not secret
        try:
            return _once(client, endpoint.model, prompt)
        except openai.RateLimitError as error:
            reason = "too many requests"
            wait = max(wait, _retry_after(error))
        except openai.APITimeoutError:
            reason = f"no answer within {endpoint.timeout:.0f} s"
        except openai.APIConnectionError:
            reason = "the connection failed or broke off"
        except openai.InternalServerError as error:
            reason = f"the server failed ({error.status_code})"
        except openai.APIStatusError as error:
            what = f"The language model at {endpoint.base_url} refuses ({error.status_code})"
            message = f"{what}; check its address, name and key."
            raise ClinicodeError(message) from error
        except (ValidationError, ValueError):
            reason = "the answer was not the JSON that was asked for"
        logger.info("%s %s: %s; attempt %d of %d", prompt.lang, prompt.code, reason, attempt + 1, ATTEMPTS)
        if attempt + 1 < ATTEMPTS:
            sleep(wait)
    message = f"No usable answer for {prompt.code} in {prompt.lang} after {ATTEMPTS} attempts: {reason}."
    raise ClinicodeError(message)


def parse(raw: str) -> WrittenExamples:
    """An answer's text as examples, with or without a Markdown fence around it.

    Raises
    ------
    pydantic.ValidationError
        If it is not the JSON that was asked for.
    """
    return WrittenExamples.model_validate_json(FENCE.sub("", raw.strip()))


def _once(client: openai.OpenAI, model: str, prompt: Prompt) -> Answer:
    response = client.chat.completions.create(
        model=model,
        messages=[{"role": "user", "content": prompt.text}],
        response_format={"type": "json_object"},
    )
    raw = (response.choices[0].message.content or "") if response.choices else ""
    examples = parse(raw)
    usage = response.usage
    return Answer(examples, raw, usage.prompt_tokens if usage else 0, usage.completion_tokens if usage else 0)


def _retry_after(error: openai.RateLimitError) -> float:
    try:
        return min(120.0, float(error.response.headers.get("retry-after", "0")))
    except ValueError:
        return 0.0
