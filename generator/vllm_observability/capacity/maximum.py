"""The most that an engine can do: where the first of its limits is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from vllm_observability.capacity.fit import Steps
from vllm_observability.capacity.records import Binds, Limits

NEAR = 0.9  # from this share of what an endless batch would do on, computing is what binds


@dataclass(frozen=True)
class Mix:
    """What a request asks: steps of decode, prompt tokens to compute, output tokens; and tokens of KV cache per running
    sequence, None where unknown."""

    decode_steps: float
    prefill: float
    output: float
    held: float | None


def most(steps: Steps, mix: Mix, limits: Limits, capacity: float | None) -> tuple[float, Binds, float]:
    """Requests per second of one engine that always has some waiting, what binds, and the sequences that run."""
    per_sequence = mix.prefill / mix.decode_steps  # prompt tokens computed per decode of a sequence, in balance
    bounds: dict[Binds, float] = {
        "seqs": float(limits.max_num_seqs),
        "tokens": limits.max_num_batched_tokens / (1 + per_sequence),
    }
    if capacity is not None and mix.held:
        bounds["kv"] = _decoding(steps, mix, limits, capacity, mix.held)
    binds = min(bounds, key=lambda name: bounds[name])
    batch = bounds[binds]
    found = rate(steps, mix, batch)
    endless = mix.decode_steps * steps.sequence + mix.prefill * steps.token
    if endless > 0 and found >= NEAR / endless:
        binds = "compute"
    return found, binds, batch


def _decoding(steps: Steps, mix: Mix, limits: Limits, capacity: float, held: float) -> float:
    """Sequences in decode when the KV cache is full: what is held for prompts under way and for a next one that does
    not fit yet is no room for them."""
    full = max((capacity - mix.prefill / 2) / held, 1.0)
    chunk = min(mix.prefill, limits.max_num_batched_tokens)
    batch = full
    for _ in range(20):
        prefilling = rate(steps, mix, batch) * (mix.prefill / max(chunk, 1.0)) * steps.seconds(batch, chunk)
        batch = (batch + max(full - prefilling, 0.5)) / 2
    return batch


def rate(steps: Steps, mix: Mix, batch: float) -> float:
    """Requests per second with so many sequences in decode all the time."""
    seconds = steps.seconds(batch, batch * mix.prefill / mix.decode_steps)
    return batch / (mix.decode_steps * seconds)


def batch_at(steps: Steps, mix: Mix, requests: float, bound: float) -> float:
    """Sequences in decode at a rate, by Little's law; the bound where the rate can't be kept up."""
    free = 1 - requests * (mix.decode_steps * steps.sequence + mix.prefill * steps.token)
    return min(bound, requests * mix.decode_steps * steps.base / free) if free > 0 else bound


@dataclass(frozen=True)
class Demand:
    """What one engine was asked in time: seconds of an interval, and requests that came in it."""

    seconds: float
    requests: float


def burst(
    steps: Steps, mix: Mix, most_requests: float, batch: float, demand: Sequence[Sequence[Demand]],
    ttft: tuple[float, float] | None, itl: tuple[float, float] | None, base: float,
) -> float:  # fmt: skip
    """Requests per second, on the average over time, up to which both objectives hold when the same bursts come.

    A queue fills when more comes than the steady maximum and empties when less does. base: seconds to the first token
    without a queue.
    """
    mean = sum(d.requests for one in demand for d in one) / sum(d.seconds for one in demand for d in one)
    low, high = 0.0, most_requests / mean
    for _ in range(25):
        middle = (low + high) / 2
        if _holds(steps, mix, most_requests, batch, demand, middle, ttft, itl, base):
            low = middle
        else:
            high = middle
    return low * mean


def _holds(
    steps: Steps, mix: Mix, most_requests: float, batch: float, demand: Sequence[Sequence[Demand]], factor: float,
    ttft: tuple[float, float] | None, itl: tuple[float, float] | None, base: float,
) -> bool:  # fmt: skip
    late = slow = total = 0.0
    for engine in demand:
        queue = 0.0
        for one in engine:
            came = factor * one.requests
            before, queue = queue, max(queue + came - most_requests * one.seconds, 0.0)
            delay = (before + queue) / 2 / most_requests
            running = batch_at(steps, mix, came / one.seconds + before / one.seconds, batch)
            step = steps.seconds(running, running * mix.prefill / mix.decode_steps)
            total += came
            if ttft and delay + base > ttft[0]:
                late += came
            if itl and step > itl[0]:
                slow += came
    if total <= 0:
        return True
    return (not ttft or late <= (1 - ttft[1]) * total) and (not itl or slow <= (1 - itl[1]) * total)
