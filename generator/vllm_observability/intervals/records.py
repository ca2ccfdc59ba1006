"""Growth of an engine's counters between two scrapes, with its gauges: one form for pages and for a Prometheus."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from vllm_observability.catalog import metrics as m
from vllm_observability.model import Metric, Part

# Growth over an interval, by name: counts, tokens, and seconds summed over observations.
Count = Literal[
    "steps", "step_tokens", "generated", "prompts", "cached", "gaps", "gap_seconds", "first_tokens", "first_seconds",
    "requests", "request_seconds", "queue_seconds", "prefill_seconds", "batch_seconds", "output_tokens",
    "prompt_tokens", "hits", "queries", "preemptions", "draft_tokens", "accepted", "ended", "errors", "truncated",
]  # fmt: skip
Gauge = Literal["running", "waiting", "kv"]
Own: TypeAlias = "tuple[str, str] | None"  # a label that the series must have, with its value

# Where each comes from. A metric may come by several names over vLLM's versions: the catalogue joins them.
COUNTS: Mapping[Count, tuple[Metric, Part, Own]] = {
    "steps": (m.ITERATION_TOKENS, Part.COUNT, None),
    "step_tokens": (m.ITERATION_TOKENS, Part.SUM, None),
    "generated": (m.GENERATION_TOKENS, Part.VALUE, None),
    "prompts": (m.PROMPT_TOKENS, Part.VALUE, None),
    "cached": (m.PROMPT_TOKENS_CACHED, Part.VALUE, None),
    "gaps": (m.ITL, Part.COUNT, None),
    "gap_seconds": (m.ITL, Part.SUM, None),
    "first_tokens": (m.TTFT, Part.COUNT, None),
    "first_seconds": (m.TTFT, Part.SUM, None),
    "requests": (m.E2E, Part.COUNT, None),
    "request_seconds": (m.E2E, Part.SUM, None),
    "queue_seconds": (m.QUEUE_TIME, Part.SUM, None),
    "prefill_seconds": (m.PREFILL_TIME, Part.SUM, None),
    "batch_seconds": (m.INFERENCE_TIME, Part.SUM, None),
    "output_tokens": (m.REQUEST_GENERATION_TOKENS, Part.SUM, None),
    "prompt_tokens": (m.REQUEST_PROMPT_TOKENS, Part.SUM, None),
    "hits": (m.PREFIX_CACHE_HITS, Part.VALUE, None),
    "queries": (m.PREFIX_CACHE_QUERIES, Part.VALUE, None),
    "preemptions": (m.PREEMPTIONS, Part.VALUE, None),
    "draft_tokens": (m.SPEC_DRAFT_TOKENS, Part.VALUE, None),
    "accepted": (m.SPEC_ACCEPTED_TOKENS, Part.VALUE, None),
    "ended": (m.REQUEST_SUCCESS, Part.VALUE, None),
    "errors": (m.REQUEST_SUCCESS, Part.VALUE, ("finished_reason", "error")),
    "truncated": (m.REQUEST_SUCCESS, Part.VALUE, ("finished_reason", "length")),
}
GAUGES: Mapping[Gauge, Metric] = {
    "running": m.REQUESTS_RUNNING, "waiting": m.REQUESTS_WAITING, "kv": m.KV_CACHE_USAGE,
}  # fmt: skip
# Buckets are read of these alone: quantiles are shown side by side, objectives are judged, and requests are drawn.
BUCKETS: Mapping[str, Metric] = {
    "itl": m.ITL, "ttft": m.TTFT, "e2e": m.E2E, "step": m.ITERATION_TOKENS,
    "prompt": m.REQUEST_PROMPT_TOKENS, "output": m.REQUEST_GENERATION_TOKENS,
}  # fmt: skip


class CannotTell(Exception):
    """Input that is well-formed, but does not carry an answer: one plain sentence."""


@dataclass(frozen=True)
class Interval:
    """What one engine did between two scrapes.

    start, end: seconds of the fleet's clock. grown: growth of what was exposed; a count that the engine does not show
    is absent, not 0. gauges: the mean of both ends. buckets: growth up to each bound, cumulative, `inf` included.
    """

    start: float
    end: float
    grown: Mapping[Count, float]
    gauges: Mapping[Gauge, float] = field(default_factory=dict)
    buckets: Mapping[str, Mapping[float, float]] = field(default_factory=dict)

    @property
    def seconds(self) -> float:
        """Length of the interval."""
        return self.end - self.start

    def get(self, name: Count) -> float:
        """Growth of a count, 0 where the engine does not show it."""
        return self.grown.get(name, 0.0)

    def mean(self, total: Count, count: Count) -> float | None:
        """Mean per observation; None where nothing was observed."""
        return self.get(total) / self.get(count) if self.get(count) > 0 and total in self.grown else None

    @property
    def decoded(self) -> float:
        """Output tokens other than the first of each request."""
        return max(self.get("generated") - self.get("first_tokens"), 0.0)


@dataclass(frozen=True)
class Engine:
    """One engine core. capacity: tokens that its KV cache holds, None where not shown. versions: oldest and newest vLLM
    that has the names it shows."""

    instance: str
    engine: str
    model: str
    intervals: tuple[Interval, ...]
    capacity: float | None = None
    versions: tuple[str | None, str | None] = (None, None)
    config: Mapping[str, str] = field(default_factory=dict)
    names: frozenset[str] = frozenset()

    @property
    def seconds(self) -> float:
        """Time covered."""
        return math.fsum(interval.seconds for interval in self.intervals)


@dataclass(frozen=True)
class Side:
    """A group of engines over a time. `notes`: what was left out of it, in sentences."""

    name: str
    engines: tuple[Engine, ...]
    notes: tuple[str, ...] = ()

    @property
    def models(self) -> tuple[str, ...]:
        """Models that these engines serve."""
        return tuple(sorted({engine.model for engine in self.engines}))

    @property
    def intervals(self) -> list[Interval]:
        """Intervals of all engines."""
        return [interval for engine in self.engines for interval in engine.intervals]

    @property
    def seconds(self) -> float:
        """From the first scrape to the last."""
        found = self.intervals
        return max(i.end for i in found) - min(i.start for i in found) if found else 0.0


def total(intervals: Sequence[Interval]) -> Interval:
    """Several intervals as one: growth is added, gauges are means over time."""
    grown: dict[Count, float] = {}
    gauges: dict[Gauge, float] = {}
    weights: dict[Gauge, float] = {}
    buckets: dict[str, dict[float, float]] = {}
    for one in intervals:
        for name, value in one.grown.items():
            grown[name] = grown.get(name, 0.0) + value
        for gauge, value in one.gauges.items():
            gauges[gauge] = gauges.get(gauge, 0.0) + value * one.seconds
            weights[gauge] = weights.get(gauge, 0.0) + one.seconds
        for histogram, bounds in one.buckets.items():
            held = buckets.setdefault(histogram, {})
            for bound, value in bounds.items():
                held[bound] = held.get(bound, 0.0) + value
    means = {gauge: value / weights[gauge] for gauge, value in gauges.items() if weights[gauge] > 0}
    return Interval(intervals[0].start, intervals[-1].end, grown, means, buckets)


def merged(intervals: Iterable[Interval], seconds: float) -> list[Interval]:
    """Consecutive intervals joined until each lasts at least so long; a rest that is shorter than half is left out."""
    found: list[Interval] = []
    held: list[Interval] = []
    for one in intervals:
        if held and one.start > held[-1].end + 1e-6:  # a gap in the data: an interval never spans it
            _close(held, found, seconds)
            held = []
        held.append(one)
        if held[-1].end - held[0].start >= seconds - 1e-6:
            _close(held, found, seconds)
            held = []
    _close(held, found, seconds)
    return found


def _close(held: Sequence[Interval], found: list[Interval], seconds: float) -> None:
    if held and held[-1].end - held[0].start >= seconds / 2:
        found.append(held[0] if len(held) == 1 else total(held))


def quantile(buckets: Mapping[float, float], q: float) -> float | None:
    """The quantile, interpolated within its bucket as PromQL does; None without observations; the last finite bound
    where it lies above."""
    bounds = sorted(buckets)
    if not bounds or buckets[bounds[-1]] <= 0:
        return None
    rank = q * buckets[bounds[-1]]
    low, below = 0.0, 0.0
    for bound in bounds:
        count = buckets[bound]
        if count >= rank:
            if math.isinf(bound):
                return low
            return low + (bound - low) * ((rank - below) / (count - below) if count > below else 1.0)
        low, below = bound, count
    return low
