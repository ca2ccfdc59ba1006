"""An engine that always has requests waiting: how many run, what stops the next one, and what preemptions cost.

vLLM's scheduler (V1) is played in tokens, not in time: running requests grow first, a request is admitted once its
first chunk fits, and where the KV cache is full the youngest goes back to the head of the queue and loses all that it
had computed.
"""

from __future__ import annotations

import math
from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import cycle
from random import Random

from vllm_observability.capacity.records import Binds, Limits

DRAWN = 1000  # requests, played in a circle
SETTLED, FINISHED = 200, DRAWN  # requests that fill the engine, and over which means are taken
MOST_WORK = 2_000_000  # sequences, summed over steps: about a second of computing


@dataclass(frozen=True)
class Lengths:
    """Prompt and output tokens of each request. computed: share of the prompt tokens that the prefix cache lacks.
    per_step: tokens that a sequence gets from a step of decode."""

    pairs: Sequence[tuple[float, float]]
    computed: float = 1.0
    per_step: float = 1.0

    @property
    def held(self) -> float:
        """Mean tokens in the KV cache of a request that decodes."""
        outputs = math.fsum(output for _, output in self.pairs)
        return math.fsum(output * (prompt + output / 2) for prompt, output in self.pairs) / outputs


@dataclass(frozen=True)
class Full:
    """Means of a full engine: sequences in decode per step, prompt tokens computed per sequence and step of decode,
    those computed again after a preemption included, the share of these, and what kept the next request waiting."""

    decoding: float
    prefill: float
    again: float
    binds: Binds


def played(lengths: Lengths, limits: Limits, room: float | None) -> Full:
    """Play requests in their order. room: tokens that the KV cache holds; None: no limit."""
    engine = _Engine(lengths, limits, math.inf if room is None else room)
    engine.play(SETTLED)
    engine.steps, engine.decoded, engine.finished, engine.computed, engine.lost = 0, 0, 0, 0.0, 0.0
    engine.play(FINISHED)
    binds = max(engine.stops, key=lambda why: engine.stops[why])
    prefill = lengths.computed * engine.computed / max(engine.decoded, 1)
    return Full(engine.decoded / engine.steps, prefill, engine.lost / engine.computed, binds)


@dataclass(eq=False)
class _Request:
    left: float  # tokens to compute before it decodes
    output: float  # tokens still to come
    held: float = 0.0  # tokens in the KV cache


class _Engine:
    def __init__(self, lengths: Lengths, limits: Limits, room: float) -> None:
        self.limits, self.room, self.per_step = limits, room, lengths.per_step
        self.fresh = cycle(lengths.pairs)
        self.queue: deque[_Request] = deque()
        self.running: list[_Request] = []  # the youngest last
        self.used = self.computed = self.lost = 0.0
        self.steps = self.decoded = self.finished = self.work = 0
        self.stops: dict[Binds, int] = {"kv": 0, "seqs": 0, "tokens": 0}

    def play(self, requests: int) -> None:
        """Step until so many requests have finished."""
        while self.finished < requests and self.work < MOST_WORK:
            self._step()
            self.work += len(self.running) + 1

    def _step(self) -> None:
        preempted = self._make_room(self.per_step * sum(not one.left for one in self.running))
        decoding = [one for one in self.running if not one.left]
        for one in decoding:
            one.held += self.per_step
            one.output -= self.per_step
        self.used += self.per_step * len(decoding)
        budget: float = self.limits.max_num_batched_tokens - len(decoding)
        for one in [one for one in self.running if one.left]:
            chunk = min(one.left, budget)
            if chunk > 0 and one in self.running:
                preempted |= self._make_room(chunk, one)
                budget -= self._compute(one, chunk) if one in self.running else 0.0
        if not preempted:
            self.stops[self._admit(budget)] += 1
        self.running, ended = (
            [one for one in self.running if one.left or one.output > 0],
            [one for one in self.running if not one.left and one.output <= 0],
        )
        self.used -= math.fsum(one.held for one in ended)
        self.finished += len(ended)
        self.decoded += len(decoding)
        self.steps += 1

    def _admit(self, budget: float) -> Binds:
        """Admit what fits; why the next does not."""
        while True:
            if budget <= 0:
                return "tokens"
            if len(self.running) >= self.limits.max_num_seqs:
                return "seqs"
            one = self.queue.popleft() if self.queue else self._next()
            chunk = min(one.left, budget)
            if self.used + chunk > self.room and self.running:
                self.queue.appendleft(one)
                return "kv"
            self.running.append(one)
            budget -= self._compute(one, chunk)

    def _next(self) -> _Request:
        """A new request, whose first token comes from its prefill."""
        prompt, output = next(self.fresh)
        return _Request(prompt, output - 1)

    def _compute(self, one: _Request, chunk: float) -> float:
        one.left, one.held = one.left - chunk, one.held + chunk
        self.used, self.computed = self.used + chunk, self.computed + chunk
        return chunk

    def _make_room(self, tokens: float, until: _Request | None = None) -> bool:
        """Preempt the youngest until the tokens fit, or `until` itself had to leave; whether any had to."""
        preempted = False
        while self.used + tokens > self.room and len(self.running) > 1:
            youngest = self.running.pop()
            self.used, self.lost = self.used - youngest.held, self.lost + youngest.held
            self.queue.appendleft(_Request(youngest.left + youngest.held, youngest.output))
            preempted = True
            if youngest is until:
                break
        return preempted


# ------------------------------------------------------------------------------------------------ lengths


def drawn(mean: float, buckets: Mapping[float, float], dice: Random) -> list[float]:
    """Lengths spread as a histogram has them, with this mean; exponentially where there is no histogram."""
    bounds = sorted(buckets)
    total = buckets[bounds[-1]] if bounds else 0.0
    if total > 0:
        below = [buckets[bound] for bound in bounds]
        found = [_at(bounds, below, dice.random() * total) for _ in range(DRAWN)]
    else:
        found = [dice.expovariate(1.0) for _ in range(DRAWN)]
    factor = mean * DRAWN / (math.fsum(found) or 1.0)
    return [max(1.0, value * factor) for value in found]


def _at(bounds: Sequence[float], below: Sequence[float], rank: float) -> float:
    """The length at a rank, straight within its bucket; the last finite bound beyond it."""
    place = min(bisect_left(below, rank), len(bounds) - 1)
    low, before = (bounds[place - 1], below[place - 1]) if place else (0.0, 0.0)
    if math.isinf(bounds[place]):
        return low
    return low + (bounds[place] - low) * (rank - before) / max(below[place] - before, 1e-12)
