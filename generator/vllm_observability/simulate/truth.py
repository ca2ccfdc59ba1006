"""What became of each request, and whether its user was hurt: what alerts are judged by."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from vllm_observability.simulate.hardware import Hardware
from vllm_observability.simulate.traffic import Request

TIMES_ALONE = 4.0  # a first token or a token gap is slow above so many times what it takes alone
SLOW_FIRST_TOKEN = 2.0  # seconds, and only above these
SLOW_TOKEN_GAP = 0.1
FAILED = frozenset({"error", "rejected", "lost"})


@dataclass(frozen=True, slots=True)
class Seen:
    """One request as its client saw it. Unix seconds, seconds and tokens; -1 where something never happened.

    reason: a finish reason of vLLM, or bad (a 4xx), rejected, gone (the client left the queue), lost (the server ended
    or was not there); empty where the request was still under way at the end.
    computed: prompt tokens that needed prefill; hits: those that the prefix cache had.
    alone_first_token, alone_gap: what the same prompt takes, and the gap between its tokens, with nobody else on the
    engine, nothing of it cached, and nothing wrong with the engine.
    """

    model: str
    instance: str
    arrival: float
    first_token: float
    left: float
    reason: str
    prompt: int
    output: int
    computed: int
    hits: int
    gap: float
    alone_first_token: float
    alone_gap: float

    @property
    def hurt(self) -> bool:
        """Whether it failed, was given up, or was far slower than alone."""
        if self.reason in FAILED or self.reason == "gone":
            return True
        if self.first_token < 0:
            return False
        waited = self.first_token - self.arrival
        slow_start = waited > TIMES_ALONE * self.alone_first_token and waited > SLOW_FIRST_TOKEN
        return slow_start or (self.gap > TIMES_ALONE * self.alone_gap and self.gap > SLOW_TOKEN_GAP)


def seen(request: Request, model: str, instance: str, hardware: Hardware) -> Seen:
    """The record of a request."""
    produced = request.produced if request.first_token >= 0 else 0
    gap = (request.last_token - request.first_token) / (produced - 1) if produced > 1 else -1.0
    return Seen(
        model, instance, request.arrival, request.first_token, request.left,
        request.reason if request.left >= 0 else "", request.prompt, produced,
        request.prompt - request.cached if request.scheduled >= 0 else 0, request.cached, gap,
        alone_first_token(hardware, request.prompt), alone_gap(hardware, request.prompt, request.output),
    )  # fmt: skip


@lru_cache(100_000)
def alone_first_token(hardware: Hardware, prompt: int) -> float:
    """Seconds to the first token of a prompt on an idle engine: its chunks, one after the other."""
    total, done = 0.0, 0
    while done < prompt:
        chunk = min(prompt - done, hardware.max_num_batched_tokens)
        total += hardware.step(0, 0, chunk, 0.0, chunk * (done + chunk / 2))
        done += chunk
    return total


def alone_gap(hardware: Hardware, prompt: int, output: int) -> float:
    """Seconds between two tokens of an answer on an idle engine, the mean."""
    return hardware.step(1, hardware.drafts, 0, prompt + output / 2, 0.0)
