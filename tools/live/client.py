"""A client that keeps its own books: what it sent, and what the answers said."""

from __future__ import annotations

import asyncio
import random
import string
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx
from model import VOCABULARY
from server import NAME

PATH = "/v1/completions"
# Half of the vocabulary ends an answer, so of random tokens one of the first few does.
STOPS = [number for number in VOCABULARY.values() if number % 2]


@dataclass
class Books:
    """Counts of the answers of one run; tokens of prompts are known before they are sent."""

    finished: Counter[str] = field(default_factory=Counter)  # by finish reason
    prompt_tokens: int = 0
    generation_tokens: int = 0
    refused: int = 0

    @property
    def answered(self) -> int:
        """Requests that ended as they should."""
        return self.finished.total()


def requests(count: int, seed: int, tokens: tuple[int, int] = (60, 160)) -> list[dict[str, Any]]:
    """Bodies: four of five run to their limit, one ends by itself; prompts are letters, one token each."""
    chance = random.Random(seed)
    bodies = []
    for number in range(count):
        prompt = "".join(chance.choices(string.ascii_letters, k=chance.randint(20, 120)))
        body = {"model": NAME, "prompt": prompt, "max_tokens": chance.randint(*tokens), "temperature": 1.0}
        ending = {"stop_token_ids": STOPS} if number % 5 == 4 else {"ignore_eos": True}
        bodies.append({**body, "seed": seed * 10_000 + number, **ending})
    return bodies


async def send(address: str, bodies: Sequence[dict[str, Any]], books: Books) -> None:
    """All at once; every answer is written into the books."""
    limits = httpx.Limits(max_connections=len(bodies), max_keepalive_connections=0)
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=300, limits=limits, trust_env=False) as client:
        await asyncio.gather(*(_one(client, body, books) for body in bodies))


async def _one(client: httpx.AsyncClient, body: dict[str, Any], books: Books) -> None:
    answer = await client.post(PATH, json=body)
    if answer.status_code != 200:
        raise AssertionError(f"vLLM answers {answer.status_code}: {answer.text[:300]}")
    said = answer.json()
    reason, usage = said["choices"][0]["finish_reason"], said["usage"]
    if usage["prompt_tokens"] != len(body["prompt"]):
        raise AssertionError(f"a prompt of {len(body['prompt'])} characters became {usage['prompt_tokens']} tokens")
    if reason == "length" and usage["completion_tokens"] != body["max_tokens"]:
        raise AssertionError(f"{usage['completion_tokens']} tokens where {body['max_tokens']} were asked for")
    books.finished[reason] += 1
    books.prompt_tokens += usage["prompt_tokens"]
    books.generation_tokens += usage["completion_tokens"]


async def send_refused(address: str, count: int, books: Books) -> None:
    """Requests for a model that is not there: an answer with 404, and no request for the engine."""
    async with httpx.AsyncClient(base_url=f"http://{address}", timeout=60, trust_env=False) as client:
        for _ in range(count):
            answer = await client.post(PATH, json={"model": "acme/absent", "prompt": "x", "max_tokens": 1})
            if answer.status_code != 404:
                raise AssertionError(f"an unknown model is answered with {answer.status_code}")
            books.refused += 1
