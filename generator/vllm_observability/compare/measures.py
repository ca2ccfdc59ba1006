"""The questions: what is measured of each interval, and which parts of the load it is compared at."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from vllm_observability.intervals import Engine, Interval
from vllm_observability.intervals.prefill import prefilled
from vllm_observability.words.phrases import Phrase, say

# Covariates: what a step's length may depend on besides the engine.
Covariate = Literal["batch", "prefill", "arrivals", "context", "prompt", "output", "waiting", "crowd", "large", "huge"]

WORDS: Mapping[Covariate, Phrase] = {
    "batch": say("sequences per step"),
    "prefill": say("prompt tokens per step"),
    "arrivals": say("new requests per step"),
    "context": say("tokens in the KV cache"),
    "prompt": say("prompt tokens per request"),
    "output": say("output tokens per request"),
    "waiting": say("waiting requests"),
    "crowd": say("sequences per step"),
    "large": say("share of steps with more than 512 tokens"),
    "huge": say("share of steps with more than 2,048 tokens"),
}
SMALL_STEP = 256.0  # tokens: up to here a step is taken to be decode alone


@dataclass(frozen=True)
class Measure:
    """One question. Values are quotients: of `total` over `count`, both growth in an interval.

    scale: `ratio` compares by factors, `share` by percentage points. good: whether more is better. at: covariates.
    least: observations that an interval needs to say something; margin: differences under this, in percent or points,
    are no finding. by_requests: it may differ because requests do, which no covariate tells. seconds: length of a row.
    """

    id: str
    title: Phrase
    scale: Literal["ratio", "share"]
    total: Callable[[Interval], float]
    count: Callable[[Interval], float]
    at: tuple[Covariate, ...] = ()
    good: bool = False
    least: float = 20
    margin: float = 1.0
    by_requests: bool = False
    seconds: float = 15.0
    trust: float = 0.3
    other: tuple[Covariate, ...] = ()


MEASURES: tuple[Measure, ...] = (
    Measure("itl", say("time between tokens"), "ratio", lambda i: i.get("gap_seconds"), lambda i: i.get("gaps"),
            ("batch", "prefill", "arrivals", "context"), margin=1.5, trust=0.15,
            other=("batch", "context", "crowd", "large", "huge")),
    Measure("ttft", say("time to first token"), "ratio", lambda i: i.get("first_seconds"),
            lambda i: i.get("first_tokens"), ("prompt", "batch", "prefill", "waiting"), least=4, margin=4.0,
            seconds=30.0, trust=0.8),
    Measure("e2e", say("end-to-end latency"), "ratio", lambda i: i.get("request_seconds"), lambda i: i.get("requests"),
            ("output", "batch", "prefill", "waiting"), least=4, margin=3.0, seconds=60.0),
    Measure("throughput", say("seconds in the batch per output token"), "ratio", lambda i: i.get("batch_seconds"),
            lambda i: i.get("output_tokens"), ("batch", "prefill", "output"), least=50, margin=2.0, seconds=60.0),
    Measure("tokens_per_step", say("tokens that a sequence gets from a step"), "ratio", lambda i: i.decoded,
            lambda i: i.get("gaps"), good=True, margin=2.0),
    Measure("errors", say("requests that end with an error"), "share", lambda i: i.get("errors"),
            lambda i: i.get("ended"), least=1, margin=0.5, seconds=60.0),
    Measure("preemptions", say("preemptions per request"), "share", lambda i: i.get("preemptions"),
            lambda i: i.get("ended"), ("batch", "context"), least=1, margin=2.0, seconds=60.0),
    Measure("truncation", say("answers cut at their token limit"), "share", lambda i: i.get("truncated"),
            lambda i: i.get("ended"), least=1, margin=2.0, by_requests=True, seconds=60.0),
    Measure("prefix_cache", say("prompt tokens found in the prefix cache"), "share", lambda i: i.get("hits"),
            lambda i: i.get("queries"), good=True, least=1, margin=3.0, by_requests=True, seconds=60.0),
    Measure("acceptance", say("draft tokens accepted"), "share", lambda i: i.get("accepted"),
            lambda i: i.get("draft_tokens"), good=True, least=20, margin=2.0, seconds=60.0),
)  # fmt: skip


def covariate(name: Covariate, i: Interval, engine: Engine, cached: bool) -> float:
    """A part of the load in an interval; logarithms where its effect is one of proportion."""
    steps = max(i.get("steps"), 1.0)
    if name == "batch":
        return math.log(max(i.get("gaps") / steps, 1e-3))
    if name == "prefill":
        return math.sqrt(prefilled(i, cached) / steps)
    if name == "arrivals":
        return math.sqrt(i.get("first_tokens") / steps)
    if name == "context":
        return math.sqrt(i.gauges.get("kv", 0.0) * (engine.capacity or 1.0))
    if name == "prompt":
        return math.log(max(prefilled(i, cached) / max(i.get("first_tokens"), 1.0), 1.0))
    if name == "output":
        return math.log(max(i.get("output_tokens") / max(i.get("requests"), 1.0), 1.0))
    if name == "waiting":
        return math.log1p(i.gauges.get("waiting", 0.0))
    steps_by_tokens = i.buckets.get("step", {})
    if name == "crowd":
        return math.log(max(_crowd(steps_by_tokens), 0.5))
    return math.sqrt(_above(steps_by_tokens, 512.0 if name == "large" else 2048.0))


def _above(buckets: Mapping[float, float], bound: float) -> float:
    """Share of the steps that held more tokens than so many; 0 where there is no such bucket."""
    steps = buckets.get(math.inf, 0.0)
    return 1 - buckets.get(bound, steps) / steps if steps > 0 else 0.0


def _crowd(buckets: Mapping[float, float]) -> float:
    """Sequences per step as a sequence sees it: small steps, each weighted by its tokens."""
    low = below = tokens = squares = 0.0
    for bound in sorted(buckets):
        if bound > SMALL_STEP:
            break
        middle, count = (1.0 if bound <= 1 else (low + bound) / 2), buckets[bound] - below
        tokens, squares = tokens + middle * count, squares + middle * middle * count
        low, below = bound, buckets[bound]
    return squares / tokens if tokens > 0 else 0.0


def undone(name: Covariate, value: float) -> float:
    """A covariate's number as people read it."""
    if name in ("batch", "prompt", "output", "crowd"):
        return math.exp(value)
    return math.expm1(value) if name == "waiting" else value * value
