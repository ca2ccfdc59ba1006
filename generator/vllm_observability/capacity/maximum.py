"""The most that an engine can do: where the first of its limits is reached."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from vllm_observability.capacity.fit import Steps
from vllm_observability.capacity.full import Full
from vllm_observability.capacity.records import Binds

NEAR = 0.9  # from this share of what an endless batch would do on, computing is what binds


@dataclass(frozen=True)
class Mix:
    """What a request asks: steps of decode, prompt tokens to compute, output tokens."""

    decode_steps: float
    prefill: float
    output: float


def most(steps: Steps, mix: Mix, full: Full) -> tuple[float, Binds]:
    """Requests per second of an engine that always has some waiting, and what binds."""
    again = replace(mix, prefill=full.prefill * mix.decode_steps)
    found = rate(steps, again, full.decoding)
    endless = mix.decode_steps * steps.sequence + again.prefill * steps.token
    return found, "compute" if endless > 0 and found >= NEAR / endless else full.binds


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
